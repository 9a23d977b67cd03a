"""A key set is fetched from one address, within bounds, and from nowhere else."""

import gzip
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from cds_hooks.key_sets import KeySetUnusable
from service import key_fetching
from service.key_fetching import MAX_BYTES, fetch_key_set
from tests.clients.key_server import KeyServer, body
from tests.protocol.tokens import jwk, key_set


ONE_KEY = key_set(jwk("ES384"))


def test_the_keys_at_the_address_are_those_of_the_issuer(keys: KeyServer) -> None:
    assert set(fetch_key_set(keys.url).keys) == {"ES384-key"}


def test_a_key_of_no_use_does_not_spoil_the_others(keys: KeyServer) -> None:
    keys.answer = body(key_set({"kty": "new"}, jwk("ES384"), jwk("RS1024")))
    found = fetch_key_set(keys.url)
    assert set(found.keys) == {"ES384-key"}
    assert len(found.unusable) == 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_JWT_05_a_redirect_is_not_followed(
    keys: KeyServer, elsewhere: KeyServer, status: int
) -> None:
    keys.answer = body(b"", status=status, Location=elsewhere.url)
    with pytest.raises(KeySetUnusable, match=str(status)):
        fetch_key_set(keys.url)
    assert elsewhere.count == 0


@pytest.mark.parametrize("status", [204, 401, 404, 500, 503])
def test_an_answer_that_is_no_success_is_no_key_set(
    keys: KeyServer, status: int
) -> None:
    keys.answer = body(ONE_KEY if status != 204 else b"", status=status)
    with pytest.raises(KeySetUnusable, match=str(status)):
        fetch_key_set(keys.url)


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", b"[]", b"{}", b'{"keys": {}}', b"null", b"\xff", b"[" * 5000],
    ids=range(8),
)
def test_an_answer_that_is_no_key_set_is_refused(
    keys: KeyServer, content: bytes
) -> None:
    keys.answer = body(content)
    with pytest.raises(KeySetUnusable):
        fetch_key_set(keys.url)


def test_the_largest_answer_is_read_and_a_larger_one_is_not(keys: KeyServer) -> None:
    keys.answer = body(ONE_KEY.ljust(MAX_BYTES))
    assert fetch_key_set(keys.url).keys
    keys.answer = body(ONE_KEY.ljust(MAX_BYTES + 1))
    with pytest.raises(KeySetUnusable, match="more than"):
        fetch_key_set(keys.url)


def test_an_answer_is_not_unpacked(keys: KeyServer) -> None:
    keys.answer = body(gzip.compress(ONE_KEY), Content_Encoding="gzip")
    with pytest.raises(KeySetUnusable):
        fetch_key_set(keys.url)
    assert keys.headers[0]["accept-encoding"] == "identity"


def test_an_answer_that_breaks_off_is_refused(keys: KeyServer) -> None:
    def breaking_off(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(len(ONE_KEY) + 1))
        request.end_headers()
        request.wfile.write(ONE_KEY[:-1])

    keys.answer = breaking_off
    with pytest.raises(KeySetUnusable):
        fetch_key_set(keys.url)


def test_a_server_that_is_silent_is_not_waited_for(
    keys: KeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_fetching, "SILENCE_SECONDS", 0.2)
    keys.answer = lambda request: time.sleep(1)
    began = time.monotonic()
    with pytest.raises(KeySetUnusable, match="Timeout"):
        fetch_key_set(keys.url)
    assert time.monotonic() - began < 0.9


def test_a_server_that_answers_drop_by_drop_is_cut_off(
    keys: KeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dripping(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        for _ in range(60):
            request.wfile.write(b" ")
            time.sleep(0.05)

    monkeypatch.setattr(key_fetching, "DEADLINE_SECONDS", 0.3)
    keys.answer = dripping
    began = time.monotonic()
    with pytest.raises(KeySetUnusable, match="seconds"):
        fetch_key_set(keys.url)
    assert time.monotonic() - began < 2


def test_an_address_where_nobody_answers_gives_no_keys() -> None:
    with pytest.raises(KeySetUnusable, match="ConnectionError"):
        fetch_key_set("http://127.0.0.1:1/jwks.json")


def test_no_password_of_the_operator_s_is_sent_along(
    keys: KeyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login admin password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    fetch_key_set(keys.url)
    assert "authorization" not in keys.headers[0]


def test_why_a_key_set_was_not_fetched_is_in_the_log(
    keys: KeyServer, capsys: pytest.CaptureFixture[str]
) -> None:
    keys.answer = body(b"", status=503)
    with pytest.raises(KeySetUnusable):
        fetch_key_set(keys.url)
    logged = "".join(capsys.readouterr())
    assert "key set not fetched" in logged
    assert "503" in logged
