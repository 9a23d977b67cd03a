"""HTTP byte for byte, since no client library sends what attackers send."""

import json
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.attacks.doors import SERVICE_ID, Door
from tests.http.patients import request


PATH = f"/cds-services/{SERVICE_ID}"
CALL = json.dumps(request()).encode()
LONGEST_WAIT = 60


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One HTTP response."""

    status: int
    headers: dict[str, str]
    body: bytes

    def outcome(self) -> dict[str, Any]:
        """The issue of the OperationOutcome that the body is."""
        assert self.headers["content-type"] == "application/json"
        outcome = json.loads(self.body)
        assert outcome["resourceType"] == "OperationOutcome"
        (issue,) = outcome["issue"]
        assert isinstance(issue, dict)
        return issue


def head(
    *lines: bytes, method: bytes = b"POST", target: bytes = PATH.encode()
) -> bytes:
    """A request up to its body, with these header lines besides `Host`."""
    return b"\r\n".join(
        [method + b" " + target + b" HTTP/1.1", b"Host: cds.example.org", *lines, b""]
    ) + (b"\r\n")


def whole(*lines: bytes, body: bytes = CALL) -> bytes:
    """A call with `body` and a true Content-Length."""
    return head(b"Content-Length: %d" % len(body), *lines) + body


def exchange(door: Door, sent: bytes, *, then_closing: bool = False) -> list[Answer]:
    """All responses to the bytes `sent`, until the service closes the connection."""
    return parsed(received(door, sent, then_closing=then_closing))


def received(door: Door, sent: bytes, *, then_closing: bool = False) -> bytes:
    """Every byte that the service answers to the bytes `sent`."""
    with connected(door) as connection:
        connection.sendall(sent)
        if then_closing:
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := connection.recv(65_536):
            answer += piece
    return answer


def connected(door: Door) -> socket.socket:
    """A connection to the service on which nothing was sent yet."""
    address = urlsplit(door.url)
    return socket.create_connection((address.hostname, address.port), LONGEST_WAIT)


def parsed(received: bytes) -> list[Answer]:
    """The responses in `received`; each has a Content-Length, or is a 100."""
    answers = []
    while received:
        top, _, rest = received.partition(b"\r\n\r\n")
        status_line, *lines = top.decode("latin-1").split("\r\n")
        pairs = (line.split(": ", 1) for line in lines)
        headers = {name.lower(): value for name, value in pairs}
        length = int(headers.get("content-length", 0))
        status = int(status_line.split(" ", 2)[1])
        answers.append(Answer(status=status, headers=headers, body=rest[:length]))
        received = rest[length:]
    return answers
