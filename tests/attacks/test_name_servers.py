"""Name servers that lead a listed name inside the operator's network.

The client's file names every server here, so only its address can tell. The service
with two workers asks a name server of the test, planted into its processes, and every
address that it dials is written down; the addresses of this machine are really dialled.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.attacks.doors import SERVICE_ID, Door, clients_file, live
from tests.attacks.doors import running as serving
from tests.fhir_server.certificates import make_authority
from tests.fhir_server.fhir_test_server import BASE_PATH, FhirTestServer, running
from tests.http.patients import cramps, metformin, patient, request, without
from tests.protocol.tokens import bearer, token


OPENED = "127.0.0.9"
"""Stands for a private address that the operator has opened."""

PUBLIC = "8.8.8.8"

INSIDE = {
    "loopback": "127.0.0.1",
    "another-loopback": "127.8.9.10",
    "this-host": "0.0.0.0",  # noqa: S104  # what a name resolves to
    "private-10": "10.0.0.1",
    "private-172": "172.16.0.1",
    "private-192": "192.168.1.1",
    "carrier": "100.64.0.1",
    "link-local": "169.254.1.1",
    "metadata": "169.254.169.254",
    "broadcast": "255.255.255.255",
    "multicast": "224.0.0.1",
    "ipv6-loopback": "::1",
    "ipv6-this-host": "::",
    "ipv6-mapped-loopback": "::ffff:127.0.0.1",
    "ipv6-mapped-metadata": "::ffff:169.254.169.254",
    "ipv6-compatible-loopback": "::127.0.0.1",
    "ipv6-translated": "64:ff9b::7f00:1",
    "ipv6-translated-locally": "64:ff9b:1::7f00:1",
    "ipv6-6to4": "2002:7f00:1::",
    "ipv6-teredo": "2001:0:7f00:1::",
    "ipv6-unique-local": "fd00::1",
    "ipv6-metadata": "fd00:ec2::254",
    "ipv6-link-local": "fe80::1",
    "ipv6-multicast": "ff02::1",
}

NAMES = {name: [address] for name, address in INSIDE.items()} | {
    "opened": [OPENED],
    "public": [PUBLIC],
    "several": ["127.0.0.1", "10.0.0.1", OPENED],
}

PLANTED = """
import ipaddress, itertools, json, pathlib, socket

HERE = pathlib.Path({here!r})
NAMES = json.loads((HERE / "names.json").read_text())
CHANGING = itertools.cycle([{public!r}, "127.0.0.1"])
getaddrinfo, create_connection = socket.getaddrinfo, socket.create_connection

def looked_up(host, port, *args, **kwargs):
    name, _, rest = str(host).partition(".")
    if rest != "ehr.test":
        return getaddrinfo(host, port, *args, **kwargs)
    found = [next(CHANGING)] if name == "changing" else NAMES[name]
    return [
        (socket.AF_INET6 if ":" in each else socket.AF_INET, 1, 6, "", (each, port))
        for each in found
    ]

def dialled(address, *args, **kwargs):
    with (HERE / "dialled").open("a") as file:
        file.write(address[0] + "\\n")
    plain = ipaddress.ip_address(address[0])
    plain = getattr(plain, "ipv4_mapped", None) or plain
    if not (plain.is_loopback or plain.is_unspecified):
        raise ConnectionRefusedError
    return create_connection(address, *args, **kwargs)

socket.getaddrinfo, socket.create_connection = looked_up, dialled
"""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """The service; a server at the address that is open, and one at another."""

    door: Door
    folder: Path
    honest: FhirTestServer
    thief: FhirTestServer

    def call(self, name: str, server: FhirTestServer) -> requests.Response:
        """A call that names the port of `server` under a name of the file."""
        (self.folder / "dialled").write_text("")
        payload = {
            **without(request(), "prefetch"),
            "fhirServer": f"https://{name}.ehr.test:{server.server_port}{BASE_PATH}",
            "fhirAuthorization": {
                "access_token": "token-of-one-call",
                "token_type": "Bearer",
                "expires_in": 300,
                "scope": "patient/*.read",
                "subject": "cds-service",
            },
        }
        return requests.post(
            f"{self.door.url}/cds-services/{SERVICE_ID}",
            json=payload,
            headers={"Authorization": bearer(token(live()))},
            timeout=60,
        )

    def dialled(self) -> set[str]:
        """The addresses dialled since the last call began."""
        return set((self.folder / "dialled").read_text().split())


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("names")
    (folder / "names.json").write_text(json.dumps(NAMES))
    planted = PLANTED.format(here=str(folder), public=PUBLIC)
    (folder / "sitecustomize.py").write_text(planted)
    authority = make_authority(folder)
    with (
        running(OPENED, authority.server_context("opened.ehr.test")) as honest,
        running(certificate=authority.server_context("loopback.ehr.test")) as thief,
    ):
        honest.resources = [patient(), cramps(), metformin()]
        listed = [
            f"https://{name}.ehr.test:{server.server_port}{BASE_PATH}"
            for name in (*NAMES, "changing")
            for server in (honest, thief)
        ]
        clients_file(folder, fhir_servers=listed)
        settings = {
            "PYTHONPATH": str(folder),
            "B12_FHIR_CA_FILE": str(authority.file),
            "B12_FHIR_PRIVATE_NETWORKS": f"{OPENED}/32",
            "B12_FHIR_FAILURES": "1000",
            "B12_FHIR_DEADLINE_SECONDS": "10",
        }
        with serving(folder, **settings) as door:
            yield Scene(door=door, folder=folder, honest=honest, thief=thief)


def test_a_name_at_an_address_that_is_open_is_read(scene: Scene) -> None:
    answer = scene.call("opened", scene.honest)
    assert answer.status_code == 200
    assert [card["indicator"] for card in answer.json()["cards"]] == ["info"]
    assert scene.dialled() == {OPENED}


def test_a_name_at_a_public_address_is_dialled(scene: Scene) -> None:
    assert scene.call("public", scene.thief).status_code == 412
    assert scene.dialled() == {PUBLIC}


@pytest.mark.parametrize("name", INSIDE)
def test_A_06_a_listed_name_does_not_lead_inside(scene: Scene, name: str) -> None:
    assert scene.call(name, scene.thief).status_code == 412
    assert scene.dialled() == set()
    assert scene.thief.connections == 0


def test_A_06_of_several_addresses_those_inside_are_not_dialled(scene: Scene) -> None:
    scene.call("several", scene.honest)
    assert scene.dialled() == {OPENED}


def test_A_06_a_name_that_changes_after_the_check_leads_nowhere(scene: Scene) -> None:
    """Every second answer of the name server is this machine."""
    for _ in range(4):
        assert scene.call("changing", scene.thief).status_code == 412
        assert scene.dialled() <= {PUBLIC}
