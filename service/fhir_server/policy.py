"""Which FHIR servers may be called on behalf of one client."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from service.fhir_server.answers import Reason, Unreadable
from service.fhir_server.server_address import AddressRefused, ServerAddress


@dataclass(frozen=True, kw_only=True, slots=True)
class CallPolicy:
    """The servers on a client's list, and whether we are in development.

    In development, any server on this machine may be read besides those of the list,
    over http too, and no server needs a token.
    """

    servers: tuple[ServerAddress, ...] = ()
    development: bool = False

    @classmethod
    def of(cls, urls: Iterable[str], *, development: bool = False) -> Self:
        """The policy with the base URLs ``urls``. Raises AddressRefused."""
        return cls(
            servers=tuple(ServerAddress.parse(url) for url in urls),
            development=development,
        )

    def admitted(self, url: str, *, has_token: bool) -> ServerAddress:
        """The server at ``url``, if it may be called. Raises Unreadable."""
        try:
            server = ServerAddress.parse(url)
        except AddressRefused:
            raise Unreadable(Reason.SERVER_NOT_ALLOWED) from None
        is_listed = any(listed.covers(server) for listed in self.servers)
        if not (is_listed or self._is_ours(server)):
            raise Unreadable(Reason.SERVER_NOT_ALLOWED)
        # A token in clear text stays on this machine.
        if server.scheme != "https" and not self._is_ours(server):
            raise Unreadable(Reason.SERVER_NOT_ALLOWED)
        if not (has_token or self.development):
            raise Unreadable(Reason.NO_TOKEN)
        return server

    def _is_ours(self, server: ServerAddress) -> bool:
        return self.development and server.is_loopback
