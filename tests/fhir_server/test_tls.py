"""Over https the server proves its name, at whatever address it was found."""

import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.fhir_server.answers import Reason
from service.fhir_server.dialling import Dialler
from service.fhir_server.networks import NetworkRule
from service.fhir_server.policy import CallPolicy
from service.fhir_server.reader import CallLimits
from tests.fhir_server.calls import PATIENT, fetch, fhir_servers, patient, request_to
from tests.fhir_server.certificates import Authority, make_authority
from tests.fhir_server.fhir_test_server import FhirTestServer, running


THIS_MACHINE = Dialler(
    rule=NetworkRule(private=(ipaddress.ip_network("127.0.0.0/8"),)),
    resolve=lambda host, port: [ipaddress.ip_address("127.0.0.1")],
)
"""Of an operator who has opened the loopback network, where every name leads."""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("certificates"))


@contextmanager
def server_of(context: ssl.SSLContext) -> Iterator[FhirTestServer]:
    with running(certificate=context) as server:
        server.resources = [patient()]
        yield server


def reason(
    server: FhirTestServer, *, trusting: Path | None, seconds: float = 10
) -> Reason | None:
    """Why `ehr.example.org` could not be read from `server`, or None if it could."""
    url = f"https://ehr.example.org:{server.server_port}/fhir"
    with fhir_servers(
        dialler=THIS_MACHINE, limits=CallLimits(seconds=seconds), authorities=trusting
    ) as servers:
        fetched = fetch(
            servers.reader(CallPolicy.of([url])), request_to(url), [PATIENT]
        )
    return fetched.reads["patient"].reason


def test_a_server_with_a_certificate_of_a_trusted_authority_is_read(
    authority: Authority,
) -> None:
    with server_of(authority.server_context("ehr.example.org")) as server:
        assert reason(server, trusting=authority.file) is None
    assert server.seen[0].headers["host"] == f"ehr.example.org:{server.server_port}"


def test_the_name_of_the_server_is_sent_in_the_handshake(authority: Authority) -> None:
    """Many hospitals' servers share an address and are told apart by it."""
    named: list[str | None] = []
    context = authority.server_context("ehr.example.org")
    context.sni_callback = lambda _socket, name, _context: named.append(name)
    with server_of(context) as server:
        reason(server, trusting=authority.file)
    assert named == ["ehr.example.org"]


def test_a_server_of_another_name_is_not_read(authority: Authority) -> None:
    with server_of(authority.server_context("evil.example")) as server:
        assert reason(server, trusting=authority.file) == Reason.CERTIFICATE
    assert server.seen == []


def test_a_server_of_an_unknown_authority_is_not_read(authority: Authority) -> None:
    with server_of(authority.server_context("ehr.example.org")) as server:
        assert reason(server, trusting=None) == Reason.CERTIFICATE
    assert server.seen == []


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
def test_tls_older_than_1_2_is_refused(authority: Authority) -> None:
    context = authority.server_context("ehr.example.org")
    context.minimum_version = ssl.TLSVersion.TLSv1_1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    with server_of(context) as server:
        assert reason(server, trusting=authority.file) == Reason.CERTIFICATE


def test_a_server_that_speaks_no_tls_is_not_read(authority: Authority) -> None:
    with running() as server:
        assert reason(server, trusting=authority.file) == Reason.CERTIFICATE
    assert server.seen == []


def test_a_handshake_that_is_never_answered_ends_at_the_deadline() -> None:
    accepted = []
    with socket.create_server(("127.0.0.1", 0)) as silent:
        thread = threading.Thread(target=lambda: accepted.append(silent.accept()[0]))
        thread.start()
        url = f"https://ehr.example.org:{silent.getsockname()[1]}/fhir"
        with fhir_servers(
            dialler=THIS_MACHINE, limits=CallLimits(seconds=0.5), threads=1
        ) as servers:
            reader = servers.reader(CallPolicy.of([url]))
            fetched = fetch(reader, request_to(url), [PATIENT])
            servers.threads.submit(lambda: None).result(timeout=5)
        thread.join()
        accepted[0].close()
    assert fetched.reads["patient"].reason == Reason.TIMEOUT
