"""Connections of clients: how long they waited, and how long they may take."""

import contextlib
import socket
import struct
import time
from typing import Any


SENDING_SECONDS = 10.0
LINGERING_SECONDS = 2.0
"""For a client that is still sending what nobody will read."""
_PIECE = 65_536
_SHORTEST_WAIT = 0.001

_TCP_INFO_SIZE = 104
# In Linux's `struct tcp_info`: milliseconds since data last came in on a connection.
_LAST_DATA_RECEIVED = 52


class PatientSocket(socket.socket):
    """A connection whose client has until a moment, and no longer, to send.

    ``recv`` and ``recv_into`` raise TimeoutError from then on, however little at a time
    has come before.
    """

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        """Take ``connection`` over; ``seconds`` are from now."""
        super().__init__(fileno=connection.detach())
        self._until = time.monotonic() + seconds

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """As of any socket, up to the moment."""
        self._wait_no_longer()
        return super().recv(size, flags)

    # Any: the base class takes whatever has a buffer that can be written to.
    def recv_into(self, buffer: Any, size: int = 0, flags: int = 0, /) -> int:
        """As of any socket, up to the moment."""
        self._wait_no_longer()
        return super().recv_into(buffer, size, flags)

    def _wait_no_longer(self) -> None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.settimeout(max(left, _SHORTEST_WAIT))

    # Any: what the base class takes is a type of the type checker's own.
    def sendall(self, data: Any, flags: int = 0, /) -> None:
        """As of any socket; a client that does not read is not waited for."""
        self.settimeout(SENDING_SECONDS)
        super().sendall(data, flags)

    def end(self, *, expects_more: bool) -> None:
        """End the answer and close, at once where nothing more is to come.

        A connection closed with unread data in it is reset, and the client may lose the
        answer: the 413 to a body that is too large, for one. So what is on its way is
        taken in, for a moment, when the client ``expects_more`` to be read or has sent
        more. Else nobody is waited for, and no client can hold a worker.
        """
        with contextlib.suppress(OSError):
            self.shutdown(socket.SHUT_WR)
            if expects_more or self._holds_more():
                self._linger()
        self.close()

    def _holds_more(self) -> bool:
        self.settimeout(0)
        try:
            return bool(super().recv(_PIECE))
        except BlockingIOError:
            return False

    def _linger(self) -> None:
        until = time.monotonic() + LINGERING_SECONDS
        while (left := until - time.monotonic()) > 0:
            self.settimeout(max(left, _SHORTEST_WAIT))
            if not super().recv(_PIECE):
                break


def seconds_waited(connection: socket.socket | None) -> float | None:
    """How long what came in on ``connection`` has been waiting for a worker.

    None where that cannot be told: on other systems than Linux, or without gunicorn.
    """
    if connection is None or not hasattr(socket, "TCP_INFO"):
        return None
    try:
        told = connection.getsockopt(
            socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_SIZE
        )
        (milliseconds,) = struct.unpack_from("I", told, _LAST_DATA_RECEIVED)
    except (OSError, struct.error):
        return None
    return float(milliseconds) / 1000
