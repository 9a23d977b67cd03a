"""From a host's name to a connection with an address that may be connected to.

The address that was checked is the one that is connected to. Looking a name up once to
check it and once more to connect would let a name server give two answers.
"""

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from service.fhir_server.answers import Reason, Unreadable
from service.fhir_server.deadline import Deadline
from service.fhir_server.networks import NetworkRule
from service.fhir_server.server_address import IPAddress


Resolve = Callable[[str, int], Sequence[IPAddress]]


def resolve_by_system(host: str, port: int) -> Sequence[IPAddress]:
    """The addresses of ``host`` as this machine resolves it. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ipaddress.ip_address(sockaddr[0]) for *_, sockaddr in found]


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialler:
    """Opens connections that ``rule`` permits."""

    rule: NetworkRule
    resolve: Resolve = resolve_by_system

    def connect(self, host: str, port: int, deadline: Deadline) -> socket.socket:
        """A connection to ``host``, at an address that is permitted.

        Addresses are tried in turn, each for its share of the time. Raises Unreadable.
        """
        try:
            found = self.resolve(host, port)
        except (OSError, UnicodeError):
            raise Unreadable(Reason.UNKNOWN_HOST) from None
        permitted = self.rule.permitted(host, found)
        if not permitted:
            raise Unreadable(Reason.ADDRESS_NOT_ALLOWED)
        fault = Reason.TIMEOUT
        for tried, address in enumerate(permitted):
            share = deadline.left / (len(permitted) - tried)
            if not share:
                break
            try:
                connection = socket.create_connection((str(address), port), share)
            except TimeoutError:
                fault = Reason.TIMEOUT
            except OSError:
                fault = Reason.CONNECTION_FAILED
            else:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return connection
        raise Unreadable(fault)
