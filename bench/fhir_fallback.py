"""A call without any prefetch, to a FHIR server that takes its time for each query."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from bench.bodies import SIZES, chart_request
from bench.load import ask
from bench.servers import Server


SLOWEST_QUERY = 0.050
"""Seconds that the FHIR server takes for each query."""

CALLS = 40


def calls_without_prefetch(server: Server) -> tuple[list[float], list[float]]:
    """Milliseconds of such calls, and of calls for which the same was prefetched."""
    whole = chart_request(SIZES["small"])
    prefetched = server.target.message(json.dumps(whole).encode())
    with _fhir_server(whole["prefetch"]) as address:
        asking = {key: value for key, value in whole.items() if key != "prefetch"}
        message = server.target.message(
            json.dumps({**asking, "fhirServer": address}).encode()
        )
        ask(server.target, message)
        without = [ask(server.target, message) * 1000 for _ in range(CALLS)]
    return without, [ask(server.target, prefetched) * 1000 for _ in range(CALLS)]


@contextmanager
def _fhir_server(prefetch: dict[str, Any]) -> Iterator[str]:
    """A FHIR server with the resources of ``prefetch``; gives its base URL."""
    answers = {
        _asked_for(value): json.dumps(value).encode()
        for value in prefetch.values()
        if value is not None
    }
    nothing = json.dumps({"resourceType": "Bundle", "type": "searchset"}).encode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            time.sleep(SLOWEST_QUERY)
            name = urlsplit(self.path).path.split("/")[2]
            body = answers.get(name, nothing)
            head = (
                "HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n"
            )
            self.wfile.write(head.encode() + body)

        def log_message(self, *_: object) -> None:
            """Nothing: a line a query would be most of the output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/fhir"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _asked_for(value: dict[str, Any]) -> str:
    """The resource type that a search with the answer ``value`` was for."""
    if value["resourceType"] != "Bundle":
        return str(value["resourceType"])
    return str(value["entry"][0]["resource"]["resourceType"])
