"""Which IP addresses may be connected to.

The public internet is open to every server that a client's list names. Addresses inside
the operator's own networks are not, since behind them are things that no client should
reach through us: they are open where the operator names the network, and where the list
names the very address.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from service.fhir_server.server_address import LOCALHOST, IPAddress, literal_address


Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
# An IPv6 address of these leads to the IPv4 address inside it.
_TUNNELS = (ipaddress.IPv6Network("2001::/32"), ipaddress.IPv6Network("2002::/16"))


def is_public(address: IPAddress) -> bool:
    """Whether anybody on the internet could connect to ``address``."""
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not (address.is_multicast or address.is_reserved)
    return (
        address in _GLOBAL_UNICAST
        and address.is_global
        and not any(address in tunnel for tunnel in _TUNNELS)
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class NetworkRule:
    """The rule of one deployment; ``private`` are networks the operator has opened."""

    private: tuple[Network, ...] = ()

    def permits(self, host: str, address: IPAddress) -> bool:
        """Whether a server called by ``host`` may be reached at ``address``.

        The server itself must have passed the client's list before.
        """
        meant = _unmapped(address)
        return (
            is_public(meant)
            or any(meant in network for network in self.private)
            or literal_address(host) == address
            or (host == LOCALHOST and meant.is_loopback)
        )

    def permitted(
        self, host: str, addresses: Iterable[IPAddress]
    ) -> tuple[IPAddress, ...]:
        """Those of ``addresses`` that may be connected to, in their order."""
        return tuple(address for address in addresses if self.permits(host, address))


def _unmapped(address: IPAddress) -> IPAddress:
    """The IPv4 address that an IPv4-mapped IPv6 address stands for."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address
