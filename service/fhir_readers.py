"""Which client may read from which FHIR server, as its file and the settings say."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from service.clients import Client, Clients, ClientsFileError
from service.fhir_server.breaker import CircuitBreaker
from service.fhir_server.dialling import Dialler
from service.fhir_server.networks import NetworkRule
from service.fhir_server.policy import CallPolicy
from service.fhir_server.reader import CallLimits, FhirServers, ServerReader
from service.fhir_server.server_address import AddressRefused, ServerAddress
from service.fhir_server.transport import Transport
from service.settings import Settings, SettingsError


@dataclass(frozen=True, kw_only=True, slots=True)
class FhirReaders:
    """Gives each client the reader for its calls; one for a process.

    ``addresses`` are the servers of all clients as parsed, by the URL on file.
    """

    servers: FhirServers
    addresses: Mapping[str, ServerAddress]

    @classmethod
    def of(cls, settings: Settings, clients: Clients) -> Self:
        """The readers for ``clients``. Raises SettingsError and ClientsFileError."""
        return cls(
            servers=fhir_servers(settings),
            addresses={url: _address(url) for url in clients.fhir_servers},
        )

    def reader_for(self, client: Client) -> ServerReader:
        """What reads from the FHIR servers that ``client`` may name."""
        return self.servers.reader(
            CallPolicy(
                servers=tuple(self.addresses[url] for url in client.fhir_servers),
                development=client.any_loopback_server,
            )
        )


def fhir_servers(settings: Settings) -> FhirServers:
    """What reaches FHIR servers within the limits of ``settings``.

    Raises SettingsError.
    """
    return FhirServers(
        transport_for(settings),
        breaker=CircuitBreaker(
            failures=settings.fhir_failures, pause=settings.fhir_pause_seconds
        ),
        limits=CallLimits(
            seconds=settings.fhir_deadline_seconds,
            max_bytes=settings.fhir_max_bytes,
            max_pages=settings.fhir_max_pages,
        ),
        threads=settings.fhir_connections,
    )


def transport_for(settings: Settings) -> Transport:
    """Connections to other servers, at the addresses that ``settings`` permit.

    Raises SettingsError.
    """
    rule = NetworkRule(private=settings.fhir_private_networks or ())
    try:
        return Transport(
            Dialler(rule=rule),
            connections=settings.fhir_connections,
            authorities=settings.fhir_ca_file,
        )
    except OSError:  # ssl.SSLError too, for a file without certificates
        raise SettingsError(
            f"B12_FHIR_CA_FILE: {settings.fhir_ca_file} cannot be read as a PEM file of"
            " certificates."
        ) from None


def _address(url: str) -> ServerAddress:
    try:
        return ServerAddress.parse(url)
    except AddressRefused as fault:
        raise ClientsFileError(f"fhir_servers: {url}: {fault}") from None
