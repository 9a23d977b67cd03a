"""Who is let in: the client that a request is of, or nobody."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from cds_hooks.client_authentication import Authenticator, Remember
from cds_hooks.dialects import Dialect
from cds_hooks.fetched_keys import FetchedKeys
from cds_hooks.key_sets import KeySet
from service.clients import Client, Clients
from service.clinical.knowledge import ProfileName


class TokenMemory(Protocol):
    """What remembers used tokens for all workers and replicas."""

    def remember_token(self, issuer: str, jti: str, expires_at: datetime) -> bool:
        """Whether this is the first use of the token before `expires_at`."""


class Admission(Protocol):
    """Decides on one request."""

    def admit(self, authorization: str | None, audiences: frozenset[str]) -> Client:
        """The client whose `Authorization` header has this value.

        `audiences` are the public URLs of the endpoint it called. Raises TokenRefused,
        or ServiceBusy when what is needed to decide cannot be had.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class EverybodyAdmitted:
    """Development on one machine: whoever calls is `client`, token or not."""

    client: Client

    def admit(self, authorization: str | None, audiences: frozenset[str]) -> Client:
        """`client`."""
        return self.client


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenNeeded:
    """Each request proves by a token of its own which client it is of."""

    authenticator: Authenticator
    clients: Clients
    default_profile: ProfileName

    def admit(self, authorization: str | None, audiences: frozenset[str]) -> Client:
        """The client that the token names and proves."""
        caller = self.authenticator.authenticate(authorization, audiences=audiences)
        entry = self.clients.of(caller.issuer, caller.tenant)
        return entry.client(self.default_profile)


def everybody(profile: ProfileName, clients: Clients) -> EverybodyAdmitted:
    """Admission without authentication.

    Any FHIR server on this machine may be read; another only if `clients` allows it to
    one of them.
    """
    return EverybodyAdmitted(
        client=Client(
            name="development",
            dialect=Dialect.V2_0,
            profile=profile,
            fhir_servers=clients.fhir_servers,
            any_loopback_server=True,
        )
    )


def by_token(
    clients: Clients,
    memory: TokenMemory,
    fetch: Callable[[str], KeySet],
    *,
    default_profile: ProfileName,
    max_lifetime: int,
    clock: Callable[[], float] = time.time,
) -> TokenNeeded:
    """Admission of `clients` by token.

    `fetch` gets the key set at the address of a client's `jku`. `max_lifetime` is in
    seconds, `clock` gives seconds since 1970, UTC.
    """
    return TokenNeeded(
        authenticator=Authenticator(
            issuers=clients.trusted_issuers(
                lambda url: FetchedKeys(url, fetch, time.monotonic)
            ),
            remember=_remembered_by(memory),
            clock=clock,
            max_lifetime=max_lifetime,
        ),
        clients=clients,
        default_profile=default_profile,
    )


def _remembered_by(memory: TokenMemory) -> Remember:
    def remember(issuer: str, token_id: str, until: float) -> bool:
        return memory.remember_token(
            issuer, token_id, datetime.fromtimestamp(until, UTC)
        )

    return remember
