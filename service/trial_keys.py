"""A key pair for trying authentication out, and tokens made with it.

Never for a client that sends real data: what is signed with these keys proves only that
somebody had the file.
"""

import base64
import hashlib
import json
import uuid
from dataclasses import dataclass, field
from typing import Self

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm


ALGORITHM = "ES384"
LIFETIME_SECONDS = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class TrialKeys:
    """A private key on the curve P-384, and what follows from it."""

    private_key: ec.EllipticCurvePrivateKey = field(repr=False)

    @classmethod
    def new(cls) -> Self:
        """A fresh pair."""
        return cls(private_key=ec.generate_private_key(ec.SECP384R1()))

    @classmethod
    def read(cls, pem: bytes) -> Self:
        """The pair that `private_pem` wrote. Raises ValueError."""
        key = serialization.load_pem_private_key(pem, password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.key_size != 384:
            raise ValueError("it is no private key on the curve P-384")
        return cls(private_key=key)

    def private_pem(self) -> bytes:
        """The private key, not encrypted."""
        return self.private_key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def key_set(self) -> str:
        """The JWK set with the public key."""
        key = {**self._public_jwk(), "kid": self.key_id, "use": "sig", "alg": ALGORITHM}
        return json.dumps({"keys": [key]}, indent=2) + "\n"

    @property
    def key_id(self) -> str:
        """The thumbprint of the public key (RFC 7638)."""
        jwk = self._public_jwk()
        members = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
        text = json.dumps(members, separators=(",", ":"), sort_keys=True)
        digest = hashlib.sha256(text.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def token(
        self, *, issuer: str, audience: str, now: int, tenant: str | None = None
    ) -> str:
        """A token for one call of the URL `audience`; `now` in seconds since 1970."""
        claims = {
            "iss": issuer,
            "aud": audience,
            "iat": now,
            "exp": now + LIFETIME_SECONDS,
            "jti": str(uuid.uuid4()),
            **({"tenant": tenant} if tenant else {}),
        }
        return jwt.encode(
            claims, self.private_key, algorithm=ALGORITHM, headers={"kid": self.key_id}
        )

    def _public_jwk(self) -> dict[str, str]:
        return dict(ECAlgorithm.to_jwk(self.private_key.public_key(), as_dict=True))
