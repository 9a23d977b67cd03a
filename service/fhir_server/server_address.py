"""The base URL of a FHIR server, parsed into one spelling.

Addresses are compared part by part and never as text, and what is called is rebuilt
from the parts that were compared. Every spelling that two programs could read in two
ways is refused: user names, percent signs in hosts, octal or short forms of IPv4, dots
in paths, letters beyond ASCII (an internationalised name has its `xn--` form).
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit


IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

DEFAULT_PORTS = {"https": 443, "http": 80}

LOCALHOST = "localhost"

_HOST_AND_PORT = re.compile(
    r"(\[(?P<bracketed>[0-9a-fA-F:.]+)\]|(?P<name>[^\[\]@:]+))(:(?P<port>\d{1,5})?)?"
)
_HOST_NAME = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
    r"(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*"
)
# What the last label of a name looks like where some programs read the name as IPv4.
_NUMERIC_LABEL = re.compile(r"\d+|0x[0-9a-f]*")
_NOT_IN_A_URL = re.compile(r"[^\x21-\x7e]|[\\<>\"^`{}]")
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))


class AddressRefused(ValueError):
    """An address that must not be called; the message does not quote it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerAddress:
    """Scheme, host, port and path prefix of a FHIR server.

    ``host`` is a lower-case name without a trailing dot, or an IP address without
    brackets. ``path`` has no trailing slash.
    """

    scheme: str
    host: str
    port: int
    path: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """The address that the base URL ``text`` names. Raises AddressRefused."""
        parts = _split(text)
        if parts.query or "?" in text:
            raise AddressRefused("a base URL has no query")
        return cls._of(parts)

    @classmethod
    def _of(cls, parts: SplitResult) -> Self:
        if parts.scheme not in DEFAULT_PORTS:
            raise AddressRefused("it must begin with https://")
        where = _HOST_AND_PORT.fullmatch(parts.netloc)
        if where is None:
            raise AddressRefused("after https:// come a host, perhaps a port, no more")
        port = int(where["port"] or DEFAULT_PORTS[parts.scheme])
        if not 0 < port < 65_536:
            raise AddressRefused("its port is no port")
        return cls(
            scheme=parts.scheme,
            host=_host(where["bracketed"] or where["name"]),
            port=port,
            path=_path(parts.path).rstrip("/"),
        )

    @property
    def url(self) -> str:
        """The base URL in its one spelling, without a trailing slash."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}"

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine itself, as told without any name server."""
        address = literal_address(self.host)
        return self.host == LOCALHOST or (address is not None and address.is_loopback)

    def covers(self, other: "ServerAddress") -> bool:
        """Whether ``other`` has the same origin and lies at or below this path."""
        return (self.scheme, self.host, self.port) == (
            other.scheme,
            other.host,
            other.port,
        ) and f"{other.path}/".startswith(f"{self.path}/")

    def page(self, link: str, *, found_at: str) -> str:
        """The URL that a link in the answer from ``found_at`` leads to.

        Raises AddressRefused if it leads away from this server.
        """
        try:
            parts = _split(urljoin(found_at, quote(link, safe=_PRINTABLE)))
        except ValueError:
            raise AddressRefused("it is no address") from None
        address = self._of(parts)
        if not self.covers(address):
            raise AddressRefused("it leads to another server")
        slash = "/" if parts.path.endswith("/") else ""
        return f"{address.url}{slash}" + (f"?{parts.query}" if parts.query else "")


def literal_address(host: str) -> IPAddress | None:
    """The IP address that ``host`` is, or None where it is a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _split(text: str) -> SplitResult:
    if _NOT_IN_A_URL.search(text):
        raise AddressRefused("it holds a character that no address has")
    try:
        parts = urlsplit(text)
    except ValueError:
        raise AddressRefused("it is no address") from None
    if parts.fragment or "#" in text:
        raise AddressRefused("it must not have a fragment")
    return parts


def _host(text: str) -> str:
    host = text.lower().removesuffix(".")
    address = literal_address(host)
    if address is not None and "%" not in host:
        return str(address)
    if not _HOST_NAME.fullmatch(host) or _NUMERIC_LABEL.fullmatch(
        host.rsplit(".", 1)[-1]
    ):
        raise AddressRefused("its host is neither a name nor an IP address")
    return host


def _path(text: str) -> str:
    plain = text
    while (decoded := unquote(plain)) != plain:
        plain = decoded
    if {".", ".."} & set(plain.replace("\\", "/").split("/")):
        raise AddressRefused("its path climbs with dots")
    return text
