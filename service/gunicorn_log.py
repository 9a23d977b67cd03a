"""gunicorn's own log lines, in the form of ours and without anything of a client.

gunicorn tells of processes that begin and end, which operators need. While it reads a
request it may quote from it, which nobody may learn.
"""

import logging
import sys
from typing import Any

import structlog
from gunicorn.glogging import Logger

from service.logs import fault_fields


lines = structlog.get_logger()

LEVELS = frozenset({"debug", "info", "warning", "error"})


class ServerLog(Logger):
    """Writes what gunicorn says as lines of our log.

    While ``is_about_client`` nothing of its words is written: of an error its kind and
    place, of anything less nothing.
    """

    is_about_client = False

    def setup(self, cfg: Any) -> None:
        """Take over ``cfg``; gunicorn has no files, levels or access log of its own."""
        self.cfg = cfg
        self._access_log_enabled = False

    def debug(self, msg: object, *args: object, **_: object) -> None:
        """As of any logger."""
        self._tell("debug", msg, args)

    def info(self, msg: object, *args: object, **_: object) -> None:
        """As of any logger."""
        self._tell("info", msg, args)

    def warning(self, msg: object, *args: object, **_: object) -> None:
        """As of any logger."""
        self._tell("warning", msg, args)

    def error(self, msg: object, *args: object, **_: object) -> None:
        """As of any logger."""
        self._tell("error", msg, args)

    def critical(self, msg: object, *args: object, **_: object) -> None:
        """As of any logger, but no level of ours is above an error."""
        self._tell("error", msg, args)

    def exception(self, msg: object, *args: object, **_: object) -> None:
        """Kind and place of the exception at hand, without its message."""
        fault = sys.exc_info()[1]
        self._tell("error", msg, args, **(fault_fields(fault) if fault else {}))

    def log(self, lvl: object, msg: object, *args: object, **_: object) -> None:
        """As of any logger; ``lvl`` is a name or a number of the standard library."""
        name = logging.getLevelName(lvl) if isinstance(lvl, int) else str(lvl)
        name = name.lower()
        self._tell(name if name in LEVELS else "info", msg, args)

    def _tell(
        self, level: str, msg: object, args: tuple[object, ...], **fields: object
    ) -> None:
        if self.is_about_client:
            if level != "error":
                return
            said = "gunicorn could not go on with a request"
        else:
            said = str(msg) % args if args else str(msg)
        getattr(lines, level)("server", said=said, **fields)
