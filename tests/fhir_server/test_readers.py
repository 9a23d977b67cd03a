"""Each client reads from the servers on its own list, as the settings allow."""

from pathlib import Path
from typing import Any

import pytest

from cds_hooks.dialects import Dialect
from service.clients import Client, ClientEntry, Clients, ClientsFileError
from service.fhir_readers import FhirReaders
from service.fhir_server.answers import Unreadable
from service.settings import Settings, SettingsError, read_settings


ONE = "https://one.example.org/fhir"
OTHER = "https://other.example.org/fhir"


def clients(*urls: str) -> Clients:
    entries = tuple(
        ClientEntry(
            name=f"client {number}",
            iss=f"https://issuer-{number}.example.org",
            jku=f"https://issuer-{number}.example.org/keys",
            fhir_servers=(url,),
        )
        for number, url in enumerate(urls)
    )
    return Clients(entries=entries, key_sets={})


def client(*urls: str, **given: Any) -> Client:
    return Client(
        name="a client",
        dialect=Dialect.V2_0,
        profile="us",
        fhir_servers=frozenset(urls),
        **given,
    )


def may_read(readers: FhirReaders, who: Client, url: str) -> bool:
    try:
        readers.reader_for(who).policy.admitted(url, has_token=True)
    except Unreadable:
        return False
    return True


def test_a_client_reads_from_its_own_servers_and_not_from_another_s() -> None:
    readers = FhirReaders.of(Settings(), clients(ONE, OTHER))
    assert may_read(readers, client(ONE), ONE)
    assert not may_read(readers, client(ONE), OTHER)
    assert not may_read(readers, client(ONE), "http://127.0.0.1:8090/fhir")


def test_in_development_servers_of_this_machine_may_be_read() -> None:
    readers = FhirReaders.of(Settings(), clients())
    here = client(any_loopback_server=True)
    assert may_read(readers, here, "http://127.0.0.1:8090/fhir")
    assert not may_read(readers, here, ONE)


def test_all_clients_share_connections_and_the_memory_of_dead_servers() -> None:
    readers = FhirReaders.of(Settings(), clients(ONE, OTHER))
    assert (
        readers.reader_for(client(ONE)).servers
        is readers.reader_for(client(OTHER)).servers
    )


def test_a_server_whose_address_can_be_read_in_two_ways_stops_the_start() -> None:
    with pytest.raises(ClientsFileError, match=r"https://0177\.0\.0\.1/fhir"):
        FhirReaders.of(Settings(), clients("https://0177.0.0.1/fhir"))


def test_the_settings_are_the_limits_of_a_call() -> None:
    settings = Settings(
        fhir_deadline_seconds=1.5, fhir_max_bytes=5_000, fhir_max_pages=4
    )
    limits = FhirReaders.of(settings, clients()).servers.limits
    assert (limits.seconds, limits.max_bytes, limits.max_pages) == (1.5, 5_000, 4)


def test_networks_are_named_with_commas_between_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("B12_FHIR_PRIVATE_NETWORKS", "10.20.0.0/16, fd00:1::/32")
    networks = read_settings().fhir_private_networks
    assert [str(network) for network in networks or ()] == [
        "10.20.0.0/16",
        "fd00:1::/32",
    ]


@pytest.mark.parametrize("wrong", ["10.20.0.1/16", "ehr.example.org", "10.20.0.0/99"])
def test_a_network_that_is_none_stops_the_start(
    wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("B12_FHIR_PRIVATE_NETWORKS", wrong)
    with pytest.raises(SettingsError, match="B12_FHIR_PRIVATE_NETWORKS"):
        read_settings()


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_of_authorities_that_cannot_be_read_stops_the_start(
    content: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "authorities.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(SettingsError, match="B12_FHIR_CA_FILE"):
        FhirReaders.of(Settings(fhir_ca_file=path), clients())
