"""Pooled HTTP connections that keep to an address rule and to a deadline.

urllib3 has a time limit for each wait on a socket. A server that sends one byte at a
time stays below it for ever, so here every wait ends at the same moment.
"""

import io
import socket
import ssl
from functools import partial
from http.client import HTTPResponse
from typing import TYPE_CHECKING

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import HTTPResponse as PooledResponse

from service.fhir_server.answers import Reason, Unreadable
from service.fhir_server.deadline import Deadline
from service.fhir_server.dialling import Dialler


if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


_SERVERS_REMEMBERED = 32
# Seconds; to a socket, 0 would mean not to wait at all.
_SHORTEST_WAIT = 0.001


class CheckedAdapter(HTTPAdapter):
    """Carries requests over connections that ``dialler`` opened, with our TLS."""

    def __init__(
        self, dialler: Dialler, tls: ssl.SSLContext, *, connections: int
    ) -> None:
        super().__init__(_SERVERS_REMEMBERED, connections)
        self.poolmanager.pool_classes_by_scheme = _pools(dialler, tls)


def _pools(dialler: Dialler, tls: ssl.SSLContext) -> dict[str, type]:
    """The pools, by scheme, of connections made by ``dialler``."""

    class PlainConnection(_TimedConnection):
        def _new_conn(self) -> socket.socket:
            return dialler.connect(self.host, self.port, self.patience)

    class SecureConnection(_TimedConnection, HTTPSConnection):
        def connect(self) -> None:
            deadline = self.patience
            connection = dialler.connect(self.host, self.port, deadline)
            self.sock = _secured(connection, tls, self.host, deadline)
            self.is_verified = True

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = PlainConnection

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = SecureConnection

    return {"http": PlainPool, "https": SecurePool}


def _secured(
    connection: socket.socket, tls: ssl.SSLContext, host: str, deadline: Deadline
) -> ssl.SSLSocket:
    """``connection`` under TLS with a server proven to be ``host``."""
    try:
        connection.settimeout(max(deadline.left, _SHORTEST_WAIT))
        return tls.wrap_socket(connection, server_hostname=host)
    except ssl.SSLError:
        connection.close()
        raise Unreadable(Reason.CERTIFICATE) from None
    except TimeoutError:
        connection.close()
        raise Unreadable(Reason.TIMEOUT) from None
    except OSError:
        connection.close()
        raise Unreadable(Reason.CONNECTION_FAILED) from None


class _TimedConnection(HTTPConnection):
    """A connection whose answer, headers and body, must be through in time."""

    @property
    def patience(self) -> Deadline:
        """The end of the time allowed for what begins now."""
        seconds = self.timeout
        if not isinstance(seconds, int | float):
            raise TypeError("every request has a time limit")
        return Deadline.after(seconds)

    def getresponse(self) -> PooledResponse:  # type: ignore[override]  # as urllib3
        # http.client makes the response by calling this, which a class alone could not
        # do with a deadline of its own for each.
        self.response_class = partial(_TimedResponse, self.patience)  # type: ignore[assignment]  # see above
        return super().getresponse()


class _TimedResponse(HTTPResponse):
    """A response that is read until its deadline and no longer."""

    def __init__(
        self,
        deadline: Deadline,
        sock: socket.socket,
        debuglevel: int = 0,
        method: str | None = None,
        url: str | None = None,
    ) -> None:
        super().__init__(sock, debuglevel, method, url)
        self.fp.close()
        self.fp = io.BufferedReader(_TimedFile(sock, deadline))


class _TimedFile(io.RawIOBase):
    """The bytes that arrive on a connection until the deadline."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._connection = connection
        self._deadline = deadline
        self._bytes = connection.makefile("rb", buffering=0)

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int | None:
        """As of any raw stream. Raises TimeoutError at the deadline."""
        left = self._deadline.left
        if not left:
            raise TimeoutError
        self._connection.settimeout(left)
        return self._bytes.readinto(buffer)

    def close(self) -> None:
        """Let go of the connection."""
        self._bytes.close()
        super().close()
