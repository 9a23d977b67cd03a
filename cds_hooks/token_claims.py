"""What a token claims, and whether it holds here and now (JWT-09 to JWT-12)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from cds_hooks.token_refusals import Reason, TokenRefused


LEEWAY_SECONDS = 60.0
"""By how much the clocks of client and service may differ."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Claims:
    """The claims that CDS Hooks prescribes; times in seconds since 1970, UTC.

    `sub` and all others are not read (JWT-14).
    """

    issuer: str
    audiences: frozenset[str]
    issued_at: float
    not_before: float | None
    expires_at: float
    token_id: str
    tenant: str | None

    @property
    def forgotten_at(self) -> float:
        """From when on nobody accepts the token, so that it need not be remembered."""
        return self.expires_at + LEEWAY_SECONDS


def issuer_of(claims: Mapping[str, object]) -> str:
    """The issuer a token claims to be of. Raises TokenRefused."""
    return _text(claims.get("iss"))


def parse_claims(claims: Mapping[str, object]) -> Claims:
    """The claims, each present and of its type. Raises TokenRefused."""
    named = claims.get("aud")
    audiences = named if isinstance(named, list) else [named]
    return Claims(
        issuer=issuer_of(claims),
        audiences=frozenset(_text(audience) for audience in audiences),
        issued_at=_seconds(claims.get("iat")),
        not_before=_seconds(claims["nbf"]) if "nbf" in claims else None,
        expires_at=_seconds(claims.get("exp")),
        token_id=_text(claims.get("jti")),
        tenant=_text(claims["tenant"]) if "tenant" in claims else None,
    )


def check_audience(claims: Claims, accepted: Collection[str]) -> None:
    """Refuse a token made for another: no part of a URL counts, only the whole."""
    if claims.audiences.isdisjoint(accepted):
        raise TokenRefused(Reason.AUDIENCE)


def check_times(claims: Claims, now: float, *, max_lifetime: float | None) -> None:
    """Refuse a token that is not valid at `now`, or valid for too long.

    `max_lifetime` is in seconds; None allows any, as the specification's own example
    needs, which lives for three and a half years.
    """
    if now >= claims.expires_at + LEEWAY_SECONDS:
        raise TokenRefused(Reason.EXPIRED)
    starts = max(claims.issued_at, claims.not_before or claims.issued_at)
    if starts > now + LEEWAY_SECONDS:
        raise TokenRefused(Reason.NOT_YET_VALID)
    lifetime = claims.expires_at - claims.issued_at
    if lifetime <= 0 or (max_lifetime is not None and lifetime > max_lifetime):
        raise TokenRefused(Reason.LIFETIME)


def check_tenant(claims: Claims, tenants: Collection[str]) -> None:
    """Refuse a tenant that is not on the list, and any where there is no list.

    An issuer with several tenants must name one; else whose call is it?
    """
    if tenants:
        allowed = claims.tenant in tenants
    else:
        allowed = claims.tenant is None
    if not allowed:
        raise TokenRefused(Reason.TENANT)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TokenRefused(Reason.CLAIMS)
    return value


def _seconds(value: object) -> float:
    # A bool is an int to Python, and "true" no time.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenRefused(Reason.CLAIMS)
    return float(value)
