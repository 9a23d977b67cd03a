"""Why a client's token was refused: one coded word, for the log alone.

The client gets the same bare 401 whatever the word is (JWT-16), so that a forger
cannot learn which check to work on next.
"""

import hashlib
from enum import StrEnum


class Reason(StrEnum):
    """The check that failed, in the order in which the checks are made."""

    ABSENT = "absent"
    """No `Authorization` header came."""
    HEADER_FORM = "header-form"
    """Not exactly one `Bearer` and one token in three parts."""
    TOO_LONG = "too-long"
    NOT_DECODABLE = "not-decodable"
    """Header or claims are not base64url of a JSON object."""
    ALGORITHM = "algorithm"
    """`none`, a shared secret, or whatever else is not on the list."""
    TYPE = "type"
    KEY_ID = "key-id"
    CRITICAL_EXTENSION = "critical-extension"
    UNKNOWN_ISSUER = "unknown-issuer"
    KEY_SET_URL = "key-set-url"
    """`jku` is not the address on file for this issuer."""
    KEYS_UNAVAILABLE = "keys-unavailable"
    """The issuer's key set cannot be had; the only one that may be our fault."""
    UNKNOWN_KEY = "unknown-key"
    KEY_UNFIT = "key-unfit"
    """The key is not for this algorithm, or not for signatures."""
    SIGNATURE = "signature"
    CLAIMS = "claims"
    """A claim is missing or of the wrong type."""
    AUDIENCE = "audience"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    LIFETIME = "lifetime"
    TENANT = "tenant"
    REPLAYED = "replayed"


class TokenRefused(Exception):
    """The client could not be authenticated; for the log, never for the client."""

    def __init__(
        self,
        reason: Reason,
        *,
        issuer: str | None = None,
        tenant: str | None = None,
        token_id: str | None = None,
    ) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.issuer = issuer
        self.tenant = tenant
        self.token_hash = None if token_id is None else hashed(token_id)


def hashed(token_id: str) -> str:
    """A short name for a `jti`, by which two log lines can be told to be of one."""
    return hashlib.sha256(token_id.encode()).hexdigest()[:16]
