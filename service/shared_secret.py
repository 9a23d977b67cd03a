"""The secret that all replicas share, and the keys made from it."""

import hmac

from service.settings import Settings
from service.store import Store


def shared_secret(settings: Settings, store: Store) -> bytes:
    """B12_SECRET, or else a secret that the store makes and keeps."""
    if settings.secret is not None:
        return settings.secret.get_secret_value().encode()
    return store.secret("b12-cds")


def key_for(purpose: str, secret: bytes) -> bytes:
    """A key of 32 bytes for one purpose; tells nothing of those for others."""
    return hmac.digest(secret, purpose.encode(), "sha256")
