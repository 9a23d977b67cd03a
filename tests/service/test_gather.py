"""Missing, empty, failed and partial are four different things."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from cds_hooks.errors import RequestNotConformant
from cds_hooks.request import HookRequest, parse_request
from service.catalogue import SERVICES
from service.clinical.record import DataKind
from service.fhir.bundles import Resource
from service.fhir_server.answers import Answer, Fetched, Reason
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
    """A FHIR server's answers by key, and what it was asked for."""

    answers: Mapping[str, object] = field(default_factory=dict)
    further: Mapping[str, Answer] = field(default_factory=dict)
    medications: tuple[Answer, ...] = ()
    asked: list[str] = field(default_factory=list)
    pages: dict[str, str] = field(default_factory=dict)
    known: list[str | None] = field(default_factory=list)

    def fetch(
        self,
        reads: Collection[Read],
        request: HookRequest,
        *,
        next_pages: Mapping[str, str],
        known: Collection[Resource],
    ) -> Fetched:
        self.asked += [read.key for read in reads]
        self.pages |= next_pages
        self.known += [resource.id for resource in known]
        return Fetched(
            reads={
                read.key: Answer(content=self.answers[read.key])
                for read in reads
                if read.key in self.answers
            },
            pages={
                key: answer for key, answer in self.further.items() if key in next_pages
            },
            medications=self.medications,
        )


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


def test_P_10_null_is_known_to_be_empty_and_a_missing_key_is_not(
    reads: tuple[Read, ...],
) -> None:
    assert DataKind.CONDITIONS not in gathered(reads, conditions=None).absent
    assert DataKind.CONDITIONS in gathered(reads).absent


@pytest.mark.parametrize("empty", [None, bundle(), NOTHING_FOUND])
def test_P_05_every_form_of_empty_counts_as_supplied(
    empty: Json | None, reads: tuple[Read, ...]
) -> None:
    found = gathered(reads, conditions=empty)
    assert DataKind.CONDITIONS not in found.absent | found.partial
    assert found.resources == ()


def test_P_06_a_failed_search_is_absent_and_not_asked_for_again(
    reads: tuple[Read, ...],
) -> None:
    chart = Chart(answers={"conditions": bundle(cramps())})
    found = gather(parsed(prefetch=prefetch(conditions=FAILED)), reads, chart)
    assert DataKind.CONDITIONS in found.absent
    assert "conditions" not in chart.asked


def test_P_07_only_what_nobody_sent_is_fetched(reads: tuple[Read, ...]) -> None:
    chart = Chart(answers={"conditions": bundle(cramps())})
    sent = without(prefetch(), "conditions", "procedures")
    found = gather(parsed(prefetch=sent), reads, chart)
    assert {"conditions", "procedures"} <= set(chart.asked)
    assert not {"patient", "medicationRequests", "laboratory"} & set(chart.asked)
    assert "c1" in ids(found)
    assert DataKind.CONDITIONS not in found.absent
    assert DataKind.PROCEDURES in found.absent


def test_P_15_nothing_is_fetched_that_the_context_cannot_name(
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


def first_page(*resources: Json, url: str = "?page=2") -> Json:
    return {**bundle(*resources), "link": [{"relation": "next", "url": url}]}


@pytest.mark.parametrize("key", ["conditions", "theirProblemList"])
def test_P_03_the_page_that_follows_is_fetched_and_makes_the_kind_whole(
    key: str, reads: tuple[Read, ...]
) -> None:
    chart = Chart(further={key: Answer(content=bundle(cramps(id="c2")))})
    sent = {**without(prefetch(), "conditions"), key: first_page(cramps())}
    found = gather(parsed(prefetch=sent), reads, chart)
    assert chart.pages == {key: "?page=2"}
    assert "conditions" not in chart.asked
    assert {"c1", "c2"} <= set(ids(found))
    assert found.partial == frozenset()


@pytest.mark.parametrize("content", [None, bundle(cramps(id="c2"))])
def test_P_03_a_kind_is_partial_where_not_all_that_follows_could_be_read(
    content: Json | None, reads: tuple[Read, ...]
) -> None:
    broken_off = Answer(content=content, reason=Reason.TIMEOUT)
    sent = prefetch(conditions=first_page(cramps()))
    found = gather(
        parsed(prefetch=sent), reads, Chart(further={"conditions": broken_off})
    )
    assert found.partial == {DataKind.CONDITIONS}
    assert ("c2" in ids(found)) is (content is not None)


def test_P_03_a_bundle_shorter_than_its_total_is_fetched_anew(
    reads: tuple[Read, ...],
) -> None:
    sent = prefetch(conditions={**bundle(cramps()), "total": 2})
    chart = Chart(answers={"conditions": bundle(cramps(), cramps(id="c2"))})
    found = gather(parsed(prefetch=sent), reads, chart)
    assert "conditions" in chart.asked
    assert "c2" in ids(found)
    assert found.partial == frozenset()
    assert gather(parsed(prefetch=sent), reads, Chart()).partial == {
        DataKind.CONDITIONS
    }


def test_P_06_what_the_client_failed_to_complete_is_not_asked_for_again(
    reads: tuple[Read, ...],
) -> None:
    chart = Chart()
    sent = prefetch(conditions=bundle(cramps(), FAILED))
    found = gather(parsed(prefetch=sent), reads, chart)
    assert "conditions" not in chart.asked
    assert chart.pages == {}
    assert found.partial == {DataKind.CONDITIONS}


def test_P_16_a_patient_said_not_to_exist_is_asked_for_once_more(
    reads: tuple[Read, ...],
) -> None:
    chart = Chart(answers={"patient": patient()})
    found = gather(parsed(prefetch=prefetch(patient=None)), reads, chart)
    assert "patient" in chart.asked
    assert DataKind.PATIENT not in found.absent
    found = gather(parsed(prefetch=prefetch(patient=None)), reads, Chart())
    assert DataKind.PATIENT in found.absent


def test_medications_that_others_refer_to_are_added(reads: tuple[Read, ...]) -> None:
    medication = {"resourceType": "Medication", "id": "m9"}
    chart = Chart(medications=(Answer(content=bundle(medication)),))
    found = gather(parsed(prefetch=prefetch(conditions=bundle(cramps()))), reads, chart)
    assert "c1" in chart.known
    assert "m9" in ids(found)


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


def test_P_01_another_patient_than_that_of_the_context_is_refused(
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
