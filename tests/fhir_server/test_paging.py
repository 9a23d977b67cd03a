"""Pages are followed on the same server, within bounds; else the data is partial."""

from typing import Any

import pytest

from service.fhir_server.answers import Reason
from service.fhir_server.reader import CallLimits, ServerReader
from tests.fhir_server.calls import (
    CONDITIONS,
    DEVELOPMENT,
    TOKEN,
    condition,
    fetch,
    fhir_servers,
    ids_in,
    request_to,
)
from tests.fhir_server.fhir_test_server import (
    FhirTestServer,
    body,
    delayed,
    endless_pages,
    hanging_after,
    next_page_at,
)


def bundle(*ids: str, next_url: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "resourceType": "Bundle",
        "entry": [{"resource": condition(id_)} for id_ in ids],
    }
    if next_url is not None:
        found["link"] = [{"relation": "next", "url": next_url}]
    return found


def test_P_03_all_pages_of_a_search_are_read(
    fhir: FhirTestServer, reader: ServerReader
) -> None:
    fhir.resources = [condition(f"c{number}") for number in range(25)]
    fhir.largest_page = 10
    fetched = fetch(reader, request_to(fhir.base_url), [CONDITIONS])
    answer = fetched.reads["conditions"]
    assert ids_in(answer.content) == [f"c{number}" for number in range(25)]
    assert answer.reason is None
    assert len(fhir.seen) == 3
    assert {seen.headers["authorization"] for seen in fhir.seen} == {f"Bearer {TOKEN}"}


def test_pages_are_asked_for_in_a_size_that_needs_few_of_them(
    fhir: FhirTestServer, reader: ServerReader
) -> None:
    fhir.resources = [condition(f"c{number}") for number in range(150)]
    fetch(reader, request_to(fhir.base_url), [CONDITIONS])
    assert len(fhir.seen) == 1


@pytest.mark.parametrize(("pages", "reason"), [(3, None), (4, Reason.TOO_MANY_PAGES)])
def test_A_10_no_more_pages_are_read_than_allowed(
    fhir: FhirTestServer, pages: int, reason: Reason | None
) -> None:
    fhir.resources = [condition(f"c{number}") for number in range(pages)]
    fhir.largest_page = 1
    with fhir_servers(limits=CallLimits(seconds=10, max_pages=3)) as servers:
        reader = servers.reader(DEVELOPMENT)
        fetched = fetch(reader, request_to(fhir.base_url), [CONDITIONS])
    assert fetched.reads["conditions"].reason == reason
    assert ids_in(fetched.reads["conditions"].content) == ["c0", "c1", "c2"]
    assert len(fhir.seen) == 3


def test_A_10_pages_without_end_are_left_at_the_limit(
    fhir: FhirTestServer, reader: ServerReader
) -> None:
    fhir.faults["Condition"] = endless_pages
    fetched = fetch(reader, request_to(fhir.base_url), [CONDITIONS])
    assert fetched.reads["conditions"].reason == Reason.TOO_MANY_PAGES
    assert len(fhir.seen) == CallLimits().max_pages


def test_A_10_a_page_that_leads_to_itself_is_read_once(
    fhir: FhirTestServer, reader: ServerReader
) -> None:
    itself = f"{fhir.base_url}/Condition?page=2"
    fhir.faults["Condition"] = body(bundle("c1", next_url=itself))
    fetched = fetch(reader, request_to(fhir.base_url), [CONDITIONS])
    assert fetched.reads["conditions"].reason == Reason.TOO_MANY_PAGES
    assert len(fhir.seen) == 2


def test_A_05_a_next_page_on_another_origin_is_not_followed(
    fhir: FhirTestServer, elsewhere: FhirTestServer, reader: ServerReader
) -> None:
    fhir.faults["Condition"] = next_page_at(f"{elsewhere.base_url}/Condition")
    fetched = fetch(reader, request_to(fhir.base_url), [CONDITIONS])
    answer = fetched.reads["conditions"]
    assert answer.reason == Reason.NEXT_PAGE_ELSEWHERE
    assert "c1" in ids_in(answer.content)
    assert elsewhere.connections == 0


@pytest.mark.parametrize(
    "link",
    [
        "{origin}/other-application/Condition?page=2",
        "{origin}/fhir/../admin",
        "{origin}/fhir/%2e%2e/admin",
        "{origin}/fhir/..%2Fadmin",
        "{origin}/fhir/%252e%252e/admin",
        "{origin}/fhirsome",
        "//127.0.0.2/fhir/Condition",
        "http://user:secret@127.0.0.1:{port}/fhir/Condition",
        "http://127.0.0.1:{port}@127.0.0.2/fhir/Condition",
        "http://127.0.0.1:{port}\\@127.0.0.2/fhir/Condition",
        "https://127.0.0.1:{port}/fhir/Condition",
        "http://localhost:{port}/fhir/Condition",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://[",
        "http://127.0.0.1:99999/fhir",
    ],
)
def test_A_05_a_next_page_outside_the_base_url_is_not_followed(
    fhir: FhirTestServer, reader: ServerReader, link: str
) -> None:
    url = link.format(origin=fhir.origin, port=fhir.server_port)
    fhir.faults["Condition"] = body(bundle("c1", next_url=url))
    fetched = fetch(reader, request_to(fhir.base_url), [CONDITIONS])
    assert fetched.reads["conditions"].reason == Reason.NEXT_PAGE_ELSEWHERE
    assert ids_in(fetched.reads["conditions"].content) == ["c1"]
    assert len(fhir.seen) == 1


@pytest.mark.parametrize(
    "link",
    [
        "{origin}/fhir?_getpages=abc&_getpagesoffset=20",
        "{origin}/fhir/Condition?page=2",
        "Condition?page=2",
        "?page=2",
        "/fhir/Condition?page=2",
        "{origin}/fhir/Condition?code=http://loinc.org|1&name=caf\u00e9\u2011x",
    ],
)
def test_a_next_page_is_followed_in_the_forms_that_servers_use(
    fhir: FhirTestServer, reader: ServerReader, link: str
) -> None:
    pages = iter([bundle("c1", next_url=link.format(origin=fhir.origin)), bundle("c2")])
    fhir.faults["Condition"] = fhir.faults[""] = lambda exchange: exchange.send(
        200, next(pages)
    )
    fetched = fetch(reader, request_to(fhir.base_url), [CONDITIONS])
    assert ids_in(fetched.reads["conditions"].content) == ["c1", "c2"]
    assert fetched.reads["conditions"].reason is None


def test_A_10_pages_read_before_the_deadline_are_kept_as_partial_data(
    fhir: FhirTestServer,
) -> None:
    fhir.resources = [condition(f"c{number}") for number in range(6)]
    fhir.largest_page = 2
    fhir.faults["Condition"] = hanging_after(2)
    with fhir_servers(limits=CallLimits(seconds=1)) as servers:
        reader = servers.reader(DEVELOPMENT)
        fetched = fetch(reader, request_to(fhir.base_url), [CONDITIONS])
    assert fetched.reads["conditions"].reason == Reason.TIMEOUT
    assert ids_in(fetched.reads["conditions"].content) == ["c0", "c1", "c2", "c3"]


def test_A_10_slow_pages_share_the_deadline_of_the_call(fhir: FhirTestServer) -> None:
    fhir.resources = [condition(f"c{number}") for number in range(100)]
    fhir.largest_page = 1
    fhir.faults["Condition"] = delayed(0.15)
    limits = CallLimits(seconds=0.5, max_pages=100)
    with fhir_servers(limits=limits) as servers:
        reader = servers.reader(DEVELOPMENT)
        fetched = fetch(reader, request_to(fhir.base_url), [CONDITIONS])
    assert fetched.reads["conditions"].reason == Reason.TIMEOUT
    assert len(fhir.seen) <= 4


def test_the_allowance_is_shared_by_all_pages(fhir: FhirTestServer) -> None:
    fhir.resources = [condition(f"c{number}") for number in range(50)]
    fhir.largest_page = 10
    with fhir_servers(limits=CallLimits(seconds=10, max_bytes=5_000)) as servers:
        reader = servers.reader(DEVELOPMENT)
        fetched = fetch(reader, request_to(fhir.base_url), [CONDITIONS])
    answer = fetched.reads["conditions"]
    assert answer.reason == Reason.TOO_LARGE
    assert ids_in(answer.content)[:10] == [f"c{number}" for number in range(10)]
    assert len(ids_in(answer.content)) < 50


def test_VEC_04_the_page_after_a_prefetched_bundle_is_read_from_the_same_server(
    fhir: FhirTestServer, reader: ServerReader
) -> None:
    link = f"{fhir.base_url}/Condition?patient=p1"
    fetched = fetch(reader, request_to(fhir.base_url), next_pages={"their-key": link})
    assert ids_in(fetched.pages["their-key"].content) == ["c1", "c2"]
    assert fetched.pages["their-key"].reason is None
    assert fhir.seen[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_A_05_the_page_after_a_prefetched_bundle_is_not_read_from_elsewhere(
    fhir: FhirTestServer, elsewhere: FhirTestServer, reader: ServerReader
) -> None:
    link = f"{elsewhere.base_url}/Condition?patient=p1"
    fetched = fetch(reader, request_to(fhir.base_url), next_pages={"k": link})
    assert fetched.pages["k"].reason == Reason.NEXT_PAGE_ELSEWHERE
    assert fetched.pages["k"].content is None
    assert elsewhere.connections == fhir.connections == 0
