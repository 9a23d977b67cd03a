"""Every fault as an HTTP answer: JSON with an OperationOutcome, never a web page.

`cds_hooks.errors.STATUS` maps our own errors; the table here maps those that Flask and
Werkzeug raise before a route is reached onto the same classes.
"""

import uuid
from collections.abc import Callable, Mapping

import structlog
from flask import Flask, Response
from gunicorn.http.errors import ParseException
from werkzeug import exceptions

from cds_hooks.errors import (
    BodyNotJson,
    BodyTooLarge,
    CdsHooksError,
    InternalFault,
    MethodNotAllowed,
    UnknownService,
    UnsupportedMedia,
    operation_outcome,
)
from service.logs import fault_fields
from service.routes.json_answers import json_answer


log = structlog.get_logger()

CORRELATION_HEADER = "X-Correlation-Id"

NOTHING_HERE = "There is nothing at this address; GET / says what there is."
TOO_LARGE = "The body is larger than this service reads (B12_MAX_BODY_BYTES)."
BROKEN_OFF = (
    "The body ended before the number of bytes that Content-Length announced, or did"
    " not arrive in time; send the request again."
)
BAD_CHUNKS = "The body is not in the chunks that Transfer-Encoding announced."


def _method_not_allowed(fault: exceptions.HTTPException) -> CdsHooksError:
    allowed = getattr(fault, "valid_methods", None) or ()
    return MethodNotAllowed(allowed)


FRAMEWORK_FAULTS: Mapping[
    type[exceptions.HTTPException],
    Callable[[exceptions.HTTPException], CdsHooksError],
] = {
    exceptions.NotFound: lambda _: UnknownService(NOTHING_HERE),
    exceptions.MethodNotAllowed: _method_not_allowed,
    exceptions.RequestEntityTooLarge: lambda _: BodyTooLarge(TOO_LARGE),
    exceptions.UnsupportedMediaType: lambda _: UnsupportedMedia(
        "Send the body as JSON."
    ),
    exceptions.ClientDisconnected: lambda _: BodyNotJson(BROKEN_OFF),
    exceptions.BadRequest: lambda _: BodyNotJson(
        "The request cannot be read as HTTP with a JSON body."
    ),
}


def answer_errors(app: Flask) -> None:
    """Let `app` answer every exception by the tables."""
    # Flask's own log of exceptions would quote the path and the message.
    app.logger.disabled = True
    app.register_error_handler(CdsHooksError, answer_error)
    app.register_error_handler(exceptions.HTTPException, answer_framework_fault)
    app.register_error_handler(ParseException, answer_unreadable_chunks)
    app.register_error_handler(Exception, answer_unforeseen)


def answer_error(error: CdsHooksError) -> Response:
    """`error` with its status, headers and OperationOutcome."""
    if isinstance(error, InternalFault):
        return answer_unforeseen(error)
    log.info(
        "refused",
        status=error.status,
        error=type(error).__name__,
        expression=list(error.expression),
    )
    answer = json_answer(operation_outcome(error), status=error.status)
    answer.headers.update(error.headers)
    return answer


def answer_framework_fault(fault: exceptions.HTTPException) -> Response:
    """A fault that Werkzeug or Flask raised, as one of ours."""
    for kind, translate in FRAMEWORK_FAULTS.items():
        if isinstance(fault, kind):
            return answer_error(translate(fault))
    return answer_unforeseen(fault)


def answer_unreadable_chunks(_: ParseException) -> Response:
    """gunicorn reads chunks while we read the body, and says then what is wrong."""
    return answer_error(BodyNotJson(BAD_CHUNKS))


def answer_unforeseen(fault: Exception) -> Response:
    """A fault of the service: 500 with a number to find it by, and nothing else."""
    correlation = str(uuid.uuid4())
    log.error("internal fault", correlation_id=correlation, **fault_fields(fault))
    outcome = operation_outcome(InternalFault())
    issue = outcome["issue"][0]  # type: ignore[index]  # built by operation_outcome
    issue["diagnostics"] = f"Correlation id {correlation}"
    answer = json_answer(outcome, status=500)
    answer.headers[CORRELATION_HEADER] = correlation
    return answer
