"""The client of each request, from its `Authorization` header and nothing else."""

import structlog
from flask import g, request

from cds_hooks.errors import NotAuthenticated
from cds_hooks.token_refusals import Reason, TokenRefused
from service.admission import Admission
from service.clients import Client


log = structlog.get_logger()

LONGEST_ISSUER_LOGGED = 200
"""Characters. An issuer that is not on the list is a stranger's own text."""


class ClientAuthentication:
    """Asks `admission` about requests to the endpoints below `public_url`.

    A token must be made for the URL as clients know it (JWT-10): behind a proxy that is
    not the one requested here, and the request's own host is the caller's word.
    """

    def __init__(self, admission: Admission, public_url: str) -> None:
        self._admission = admission
        self._discovery = f"{public_url}/cds-services"

    def of_discovery(self) -> Client:
        """The client that asks which services there are. Raises NotAuthenticated."""
        return self._admitted(self._discovery)

    def of_call(self, service_id: str) -> Client:
        """The client that calls a service. Raises NotAuthenticated."""
        return self._admitted(f"{self._discovery}/{service_id}")

    def of_feedback(self, service_id: str) -> Client:
        """The client that sends feedback; its token may be made for either (C-10).

        Raises NotAuthenticated.
        """
        service = f"{self._discovery}/{service_id}"
        return self._admitted(service, f"{service}/feedback")

    def _admitted(self, *audiences: str) -> Client:
        try:
            client = self._admission.admit(
                request.headers.get("Authorization"), frozenset(audiences)
            )
        except TokenRefused as refused:
            _log(refused)
            raise NotAuthenticated() from None
        g.client = client
        return client


def _log(refused: TokenRefused) -> None:
    # Keys that cannot be had are for us to look after, all else for the client.
    level = log.warning if refused.reason is Reason.KEYS_UNAVAILABLE else log.info
    level(
        "not authenticated",
        reason=refused.reason.value,
        issuer=refused.issuer and refused.issuer[:LONGEST_ISSUER_LOGGED],
        tenant=refused.tenant,
        token_hash=refused.token_hash,
    )
