"""Medications that orders refer to without a word about the medicine."""

from typing import Any

import pytest

from service.fhir.bundles import Resource, resources_of
from service.fhir_server.answers import Fetched, Reason
from service.fhir_server.reader import ServerReader
from tests.fhir_server.calls import (
    MEDICINES,
    TOKEN,
    fetch,
    ids_in,
    request_to,
)
from tests.fhir_server.fhir_test_server import FhirTestServer, status


def order(
    reference: str | None = "Medication/m1",
    type_: str = "MedicationRequest",
    **given: Any,
) -> dict[str, Any]:
    medicine = {"medicationReference": {"reference": reference}} if reference else {}
    return {
        "resourceType": type_,
        "id": "order",
        "subject": {"reference": "Patient/p1"},
        **medicine,
        **given,
    }


def medication(id_: str = "m1") -> dict[str, Any]:
    return {"resourceType": "Medication", "id": id_, "code": {"text": "Metformin"}}


def medication_ids(fetched: Fetched) -> list[list[str]]:
    return [ids_in(answer.content) for answer in fetched.medications]


def known(*resources: dict[str, Any]) -> tuple[Resource, ...]:
    return resources_of(list(resources))


def test_a_medication_that_an_order_read_refers_to_is_read_in_the_same_call(
    fhir: FhirTestServer, reader: ServerReader
) -> None:
    fhir.resources = [order(), medication("m1"), medication("m2")]
    fetched = fetch(reader, request_to(fhir.base_url), [MEDICINES])
    assert medication_ids(fetched) == [["m1"]]
    assert fhir.seen[1].query["_id"] == ["m1"]
    assert fhir.seen[1].headers["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    "type_",
    [
        "MedicationRequest",
        "MedicationStatement",
        "MedicationDispense",
        "MedicationAdministration",
    ],
)
def test_a_medication_that_a_prefetched_resource_refers_to_is_read(
    fhir: FhirTestServer, reader: ServerReader, type_: str
) -> None:
    fhir.resources = [medication()]
    fetched = fetch(reader, request_to(fhir.base_url), known=known(order(type_=type_)))
    assert medication_ids(fetched) == [["m1"]]


def test_a_medication_referred_to_in_the_shape_of_r5_is_read(
    fhir: FhirTestServer, reader: ServerReader
) -> None:
    fhir.resources = [medication()]
    in_r5 = order(None, medication={"reference": {"reference": "Medication/m1"}})
    fetched = fetch(reader, request_to(fhir.base_url), known=known(in_r5))
    assert medication_ids(fetched) == [["m1"]]


@pytest.mark.parametrize(
    "given",
    [
        order(None, medicationCodeableConcept={"text": "Metformin"}),
        order(None, medication={"concept": {"text": "Metformin"}}),
        order(
            None,
            medicationReference={"reference": "Medication/m1", "display": "Metformin"},
        ),
        order("#m1", contained=[medication()]),
        order("urn:uuid:0f8a9b6e-1111-4222-8333-444455556666"),
        order("Medication?identifier=1"),
        order("Substance/m1"),
        order("Medication/m1/../../admin"),
        order("Medication/m1,m2"),
        order(None),
        order(None, medicationReference="Medication/m1"),
        {
            "resourceType": "Condition",
            "medicationReference": {"reference": "Medication/m1"},
        },
    ],
)
def test_nothing_is_asked_for_a_medicine_that_is_named_or_cannot_be_had(
    fhir: FhirTestServer, reader: ServerReader, given: dict[str, Any]
) -> None:
    fetch(reader, request_to(fhir.base_url), known=known(given))
    assert fhir.connections == 0


def test_a_medication_that_is_there_already_is_not_asked_for(
    fhir: FhirTestServer, reader: ServerReader
) -> None:
    fetch(reader, request_to(fhir.base_url), known=known(order(), medication()))
    assert fhir.connections == 0


def test_an_absolute_reference_to_the_same_server_is_followed(
    fhir: FhirTestServer, reader: ServerReader
) -> None:
    fhir.resources = [medication()]
    reference = f"{fhir.base_url}/Medication/m1"
    fetched = fetch(reader, request_to(fhir.base_url), known=known(order(reference)))
    assert medication_ids(fetched) == [["m1"]]


def test_A_05_an_absolute_reference_to_another_server_is_not_followed(
    fhir: FhirTestServer, elsewhere: FhirTestServer, reader: ServerReader
) -> None:
    reference = f"{elsewhere.base_url}/Medication/m1"
    fetch(reader, request_to(fhir.base_url), known=known(order(reference)))
    assert fhir.connections == elsewhere.connections == 0


def test_many_medications_are_asked_for_in_few_queries_each_once(
    fhir: FhirTestServer, reader: ServerReader
) -> None:
    fhir.resources = [medication(f"m{number}") for number in range(120)]
    orders = [order(f"Medication/m{number}") for number in range(120)]
    fetched = fetch(reader, request_to(fhir.base_url), known=known(*orders, *orders))
    assert sorted(len(ids) for ids in medication_ids(fetched)) == [20, 50, 50]
    assert len({id_ for ids in medication_ids(fetched) for id_ in ids}) == 120


def test_no_more_than_two_hundred_medications_are_asked_for(
    fhir: FhirTestServer, reader: ServerReader
) -> None:
    orders = [order(f"Medication/m{number}") for number in range(300)]
    fetch(reader, request_to(fhir.base_url), known=known(*orders))
    asked = [id_ for one in fhir.seen for id_ in one.query["_id"][0].split(",")]
    assert len(asked) == 200


def test_medications_that_cannot_be_read_do_not_cost_the_orders(
    fhir: FhirTestServer, reader: ServerReader
) -> None:
    fhir.resources = [order()]
    fhir.faults["Medication"] = status(403)
    fetched = fetch(reader, request_to(fhir.base_url), [MEDICINES])
    assert ids_in(fetched.reads["medicines"].content) == ["order"]
    assert [answer.reason for answer in fetched.medications] == [Reason.NOT_AUTHORISED]
