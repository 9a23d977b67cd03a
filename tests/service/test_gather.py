"""Missing, empty, failed and partial are four different things."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from cds_hooks.errors import RequestNotConformant
from cds_hooks.request import HookRequest, parse_request
from service.catalogue import SERVICES
from service.clinical.record import DataKind
from service.gather import Gathered, PrefetchOnly, gather
from service.knowledge_files import load_terminology
from service.reads import Read, load_reads
from tests.http.patients import (
    Json,
    bundle,
    cramps,
    metformin,
    patient,
    prefetch,
    request,
    without,
)


FAILED = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "forbidden"}],
}
NOTHING_FOUND = {
    "resourceType": "Bundle",
    "total": 0,
    "entry": [
        {
            "search": {"mode": "outcome"},
            "resource": {
                "resourceType": "OperationOutcome",
                "issue": [{"severity": "warning", "code": "processing"}],
            },
        }
    ],
}


@dataclass
class Chart:
    """A FHIR server's answers by key, and the keys it was asked for."""

    answers: Mapping[str, object] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def fetch(
        self, reads: Collection[Read], request: HookRequest
    ) -> Mapping[str, object]:
        self.asked += [read.key for read in reads]
        return {
            read.key: self.answers[read.key]
            for read in reads
            if read.key in self.answers
        }


@pytest.fixture(scope="module")
def reads() -> tuple[Read, ...]:
    return load_reads(load_terminology())


def parsed(**changes: Any) -> HookRequest:
    hooks = [service.hook.name for service in SERVICES]
    return parse_request(request(**changes), hooks=hooks)


def gathered(reads: tuple[Read, ...], **prefetched: Any) -> Gathered:
    return gather(parsed(prefetch=prefetched), reads, PrefetchOnly())


def ids(found: Gathered) -> list[str | None]:
    return [resource.id for resource in found.resources]


def test_null_is_known_to_be_empty_and_a_missing_key_is_not(
    reads: tuple[Read, ...],
) -> None:
    assert DataKind.CONDITIONS not in gathered(reads, conditions=None).absent
    assert DataKind.CONDITIONS in gathered(reads).absent


@pytest.mark.parametrize("empty", [None, bundle(), NOTHING_FOUND])
def test_every_form_of_empty_counts_as_supplied(
    empty: Json | None, reads: tuple[Read, ...]
) -> None:
    found = gathered(reads, conditions=empty)
    assert DataKind.CONDITIONS not in found.absent | found.partial
    assert found.resources == ()


def test_a_failed_search_is_absent_and_not_asked_for_again(
    reads: tuple[Read, ...],
) -> None:
    chart = Chart(answers={"conditions": bundle(cramps())})
    found = gather(parsed(prefetch=prefetch(conditions=FAILED)), reads, chart)
    assert DataKind.CONDITIONS in found.absent
    assert "conditions" not in chart.asked


def test_only_what_nobody_sent_is_fetched(reads: tuple[Read, ...]) -> None:
    chart = Chart(answers={"conditions": bundle(cramps())})
    sent = without(prefetch(), "conditions", "procedures")
    found = gather(parsed(prefetch=sent), reads, chart)
    assert {"conditions", "procedures"} <= set(chart.asked)
    assert not {"patient", "medicationRequests", "laboratory"} & set(chart.asked)
    assert "c1" in ids(found)
    assert DataKind.CONDITIONS not in found.absent
    assert DataKind.PROCEDURES in found.absent


def test_nothing_is_fetched_that_the_context_cannot_name(
    reads: tuple[Read, ...],
) -> None:
    chart = Chart()
    found = gather(parsed(prefetch=prefetch()), reads, chart)
    assert "encounter" not in chart.asked
    assert DataKind.ENCOUNTER not in found.absent
    context = {"userId": "Practitioner/u1", "patientId": "p1", "encounterId": "e1"}
    gather(parsed(prefetch=prefetch(), context=context), reads, chart)
    assert "encounter" in chart.asked


@pytest.mark.parametrize(
    ("sent", "is_absent"),
    [
        ({"medicationRequests": None}, False),
        ({"medicationStatements": None}, False),
        ({"medicationDispenses": None, "medicationAdministrations": None}, True),
        ({"medicationRequests": FAILED, "medicationStatements": None}, False),
        ({"medicationRequests": FAILED}, True),
    ],
)
def test_medicines_came_when_requests_or_statements_came(
    sent: Json, is_absent: bool, reads: tuple[Read, ...]
) -> None:
    assert (DataKind.MEDICATIONS in gathered(reads, **sent).absent) is is_absent


def test_a_page_that_is_missing_makes_a_kind_partial(reads: tuple[Read, ...]) -> None:
    first = {**bundle(cramps()), "link": [{"relation": "next", "url": "?page=2"}]}
    found = gathered(reads, conditions=first)
    assert found.partial == {DataKind.CONDITIONS}
    assert DataKind.CONDITIONS not in found.absent
    assert ids(found) == ["c1"]


def test_something_else_under_our_key_does_not_answer_for_it(
    reads: tuple[Read, ...],
) -> None:
    found = gathered(reads, conditions=bundle(metformin()))
    assert DataKind.CONDITIONS in found.absent
    assert DataKind.MEDICATIONS not in found.absent
    assert ids(found) == ["m1"]


def test_what_cannot_be_recognised_is_read_all_the_same(
    reads: tuple[Read, ...],
) -> None:
    found = gathered(reads, item9=cramps())
    assert ids(found) == ["c1"]
    assert DataKind.CONDITIONS in found.absent


def test_the_hook_s_own_resources_are_in_hand(reads: tuple[Read, ...]) -> None:
    hook = "problem-list-item-create"
    context = {
        "userId": "Practitioner/u1",
        "patientId": "p1",
        "conditions": bundle(cramps()),
    }
    found = gather(
        parsed(hook=hook, context=context, prefetch={}), reads, PrefetchOnly()
    )
    (resource,) = found.resources
    assert resource.id == "c1"
    assert resource.in_hand
    # That one was added says nothing of the others.
    assert DataKind.CONDITIONS in found.absent


def test_another_patient_than_that_of_the_context_is_refused(
    reads: tuple[Read, ...],
) -> None:
    with pytest.raises(RequestNotConformant, match=r"context\.patientId"):
        gathered(reads, patient=patient(id="p2"))


def test_one_right_patient_among_several_is_enough(reads: tuple[Read, ...]) -> None:
    found = gathered(reads, patient=bundle(patient(id="p2"), patient()))
    assert DataKind.PATIENT not in found.absent


def test_a_patient_without_an_id_is_taken_for_the_right_one(
    reads: tuple[Read, ...],
) -> None:
    found = gathered(reads, patient=without(patient(), "id"))
    assert DataKind.PATIENT not in found.absent
