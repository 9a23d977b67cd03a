"""FHIR versions through HTTP: STU3 and R5 are read, DSTU2 is refused clearly."""

from typing import Any

import pytest
import requests

from service.fhir_version import READABLE
from tests.fhir_server.fhir_test_server import running
from tests.http.patients import (
    Json,
    bundle,
    context,
    cramps,
    folic_acid,
    keys_shown,
    metformin,
    patient,
    prefetch,
    request,
    without,
)


PATIENT = {"reference": "Patient/p1"}
CRAMP = {"coding": [{"system": "http://snomed.info/sct", "code": "55300003"}]}
METFORMIN = metformin()["medicationCodeableConcept"]
FOLIC_ACID = folic_acid(5)["medicationCodeableConcept"]

STU3_CRAMPS = {
    "resourceType": "Condition",
    "id": "c1",
    "subject": PATIENT,
    "clinicalStatus": "active",
    "verificationStatus": "confirmed",
    "code": CRAMP,
    "assertedDate": "2025-05-01",
}
STU3_METFORMIN = {
    "resourceType": "MedicationStatement",
    "id": "m1",
    "status": "active",
    "taken": "y",
    "subject": PATIENT,
    "medicationCodeableConcept": METFORMIN,
    "effectivePeriod": {"start": "2022-11-01"},
}
R5_CRAMPS = {
    **STU3_CRAMPS,
    "clinicalStatus": {"coding": [{"code": "active"}]},
    "verificationStatus": {"coding": [{"code": "confirmed"}]},
}
R5_METFORMIN = {
    "resourceType": "MedicationStatement",
    "id": "m1",
    "status": "recorded",
    "subject": PATIENT,
    "medication": {"concept": METFORMIN},
    "effectivePeriod": {"start": "2022-11-01"},
    "adherence": {"code": {"coding": [{"code": "taking"}]}},
}


def call(base_url: str, hook: str = "patient-view", **changes: Any) -> Any:
    return requests.post(
        f"{base_url}/cds-services/b12-{hook}", json=request(hook, **changes), timeout=30
    )


@pytest.mark.parametrize(
    ("condition", "statement"),
    [(STU3_CRAMPS, STU3_METFORMIN), (R5_CRAMPS, R5_METFORMIN)],
    ids=["STU3", "R5"],
)
def test_a_chart_of_another_version_yields_the_card_of_r4(
    base_url: str, condition: Json, statement: Json
) -> None:
    sent = prefetch(
        conditions=bundle(condition),
        medicationRequests=None,
        medicationStatements=bundle(statement),
    )
    assert keys_shown(call(base_url, prefetch=sent)) == keys_shown(call(base_url))


@pytest.mark.parametrize(
    ("condition", "statement"),
    [
        ({**STU3_CRAMPS, "clinicalStatus": "resolved"}, STU3_METFORMIN),
        ({**STU3_CRAMPS, "verificationStatus": "refuted"}, STU3_METFORMIN),
        (STU3_CRAMPS, {**STU3_METFORMIN, "taken": "n"}),
        (
            R5_CRAMPS,
            {
                **R5_METFORMIN,
                "adherence": {"code": {"coding": [{"code": "not-taking"}]}},
            },
        ),
    ],
    ids=["resolved", "refuted", "not taken", "not taking"],
)
def test_what_another_version_denies_is_denied(
    base_url: str, condition: Json, statement: Json
) -> None:
    sent = prefetch(
        conditions=bundle(condition),
        medicationRequests=None,
        medicationStatements=bundle(statement),
    )
    assert keys_shown(call(base_url, prefetch=sent)) == []


def stu3_test() -> Json:
    return {
        "resourceType": "ProcedureRequest",
        "id": "t1",
        "status": "draft",
        "intent": "order",
        "subject": PATIENT,
        "code": {"coding": [{"system": "http://loinc.org", "code": "2132-9"}]},
    }


def r5_test() -> Json:
    test = stu3_test()
    return {
        **test,
        "resourceType": "ServiceRequest",
        "code": {"concept": test["code"]},
    }


@pytest.mark.parametrize("draft", [stu3_test(), r5_test()], ids=["STU3", "R5"])
def test_a_drafted_test_of_another_version_silences_the_screen(
    base_url: str, draft: Json
) -> None:
    in_hand = context(draftOrders=bundle(draft))
    assert keys_shown(call(base_url, "order-sign", context=in_hand)) == []


@pytest.mark.parametrize(
    "dosage",
    [
        {"medicationCodeableConcept": FOLIC_ACID},
        {"medication": {"concept": FOLIC_ACID}},
    ],
    ids=["STU3", "R5"],
)
def test_drafted_folic_acid_of_another_version_is_cautioned_against(
    base_url: str, dosage: Json
) -> None:
    quantity = {"value": 5, "unit": "mg"}
    daily = {"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}}
    dose = (
        {"doseAndRate": [{"doseQuantity": quantity}]}
        if "medication" in dosage
        else {"doseQuantity": quantity}
    )
    draft = {
        "resourceType": "MedicationRequest",
        "id": "f1",
        "status": "draft",
        "intent": "order",
        "subject": PATIENT,
        **dosage,
        "dosageInstruction": [{**daily, **dose}],
    }
    in_hand = context(draftOrders=bundle(draft))
    answer = call(base_url, "order-sign", context=in_hand)
    assert "folate-caution:warning" in keys_shown(answer)


DSTU2_ORDER = {
    "resourceType": "MedicationOrder",
    "id": "o1",
    "status": "draft",
    "patient": PATIENT,
    "medicationCodeableConcept": METFORMIN,
}
DSTU2_CRAMPS = {
    "resourceType": "Condition",
    "id": "c1",
    "patient": PATIENT,
    "clinicalStatus": "active",
    "verificationStatus": "confirmed",
    "code": CRAMP,
}


def refusal(answer: requests.Response) -> Json:
    assert answer.status_code == 422
    (issue,) = answer.json()["issue"]
    assert issue["code"] == "not-supported"
    assert "FHIR DSTU2" in issue["details"]["text"]
    assert "R4" in issue["details"]["text"]
    return dict(issue)


def test_HK_08_a_dstu2_order_in_hand_is_refused(base_url: str) -> None:
    in_hand = context(draftOrders=bundle(DSTU2_ORDER))
    issue = refusal(call(base_url, "order-sign", context=in_hand))
    assert issue["expression"] == ["context"]


def test_HK_08_a_dstu2_problem_being_added_is_refused_by_its_shape(
    base_url: str,
) -> None:
    in_hand = context(conditions=bundle(DSTU2_CRAMPS))
    issue = refusal(call(base_url, "problem-list-item-create", context=in_hand))
    assert issue["expression"] == ["context"]


@pytest.mark.parametrize(
    "changes",
    [
        {"conditions": bundle(DSTU2_CRAMPS)},
        {"medicationRequests": bundle(DSTU2_ORDER)},
        {"a key of their own": bundle(patient(), DSTU2_ORDER)},
    ],
)
def test_HK_08_dstu2_in_prefetch_is_refused_under_any_key(
    base_url: str, changes: Json
) -> None:
    issue = refusal(call(base_url, prefetch=prefetch(**changes)))
    assert issue["expression"] == ["prefetch"]


def test_HK_08_dstu2_from_the_fhir_server_is_refused(base_url: str) -> None:
    with running() as server:
        server.resources = [DSTU2_CRAMPS]
        sent = without(prefetch(), "conditions")
        answer = call(base_url, prefetch=sent, fhirServer=server.base_url)
    assert refusal(answer)["expression"] == ["fhirServer"]


@pytest.mark.parametrize(
    ("stated", "status"),
    [("DSTU2", 422), ("1.0.2", 422), ("STU3", 200), ("R4", 200), ("R5", 200)],
)
def test_R_16_the_version_that_epic_states_is_heeded(
    base_url: str, stated: str, status: int
) -> None:
    extension = {"com.epic.cdshooks.request.fhir-version": stated}
    assert call(base_url, extension=extension).status_code == status


def test_a_dstu2_problem_that_could_be_of_any_version_is_read(base_url: str) -> None:
    # Nothing in it tells; R4 with a missing category looks the same.
    plain = without(cramps(), "clinicalStatus", "verificationStatus")
    assert keys_shown(call(base_url, prefetch=prefetch(conditions=bundle(plain)))) != []


def test_the_readable_versions_are_the_documented_ones(base_url: str) -> None:
    services = requests.get(f"{base_url}/cds-services", timeout=30).json()["services"]
    for service in services:
        for version in READABLE:
            assert str(version) in service["usageRequirements"]
