"""Requests over raw sockets, so that asking costs little beside answering.

Every request has a connection of its own, as behind a proxy without keep-alive: that is
how gunicorn's sync workers serve. Time runs from before the connection is opened until
the last byte of the answer has come.
"""

import os
import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field


PIECE = 262_144


class AnswerFault(Exception):
    """A server gave no answer, or one that is not a 200."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where to send requests."""

    port: int
    path: str

    def message(self, body: bytes, token: str | None = None) -> bytes:
        """The bytes of one request."""
        authorization = f"Authorization: Bearer {token}\r\n" if token else ""
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            f"Content-Type: application/json\r\n{authorization}"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        return head.encode() + body


def ask(target: Target, message: bytes) -> float:
    """The seconds one request takes. Raises AnswerFault and OSError."""
    start = time.perf_counter()
    with socket.create_connection(
        ("127.0.0.1", target.port), timeout=120
    ) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(message)
        answer = b""
        while not _is_whole(answer):
            piece = connection.recv(PIECE)
            if not piece:
                break
            answer += piece
        seconds = time.perf_counter() - start
    _check(answer)
    return seconds


def requests_per_second(
    target: Target, message: bytes, *, connections: int, seconds: float
) -> float:
    """How many requests are answered with so many on their way at any time."""
    answered = 0
    with selectors.EpollSelector() as selector:
        for _ in range(connections):
            _open(selector, target)
        start = time.perf_counter()
        until = start + seconds
        while (now := time.perf_counter()) < until:
            for key, events in selector.select(timeout=until - now):
                flight: _Flight = key.data
                if events & selectors.EVENT_WRITE:
                    flight.send(message)
                    if flight.sent == len(message):
                        selector.modify(flight.connection, selectors.EVENT_READ, flight)
                elif flight.receive():
                    selector.unregister(flight.connection)
                    flight.connection.close()
                    _check(flight.answer)
                    answered += 1
                    _open(selector, target)
        taken = time.perf_counter() - start
        for key in list(selector.get_map().values()):
            key.data.connection.close()
    return answered / taken


@dataclass
class _Flight:
    """One request on its way."""

    connection: socket.socket
    sent: int = 0
    answer: bytes = field(default=b"")

    def send(self, message: bytes) -> None:
        self.sent += self.connection.send(memoryview(message)[self.sent :])

    def receive(self) -> bool:
        """Whether the answer is there."""
        piece = self.connection.recv(PIECE)
        self.answer += piece
        return not piece or _is_whole(self.answer)


def _open(selector: selectors.BaseSelector, target: Target) -> None:
    connection = socket.create_connection(("127.0.0.1", target.port), timeout=30)
    connection.setblocking(False)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    selector.register(connection, selectors.EVENT_WRITE, _Flight(connection))


def _is_whole(answer: bytes) -> bool:
    head, blank, body = answer.partition(b"\r\n\r\n")
    if not blank:
        return False
    for line in head.lower().split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name == b"content-length":
            return len(body) >= int(value)
    return False  # ends where the connection does


def _check(answer: bytes) -> None:
    status = answer.partition(b"\r\n")[0]
    if b" 200 " not in status + b" ":
        raise AnswerFault(status.decode(errors="replace") or "no answer")


def busy_share() -> Iterator[float]:
    """The share of all processors that was busy since the last time asked."""
    before = _cpu_times()
    while True:
        now = _cpu_times()
        busy, total = (new - old for new, old in zip(now, before, strict=True))
        yield busy / total if total else 0.0
        before = now


def _cpu_times() -> tuple[float, float]:
    with open("/proc/stat", encoding="ascii") as file:
        user, nice, system, idle, iowait, *others = map(
            int, file.readline().split()[1:]
        )
    busy = user + nice + system + sum(others[:3])
    return busy, busy + idle + iowait


PROCESSORS = os.cpu_count() or 1
