"""What outlives a call: feedback, used tokens, and the service's own secret."""

from service.store.faults import StoreError, StoreUnavailable
from service.store.feedback import NewFeedback, OutcomeCount, StoredComment, Taken
from service.store.opening import connect_store, open_store
from service.store.store import Store


__all__ = [
    "NewFeedback",
    "OutcomeCount",
    "Store",
    "StoreError",
    "StoreUnavailable",
    "StoredComment",
    "Taken",
    "connect_store",
    "open_store",
]
