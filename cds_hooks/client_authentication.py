"""Who is calling? A client's JSON Web Token, checked in a fixed order (JWT-01 to 15).

    header       one Bearer token, an algorithm on our list, type, key id, no extension
    issuer       on the list, and the key its own: from file or from the one URL on file
    signature    by that key, with that algorithm
    claims       all there, each of its type
    meant for    us, now, not for too long, and of a tenant we know
    first use    remembered last, so that a forged token cannot use up a real one's id

Everything from outside comes in as an argument: the clock, the keys, the memory.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from jwt import PyJWS
from jwt.exceptions import PyJWTError

from cds_hooks.key_sets import KeySource, VerificationKey
from cds_hooks.signed_tokens import ALGORITHMS, SignedToken, read_token
from cds_hooks.token_claims import (
    Claims,
    check_audience,
    check_tenant,
    check_times,
    issuer_of,
    parse_claims,
)
from cds_hooks.token_refusals import Reason, TokenRefused


MAX_LIFETIME_SECONDS = 3600.0
"""Between issue and expiry. Known clients use 300 to 1,200 seconds."""

Remember = Callable[[str, str, float], bool]
"""`(issuer, jti, until) -> first`: keep the pair until that time (seconds since 1970)
and say whether it was new. One step for all workers and replicas. What it raises when
it cannot tell goes through to the caller, and nobody is let in."""

_SIGNATURES = PyJWS(list(ALGORITHMS), {"enforce_minimum_key_length": True})


@dataclass(frozen=True, kw_only=True, slots=True)
class TrustedIssuer:
    """An issuer of tokens we accept, its keys, and what else its tokens may say.

    `audiences` are accepted besides the URL called (C-10). Without `tenants` the
    issuer has none, and its tokens name none.
    """

    issuer: str
    keys: KeySource
    algorithms: frozenset[str] = frozenset(ALGORITHMS)
    audiences: frozenset[str] = frozenset()
    tenants: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """Who has proved to be calling."""

    issuer: str
    tenant: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Authenticator:
    """Checks tokens. `clock` gives seconds since 1970, UTC.

    `max_lifetime` is in seconds; None allows any.
    """

    issuers: Mapping[str, TrustedIssuer]
    remember: Remember
    clock: Callable[[], float]
    max_lifetime: float | None = MAX_LIFETIME_SECONDS

    def authenticate(
        self, authorization: str | None, *, audiences: Collection[str]
    ) -> Caller:
        """Who sent the `Authorization` header of this value, if it proves it.

        `audiences` are the configured public URLs of the endpoint called, never
        what the request says of its host. Raises TokenRefused, and whatever
        `remember` raises.
        """
        token = read_token(authorization)
        issuer = self._trusted_issuer(token)
        try:
            _verify_signature(token, _key(token, issuer))
            claims = parse_claims(token.claims)
            check_audience(claims, issuer.audiences.union(audiences))
            check_times(claims, self.clock(), max_lifetime=self.max_lifetime)
            check_tenant(claims, issuer.tenants)
        except TokenRefused as refused:
            raise TokenRefused(refused.reason, issuer=issuer.issuer) from None
        self._use_up(claims)
        return Caller(issuer=claims.issuer, tenant=claims.tenant)

    def _trusted_issuer(self, token: SignedToken) -> TrustedIssuer:
        name = issuer_of(token.claims)
        issuer = self.issuers.get(name)
        if issuer is None:
            raise TokenRefused(Reason.UNKNOWN_ISSUER, issuer=name)
        return issuer

    def _use_up(self, claims: Claims) -> None:
        if not self.remember(claims.issuer, claims.token_id, claims.forgotten_at):
            raise TokenRefused(
                Reason.REPLAYED,
                issuer=claims.issuer,
                tenant=claims.tenant,
                token_id=claims.token_id,
            )


def _key(token: SignedToken, issuer: TrustedIssuer) -> VerificationKey:
    """The issuer's key that the token names, if it fits the token's algorithm."""
    if token.algorithm not in issuer.algorithms:
        raise TokenRefused(Reason.ALGORITHM)
    key = issuer.keys.key_named(token.key_id, announced_at=token.key_set_url)
    if key is None:
        raise TokenRefused(Reason.UNKNOWN_KEY)
    if token.algorithm not in key.algorithms:
        raise TokenRefused(Reason.KEY_UNFIT)
    return key


def _verify_signature(token: SignedToken, key: VerificationKey) -> None:
    try:
        _SIGNATURES.decode_complete(
            token.compact, key.public_key, algorithms=[token.algorithm]
        )
    except PyJWTError:
        raise TokenRefused(Reason.SIGNATURE) from None
