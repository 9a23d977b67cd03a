"""What is asked of a FHIR server, and with what."""

from collections import Counter

from service.fhir_server.reader import ServerReader
from tests.fhir_server.calls import (
    CONDITIONS,
    DEVELOPMENT,
    ENCOUNTER,
    LABORATORY,
    PATIENT,
    TOKEN,
    fetch,
    fhir_servers,
    ids_in,
    read,
    request_to,
)
from tests.fhir_server.fhir_test_server import (
    FhirTestServer,
    Recorded,
    delayed,
    waiting_for,
)


def test_P_07_what_is_missing_is_read_from_the_fhir_server(
    fhir: FhirTestServer, reader: ServerReader
) -> None:
    fetched = fetch(
        reader, request_to(fhir.base_url), [PATIENT, CONDITIONS, LABORATORY]
    )
    assert fetched.reads["patient"].content == fhir.resources[0]
    assert ids_in(fetched.reads["conditions"].content) == ["c1", "c2"]
    assert ids_in(fetched.reads["laboratory"].content) == ["b12"]
    assert [answer.reason for answer in fetched.all_answers()] == [None] * 3


def test_T_17_the_template_s_own_query_is_sent_for_the_patient_of_the_context(
    fhir: FhirTestServer, reader: ServerReader
) -> None:
    fetch(reader, request_to(fhir.base_url), [LABORATORY])
    [seen] = fhir.seen
    assert seen.path == "/fhir/Observation"
    assert seen.query["patient"] == ["p1"]
    assert seen.query["code"] == ["http://loinc.org|2132-9"]


def test_T_14_a_query_whose_token_has_no_value_is_not_sent(
    fhir: FhirTestServer, reader: ServerReader
) -> None:
    fetched = fetch(reader, request_to(fhir.base_url), [ENCOUNTER])
    assert fhir.seen == []
    assert fetched.reads == {}


def test_the_encounter_of_the_context_is_read(
    fhir: FhirTestServer, reader: ServerReader
) -> None:
    fhir.resources.append({"resourceType": "Encounter", "id": "e1"})
    fetched = fetch(reader, request_to(fhir.base_url, encounter="e1"), [ENCOUNTER])
    assert fetched.reads["encounter"].content == fhir.resources[-1]


def test_A_02_every_query_carries_the_token_and_asks_for_fhir_json(
    fhir: FhirTestServer, reader: ServerReader
) -> None:
    fetch(reader, request_to(fhir.base_url), [PATIENT, CONDITIONS])
    assert fhir.types_seen() == ["Condition", "Patient"]
    for seen in fhir.seen:
        assert seen.headers["authorization"] == f"Bearer {TOKEN}"
        assert seen.headers["accept"] == "application/fhir+json"


def test_a_server_of_this_machine_is_read_without_a_token_in_development(
    fhir: FhirTestServer, reader: ServerReader
) -> None:
    fetched = fetch(reader, request_to(fhir.base_url, token=None), [PATIENT])
    assert fetched.reads["patient"].content == fhir.resources[0]
    assert "authorization" not in fhir.seen[0].headers


def test_A_03_the_token_of_one_call_is_not_sent_with_the_next(
    fhir: FhirTestServer, reader: ServerReader
) -> None:
    fetch(reader, request_to(fhir.base_url), [PATIENT])
    fetch(reader, request_to(fhir.base_url, token=None), [PATIENT])
    assert [seen.headers.get("authorization") for seen in fhir.seen] == [
        f"Bearer {TOKEN}",
        None,
    ]


def test_A_03_the_token_shows_in_no_representation_of_what_reads(
    fhir: FhirTestServer, reader: ServerReader
) -> None:
    call = reader._call(request_to(fhir.base_url), fhir.base_url)
    assert call.token == TOKEN
    assert TOKEN not in f"{call!r} {call!s} {reader!r}"


def test_no_cookie_is_taken_from_one_call_to_the_next(
    fhir: FhirTestServer, reader: ServerReader
) -> None:
    cookies = Recorded(cookie="session=of-the-first-patient; Path=/")
    fhir.faults["Condition"] = cookies
    fetch(reader, request_to(fhir.base_url), [CONDITIONS])
    fetch(reader, request_to(fhir.base_url), [CONDITIONS])
    assert cookies.given == 2
    assert [seen.headers.get("cookie") for seen in fhir.seen] == [None, None]


def test_A_08_the_queries_of_a_call_are_under_way_at_the_same_time(
    fhir: FhirTestServer, reader: ServerReader
) -> None:
    reads = [
        read(f"r{number}", f"Kind{number}?patient={{{{context.patientId}}}}")
        for number in "ABCDEF"
    ]
    fhir.faults |= dict.fromkeys((each.resource for each in reads), waiting_for(6))
    fetched = fetch(reader, request_to(fhir.base_url), reads)
    assert [answer.reason for answer in fetched.all_answers()] == [None] * 6


def test_connections_are_used_again_by_later_calls(
    fhir: FhirTestServer, reader: ServerReader
) -> None:
    for _ in range(5):
        fetch(reader, request_to(fhir.base_url), [PATIENT])
    assert len(fhir.seen) == 5
    assert fhir.connections == 1


def test_a_connection_is_used_again_after_an_error(
    fhir: FhirTestServer, reader: ServerReader
) -> None:
    missing = read("conditions", "Condition/none-of-that-id")
    for _ in range(3):
        fetch(reader, request_to(fhir.base_url), [missing])
    assert len(fhir.seen) == 3
    assert fhir.connections == 1


def test_no_more_queries_are_under_way_than_there_are_threads(
    fhir: FhirTestServer,
) -> None:
    reads = [
        read(f"r{number}", f"Kind{number}?patient={{{{context.patientId}}}}")
        for number in "ABCDEF"
    ]
    fhir.faults |= {each.resource: delayed(0.02) for each in reads}
    with fhir_servers(threads=2) as servers:
        fetch(servers.reader(DEVELOPMENT), request_to(fhir.base_url), reads)
    assert Counter(seen.type for seen in fhir.seen) == Counter(
        each.resource for each in reads
    )
    assert fhir.connections <= 2


def test_a_base_url_with_a_trailing_slash_is_tolerated(
    fhir: FhirTestServer, reader: ServerReader
) -> None:
    fetched = fetch(reader, request_to(f"{fhir.base_url}/"), [PATIENT])
    assert fetched.reads["patient"].content == fhir.resources[0]


def test_no_call_is_made_when_there_is_nothing_to_ask(
    fhir: FhirTestServer, reader: ServerReader
) -> None:
    fetch(reader, request_to(fhir.base_url), [])
    assert fhir.seen == []
    assert fhir.connections == 0


def test_a_request_without_a_fhir_server_has_no_answers(reader: ServerReader) -> None:
    fetched = fetch(reader, request_to(None), [PATIENT])
    assert list(fetched.all_answers()) == []
