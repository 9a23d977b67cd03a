"""Log lines: one JSON object each, on standard error, about the service only.

No line holds patient data, tokens or free text of a request. That is kept by what is
logged (counts, keys of cards, our own names) and by how faults are: their type and the
place in the code, never the message and never local variables, since either may quote
a chart.
"""

import logging
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path

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
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        # Tests and forked workers change where standard error goes.
        cache_logger_on_first_use=False,
    )
    # Werkzeug and others would quote paths and exceptions at will.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)


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
