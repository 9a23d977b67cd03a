"""Getting a key set from the address on file for an issuer (JWT-05).

The address is the operator's own; nothing that a caller sends comes near it. Still who
answers there is not trusted: the way is that of reads from FHIR servers, over addresses
that may be connected to, without redirects, within bounds of time and size.
"""

from dataclasses import dataclass

import structlog

from cds_hooks.key_sets import KeySet, KeySetUnusable, parse_key_set
from service.fhir_server.answers import Unreadable
from service.fhir_server.deadline import Deadline
from service.fhir_server.transport import Allowance, Transport


DEADLINE_SECONDS = 4.0
"""For all of it: a clinician waits."""
MAX_BYTES = 256 * 1024
"""A key takes about 500."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class KeyFetcher:
    """Fetches key sets over ``transport``, each within ``seconds``."""

    transport: Transport
    seconds: float = DEADLINE_SECONDS

    def __call__(self, url: str) -> KeySet:
        """The key set at ``url``, as it is now.

        Raises KeySetUnusable; says why in the log.
        """
        try:
            key_set = parse_key_set(self._body(url))
        except KeySetUnusable as fault:
            log.warning("key set not fetched", url=url, why=str(fault))
            raise
        log.info(
            "key set fetched",
            url=url,
            keys=len(key_set.keys),
            unusable=list(key_set.unusable),
        )
        return key_set

    def _body(self, url: str) -> bytes:
        try:
            return self.transport.get(
                url,
                deadline=Deadline.after(self.seconds),
                allowance=Allowance(MAX_BYTES),
                accept="application/json",
            )
        except Unreadable as fault:
            raise KeySetUnusable(fault.reason.value) from None
