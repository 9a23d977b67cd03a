"""One worker process of gunicorn: one connection at a time, within bounds, in JSON.

gunicorn's own synchronous worker waits for a slow client as long as the client likes,
answers what is no HTTP with a web page that quotes it, and writes the quotation to the
log. This one gives a client a fixed time for its request, and answers every fault with
an OperationOutcome that holds nothing of what was sent.
"""

import contextlib
from collections.abc import Mapping
from typing import Any

import structlog
from gunicorn import http
from gunicorn.http import errors
from gunicorn.workers.sync import SyncWorker
from werkzeug.http import HTTP_STATUS_CODES

from cds_hooks.encoding import encode_json
from cds_hooks.errors import InternalFault, RequestNotConformant, operation_outcome
from service.gunicorn_body import WholeBody
from service.gunicorn_log import ServerLog
from service.incoming import PatientSocket
from service.logs import fault_fields
from service.settings import read_settings


log = structlog.get_logger()

STATUS: Mapping[type[Exception], int] = {
    TimeoutError: 408,
    errors.LimitRequestLine: 414,
    errors.ExpectationFailed: 417,
    errors.LimitRequestHeaders: 431,
    errors.UnsupportedTransferCoding: 501,
    errors.ParseException: 400,
}
"""Fault of a client → how it is answered; the first that fits counts."""

MESSAGES: Mapping[int, str] = {
    400: "This is no HTTP request that can be read in one way only.",
    408: "The request did not arrive in time (B12_CLIENT_SECONDS); send it again.",
    414: "The address in the request line is too long.",
    417: "The only expectation that is met is 100-continue.",
    431: "The headers are too long, or too many.",
    501: "The only transfer coding that is read is chunked.",
}


class PatientWorker(SyncWorker):
    """Answers one connection after the other."""

    log: ServerLog

    def init_process(self) -> None:
        """Begin, in the process of the worker's own."""
        self.client_seconds = read_settings().client_seconds
        super().init_process()

    # Any: what gunicorn hands over is told by its source only.
    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """Read one request from ``client``, answer it, and close the connection."""
        connection = PatientSocket(client, self.client_seconds)
        self.log.is_about_client = True
        request = None
        try:
            request = next(http.get_parser(self.cfg, connection, addr))
            request.body = WholeBody.of(request.body)
            self.handle_request(listener, request, connection, addr)
        except (StopIteration, errors.NoMoreData, ConnectionError):
            pass  # the client went away, or the answer is through
        except BaseException as fault:
            self.handle_error(None, connection, addr, fault)
            if not isinstance(fault, Exception):
                raise  # the end of this worker, at the parent's command
        finally:
            connection.end(expects_more=not _is_read(request))
            self.log.is_about_client = False

    def handle_error(
        self, req: Any, client: Any, addr: Any, exc: BaseException
    ) -> None:
        """Answer ``exc``, which kept the application from answering."""
        status = status_of(exc)
        if status == 500:
            log.error("internal fault", **fault_fields(exc))
            outcome = operation_outcome(InternalFault())
        else:
            log.info("refused", status=status, error=type(exc).__name__)
            outcome = operation_outcome(RequestNotConformant(MESSAGES[status]))
        with contextlib.suppress(OSError):
            client.sendall(_as_http(status, encode_json(outcome)))


def _is_read(request: Any) -> bool:
    """Whether ``request`` and its body were read to their end; if in doubt, not."""
    return request is not None and getattr(request.body.reader, "length", None) == 0


def status_of(fault: BaseException) -> int:
    """The status by which ``fault`` is answered."""
    return next(
        (status for kind, status in STATUS.items() if isinstance(fault, kind)),
        500,
    )


def _as_http(status: int, body: bytes) -> bytes:
    head = (
        f"HTTP/1.1 {status} {HTTP_STATUS_CODES[status]}\r\n"
        "Connection: close\r\n"
        "Content-Type: application/json\r\n"
        "Cache-Control: no-store\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
