"""Calls made to lead the service, or the token it was given, to another server.

The whole way: a client that proves who it is, the service with two workers, the FHIR
server on that client's list, and a thief beside it that counts who connects.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from tests.attacks.doors import SERVICE_ID, Door, clients_file, live
from tests.attacks.doors import running as serving
from tests.fhir_server.certificates import make_authority
from tests.fhir_server.fhir_test_server import (
    BASE_PATH,
    Exchange,
    Fault,
    FhirTestServer,
    next_page_at,
    running,
)
from tests.http.patients import bundle, cramps, metformin, patient, request, without
from tests.protocol.tokens import bearer, token


ACCESS_TOKEN = "token-for-the-honest-server-alone"


@dataclass(frozen=True, kw_only=True)
class Scene:
    """The service, the server it may read from, and the one it may not."""

    door: Door
    honest: FhirTestServer
    thief: FhirTestServer

    def call(self, fhir_server: str, **changes: Any) -> requests.Response:
        """A call that has to read the chart from `fhir_server`."""
        payload = {
            **without(request(), "prefetch"),
            "fhirServer": fhir_server,
            "fhirAuthorization": {
                "access_token": ACCESS_TOKEN,
                "token_type": "Bearer",
                "expires_in": 300,
                "scope": "patient/*.read",
                "subject": "cds-service",
            },
            **changes,
        }
        return requests.post(
            f"{self.door.url}/cds-services/{SERVICE_ID}",
            data=json.dumps(payload),
            headers={"Authorization": bearer(token(live()))},
            timeout=60,
        )

    def url(self, pattern: str) -> str:
        """`pattern` with the ports of the two servers in it."""
        honest, thief = self.honest.server_port, self.thief.server_port
        return pattern.format(honest=honest, thief=thief)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("ssrf")
    authority = make_authority(folder)
    with (
        running(certificate=authority.server_context("localhost")) as honest,
        running(certificate=authority.server_context("localhost")) as thief,
    ):
        listed = f"https://localhost:{honest.server_port}{BASE_PATH}"
        clients_file(folder, fhir_servers=[listed])
        with serving(
            folder,
            B12_FHIR_CA_FILE=str(authority.file),
            B12_FHIR_FAILURES="1000",
            B12_FHIR_DEADLINE_SECONDS="5",
        ) as door:
            yield Scene(door=door, honest=honest, thief=thief)


@pytest.fixture
def scene(servers: Scene) -> Scene:
    """The three of them, as if nothing had happened yet."""
    for server in (servers.honest, servers.thief):
        server.resources = [patient(), cramps(), metformin()]
        server.faults = {}
        server.seen.clear()
        server.connections = 0
    return servers


def card_keys(answer: requests.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [card["source"]["topic"]["code"] for card in answer.json()["cards"]]


def test_the_listed_server_is_read_with_the_token(scene: Scene) -> None:
    answer = scene.call(scene.url("https://localhost:{honest}/fhir"))
    assert card_keys(answer) == ["b12-screen"]
    sent = {seen.headers["authorization"] for seen in scene.honest.seen}
    assert sent == {f"Bearer {ACCESS_TOKEN}"}


ELSEWHERE = {
    "another_port": "https://localhost:{thief}/fhir",
    "another_name": "https://127.0.0.1:{thief}/fhir",
    "the_same_server_by_its_address": "https://127.0.0.1:{honest}/fhir",
    "no_tls": "http://localhost:{honest}/fhir",
    "ipv6": "https://[::1]:{thief}/fhir",
    "ipv4_in_ipv6": "https://[::ffff:127.0.0.1]:{thief}/fhir",
    "ipv4_in_ipv6_hexadecimal": "https://[::ffff:7f00:1]:{thief}/fhir",
    "ipv6_with_zone": "https://[::1%25lo]:{thief}/fhir",
    "decimal_address": "https://2130706433:{thief}/fhir",
    "hexadecimal_address": "https://0x7f000001:{thief}/fhir",
    "octal_address": "https://0177.0.0.1:{thief}/fhir",
    "short_address": "https://127.1:{thief}/fhir",
    "no_address": "https://0:{thief}/fhir",
    "metadata_of_the_cloud": "https://169.254.169.254/latest/meta-data/",
    "private_network": "https://10.0.0.1/fhir",
    "user_information": "https://localhost:{honest}@localhost:{thief}/fhir",
    "user_information_with_backslash": "https://localhost:{honest}\\@localhost:{thief}/fhir",
    "user_information_with_hash": "https://localhost:{thief}#@localhost:{honest}/fhir",
    "user_information_on_the_server": "https://a:b@localhost:{honest}/fhir",
    "backslashes": "https:\\\\localhost:{thief}\\fhir",
    "no_scheme": "//localhost:{thief}/fhir",
    "no_slashes": "https:localhost:{thief}/fhir",
    "file": "file:///etc/passwd",
    "gopher": "gopher://localhost:{thief}/_GET",
    "name_percent_encoded": "https://loc%61lhost:{thief}/fhir",
    "name_with_nul": "https://localhost%00.example.org:{thief}/fhir",
    "name_with_full_stop": "https://localhost.:{thief}/fhir",
    "name_in_circled_letters": "https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:{thief}/fhir",
    "name_with_soft_hyphen": "https://local\u00adhost:{thief}/fhir",
    "full_stops_of_another_script": "https://127。0。0。1:{thief}/fhir",
    "port_in_other_digits": "https://localhost:{honest}٠/fhir",
    "another_path": "https://localhost:{honest}/admin",
    "a_path_that_begins_alike": "https://localhost:{honest}/fhir-admin",
    "up_the_path": "https://localhost:{honest}/fhir/../admin",
    "up_the_path_encoded": "https://localhost:{honest}/fhir/%2e%2e/admin",
    "up_the_path_with_encoded_slash": "https://localhost:{honest}/fhir/..%2fadmin",
    "up_the_path_with_backslash": "https://localhost:{honest}/fhir\\..\\admin",
    "two_slashes": "https://localhost:{honest}//fhir",
    "two_slashes_encoded": "https://localhost:{honest}/%2ffhir",
    "a_long_name": f"https://{'a.' * 200}localhost:{{thief}}/fhir",
    "a_nul": "https://localhost:{thief}\0/fhir",
    "ipv4_translated": "https://[64:ff9b::7f00:1]:{thief}/fhir",
    "a_query": "https://localhost:{honest}/fhir?to=https://localhost:{thief}/",
    "a_fragment": "https://localhost:{honest}/fhir#/",
    "a_line_break": "https://localhost:{honest}/fhir\r\nX-Stolen: yes",
    "a_blank_before": " https://localhost:{thief}/fhir",
    "a_tab_within": "https://local\thost:{thief}/fhir",
}


@pytest.mark.parametrize("pattern", ELSEWHERE.values(), ids=ELSEWHERE)
def test_A_06_nobody_is_connected_to_who_is_not_listed(
    scene: Scene, pattern: str
) -> None:
    answer = scene.call(scene.url(pattern))
    assert answer.status_code in (412, 422)
    assert scene.thief.connections == 0
    assert scene.honest.seen == []


@pytest.mark.parametrize(
    "pattern",
    [
        "HTTPS://LocalHost:{honest}/fhir",
        "https://localhost:{honest}/fhir/",
        "https://localhost.:{honest}/fhir",
    ],
)
def test_A_06_another_spelling_of_the_listed_server_leads_to_that_server(
    scene: Scene, pattern: str
) -> None:
    assert card_keys(scene.call(scene.url(pattern))) == ["b12-screen"]
    assert scene.thief.connections == 0


def redirect(status: int, target: str) -> Fault:
    def fault(exchange: Exchange) -> None:
        exchange.send(status, b"", Location=target)

    return fault


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "target",
    [
        "https://localhost:{thief}/fhir/Condition",
        "//localhost:{thief}/fhir/Condition",
        "http://localhost:{thief}/fhir/Condition",
        "https://localhost:{honest}/admin",
        "/fhir/Procedure",
    ],
    ids=["another_origin", "without_scheme", "without_tls", "up", "same_base"],
)
def test_A_05_no_redirect_is_followed(scene: Scene, status: int, target: str) -> None:
    scene.honest.faults["Condition"] = redirect(status, scene.url(target))
    answer = scene.call(scene.url("https://localhost:{honest}/fhir"))
    assert answer.status_code == 412
    assert scene.thief.connections == 0
    asked = [seen.path for seen in scene.honest.seen]
    assert "/admin" not in asked
    assert asked.count("/fhir/Procedure") == 1


NEXT_LINKS = {
    "another_port": "https://localhost:{thief}/fhir/Condition?page=2",
    "another_name": "https://127.0.0.1:{honest}/fhir/Condition?page=2",
    "without_tls": "http://localhost:{thief}/fhir/Condition?page=2",
    "without_scheme": "//localhost:{thief}/fhir/Condition?page=2",
    "user_information": "https://localhost:{honest}@localhost:{thief}/fhir/Condition",
    "up_the_path": "https://localhost:{honest}/fhir/../admin",
    "up_the_path_encoded": "https://localhost:{honest}/fhir/%2e%2e/admin",
    "another_path": "/admin?page=2",
    "a_line_break": "https://localhost:{honest}/fhir/Condition\r\nX-Stolen: yes",
}


@pytest.mark.parametrize("pattern", NEXT_LINKS.values(), ids=NEXT_LINKS)
def test_A_05_a_page_that_lies_elsewhere_does_not_get_the_token(
    scene: Scene, pattern: str
) -> None:
    scene.honest.faults["Condition"] = next_page_at(scene.url(pattern))
    answer = scene.call(scene.url("https://localhost:{honest}/fhir"))
    # What came of the conditions is read, and that it was not all is told.
    assert answer.status_code in (200, 412)
    assert scene.thief.connections == 0
    asked = [seen.path for seen in scene.honest.seen]
    assert asked.count("/fhir/Condition") == 1
    assert "/admin" not in asked


@pytest.mark.parametrize("pattern", NEXT_LINKS.values(), ids=NEXT_LINKS)
def test_A_05_a_page_named_in_prefetch_does_not_get_the_token_either(
    scene: Scene, pattern: str
) -> None:
    link = {"relation": "next", "url": scene.url(pattern)}
    conditions = {**bundle(cramps()), "total": 50, "link": [link]}
    answer = scene.call(
        scene.url("https://localhost:{honest}/fhir"),
        prefetch={"patient": patient(), "conditions": conditions},
    )
    assert answer.status_code in (200, 412)
    assert scene.thief.connections == 0
    assert "/admin" not in [seen.path for seen in scene.honest.seen]


def test_A_02_the_next_call_has_nothing_of_the_token_of_the_last(scene: Scene) -> None:
    url = scene.url("https://localhost:{honest}/fhir")
    assert scene.call(url).status_code == 200
    scene.honest.seen.clear()
    scene.call(url, fhirAuthorization=None)
    assert scene.honest.seen == []
