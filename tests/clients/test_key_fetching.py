"""A key set is fetched from one address, within bounds, and from nowhere else."""

import gzip
import ipaddress
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cds_hooks.key_sets import KeySetUnusable
from service.fhir_server.dialling import Dialler
from service.fhir_server.networks import NetworkRule
from service.fhir_server.transport import Transport
from service.key_fetching import MAX_BYTES, KeyFetcher
from tests.clients.key_server import Answer, KeyServer, body
from tests.protocol.tokens import jwk, key_set


ONE_KEY = key_set(jwk("ES384"))


def test_the_keys_at_the_address_are_those_of_the_issuer(
    fetch: KeyFetcher, keys: KeyServer
) -> None:
    assert set(fetch(keys.url).keys) == {"ES384-key"}


def test_a_key_of_no_use_does_not_spoil_the_others(
    fetch: KeyFetcher, keys: KeyServer
) -> None:
    keys.answer = body(key_set({"kty": "new"}, jwk("ES384"), jwk("RS1024")))
    found = fetch(keys.url)
    assert set(found.keys) == {"ES384-key"}
    assert len(found.unusable) == 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_JWT_05_a_redirect_is_not_followed(
    fetch: KeyFetcher, keys: KeyServer, elsewhere: KeyServer, status: int
) -> None:
    keys.answer = body(b"", status=status, Location=elsewhere.url)
    with pytest.raises(KeySetUnusable, match="redirected"):
        fetch(keys.url)
    assert elsewhere.count == 0


@pytest.mark.parametrize("status", [204, 401, 404, 500, 503])
def test_an_answer_that_is_no_success_is_no_key_set(
    fetch: KeyFetcher, keys: KeyServer, status: int
) -> None:
    keys.answer = body(ONE_KEY if status != 204 else b"", status=status)
    with pytest.raises(KeySetUnusable, match=r"^[a-z-]+$"):
        fetch(keys.url)


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", b"[]", b"{}", b'{"keys": {}}', b"null", b"\xff", b"[" * 5000],
    ids=range(8),
)
def test_an_answer_that_is_no_key_set_is_refused(
    fetch: KeyFetcher, keys: KeyServer, content: bytes
) -> None:
    keys.answer = body(content)
    with pytest.raises(KeySetUnusable):
        fetch(keys.url)


def test_the_largest_answer_is_read_and_a_larger_one_is_not(
    fetch: KeyFetcher, keys: KeyServer
) -> None:
    keys.answer = body(ONE_KEY.ljust(MAX_BYTES))
    assert fetch(keys.url).keys
    keys.answer = body(ONE_KEY.ljust(MAX_BYTES + 1))
    with pytest.raises(KeySetUnusable, match="too-large"):
        fetch(keys.url)


def test_a_compressed_answer_counts_for_what_it_is_unpacked(
    fetch: KeyFetcher, keys: KeyServer
) -> None:
    keys.answer = body(gzip.compress(ONE_KEY), Content_Encoding="gzip")
    assert fetch(keys.url).keys
    bomb = gzip.compress(ONE_KEY.ljust(MAX_BYTES * 100))
    assert len(bomb) < MAX_BYTES
    keys.answer = body(bomb, Content_Encoding="gzip")
    with pytest.raises(KeySetUnusable, match="too-large"):
        fetch(keys.url)


def test_an_answer_that_breaks_off_is_refused(
    fetch: KeyFetcher, keys: KeyServer
) -> None:
    def breaking_off(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(len(ONE_KEY) + 1))
        request.end_headers()
        request.wfile.write(ONE_KEY[:-1])

    keys.answer = breaking_off
    with pytest.raises(KeySetUnusable):
        fetch(keys.url)


def silent(request: BaseHTTPRequestHandler) -> None:
    time.sleep(1)


def dripping_headers(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for _ in range(60):
        request.wfile.write(b"X-A: b\r\n")
        time.sleep(0.05)


def dripping_body(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    for _ in range(60):
        request.wfile.write(b" ")
        time.sleep(0.05)


@pytest.mark.parametrize("slow", [silent, dripping_headers, dripping_body])
def test_a_server_that_is_slow_is_not_waited_for(
    transport: Transport, keys: KeyServer, slow: Answer
) -> None:
    keys.answer = slow
    began = time.monotonic()
    with pytest.raises(KeySetUnusable, match="timeout"):
        KeyFetcher(transport, seconds=0.3)(keys.url)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("inside", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1"])
def test_a_name_that_leads_inside_is_not_connected_to(
    keys: KeyServer, inside: str
) -> None:
    """As when whoever runs the client's name server turns against us."""
    port = urlsplit(keys.url).port
    rebound = Transport(
        Dialler(
            rule=NetworkRule(),
            resolve=lambda host, port: [ipaddress.ip_address(inside)],
        ),
        connections=1,
    )
    with pytest.raises(KeySetUnusable, match="address-not-allowed"):
        KeyFetcher(rebound)(f"http://keys.example.org:{port}/jwks.json")
    rebound.close()
    assert keys.count == 0


def test_a_network_of_the_operator_s_own_may_be_opened(keys: KeyServer) -> None:
    rule = NetworkRule(private=(ipaddress.ip_network("127.0.0.0/8"),))
    here = ipaddress.ip_address("127.0.0.1")
    opened = Transport(
        Dialler(rule=rule, resolve=lambda host, port: [here]), connections=1
    )
    port = urlsplit(keys.url).port
    assert KeyFetcher(opened)(f"http://keys.example.org:{port}/jwks.json").keys
    opened.close()


def test_an_address_where_nobody_answers_gives_no_keys(fetch: KeyFetcher) -> None:
    with pytest.raises(KeySetUnusable, match="connection-failed"):
        fetch("http://127.0.0.1:1/jwks.json")


def test_no_password_of_the_operator_s_is_sent_along(
    fetch: KeyFetcher, keys: KeyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login admin password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    fetch(keys.url)
    assert "authorization" not in keys.headers[0]


def test_why_a_key_set_was_not_fetched_is_in_the_log(
    fetch: KeyFetcher, keys: KeyServer, capsys: pytest.CaptureFixture[str]
) -> None:
    keys.answer = body(b"", status=503)
    with pytest.raises(KeySetUnusable):
        fetch(keys.url)
    logged = "".join(capsys.readouterr())
    assert "key set not fetched" in logged
    assert "server-error" in logged
