"""Real HTTP servers for tests: the application behind a socket of its own."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from werkzeug.serving import make_server

from service.app import create_app
from service.settings import Settings


TODAY = date(2025, 6, 30)
"""The day that the patients of these tests live on."""


@contextmanager
def serving(**settings: Any) -> Iterator[str]:
    """The service on a free port of this machine; gives its base URL."""
    app = create_app(Settings(as_of=settings.pop("as_of", TODAY), **settings))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
