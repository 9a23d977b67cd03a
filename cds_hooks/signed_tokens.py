"""A client's token as it arrives, before anything in it is believed (JWT-01 to 03)."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from cds_hooks.decoding import decode_json
from cds_hooks.errors import BodyNotJson, RequestNotConformant
from cds_hooks.token_refusals import Reason, TokenRefused


ALGORITHMS = ("ES384", "RS384", "ES256", "RS256", "EdDSA")
"""Signatures with a private key of the client's own; the specification names the
first two. A shared secret (HS…) would let whoever can check a token also make one."""

MAX_TOKEN_LENGTH = 8_192
"""Characters. Tokens of known EHRs have fewer than 2,000."""

# One scheme, one token. Two headers reach a WSGI application joined by a comma, which
# no token holds. Padding is no part of a token either (RFC 7515, section 2).
_BEARER = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] +([^ ]*)")
_THREE_PARTS = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedToken:
    """A token taken apart; nothing in it has been verified."""

    compact: str = field(repr=False)
    algorithm: str
    """One of `ALGORITHMS`."""
    key_id: str
    """Opaque; never to be used as a path or in a query."""
    key_set_url: str | None
    """What the sender says is the address of its keys."""
    claims: Mapping[str, object] = field(repr=False)


def read_token(authorization: str | None) -> SignedToken:
    """The token in the value of an `Authorization` header.

    Other members of the token's header that name keys or where to get them (`jwk`,
    `x5u`, `x5c`) are not looked at. Raises TokenRefused.
    """
    if authorization is None:
        raise TokenRefused(Reason.ABSENT)
    if len(authorization) > MAX_TOKEN_LENGTH + len("Bearer "):
        raise TokenRefused(Reason.TOO_LONG)
    bearer = _BEARER.fullmatch(authorization)
    parts = _THREE_PARTS.fullmatch(bearer[1]) if bearer else None
    if parts is None:
        raise TokenRefused(Reason.HEADER_FORM)
    header = _json_object(parts[1])
    algorithm = _algorithm(header)
    if header.get("typ") != "JWT":
        raise TokenRefused(Reason.TYPE)
    # We know no extension, so that any which must be understood is not.
    if "crit" in header:
        raise TokenRefused(Reason.CRITICAL_EXTENSION)
    return SignedToken(
        compact=parts[0],
        algorithm=algorithm,
        key_id=_key_id(header),
        key_set_url=_key_set_url(header),
        claims=_json_object(parts[2]),
    )


def _algorithm(header: Mapping[str, object]) -> str:
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise TokenRefused(Reason.ALGORITHM)
    return algorithm


def _key_id(header: Mapping[str, object]) -> str:
    key_id = header.get("kid")
    if not isinstance(key_id, str) or not key_id:
        raise TokenRefused(Reason.KEY_ID)
    return key_id


def _key_set_url(header: Mapping[str, object]) -> str | None:
    url = header.get("jku")
    if url is not None and not isinstance(url, str):
        raise TokenRefused(Reason.KEY_SET_URL)
    return url


def _json_object(part: str) -> dict[str, object]:
    """The JSON object in one part of a token.

    Only the one canonical spelling of base64url is taken: were there several, one
    token would have several texts.
    """
    try:
        decoded = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
        value = decode_json(decoded)
    except (ValueError, BodyNotJson, RequestNotConformant):
        raise TokenRefused(Reason.NOT_DECODABLE) from None
    canonical = base64.urlsafe_b64encode(decoded).rstrip(b"=").decode()
    if canonical != part or not isinstance(value, dict):
        raise TokenRefused(Reason.NOT_DECODABLE)
    return value
