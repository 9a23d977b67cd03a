"""What can be wrong with the store.

SettingsError
└── StoreError           at the start: it cannot be opened; the process must not run
ServiceBusy (503)
└── StoreUnavailable     during a call: it does not answer; the client tries again
"""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from cds_hooks.errors import ServiceBusy
from service.logs import fault_fields
from service.settings import SettingsError


RETRY_AFTER_S = 5
"""Longer than a failover of a managed database takes to be noticed, and short enough
that a client which retries loses nothing."""

log = structlog.get_logger()


class StoreError(SettingsError):
    """The store cannot be used as it is set; the message says what to do."""


class StoreUnavailable(ServiceBusy):
    """The store does not answer, so nothing was written."""

    def __init__(self) -> None:
        super().__init__(
            "The store cannot be reached and nothing was stored;"
            " send the request again later.",
            retry_after=RETRY_AFTER_S,
        )


# Unreachable, locked for too long, read-only after a failover, no free connection: all
# may pass. Other faults of a database, such as a wrong column, are ours and will not.
PASSING = (OperationalError, InterfaceError, InternalError, NoFreeConnection)


@contextmanager
def reported_as_unavailable() -> Iterator[None]:
    """Raise StoreUnavailable for a fault that may pass, with the cause in the log."""
    try:
        yield
    except PASSING as fault:
        log.error("store unavailable", **fault_fields(fault))
        raise StoreUnavailable() from None
