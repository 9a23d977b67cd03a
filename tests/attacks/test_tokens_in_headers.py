"""Tokens where HTTP has two readings: doubled, folded, oversized, in other places."""

import json
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
import requests

from tests.attacks.doors import CALLED, SERVICE_ID, Door, live
from tests.attacks.raw import exchange, head
from tests.http.patients import request
from tests.protocol.tokens import token


BODY = json.dumps(request()).encode()
PATH = f"/cds-services/{SERVICE_ID}"


def status(door: Door, *lines: bytes, path: str = PATH) -> int:
    """The status of a call with these header lines, byte for byte as they are here."""
    address = urlsplit(door.url)
    head = b"\r\n".join(
        [
            f"POST {path} HTTP/1.1".encode(),
            f"Host: {address.netloc}".encode(),
            b"Connection: close",
            b"Content-Type: application/json",
            f"Content-Length: {len(BODY)}".encode(),
            *lines,
        ]
    )
    with socket.create_connection((address.hostname, address.port), 20) as connection:
        connection.sendall(head + b"\r\n\r\n" + BODY)
        answer = b""
        while piece := connection.recv(65_536):
            answer += piece
    return int(answer.split(b" ", 2)[1])


def honest() -> bytes:
    return token(live()).encode()


@pytest.mark.parametrize(
    "name", [b"Authorization", b"authorization", b"AUTHORIZATION", b"aUTHORIZATION"]
)
def test_the_header_s_name_may_be_in_any_case(door: Door, name: bytes) -> None:
    assert status(door, name + b": Bearer " + honest()) == 200


Lines = Callable[[bytes], list[bytes]]


@pytest.mark.parametrize(
    "lines",
    [
        lambda t: [b"Authorization: Bearer " + t] * 2,
        lambda t: [b"Authorization: Bearer " + t, b"authorization: Bearer x.y.z"],
        lambda t: [b"Authorization: Bearer x.y.z", b"AUTHORIZATION: Bearer " + t],
        lambda t: [b"Authorization: Basic YTpi", b"Authorization: Bearer " + t],
        lambda t: [b"Authorization: Bearer " + t, b"Authorization:"],
        lambda t: [b"Authorization: Bearer " + t + b", Bearer " + t],
        lambda t: [b"Authorization: Bearer " + t + b" realm=x"],
        lambda t: [b"Authorization: Bearer\t" + t],
        lambda t: [b"Authorization: Bearer\xa0" + t],
        lambda t: [b"Authorization: Bearer " + t + b"\xe9"],
        lambda t: [b"Authorization: Bearer " + "é".encode() + t],
        lambda t: [b"Authorization: " + t],
        lambda t: [b"Proxy-Authorization: Bearer " + t],
        lambda t: [b"X-Authorization: Bearer " + t],
        lambda t: [b"X-Forwarded-Authorization: Bearer " + t],
        lambda t: [b"Cookie: access_token=" + t + b"; Authorization=Bearer " + t],
        lambda t: [b"X-HTTP-Method-Override: OPTIONS"],
        lambda t: [b"X-Remote-User: Mercy", b"Remote-User: Mercy"],
    ],
    ids=range(18),
)
def test_a_token_that_is_not_alone_in_its_one_header_lets_nobody_in(
    door: Door, lines: Lines
) -> None:
    assert status(door, *lines(honest())) == 401


@pytest.mark.parametrize(
    "lines",
    [
        lambda t: [b"Authorization: Bearer\r\n " + t],
        lambda t: [b"Authorization : Bearer " + t],
        lambda t: [b"Authorization: Bearer " + t + b"\x00"],
        lambda t: [b"Authorization: Bearer \x01" + t],
        lambda t: [b"X: y\nAuthorization: Bearer " + t],
    ],
    ids=["folded", "blank_before_colon", "NUL", "control", "bare_line_feed"],
)
def test_a_header_that_servers_read_differently_is_no_request(
    door: Door, lines: Lines
) -> None:
    assert status(door, *lines(honest())) == 400


def test_a_name_with_an_underscore_is_no_authorization(door: Door) -> None:
    assert status(door, b"HTTP_AUTHORIZATION: Bearer " + honest()) == 401


@pytest.mark.parametrize("length", [10_000, 19_000])
def test_a_huge_token_is_refused(door: Door, length: int) -> None:
    made = token(live(pad="x" * (length * 3 // 5))).encode()
    assert 8_192 < len(made) < 16_300
    assert status(door, b"Authorization: Bearer " + made) == 401


@pytest.mark.parametrize("length", [17_000, 1_000_000])
def test_a_header_beyond_all_measure_is_no_request(door: Door, length: int) -> None:
    try:
        found = status(door, b"Authorization: Bearer " + b"x" * length)
    except ConnectionError:
        # Cut off while the rest was still on its way.
        return
    assert found == 431


@pytest.mark.parametrize("name", ["access_token", "token", "Authorization", "jwt"])
def test_a_token_in_the_query_lets_nobody_in(door: Door, name: str) -> None:
    path = f"{PATH}?{name}={honest().decode()}"
    assert status(door, path=path) == 401


def test_a_token_in_the_body_lets_nobody_in(door: Door) -> None:
    made = honest().decode()
    authorization = {"access_token": made, "token_type": "Bearer", "expires_in": 300}
    sent = {**request(), "fhirAuthorization": authorization, "access_token": made}
    answer = requests.post(f"{door.url}{PATH}", json=sent, timeout=20)
    assert answer.status_code == 401


def test_a_stranger_is_refused_before_its_body_is_read(door: Door) -> None:
    """The body never comes, and yet the answer is no complaint about that."""
    (answer,) = exchange(door, head(b"Content-Length: 5000000"))
    assert answer.status == 401


@pytest.mark.parametrize(
    "lines",
    [
        [b"Host: evil.example.org"],
        [b"X-Forwarded-Host: evil.example.org", b"X-Forwarded-Proto: https"],
        [b"Forwarded: host=evil.example.org;proto=https"],
        [b"X-Original-URL: /cds-services", b"X-Rewrite-URL: /"],
    ],
    ids=["host", "x-forwarded", "forwarded", "rewritten"],
)
def test_JWT_10_what_the_request_says_of_its_host_changes_no_audience(
    door: Door, lines: list[bytes]
) -> None:
    for_another_host = token(
        live(aud=CALLED.replace("cds.example.org", "evil.example.org"))
    )
    bearer = b"Authorization: Bearer " + for_another_host.encode()
    # A second Host line is no request at all.
    expected = 400 if lines[0].startswith(b"Host") else 401
    assert status(door, *lines, bearer) == expected


def test_JWT_10_the_audience_fits_behind_a_proxy_that_ends_TLS(door: Door) -> None:
    """The tests call http://127.0.0.1; the token is made for the public https URL."""
    forwarded = [b"X-Forwarded-Proto: https", b"X-Forwarded-Host: cds.example.org"]
    assert status(door, *forwarded, b"Authorization: Bearer " + honest()) == 200


def test_JWT_10_the_address_really_called_is_no_audience(door: Door) -> None:
    made = token(live(aud=f"{door.url}{PATH}")).encode()
    assert status(door, b"Authorization: Bearer " + made) == 401
