"""Leaving a dead server alone for a while, so that it costs later calls nothing."""

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass


_MOST_REMEMBERED = 1_000


@dataclass(slots=True)
class _Trouble:
    """How a server has failed lately."""

    failures: int = 0
    paused_until: float = 0.0


class CircuitBreaker:
    """Counts calls that failed in a row, server by server, in this process.

    After ``failures`` of them a server is left alone for ``pause`` seconds. Then one
    call may try it: an answer ends the matter, a failure starts the next pause.
    """

    def __init__(
        self,
        *,
        failures: int,
        pause: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._failures = failures
        self._pause = pause
        self._clock = clock
        self._lock = threading.Lock()
        self._troubles: dict[Hashable, _Trouble] = {}

    def admits(self, server: Hashable) -> bool:
        """Whether ``server`` may be called now."""
        with self._lock:
            trouble = self._troubles.get(server)
            if trouble is None or trouble.failures < self._failures:
                return True
            now = self._clock()
            if now < trouble.paused_until:
                return False
            # This call tries it; until it is through, the others go on waiting.
            trouble.paused_until = now + self._pause
            return True

    def answered(self, server: Hashable) -> None:
        """Note that ``server`` is at work."""
        with self._lock:
            self._troubles.pop(server, None)

    def failed(self, server: Hashable) -> None:
        """Note a call in which ``server`` answered nothing."""
        with self._lock:
            trouble = self._troubles.setdefault(server, _Trouble())
            trouble.failures += 1
            if trouble.failures >= self._failures:
                trouble.paused_until = self._clock() + self._pause
            if len(self._troubles) > _MOST_REMEMBERED:
                del self._troubles[next(iter(self._troubles))]
