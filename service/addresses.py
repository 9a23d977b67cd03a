"""Addresses as an operator writes them down: strict, and in one spelling.

What is refused here can never be called, or let in, later. The messages follow the name
of the setting and say what is wanted.
"""

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit


_HOST_NAME = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
    r"(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*"
)
_NOT_IN_AN_ADDRESS = re.compile(r"[^\x21-\x7e]|[\\\"<>^`{|}]")
_DEFAULT_PORTS = {"https": 443, "http": 80}


def is_loopback(host: str) -> bool:
    """Whether `host` names this machine to itself, without asking any name server."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def key_set_url(text: str, *, development: bool) -> str:
    """The address of a JWK set, kept to the letter. Raises ValueError."""
    _parsed(text, development=development)
    return text


def fhir_base_url(text: str, *, development: bool) -> str:
    """The base URL of a FHIR server, without a trailing slash. Raises ValueError."""
    parts = _parsed(text, development=development)
    if parts.query or "?" in text:
        raise ValueError("is a base URL and has no query")
    if "%" in parts.path or ".." in parts.path.split("/") or "//" in parts.path:
        raise ValueError("has a path that may be read in two ways (%, .., //)")
    return _origin(parts) + parts.path.rstrip("/")


def web_origin(text: str, *, development: bool) -> str:
    """An origin as browsers send it, such as `https://ehr.example.org`.

    Raises ValueError, also for `*`: each origin is named.
    """
    parts = _parsed(text, development=development)
    origin = _origin(parts)
    if text != origin:
        raise ValueError(f"is written by browsers as {origin}")
    return origin


def _parsed(text: str, *, development: bool) -> SplitResult:
    if _NOT_IN_AN_ADDRESS.search(text):
        raise ValueError("holds a character that no address has")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("is no address") from None
    if parts.scheme not in _DEFAULT_PORTS or not host or port == 0:
        raise ValueError("is an address that begins with https:// and a host")
    if "@" in parts.netloc or parts.fragment or "#" in text:
        raise ValueError("has no user name, password or fragment")
    if not (_is_address_literal(host) or _HOST_NAME.fullmatch(host)):
        raise ValueError("is an address that begins with https:// and a host")
    if parts.scheme != "https" and not (development and is_loopback(host)):
        raise ValueError(
            "begins with https://; http:// only on a loopback address, while the"
            " service itself listens on one"
        )
    return parts


def _origin(parts: SplitResult) -> str:
    """Scheme, host and port in one spelling."""
    host = parts.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    port = parts.port
    if port is None or port == _DEFAULT_PORTS[parts.scheme]:
        return f"{parts.scheme}://{shown}"
    return f"{parts.scheme}://{shown}:{port}"


def _is_address_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
