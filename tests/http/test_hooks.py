"""What each hook's own data does: problems, drafts, refills, visits, appointments."""

from typing import Any

import pytest
import requests

from tests.http.patients import (
    Json,
    b12_test,
    bundle,
    context,
    cramps,
    folic_acid,
    keys_shown,
    metformin,
    omeprazole,
    prefetch,
    request,
)


SCREEN = "b12-screen:info"
CAUTION = "folate-caution:warning"

NO_CRAMPS = prefetch(conditions=None)
NO_MEDICINES = prefetch(medicationRequests=None)
"""Cramps, and nothing else on the chart."""

CRAMP = cramps()["code"]
HAY_FEVER = {"text": "Hay fever"}


def call(base_url: str, hook: str, **changes: Any) -> requests.Response:
    return requests.post(
        f"{base_url}/cds-services/b12-{hook}",
        json=request(hook, **changes),
        timeout=30,
    )


def drafted(*drafts: Json, **members: Any) -> Json:
    """The context of an order hook."""
    return context(draftOrders=bundle(*drafts), **members)


class TestProblemListItemCreate:
    def added(self, *conditions: Json, **members: Any) -> Json:
        return context(conditions=bundle(*conditions), **members)

    def test_cramps_being_added_are_cramps(self, base_url: str) -> None:
        answer = call(
            base_url,
            "problem-list-item-create",
            context=self.added(cramps()),
            prefetch=NO_CRAMPS,
        )
        assert keys_shown(answer) == [SCREEN]

    def test_another_problem_being_added_is_none(self, base_url: str) -> None:
        answer = call(
            base_url,
            "problem-list-item-create",
            context=self.added(cramps(code=HAY_FEVER)),
            prefetch=NO_CRAMPS,
        )
        assert keys_shown(answer) == []

    def test_of_several_problems_being_added_each_is_read(self, base_url: str) -> None:
        answer = call(
            base_url,
            "problem-list-item-create",
            context=self.added(cramps(id="c0", code=HAY_FEVER), cramps()),
            prefetch=NO_CRAMPS,
        )
        assert keys_shown(answer) == [SCREEN]

    def test_a_risk_being_added_counts_with_the_cramps_on_the_chart(
        self, base_url: str
    ) -> None:
        pernicious_anaemia = cramps(
            id="c2",
            code={
                "coding": [{"system": "http://snomed.info/sct", "code": "84027009"}],
                "text": "Pernicious anaemia",
            },
        )
        answer = call(
            base_url,
            "problem-list-item-create",
            context=self.added(pernicious_anaemia),
            prefetch=NO_MEDICINES,
        )
        assert keys_shown(answer) == ["b12-treatment-gap:warning"]

    def test_a_problem_entered_in_error_is_none(self, base_url: str) -> None:
        wrong = cramps(
            verificationStatus={"coding": [{"code": "entered-in-error"}]},
        )
        answer = call(
            base_url,
            "problem-list-item-create",
            context=self.added(wrong),
            prefetch=NO_CRAMPS,
        )
        assert keys_shown(answer) == []

    def test_the_card_says_that_the_cramps_are_in_hand(self, base_url: str) -> None:
        answer = call(
            base_url,
            "problem-list-item-create",
            context=self.added(cramps(id="new")),
            prefetch=NO_CRAMPS,
        )
        (card,) = answer.json()["cards"]
        assert "Condition/new, in hand" in card["detail"]


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
class TestOrders:
    def ordering(self, hook: str, *drafts: Json) -> Json:
        """All drafts, and at order-select all of them selected."""
        chosen = [f"{draft['resourceType']}/{draft['id']}" for draft in drafts]
        members = {"selections": chosen} if hook == "order-select" else {}
        return drafted(*drafts, **members)

    def test_a_drafted_b12_test_silences_the_screen(
        self, base_url: str, hook: str
    ) -> None:
        answer = call(base_url, hook, context=self.ordering(hook, b12_test()))
        assert keys_shown(answer) == []

    def test_another_drafted_test_does_not(self, base_url: str, hook: str) -> None:
        ferritin = b12_test(
            code={"coding": [{"system": "http://loinc.org", "code": "2276-4"}]}
        )
        answer = call(base_url, hook, context=self.ordering(hook, ferritin))
        assert keys_shown(answer) == [SCREEN]

    @pytest.mark.parametrize(
        ("mg", "shown"),
        [(0.4, [SCREEN]), (1, [SCREEN, CAUTION]), (5, [SCREEN, CAUTION])],
    )
    def test_folic_acid_of_1_mg_or_more_is_cautioned_against(
        self, base_url: str, hook: str, mg: float, shown: list[str]
    ) -> None:
        draft = folic_acid(mg, status="draft")
        answer = call(base_url, hook, context=self.ordering(hook, draft))
        assert sorted(keys_shown(answer)) == sorted(shown)

    def test_folic_acid_without_a_risk_is_not(self, base_url: str, hook: str) -> None:
        draft = folic_acid(5, status="draft")
        answer = call(
            base_url,
            hook,
            context=self.ordering(hook, draft),
            prefetch=NO_MEDICINES,
        )
        assert keys_shown(answer) == []

    @pytest.mark.parametrize("begun_today", [metformin, omeprazole])
    def test_metformin_or_a_ppi_that_begins_today_is_no_risk_yet(
        self, base_url: str, hook: str, begun_today: Any
    ) -> None:
        draft = begun_today(status="draft", authoredOn="2025-06-30")
        answer = call(
            base_url,
            hook,
            context=self.ordering(hook, draft),
            prefetch=NO_MEDICINES,
        )
        assert keys_shown(answer) == []

    def test_a_draft_beside_the_order_it_renews_does_not_shorten_it(
        self, base_url: str, hook: str
    ) -> None:
        draft = metformin(id="m2", status="draft", authoredOn="2025-06-30")
        answer = call(base_url, hook, context=self.ordering(hook, draft))
        assert keys_shown(answer) == [SCREEN]

    def test_advice_that_would_not_change_the_order_waits(
        self, base_url: str, hook: str
    ) -> None:
        statin = metformin(
            id="s1",
            medicationCodeableConcept={
                "coding": [{"system": "http://www.whocc.no/atc", "code": "C10AA05"}],
                "text": "Atorvastatin 40 mg",
            },
        )
        chart = prefetch(medicationRequests=bundle(metformin(), statin))
        at_the_visit = call(base_url, "patient-view", prefetch=chart)
        assert "cramp-differential:info" in keys_shown(at_the_visit)
        ordering = call(
            base_url, hook, context=self.ordering(hook, metformin()), prefetch=chart
        )
        assert keys_shown(ordering) == [SCREEN]

    def test_a_medicine_in_hand_may_refer_to_one_beside_it(
        self, base_url: str, hook: str
    ) -> None:
        named = folic_acid(5, status="draft")
        medicine = {
            "resourceType": "Medication",
            "id": "med1",
            "code": named.pop("medicationCodeableConcept"),
        }
        named["medicationReference"] = {"reference": "Medication/med1"}
        orders = self.ordering(hook, named)
        orders["draftOrders"]["entry"].append({"resource": medicine})
        answer = call(base_url, hook, context=orders)
        assert CAUTION in keys_shown(answer)

    def test_HK_06_a_drafted_medicine_alone_is_no_order(
        self, base_url: str, hook: str
    ) -> None:
        medicine = {
            "resourceType": "Medication",
            "id": "med1",
            "code": folic_acid(5)["medicationCodeableConcept"],
        }
        answer = call(base_url, hook, context=self.ordering(hook, medicine))
        assert keys_shown(answer) == [SCREEN]

    def test_R_18_the_sandbox_s_draft_is_read_although_it_is_not_valid_fhir(
        self, base_url: str, hook: str
    ) -> None:
        draft = folic_acid(
            5,
            id="request-123",
            status="draft",
            category={"coding": [{"code": "community"}]},
            reasonCode={"coding": [{"code": "x"}]},
        )
        del draft["intent"]
        members = self.ordering(hook, draft)
        del members["draftOrders"]["type"]
        answer = call(base_url, hook, context=members)
        assert CAUTION in keys_shown(answer)

    def test_R_17_a_draft_of_which_nothing_is_chosen_yet_changes_nothing(
        self, base_url: str, hook: str
    ) -> None:
        empty = {"resourceType": "MedicationRequest", "id": "request-123"}
        imaging = {
            "resourceType": "ServiceRequest",
            "id": "request-124",
            "code": {"coding": [{}]},
            "reasonCode": [],
        }
        answer = call(base_url, hook, context=self.ordering(hook, empty, imaging))
        assert keys_shown(answer) == [SCREEN]


class TestSelections:
    """At order-select the medicine being written is in focus, not those before it."""

    FOLIC_ACID = folic_acid(5, status="draft")
    METFORMIN = metformin(id="m9", status="draft", authoredOn="2025-06-30")

    def selecting(self, *selections: str, drafts: tuple[Json, ...]) -> Json:
        return drafted(*drafts, selections=list(selections))

    def test_HK_09_the_selected_medicine_is_advised_upon(self, base_url: str) -> None:
        orders = self.selecting(
            "MedicationRequest/f1", drafts=(self.METFORMIN, self.FOLIC_ACID)
        )
        assert CAUTION in keys_shown(call(base_url, "order-select", context=orders))

    def test_HK_09_a_medicine_drafted_before_waits_until_it_is_signed(
        self, base_url: str
    ) -> None:
        drafts = (self.METFORMIN, self.FOLIC_ACID)
        orders = self.selecting("MedicationRequest/m9", drafts=drafts)
        selecting = call(base_url, "order-select", context=orders)
        assert keys_shown(selecting) == [SCREEN]
        signing = call(base_url, "order-sign", context=drafted(*drafts))
        assert CAUTION in keys_shown(signing)

    def test_a_test_drafted_before_silences_the_screen_all_the_same(
        self, base_url: str
    ) -> None:
        orders = self.selecting(
            "MedicationRequest/m9", drafts=(self.METFORMIN, b12_test())
        )
        assert keys_shown(call(base_url, "order-select", context=orders)) == []

    @pytest.mark.parametrize(
        "selections", [["MedicationRequest/another"], ["ServiceRequest/f1"], []]
    )
    def test_HK_07_selections_that_name_no_draft_leave_all_in_focus(
        self, base_url: str, selections: list[str]
    ) -> None:
        orders = self.selecting(*selections, drafts=(self.FOLIC_ACID,))
        answer = call(base_url, "order-select", context=orders)
        assert CAUTION in keys_shown(answer)

    def test_HK_10_a_call_without_drafts_says_what_is_missing(
        self, base_url: str
    ) -> None:
        # What the sandbox sends when its active tab is clicked again.
        answer = call(base_url, "order-select", context=context())
        assert answer.status_code in (412, 422)
        (issue,) = answer.json()["issue"]
        assert issue["expression"][0] in ("context.draftOrders", "context.selections")


class TestMedicationRefill:
    def refilling(self, *medicines: Json) -> Json:
        return context(medications=bundle(*medicines))

    @pytest.mark.parametrize("refilled", [metformin, omeprazole])
    def test_a_refilled_medicine_has_been_taken_for_a_time(
        self, base_url: str, refilled: Any
    ) -> None:
        draft = refilled(status="draft", authoredOn="2025-06-30")
        answer = call(
            base_url,
            "medication-refill",
            context=self.refilling(draft),
            prefetch=NO_MEDICINES,
        )
        assert keys_shown(answer) == [SCREEN]

    def test_a_refill_without_cramps_is_none_of_our_business(
        self, base_url: str
    ) -> None:
        answer = call(
            base_url,
            "medication-refill",
            context=self.refilling(metformin(status="draft")),
            prefetch=NO_CRAMPS,
        )
        assert keys_shown(answer) == []

    def test_a_refill_of_something_else_is_no_risk(self, base_url: str) -> None:
        other = metformin(
            status="draft",
            medicationCodeableConcept={"text": "Amlodipine 5 mg"},
        )
        answer = call(
            base_url,
            "medication-refill",
            context=self.refilling(other),
            prefetch=NO_MEDICINES,
        )
        assert keys_shown(answer) == []

    def test_HK_01_the_user_need_not_be_named(self, base_url: str) -> None:
        refill = self.refilling(metformin(status="draft"))
        del refill["userId"]
        answer = call(base_url, "medication-refill", context=refill)
        assert keys_shown(answer) == [SCREEN]


class TestAppointmentBook:
    def booking(self, *appointments: Json) -> Json:
        return context(appointments=bundle(*appointments))

    def appointment(self, **members: Any) -> Json:
        return {
            "resourceType": "Appointment",
            "id": "a1",
            "status": "proposed",
            "participant": [{"actor": {"reference": "Patient/p1"}}],
            **members,
        }

    @pytest.mark.parametrize(
        "reason",
        [
            {"reasonCode": [CRAMP]},
            {"reasonCode": [{"text": "Cramps in both calves"}]},
            {"description": "I have leg cramps at night"},
        ],
    )
    def test_cramps_as_the_reason_to_come_are_cramps(
        self, base_url: str, reason: Json
    ) -> None:
        answer = call(
            base_url,
            "appointment-book",
            context=self.booking(self.appointment(**reason)),
            prefetch=NO_CRAMPS,
        )
        assert keys_shown(answer) == [SCREEN]

    def test_another_reason_is_none(self, base_url: str) -> None:
        answer = call(
            base_url,
            "appointment-book",
            context=self.booking(self.appointment(reasonCode=[HAY_FEVER])),
            prefetch=NO_CRAMPS,
        )
        assert keys_shown(answer) == []

    def test_HK_03_a_plain_array_of_appointments_is_read(self, base_url: str) -> None:
        array = [self.appointment(reasonCode=[CRAMP])]
        answer = call(
            base_url,
            "appointment-book",
            context=context(appointments=array),
            prefetch=NO_CRAMPS,
        )
        assert keys_shown(answer) == [SCREEN]

    def test_a_patient_may_book_for_themselves(self, base_url: str) -> None:
        booking = {**self.booking(self.appointment()), "userId": "Patient/p1"}
        answer = call(base_url, "appointment-book", context=booking)
        assert keys_shown(answer) == [SCREEN]
        request_ = answer.json()["cards"][0]["suggestions"][0]["actions"][0]["resource"]
        assert "requester" not in request_


@pytest.mark.parametrize("hook", ["encounter-start", "encounter-discharge"])
class TestEncounters:
    def encounter(self, **members: Any) -> Json:
        return {
            "resourceType": "Encounter",
            "id": "e1",
            "status": "in-progress",
            "class": {"code": "AMB"},
            "subject": {"reference": "Patient/p1"},
            **members,
        }

    @pytest.mark.parametrize(
        ("reason", "shown"), [(CRAMP, [SCREEN]), (HAY_FEVER, [])], ids=["cramp", "not"]
    )
    def test_the_reason_of_this_visit_counts(
        self, base_url: str, hook: str, reason: Json, shown: list[str]
    ) -> None:
        answer = call(
            base_url,
            hook,
            context=context(encounterId="e1"),
            prefetch={**NO_CRAMPS, "encounter": self.encounter(reasonCode=[reason])},
        )
        assert keys_shown(answer) == shown

    def test_the_reason_of_another_visit_does_not(
        self, base_url: str, hook: str
    ) -> None:
        other = self.encounter(id="e0", reasonCode=[CRAMP])
        answer = call(
            base_url,
            hook,
            context=context(encounterId="e1"),
            prefetch={**NO_CRAMPS, "encounter": None, "encounters": bundle(other)},
        )
        assert keys_shown(answer) == []

    def test_the_suggested_test_is_for_this_visit(
        self, base_url: str, hook: str
    ) -> None:
        answer = call(
            base_url,
            hook,
            context=context(encounterId="e1"),
            prefetch={**prefetch(), "encounter": self.encounter()},
        )
        (card,) = answer.json()["cards"]
        test = card["suggestions"][0]["actions"][0]["resource"]
        assert test["encounter"] == {"reference": "Encounter/e1"}

    def test_HK_01_the_encounter_must_be_named(self, base_url: str, hook: str) -> None:
        answer = call(base_url, hook, context=context())
        assert answer.status_code == 422
        (issue,) = answer.json()["issue"]
        assert issue["expression"] == ["context.encounterId"]
