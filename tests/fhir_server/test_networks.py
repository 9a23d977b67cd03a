"""Which IP addresses may be connected to, and that no other is."""

import ipaddress
import socket
from collections.abc import Sequence

import pytest

from service.fhir_server.answers import Reason, Unreadable
from service.fhir_server.deadline import Deadline
from service.fhir_server.dialling import Dialler, resolve_by_system
from service.fhir_server.networks import NetworkRule
from service.fhir_server.policy import CallPolicy
from service.fhir_server.server_address import IPAddress
from tests.fhir_server.calls import (
    DEVELOPMENT,
    PATIENT,
    fetch,
    fhir_servers,
    request_to,
)
from tests.fhir_server.fhir_test_server import FhirTestServer, running


UNSPECIFIED = "0.0.0.0"  # noqa: S104  # to be refused, not to be listened on

INSIDE = [
    UNSPECIFIED,
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.1.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "::127.0.0.1",
    "64:ff9b::10.0.0.1",
    "2001:0:7f00:1::",
    "2001:db8::1",
    "2002:7f00:1::",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
OUTSIDE = ["8.8.8.8", "172.15.0.1", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8"]

NO_EXCEPTION = NetworkRule()


def address(text: str) -> IPAddress:
    return ipaddress.ip_address(text)


@pytest.mark.parametrize("text", INSIDE)
def test_A_06_an_address_that_is_not_on_the_public_internet_is_closed(
    text: str,
) -> None:
    assert not NO_EXCEPTION.permits("ehr.example.org", address(text))


@pytest.mark.parametrize("text", OUTSIDE)
def test_an_address_on_the_public_internet_is_open(text: str) -> None:
    assert NO_EXCEPTION.permits("ehr.example.org", address(text))


@pytest.mark.parametrize(
    ("text", "is_open"),
    [
        ("10.20.255.255", True),
        ("::ffff:10.20.0.1", True),
        ("10.21.0.0", False),
        ("fd00:1::9", True),
        ("fd00:2::9", False),
    ],
)
def test_a_network_that_the_operator_names_is_open(text: str, is_open: bool) -> None:
    rule = NetworkRule(
        private=(
            ipaddress.ip_network("10.20.0.0/16"),
            ipaddress.ip_network("fd00:1::/32"),
        )
    )
    assert rule.permits("ehr.example.org", address(text)) is is_open


def test_a_server_listed_by_its_very_address_is_open_at_that_address_only() -> None:
    assert NO_EXCEPTION.permits("10.0.0.5", address("10.0.0.5"))
    assert not NO_EXCEPTION.permits("10.0.0.5", address("10.0.0.6"))


@pytest.mark.parametrize(
    ("text", "is_open"), [("127.0.0.1", True), ("::1", True), ("10.0.0.1", False)]
)
def test_localhost_is_open_on_this_machine_only(text: str, is_open: bool) -> None:
    assert NO_EXCEPTION.permits("localhost", address(text)) is is_open


def dialler(*addresses: str) -> Dialler:
    """Of a name server that gives `addresses` for every name."""
    return Dialler(
        rule=NO_EXCEPTION, resolve=lambda host, port: [address(a) for a in addresses]
    )


def connection_fault(dialler: Dialler, host: str, port: int) -> Reason:
    with pytest.raises(Unreadable) as fault:
        dialler.connect(host, port, Deadline.after(5))
    return fault.value.reason


@pytest.mark.parametrize("inside", ["127.0.0.1", "::ffff:127.0.0.1", UNSPECIFIED])
def test_a_public_name_with_an_inside_address_is_not_connected_to(
    fhir: FhirTestServer, inside: str
) -> None:
    reason = connection_fault(dialler(inside), "ehr.example.org", fhir.server_port)
    assert reason == Reason.ADDRESS_NOT_ALLOWED
    assert fhir.connections == 0


def test_a_listed_name_that_resolves_inside_makes_every_read_unavailable(
    fhir: FhirTestServer,
) -> None:
    policy = CallPolicy.of([f"https://ehr.example.org:{fhir.server_port}/fhir"])
    with fhir_servers(dialler=dialler("127.0.0.1")) as servers:
        fetched = fetch(
            servers.reader(policy), request_to(policy.servers[0].url), [PATIENT]
        )
    assert fetched.reads["patient"].reason == Reason.ADDRESS_NOT_ALLOWED
    assert fhir.connections == 0


def test_a_name_is_resolved_once_and_that_answer_is_connected_to(
    fhir: FhirTestServer,
) -> None:
    """A name server that changes its answer after the check gains nothing."""
    asked: list[str] = []

    def changing(host: str, port: int) -> Sequence[IPAddress]:
        asked.append(host)
        return [address("127.0.0.1" if len(asked) == 1 else "169.254.169.254")]

    base_url = f"http://localhost:{fhir.server_port}/fhir"
    with fhir_servers(dialler=Dialler(rule=NO_EXCEPTION, resolve=changing)) as servers:
        reader = servers.reader(DEVELOPMENT)
        fetched = fetch(reader, request_to(base_url), [PATIENT])
    assert fetched.reads["patient"].content == fhir.resources[0]
    assert asked == ["localhost"]


def test_the_server_is_called_by_its_name_whatever_its_address(
    fhir: FhirTestServer,
) -> None:
    base_url = f"http://localhost:{fhir.server_port}/fhir"
    with fhir_servers(dialler=dialler("127.0.0.1")) as servers:
        fetch(servers.reader(DEVELOPMENT), request_to(base_url), [PATIENT])
    assert fhir.seen[0].headers["host"] == f"localhost:{fhir.server_port}"


def test_of_several_addresses_only_those_permitted_are_tried(
    fhir: FhirTestServer,
) -> None:
    base_url = f"http://localhost:{fhir.server_port}/fhir"
    with fhir_servers(dialler=dialler("10.0.0.1", "127.0.0.1")) as servers:
        fetched = fetch(servers.reader(DEVELOPMENT), request_to(base_url), [PATIENT])
    assert fetched.reads["patient"].content == fhir.resources[0]


def test_the_next_address_is_tried_where_nobody_listens_at_the_first(
    fhir: FhirTestServer,
) -> None:
    """The test server listens on 127.0.0.1 alone."""
    base_url = f"http://localhost:{fhir.server_port}/fhir"
    with fhir_servers(dialler=dialler("127.0.0.9", "127.0.0.1")) as servers:
        fetched = fetch(servers.reader(DEVELOPMENT), request_to(base_url), [PATIENT])
    assert fetched.reads["patient"].content == fhir.resources[0]


def test_a_name_that_cannot_be_resolved_makes_every_read_unavailable() -> None:
    def unknown(host: str, port: int) -> Sequence[IPAddress]:
        raise socket.gaierror("no such name")

    with fhir_servers(dialler=Dialler(rule=NO_EXCEPTION, resolve=unknown)) as servers:
        fetched = fetch(
            servers.reader(DEVELOPMENT), request_to("http://localhost:1"), [PATIENT]
        )
    assert fetched.reads["patient"].reason == Reason.UNKNOWN_HOST


def test_the_system_knows_this_machine_by_name() -> None:
    assert any(found.is_loopback for found in resolve_by_system("localhost", 80))


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_a_server_on_ipv6_is_read() -> None:
    with running("::1") as server, fhir_servers() as servers:
        server.resources = [{"resourceType": "Patient", "id": "p1"}]
        fetched = fetch(
            servers.reader(DEVELOPMENT), request_to(server.base_url), [PATIENT]
        )
        assert fetched.reads["patient"].content == server.resources[0]


def test_an_address_in_ipv4_mapped_form_is_not_taken_for_this_machine(
    fhir: FhirTestServer,
) -> None:
    base_url = f"http://[::ffff:127.0.0.1]:{fhir.server_port}/fhir"
    with fhir_servers() as servers:
        fetched = fetch(servers.reader(DEVELOPMENT), request_to(base_url), [PATIENT])
    assert fetched.reads["patient"].reason == Reason.SERVER_NOT_ALLOWED
    assert fhir.connections == 0
