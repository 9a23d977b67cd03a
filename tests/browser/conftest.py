"""Headless Chromium, and a page of another origin that plays the record system."""

import functools
import http.server
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, sync_playwright


CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """Debian's Chromium with an empty profile."""
    if not Path(CHROMIUM).exists():
        pytest.skip("there is no Chromium on this machine (Debian: chromium)")
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("profile"),
            executable_path=CHROMIUM,
            headless=True,
            args=FLAGS,
            viewport={"width": 1100, "height": 900},
        )
        context.set_default_timeout(20_000)
        yield context
        context.close()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves the files of this folder and prints nothing."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name
        """Nothing on standard error."""


@pytest.fixture(scope="session")
def page_origin() -> Iterator[str]:
    """Where the page that plays the record system is served from."""
    serve = functools.partial(Quiet, directory=str(Path(__file__).parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
