"""`GET /cds-services`: what is offered, and which data it asks for."""

import json
import re

import requests

from tests.http.patients import Json


def discovery(base_url: str) -> list[Json]:
    answer = requests.get(f"{base_url}/cds-services", timeout=30)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    return list(answer.json()["services"])


def test_there_is_one_service_for_each_hook_we_serve(base_url: str) -> None:
    assert [(service["hook"], service["id"]) for service in discovery(base_url)] == [
        ("patient-view", "b12-patient-view"),
        ("order-select", "b12-order-select"),
        ("order-sign", "b12-order-sign"),
        ("encounter-start", "b12-encounter-start"),
        ("encounter-discharge", "b12-encounter-discharge"),
        ("appointment-book", "b12-appointment-book"),
        ("problem-list-item-create", "b12-problem-list-item-create"),
        ("medication-refill", "b12-medication-refill"),
    ]


def test_each_service_says_what_it_is_and_what_it_wants(base_url: str) -> None:
    for service in discovery(base_url):
        assert service["title"]
        assert "muscle cramps" in service["description"]
        assert "FHIR R4" in service["usageRequirements"]
        assert re.fullmatch(r"\d+\.\d+\.\d+", service["version"])


def test_D_15_every_service_asks_for_the_same_data_and_the_patient_first(
    base_url: str,
) -> None:
    first, *others = [service["prefetch"] for service in discovery(base_url)]
    assert all(list(each.items()) == list(first.items()) for each in others)
    keys = list(first)
    assert keys[:2] == ["patient", "conditions"]
    assert first["patient"] == "Patient/{{context.patientId}}"
    # Not in the order of the alphabet: later templates may build on earlier ones.
    assert keys != sorted(keys)


def test_T_03_templates_use_each_parameter_once_and_tokens_of_the_context_only(
    base_url: str,
) -> None:
    for template in discovery(base_url)[0]["prefetch"].values():
        _, _, query = template.partition("?")
        names = [parameter.partition("=")[0] for parameter in query.split("&")]
        assert len(names) == len(set(names)), template
        tokens = set(re.findall(r"\{\{(.*?)\}\}", template))
        assert tokens <= {"context.patientId", "context.encounterId"}, template


def test_laboratory_results_are_asked_for_by_the_codes_of_the_value_sets(
    base_url: str,
) -> None:
    template = discovery(base_url)[0]["prefetch"]["laboratory"]
    tokens = template.partition("&code=")[2].split(",")
    codes = {token.rpartition("|")[2] for token in tokens}
    total_b12, active_b12, potassium = "2132-9", "72160-5", "2823-3"
    assert {total_b12, active_b12, potassium} <= codes


def test_D_19_a_trailing_slash_changes_nothing(base_url: str) -> None:
    plain = requests.get(f"{base_url}/cds-services", timeout=30)
    slash = requests.get(f"{base_url}/cds-services/", timeout=30, allow_redirects=False)
    assert slash.status_code == 200
    assert slash.content == plain.content


def test_D_17_head_has_the_headers_and_no_body(base_url: str) -> None:
    answer = requests.head(f"{base_url}/cds-services", timeout=30)
    assert answer.status_code == 200
    assert answer.content == b""


def test_D_19_a_doubled_slash_before_the_id_is_answered(base_url: str) -> None:
    answer = requests.post(
        f"{base_url}/cds-services//b12-patient-view",
        data=json.dumps({}),
        timeout=30,
        allow_redirects=False,
    )
    assert answer.status_code == 422
