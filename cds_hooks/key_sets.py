"""JSON Web Key Sets: the public keys of one issuer (JWT-07; RFC 7517, 7518, 8037)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from cds_hooks.decoding import decode_json
from cds_hooks.errors import CdsHooksError


RSA_BITS = range(2048, 8192 + 1)
"""Shorter keys can be broken; longer ones make every check a slow one."""

_ALGORITHMS_OF: Mapping[tuple[object, object], tuple[str, ...]] = {
    ("EC", "P-256"): ("ES256",),
    ("EC", "P-384"): ("ES384",),
    ("RSA", None): ("RS256", "RS384"),
    ("OKP", "Ed25519"): ("EdDSA",),
}
"""By key type and curve; a key of another kind verifies nothing."""

_SECRETS = frozenset({"d", "k", "p", "q", "dp", "dq", "qi", "oth"})

PublicKey = EllipticCurvePublicKey | RSAPublicKey | Ed25519PublicKey


class KeySetUnusable(Exception):
    """A key set cannot be had, or is none; the message says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class VerificationKey:
    """A public key, and the algorithms whose signatures it may verify."""

    key_id: str
    algorithms: frozenset[str]
    public_key: PublicKey = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class KeySet:
    """The keys of one issuer by `kid`, and what is wrong with the other entries."""

    keys: Mapping[str, VerificationKey]
    unusable: tuple[str, ...]


class KeySource(Protocol):
    """Where the keys of one issuer come from."""

    def key_named(
        self, key_id: str, *, announced_at: str | None
    ) -> VerificationKey | None:
        """The issuer's key with this `kid`, or None.

        `announced_at` is the token's own `jku`, if it has one. Raises TokenRefused
        when that is not where the issuer's keys are, or when no keys can be had.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class AgreedKeys:
    """Keys agreed out of band; a `jku` is neither needed nor looked at (JWT-05)."""

    key_set: KeySet

    def key_named(
        self, key_id: str, *, announced_at: str | None
    ) -> VerificationKey | None:
        """The key with this `kid`, wherever the token says its keys are."""
        return self.key_set.keys.get(key_id)


def parse_key_set(data: bytes) -> KeySet:
    """The JWK set in `data`; entries that cannot be used are left out and named.

    Raises KeySetUnusable when it is no JWK set at all.
    """
    try:
        document = decode_json(data)
    except CdsHooksError as fault:
        raise KeySetUnusable(fault.message) from None
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise KeySetUnusable('a JWK set is a JSON object with an array "keys"')
    keys: dict[str, VerificationKey] = {}
    unusable = []
    twice = _named_twice(entries)
    for place, entry in enumerate(entries, start=1):
        try:
            key = _verification_key(entry)
            if key.key_id in twice:
                raise KeySetUnusable("another key has the same kid")
        except KeySetUnusable as fault:
            unusable.append(f"key {place}: {fault}")
        else:
            keys[key.key_id] = key
    return KeySet(keys=keys, unusable=tuple(unusable))


def _named_twice(entries: list[object]) -> frozenset[object]:
    """The `kid`s that do not tell which key is meant."""
    names = [entry.get("kid") for entry in entries if isinstance(entry, dict)]
    return frozenset(
        name for name in names if isinstance(name, str) and names.count(name) > 1
    )


def _verification_key(entry: object) -> VerificationKey:
    """The public key in one entry. Raises KeySetUnusable."""
    if not isinstance(entry, dict):
        raise KeySetUnusable("is not a JSON object")
    key_id = entry.get("kid")
    if not isinstance(key_id, str) or not key_id:
        raise KeySetUnusable("has no kid")
    if _SECRETS & entry.keys():
        raise KeySetUnusable("holds a private or shared key; publish the public one")
    algorithms = _algorithms(entry)
    try:
        key = PyJWK(entry, algorithm=algorithms[0]).key
    except (PyJWTError, ValueError, TypeError):
        raise KeySetUnusable("its parameters are not those of a key") from None
    if isinstance(key, RSAPublicKey) and key.key_size not in RSA_BITS:
        raise KeySetUnusable(
            f"an RSA key has {RSA_BITS[0]} to {RSA_BITS[-1]} bits,"
            f" this has {key.key_size}"
        )
    return VerificationKey(
        key_id=key_id, algorithms=frozenset(algorithms), public_key=key
    )


def _algorithms(entry: Mapping[str, object]) -> tuple[str, ...]:
    """The algorithms the entry may be used with, by its own words."""
    kind = (entry.get("kty"), entry.get("crv"))
    fitting = _ALGORITHMS_OF.get(kind, ()) if _is_hashable(kind) else ()
    if not fitting:
        raise KeySetUnusable("its type is none of EC P-256, EC P-384, RSA, OKP Ed25519")
    if entry.get("use", "sig") != "sig":
        raise KeySetUnusable("is not for signatures (use)")
    operations = entry.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        raise KeySetUnusable("is not for verifying (key_ops)")
    if "alg" in entry:
        fitting = tuple(name for name in fitting if name == entry["alg"])
    if not fitting:
        raise KeySetUnusable("its alg does not fit its type")
    return fitting


def _is_hashable(kind: tuple[object, object]) -> bool:
    return all(part is None or isinstance(part, str) for part in kind)
