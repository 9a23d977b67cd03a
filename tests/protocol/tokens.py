"""Tokens for tests, honest and forged, made with real keys."""

import base64
import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import get_default_algorithms

from cds_hooks.client_authentication import Authenticator, TrustedIssuer
from cds_hooks.key_sets import AgreedKeys, parse_key_set
from cds_hooks.token_refusals import TokenRefused


ISSUER = "https://ehr.example.org/fhir"
PUBLIC_URL = "https://cds.example.org"
SERVICE = f"{PUBLIC_URL}/cds-services/greeting"
NOW = 1_750_000_000
"""The moment at which these tests happen, in seconds since 1970."""

Claims = dict[str, Any]
Key = Any


def key_of(kind: str, owner: str = "client") -> Key:
    """A private key; the same for the same kind and owner."""
    return _made(kind, owner)


@cache
def _made(kind: str, owner: str) -> Key:
    match kind:
        case "ES256":
            return ec.generate_private_key(ec.SECP256R1())
        case "ES384":
            return ec.generate_private_key(ec.SECP384R1())
        case "ES512":
            return ec.generate_private_key(ec.SECP521R1())
        case "EdDSA":
            return ed25519.Ed25519PrivateKey.generate()
        case "RS1024":
            return rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505  # too short on purpose
        case "RS256" | "RS384":
            return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    raise ValueError(kind)


def jwk(kind: str, kid: str | None = None, owner: str = "client") -> dict[str, Any]:
    """The public JWK of a key, with only the members it cannot do without."""
    algorithm = "RS256" if kind == "RS1024" else kind
    public = key_of(kind, owner).public_key()
    made = get_default_algorithms()[algorithm].to_jwk(public, as_dict=True)
    made.pop("key_ops", None)
    return {**made, "kid": kid or f"{kind}-key"}


def key_set(*keys: Mapping[str, Any]) -> bytes:
    """A JWK set as its bytes."""
    return json.dumps({"keys": list(keys)}).encode()


def claims(**changes: Any) -> Claims:
    """Claims of an honest token for one call of the service, made a second ago."""
    return {
        "iss": ISSUER,
        "aud": SERVICE,
        "iat": NOW - 1,
        "exp": NOW + 299,
        "jti": "d7e5cf2c-4d2a-45b2-9a2b-0c3f6b8f1a11",
        **changes,
    }


def encoded(part: object) -> str:
    """One part of a token: JSON, or bytes as they are."""
    octets = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def by_hand(header: object, payload: object, sign: Callable[[bytes], bytes]) -> str:
    """A token with exactly this header and payload, signed by ``sign``."""
    signed_part = f"{encoded(header)}.{encoded(payload)}"
    return f"{signed_part}.{encoded(sign(signed_part.encode()))}"


def token(
    payload: object | None = None,
    *,
    alg: str = "ES384",
    key: Key = None,
    **header: Any,
) -> str:
    """A token with a true signature; a header member set to None is left out."""
    members = {"alg": alg, "typ": "JWT", "kid": f"{alg}-key", **header}
    sent = {name: value for name, value in members.items() if value is not None}
    signer = get_default_algorithms()[alg]
    private = key_of(alg) if key is None else key
    return by_hand(
        sent,
        claims() if payload is None else payload,
        lambda part: signer.sign(part, private),
    )


def bearer(made: str) -> str:
    """The value of the header that carries a token."""
    return f"Bearer {made}"


def issuer(*keys: Mapping[str, Any], **changes: Any) -> TrustedIssuer:
    """An issuer with these keys on file, by default the ES384 one."""
    agreed = parse_key_set(key_set(*(keys or (jwk("ES384"),))))
    return TrustedIssuer(
        **{"issuer": ISSUER, "keys": AgreedKeys(key_set=agreed), **changes}
    )


def authenticator(*issuers: TrustedIssuer, **changes: Any) -> Authenticator:
    """An authenticator at NOW that has not seen any token yet."""
    trusted = issuers or (issuer(),)
    seen: set[tuple[str, str]] = set()

    def remember(name: str, token_id: str, until: float) -> bool:
        is_first = (name, token_id) not in seen
        seen.add((name, token_id))
        return is_first

    return Authenticator(
        **{
            "issuers": {each.issuer: each for each in trusted},
            "remember": remember,
            "clock": lambda: NOW,
            **changes,
        }
    )


def refusal(
    authorization: str | None,
    checked_by: Authenticator | None = None,
    audiences: tuple[str, ...] = (SERVICE,),
) -> str | None:
    """Why the header is refused, or None when the client is let in."""
    try:
        (checked_by or authenticator()).authenticate(authorization, audiences=audiences)
    except TokenRefused as refused:
        return refused.reason.value
    return None
