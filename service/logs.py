"""Log lines: one JSON object each, on standard error, about the service only.

No line holds patient data, tokens or free text of a request. That is kept by what is
logged (counts, keys of cards, our own names) and by how faults are: their type and the
place in the code, never the message and never local variables, since either may quote
a chart.
"""

import contextlib
import logging
import sys
import threading
import traceback
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

import structlog


ROOT = Path(__file__).resolve().parent.parent


def configure_logs(level: str) -> None:
    """Write every line of `level` and above, our own and that of libraries."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level.upper()),
        logger_factory=_StandardError,
        cache_logger_on_first_use=False,
    )
    # Werkzeug and others would quote paths and exceptions at will.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)


def hush_libraries() -> None:
    """Let nothing that a library or the interpreter reports be told in its own words.

    For a process that serves: warnings, log lines without a place to go, and
    exceptions that nobody can catch become lines of ours with their kind and place.
    """
    log = structlog.get_logger()
    # At the root as well: `logging.warning` and the like would else set up, at their
    # first use, a handler that prints every message.
    lines = _LibraryLines(logging.WARNING)
    logging.lastResort = lines
    logging.getLogger().handlers = [lines]

    def warn(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        at = f"{_short(filename)}:{lineno}"
        log.warning("warning", kind=category.__name__, at=at)

    def unraisable(report: "sys.UnraisableHookArgs") -> None:
        if report.exc_value is not None:
            log.error("fault in cleaning up", **fault_fields(report.exc_value))

    def in_thread(report: threading.ExceptHookArgs) -> None:
        if report.exc_value is not None:
            log.error("fault in a thread", **fault_fields(report.exc_value))

    warnings.showwarning = warn
    sys.unraisablehook = unraisable
    threading.excepthook = in_thread


class _LibraryLines(logging.Handler):
    """Says which library logged something, and nothing of what."""

    def emit(self, record: logging.LogRecord) -> None:
        """One line for ``record``."""
        structlog.get_logger().warning(
            "library", name=record.name, level=record.levelname.lower()
        )


class _StandardError:
    """Writes lines to standard error, wherever that leads at the time.

    A line that cannot be written (a full disk, a reader that went away) is lost: it
    must not cost a clinician the answer.
    """

    def __init__(self, *_: object) -> None:
        """Take the name that structlog gives a logger, which no line shows."""

    def msg(self, line: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()

    debug = info = warning = error = critical = msg


def fault_fields(fault: BaseException) -> Mapping[str, object]:
    """Type and place in the code of `fault` and of what caused it; no message."""
    return {
        "fault": type(fault).__name__,
        "caused_by": [type(one).__name__ for one in _causes(fault)],
        "at": [
            f"{_short(frame.filename)}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(fault.__traceback__)
        ],
    }


def _causes(fault: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    inner = fault.__cause__ or fault.__context__
    while inner is not None and inner not in found:
        found.append(inner)
        inner = inner.__cause__ or inner.__context__
    return found


def _short(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name
