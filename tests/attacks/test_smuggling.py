"""Requests that two servers would read in two ways, sent to the real one byte by byte.

A proxy in front and gunicorn behind must never disagree on where a request ends. So
each of these is answered once, or not at all, and the connection is closed after it:
what follows on it is never a request.
"""

import pytest

from service import gunicorn_conf
from tests.attacks.doors import Door
from tests.attacks.raw import CALL, PATH, Answer, exchange, head, whole


SECOND = head(method=b"GET", target=b"/cds-services")
"""A request that somebody tries to hide behind another one."""

CHUNKED = b"%x\r\n%s\r\n0\r\n\r\n" % (len(CALL), CALL)
LENGTH = b"Content-Length: %d" % len(CALL)


def only_answer(door: Door, sent: bytes, *, then_closing: bool = False) -> Answer:
    (answer,) = exchange(door, sent, then_closing=then_closing)
    assert b"<html" not in answer.body
    return answer


def test_an_honest_call_is_answered_and_its_connection_closed(open_door: Door) -> None:
    answer = only_answer(open_door, whole())
    assert answer.status == 200
    assert answer.headers["connection"] == "close"


def test_what_follows_a_request_on_its_connection_is_no_request(
    open_door: Door,
) -> None:
    assert only_answer(open_door, whole() + SECOND).status == 200
    chunked = head(b"Transfer-Encoding: chunked") + CHUNKED
    assert only_answer(open_door, chunked + SECOND).status == 200


@pytest.mark.parametrize(
    "lines",
    [
        [LENGTH, b"Transfer-Encoding: chunked"],
        [b"Transfer-Encoding: chunked", LENGTH],
        [b"Content-Length: 4", b"Transfer-Encoding: chunked"],
        [LENGTH, b"Content-Length: 4"],
        [LENGTH, LENGTH],
        [LENGTH + b", 4"],
        [b"Content-Length: +%d" % len(CALL)],
        [b"Content-Length: -1"],
        [b"Content-Length: 0x10"],
        [b"Content-Length: 1_0"],
        [b"Content-Length: 1e3"],
        [b"Content-Length: " + "١٢".encode()],
        [b"Content-Length : 4"],
        [b"Content-Length: 4\r\n ,5"],
        [b"Transfer-Encoding: chunked\r\n ,identity"],
        [b"Transfer-Encoding:\x0bchunked"],
        [b"Transfer-Encoding : chunked"],
        [b"X: a\nTransfer-Encoding: chunked"],
        [b"X: a\rTransfer-Encoding: chunked"],
        [b"X: a\x00b"],
        [b"\x00X: a"],
        [b"no header at all"],
        [b": no name"],
        [b"X(1): a"],
        [b"Host: other.example.org"],
    ],
    ids=[
        "length_and_chunked",
        "chunked_and_length",
        "short_length_and_chunked",
        "two_lengths",
        "the_length_twice",
        "list_of_lengths",
        "length_with_plus",
        "negative_length",
        "hexadecimal_length",
        "length_with_underscore",
        "length_with_exponent",
        "length_in_arabic_digits",
        "blank_before_colon",
        "folded_length",
        "folded_coding",
        "vertical_tab_in_coding",
        "blank_after_coding_name",
        "bare_line_feed",
        "bare_carriage_return",
        "NUL_in_value",
        "NUL_in_name",
        "no_colon",
        "no_name",
        "brackets_in_name",
        "second_host",
    ],
)
def test_an_ambiguous_request_is_refused_whole(
    open_door: Door, lines: list[bytes]
) -> None:
    answer = only_answer(open_door, head(*lines) + CALL + SECOND)
    assert answer.status == 400
    assert answer.outcome()["severity"] == "error"


@pytest.mark.parametrize(
    "coding",
    [
        b"xchunked",
        b"gzip",
        b"identity, chunked, identity",
        b"chunked, chunked",
        b"chunked, gzip",
        b'"chunked"',
    ],
)
def test_a_transfer_coding_other_than_chunked_is_refused(
    open_door: Door, coding: bytes
) -> None:
    sent = head(b"Transfer-Encoding: " + coding) + CHUNKED + SECOND
    answer = only_answer(open_door, sent)
    assert answer.status in (400, 501)
    assert answer.outcome()["severity"] == "error"


@pytest.mark.parametrize(
    "chunks",
    [
        b"ZZ\r\n" + CALL,
        b"-5\r\n" + CALL,
        b"0x%x\r\n%s\r\n0\r\n\r\n" % (len(CALL), CALL),
        b"+%x\r\n%s\r\n0\r\n\r\n" % (len(CALL), CALL),
        b"%x\n%s\n0\n\n" % (len(CALL), CALL),
        b"%x\r\n%sXX\r\n0\r\n\r\n" % (len(CALL), CALL),
        b"%x \r\n%s\r\n0\r\n\r\n" % (len(CALL), CALL),
        b"%x;\x00=1\r\n%s\r\n0\r\n\r\n" % (len(CALL), CALL),
        b"ffffffffffffffffffffffff\r\n" + CALL,
        b"1_0\r\n" + CALL,
        b"\r\n\r\n",
    ],
    ids=[
        "no_number",
        "negative",
        "prefix",
        "sign",
        "bare_line_feeds",
        "longer_than_said",
        "blank_after_size",
        "NUL_in_extension",
        "endless",
        "underscore",
        "empty",
    ],
)
def test_chunks_that_are_none_are_refused(open_door: Door, chunks: bytes) -> None:
    sent = head(b"Transfer-Encoding: chunked") + chunks
    answer = only_answer(open_door, sent, then_closing=True)
    assert answer.status in (400, 413)
    assert answer.outcome()["severity"] == "error"


def test_a_trailer_is_no_header(open_door: Door) -> None:
    """An Authorization after the body comes too late to be one."""
    trailer = b"Authorization: Bearer x.y.z\r\nContent-Length: 1\r\n\r\n"
    chunks = b"%x\r\n%s\r\n0\r\n" % (len(CALL), CALL) + trailer
    sent = head(b"Transfer-Encoding: chunked") + chunks + SECOND
    assert len(exchange(open_door, sent)) == 1


@pytest.mark.parametrize(
    "line",
    [
        b"POST " + PATH.encode(),
        b"POST " + PATH.encode() + b" HTTP/9.9",
        b"POST " + PATH.encode() + b" HTP/1.1",
        b"POST  " + PATH.encode() + b"  HTTP/1.1",
        b"PO\x00ST " + PATH.encode() + b" HTTP/1.1",
        b"post " + PATH.encode() + b" HTTP/1.1",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0",
        b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2",
        b"GET http://user@evil.example/ FTP/1.0",
    ],
    ids=[
        "no_version",
        "unknown_version",
        "other_protocol",
        "two_blanks",
        "NUL",
        "small_letters",
        "TLS",
        "HTTP2",
        "proxy_protocol",
        "FTP",
    ],
)
def test_what_is_no_http_is_answered_in_json(open_door: Door, line: bytes) -> None:
    sent = line + b"\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
    answer = only_answer(open_door, sent, then_closing=True)
    assert 400 <= answer.status < 500
    assert answer.outcome()["severity"] == "error"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (head(target=b"/" + b"x" * 5_000), 414),
        (head(target=b"/cds-services?" + b"x" * 100_000), 414),
        (head(b"X: " + b"x" * 20_000), 431),
        (head(*[b"X-%d: x" % number for number in range(80)]), 431),
        (head(b"Expect: 200-ok"), 417),
    ],
    ids=["path", "query", "long_header", "many_headers", "expectation"],
)
def test_a_head_beyond_measure_is_refused_in_json(
    open_door: Door, sent: bytes, status: int
) -> None:
    answer = only_answer(open_door, sent)
    assert answer.status == status
    assert answer.outcome()["severity"] == "error"


def test_the_head_may_be_as_long_as_is_said_and_no_longer(open_door: Door) -> None:
    line = gunicorn_conf.limit_request_line - len(b"GET  HTTP/1.1")
    header = gunicorn_conf.limit_request_field_size - len(b"X: \r\n")
    others = gunicorn_conf.limit_request_fields - len([b"Host"])

    def found(line: int = 1, header: int = 1, others: int = 1) -> int:
        target = b"/healthz?".ljust(line, b"x")
        lines = [b"X: " + b"x" * header, *[b"Y: y"] * (others - 1)]
        return only_answer(open_door, head(*lines, method=b"GET", target=target)).status

    assert (found(line=line), found(line=line + 1)) == (200, 414)
    assert (found(header=header), found(header=header + 1)) == (200, 431)
    assert (found(others=others), found(others=others + 1)) == (200, 431)


def test_a_client_that_asks_first_is_told_to_go_on(open_door: Door) -> None:
    first, second = exchange(open_door, whole(b"Expect: 100-continue"))
    assert (first.status, second.status) == (100, 200)


def test_nobody_is_made_to_wait_by_an_answer_to_an_answer(open_door: Door) -> None:
    """A HEAD has no body; what a proxy would take for one must not follow."""
    sent = head(method=b"HEAD", target=b"/cds-services")
    answer = exchange(open_door, sent)[0]
    assert answer.status == 200
    assert answer.body == b""


@pytest.mark.parametrize(
    "target",
    [
        b"http://evil.example/cds-services",
        b"//evil.example/cds-services",
        b"/cds-services/..%2f..%2fmetrics",
        b"/static/..%2f..%2fapp.py",
        b"/static/../../app.py",
        b"/static/%2e%2e/%2e%2e/settings.py",
        b"/static//etc/passwd",
        b"/cds-services/b12-patient-view%00",
        b"/cds-services/b12-patient-view%0d%0aX-Evil:1",
        b"*",
    ],
)
def test_an_odd_target_leads_nowhere_else(open_door: Door, target: bytes) -> None:
    answer = only_answer(open_door, head(method=b"GET", target=target))
    assert answer.status in (200, 400, 404, 405)
    assert "x-evil" not in answer.headers
    assert b"root:" not in answer.body
    assert b"import " not in answer.body
