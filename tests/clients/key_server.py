"""A real server of key sets that counts how often it is asked."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.protocol.tokens import jwk, key_set


Answer = Callable[[BaseHTTPRequestHandler], None]


def body(content: bytes, *, status: int = 200, **headers: str) -> Answer:
    """An answer with this body; ``Content_Encoding`` is a header."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(content)

    return answer


class KeyServer:
    """Gives ``answer``, by default a set with the ES384 key."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answer: Answer = body(key_set(jwk("ES384")))
        self.headers: list[dict[str, str]] = []

    @property
    def count(self) -> int:
        """How many requests came."""
        return len(self.headers)


@contextmanager
def serving_keys() -> Iterator[KeyServer]:
    """A key server on a free port of this machine."""

    class Request(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            keys.headers.append({k.lower(): v for k, v in self.headers.items()})
            try:
                keys.answer(self)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing of requests on standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Request)
    keys = KeyServer(f"http://127.0.0.1:{server.server_port}/jwks.json")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield keys
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
