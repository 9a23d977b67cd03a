"""A FHIR server for tests: real HTTP, resources in memory, faults on demand.

It searches by patient, subject, code, category, status and `_id`, pages with `_count`,
and remembers every request it saw. A fault replaces its answer for one resource type.
"""

import gzip
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit


Fault = Callable[["Exchange"], None]

BASE_PATH = "/fhir"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One request as the server saw it."""

    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    connection: int

    @property
    def type(self) -> str:
        """The resource type in the path; empty for the server's own."""
        return self.path.removeprefix(BASE_PATH).lstrip("/").split("/")[0]


class FhirTestServer(ThreadingHTTPServer):
    """Serves `resources` under `base_url`; see the module."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, 0), Exchange)
        self.host = host
        self.scheme = "http"
        self.resources: list[dict[str, Any]] = []
        self.faults: dict[str, Fault] = {}
        self.largest_page: int | None = None
        self.seen: list[Seen] = []
        self.connections = 0
        self.released = threading.Event()
        self.lock = threading.Lock()

    @property
    def origin(self) -> str:
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{shown}:{self.server_port}"

    @property
    def base_url(self) -> str:
        return self.origin + BASE_PATH

    def types_seen(self) -> list[str]:
        return sorted(one.type for one in self.seen)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is what many tests are about."""

    def with_certificate(self, context: ssl.SSLContext) -> None:
        """Speak TLS; before the first connection."""
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.scheme = "https"


class Exchange(BaseHTTPRequestHandler):
    """One connection and the requests on it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: FhirTestServer

    def setup(self) -> None:
        super().setup()
        with self.server.lock:
            self.server.connections += 1
            self.connection_number = self.server.connections

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name
        """Nothing on standard error."""

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        self.seen = Seen(
            path=url.path,
            query=parse_qs(url.query),
            headers={name.lower(): value for name, value in self.headers.items()},
            connection=self.connection_number,
        )
        with self.server.lock:
            self.server.seen.append(self.seen)
        fault = self.server.faults.get(self.seen.type)
        if fault is not None:
            fault(self)
        else:
            self.answer()

    def answer(self) -> None:
        """What a FHIR server answers."""
        _, _, id_ = self.seen.path.removeprefix(f"{BASE_PATH}/").partition("/")
        if not id_:
            self.send(200, self.page(self.of_type()))
            return
        found = [one for one in self.of_type() if one["id"] == id_]
        if found:
            self.send(200, found[0])
        else:
            self.send(404, operation_outcome("not-found"))

    def of_type(self) -> list[dict[str, Any]]:
        """The resources of the type in the path."""
        type_ = self.seen.type
        return [one for one in self.server.resources if one["resourceType"] == type_]

    def page(self, of_type: list[dict[str, Any]]) -> dict[str, Any]:
        """The page of a search's matches that the query asks for."""
        query = self.seen.query
        matches = [one for one in of_type if _matches(one, query)]
        offset = int(query.get("_offset", ["0"])[0])
        count = int(query.get("_count", ["20"])[0])
        if self.server.largest_page is not None:
            count = min(count, self.server.largest_page)
        bundle: dict[str, Any] = {
            "resourceType": "Bundle",
            "type": "searchset",
            "total": len(matches),
            "entry": [
                {"resource": one, "search": {"mode": "match"}}
                for one in matches[offset : offset + count]
            ],
        }
        if offset + count < len(matches):
            rest = urlencode({**query, "_offset": [str(offset + count)]}, doseq=True)
            link = f"{self.server.origin}{self.seen.path}?{rest}"
            bundle["link"] = [{"relation": "next", "url": link}]
        return bundle

    def send(self, status: int, body: object, **headers: str) -> None:
        """A whole answer with `body` as FHIR JSON, or as it is where it is bytes."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.begin(status, len(content), **headers)
        self.wfile.write(content)

    def begin(self, status: int, length: int, **headers: str) -> None:
        """Status and headers that promise `length` bytes."""
        self.send_response(status)
        given = {"Content-Type": "application/fhir+json", **headers}
        for name, value in given.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(length))
        self.end_headers()


def _matches(resource: Mapping[str, Any], query: Mapping[str, list[str]]) -> bool:
    """Whether `resource` is among what the search parameters `query` ask for."""
    subject = resource.get("subject") or resource.get("patient") or {}
    of_resource = {
        "patient": {str(subject.get("reference")).removeprefix("Patient/")},
        "_id": {resource["id"]},
        "status": {resource.get("status")},
        "code": _codes(resource.get("code")),
        "category": {
            code for each in resource.get("category", ()) for code in _codes(each)
        },
    }
    return all(
        set(",".join(query[name]).split(",")) & found
        for name, found in of_resource.items()
        if name in query
    )


def _codes(concept: Mapping[str, Any] | None) -> set[str]:
    codings = (concept or {}).get("coding", ())
    return {one["code"] for one in codings} | {
        f"{one.get('system')}|{one['code']}" for one in codings
    }


def operation_outcome(code: str, severity: str = "error") -> dict[str, object]:
    issue = {"severity": severity, "code": code, "diagnostics": "Smith, John"}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


@contextmanager
def running(
    host: str = "127.0.0.1", certificate: ssl.SSLContext | None = None
) -> Iterator[FhirTestServer]:
    """A server on a free port of this machine."""
    server = FhirTestServer(host)
    if certificate is not None:
        server.with_certificate(certificate)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


# Faults. Each takes the exchange and answers as badly as its name says.


def delayed(seconds: float) -> Fault:
    def fault(exchange: Exchange) -> None:
        exchange.server.released.wait(seconds)
        exchange.answer()

    return fault


def waiting_for(others: int) -> Fault:
    """Answers once so many requests are waiting, and never if there are fewer."""
    barrier = threading.Barrier(others)

    def fault(exchange: Exchange) -> None:
        barrier.wait(30)
        exchange.answer()

    return fault


def hanging(exchange: Exchange) -> None:
    """Takes the request and never answers."""
    exchange.server.released.wait(30)
    exchange.close_connection = True


def hanging_after(pages: int) -> Fault:
    """Answers so many requests, then none."""
    answered = iter(range(pages))

    def fault(exchange: Exchange) -> None:
        if next(answered, None) is None:
            hanging(exchange)
        else:
            exchange.answer()

    return fault


def status(code: int) -> Fault:
    return lambda exchange: exchange.send(code, operation_outcome("processing"))


def body(content: bytes | object, content_type: str = "application/fhir+json") -> Fault:
    return lambda exchange: exchange.send(200, content, Content_Type=content_type)


def truncated(exchange: Exchange) -> None:
    """Promises a whole Bundle and closes after the half of it."""
    content = json.dumps(exchange.page(exchange.of_type())).encode()
    exchange.begin(200, len(content))
    exchange.wfile.write(content[: len(content) // 2])
    exchange.close_connection = True


def closing(exchange: Exchange) -> None:
    """Closes the connection without a word."""
    exchange.close_connection = True


def closing_once() -> Fault:
    """Closes the first connection, as of a server that found it idle for too long."""
    closed = iter((True,))

    def fault(exchange: Exchange) -> None:
        if next(closed, None):
            closing(exchange)
        else:
            exchange.answer()

    return fault


def dripping_body(exchange: Exchange) -> None:
    """One byte of the body every 50 ms."""
    exchange.begin(200, 10_000)
    _drip(exchange)


def dripping_headers(exchange: Exchange) -> None:
    """A status line, then one byte of a header every 50 ms."""
    exchange.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    _drip(exchange)


def _drip(exchange: Exchange) -> None:
    while not exchange.server.released.wait(0.05):
        exchange.wfile.write(b" ")
    exchange.close_connection = True


def broken_headers(exchange: Exchange) -> None:
    """Headers that are none, and a body without a length."""
    exchange.wfile.write(b"HTTP/1.1 200 OK\r\nno header\r\n\r\n{}")
    exchange.close_connection = True


def redirected_to(url: str) -> Fault:
    return lambda exchange: exchange.send(
        302, operation_outcome("informational"), Location=url
    )


def next_page_at(url: str) -> Fault:
    """A first page that says the rest is at `url`."""

    def fault(exchange: Exchange) -> None:
        page = exchange.page(exchange.of_type())
        page["link"] = [{"relation": "next", "url": url}]
        exchange.send(200, page)

    return fault


def endless_pages(exchange: Exchange) -> None:
    """Every page has another one after it."""
    number = int(exchange.seen.query.get("page", ["1"])[0])
    link = f"{exchange.server.origin}{exchange.seen.path}?page={number + 1}"
    exchange.send(
        200,
        {
            "resourceType": "Bundle",
            "type": "searchset",
            "link": [{"relation": "next", "url": link}],
        },
    )


def huge(size: int) -> Fault:
    """A Bundle of `size` bytes, most of them blanks."""

    def fault(exchange: Exchange) -> None:
        start = b'{"resourceType": "Bundle", '
        exchange.begin(200, size)
        exchange.wfile.write(start)
        left = size - len(start)
        while left > 0:
            exchange.wfile.write(b" " * min(left, 65_536))
            left -= 65_536

    return fault


def gzip_bomb(size: int) -> Fault:
    """A Bundle that is small on the wire and `size` bytes long when unpacked."""
    packed = gzip.compress(b'{"resourceType": "Bundle", ' + b" " * size + b"}")
    return lambda exchange: exchange.send(200, packed, Content_Encoding="gzip")


@dataclass(kw_only=True)
class Recorded:
    """A `Set-Cookie` on every answer, to see whether anything is remembered."""

    cookie: str
    given: int = field(default=0)

    def __call__(self, exchange: Exchange) -> None:
        self.given += 1
        exchange.send(200, exchange.page([]), Set_Cookie=self.cookie)
