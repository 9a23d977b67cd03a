"""A body received where it stays, over real sockets."""

import socket
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from gunicorn.http.body import Body, ChunkedReader, LengthReader
from gunicorn.http.unreader import SocketUnreader

from service.gunicorn_body import WholeBody


@contextmanager
def arriving(*pieces: bytes, length: int) -> Iterator[WholeBody]:
    """The body of a request that says it has ``length`` bytes and sends ``pieces``."""
    here, there = socket.socketpair()
    with here, there:
        there.settimeout(5)
        sender = threading.Thread(target=send, args=(here, pieces))
        sender.start()
        body = WholeBody.of(Body(LengthReader(SocketUnreader(there), length)))
        assert isinstance(body, WholeBody)
        yield body
        there.close()
        sender.join()


def send(connection: socket.socket, pieces: tuple[bytes, ...]) -> None:
    try:
        for piece in pieces:
            connection.sendall(piece)
        connection.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # nobody wants the rest


def test_a_body_in_pieces_comes_as_one() -> None:
    with arriving(b"one ", b"two ", b"three", length=13) as body:
        buffer = bytearray(13)
        assert body.readinto(buffer) == 13
        assert buffer == b"one two three"


def test_what_came_with_the_headers_comes_first() -> None:
    with arriving(b"two", length=7) as body:
        body.reader.unreader.unread(b"one ")
        buffer = bytearray(7)
        assert body.readinto(buffer) == 7
        assert buffer == b"one two"


def test_the_next_request_is_left_where_it_is() -> None:
    with arriving(b"POST", length=4) as body:
        body.reader.unreader.unread(b"bodyGET /")
        buffer = bytearray(4)
        assert body.readinto(buffer) == 4
        assert buffer == b"body"
        assert body.reader.unreader.take_buffered() == b"GET /"


def test_nothing_beyond_the_body_is_read() -> None:
    with arriving(b"bodyGET /", length=4) as body:
        buffer = bytearray(9)
        assert body.readinto(buffer) == 4
        assert body.readinto(buffer) == 0


@pytest.mark.parametrize("sent", [0, 1, 12])
def test_a_body_that_breaks_off_is_seen_to_be_short(sent: int) -> None:
    with arriving(b"one two three"[:sent], length=13) as body:
        assert body.readinto(bytearray(13)) == sent


def test_a_body_can_be_read_in_parts() -> None:
    with arriving(b"one two three", length=13) as body:
        first, rest = bytearray(4), bytearray(9)
        assert (body.readinto(first), body.readinto(rest)) == (4, 9)
        assert first + rest == b"one two three"


def test_a_large_body_is_in_memory_once() -> None:
    size = 8_000_000
    with arriving(bytes(size), length=size) as body:
        tracemalloc.start()
        try:
            buffer = bytearray(size)
            assert body.readinto(buffer) == size
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 1.1 * size


def test_a_chunked_body_is_left_to_gunicorn() -> None:
    here, there = socket.socketpair()
    with here, there:
        body = Body(ChunkedReader(None, SocketUnreader(there)))
        assert WholeBody.of(body) is body
