"""Conditions: codes, words, status, dates."""

from datetime import date

import pytest

from service.clinical.dates import PartialDate
from service.clinical.record import ClinicalStatus, Condition
from tests.fhir.charts import (
    CRAMP,
    ICD10CM,
    SNOMED,
    TODAY,
    Json,
    chart,
    condition,
    read,
    reasons,
)


LOCAL = "urn:oid:1.2.840.114350.1.13.0.1.7.2.696580"


def only(*resources: Json) -> Condition:
    (found,) = read(*resources).conditions
    return found


def day(text: str) -> PartialDate:
    return PartialDate.parse(text)


def test_a_coded_condition_is_read_with_all_that_is_said_of_it() -> None:
    found = only(
        condition(
            id="c1",
            code={**CRAMP, "text": "Leg cramps"},
            category=[{"coding": [{"code": "problem-list-item"}]}],
            verificationStatus={"coding": [{"code": "confirmed"}]},
            onsetDateTime="2025-03-01T08:00:00Z",
            recordedDate="2025-04-01",
        )
    )
    assert str(found.source) == "Condition/c1"
    assert found.concepts == {"cramp-trigger", "cramp-trigger-generic"}
    assert found.codes == {"snomed|55300003"}
    assert found.label == "Leg cramps"
    assert found.clinical_status is ClinicalStatus.ACTIVE
    assert found.verification == "confirmed"
    assert found.is_problem_list_item
    assert not found.is_encounter_diagnosis
    assert found.onset == day("2025-03-01")
    assert found.recorded == day("2025-04-01")
    assert found.has_known_code
    assert not found.from_text


def test_any_coding_of_several_counts() -> None:
    codings = [
        {"system": LOCAL, "code": "4711"},
        {"code": "no system"},
        {"system": ICD10CM, "code": "R25.2"},
    ]
    assert "cramp-trigger" in only(condition(code={"coding": codings})).concepts


def test_a_condition_of_no_concern_is_left_alone() -> None:
    cough = {"coding": [{"system": SNOMED, "code": "49727002"}], "text": "Leg cramps"}
    record, tally = chart(condition(code=cough))
    assert record.conditions == ()
    assert record.unread == ()
    assert tally.uncoded_conditions == 0


@pytest.mark.parametrize(
    "code",
    [
        {"text": "Nocturnal leg cramps"},
        {"coding": [{"system": LOCAL, "code": "1", "display": "Leg cramps"}]},
        {"coding": [{"display": "Leg cramps"}]},
        {"coding": [{"code": "55300003"}], "text": "leg cramps"},
        {"coding": [{"system": SNOMED}], "text": "leg cramps"},
    ],
)
def test_words_count_where_no_known_system_codes_the_condition(code: Json) -> None:
    found = only(condition(code=code))
    assert found.concepts == {"cramp-trigger"}
    assert found.from_text
    assert not found.has_known_code


@pytest.mark.parametrize(
    "text", ["Stomach cramps", "No leg cramps", "cramp", "Foot pain", "writer's cramp"]
)
def test_words_that_tell_no_muscle_cramp_are_counted_not_reported(text: str) -> None:
    record, tally = chart(condition(code={"text": text}))
    assert record.conditions == ()
    assert record.unread == ()
    assert tally.uncoded_conditions == 1


def test_words_of_two_codings_are_not_read_as_one_sentence() -> None:
    code = {"coding": [{"display": "Pain in leg"}, {"display": "Cramp"}]}
    assert read(condition(code=code)).conditions == ()


@pytest.mark.parametrize("verification", ["refuted", "entered-in-error"])
def test_a_refuted_condition_is_left_out(verification: str) -> None:
    status = {"coding": [{"code": verification}]}
    record = read(condition(verificationStatus=status))
    assert record.conditions == ()
    assert record.unread == ()


@pytest.mark.parametrize("verification", ["unconfirmed", "provisional", "differential"])
def test_an_unconfirmed_condition_is_kept_for_the_rules(verification: str) -> None:
    status = {"coding": [{"code": verification}]}
    assert only(condition(verificationStatus=status)).verification == verification


@pytest.mark.parametrize("status", [status.value for status in ClinicalStatus])
def test_every_clinical_status_is_read(status: str) -> None:
    found = only(condition(clinicalStatus={"coding": [{"code": status}]}))
    assert found.clinical_status == ClinicalStatus(status)


@pytest.mark.parametrize("status", [None, {"coding": [{"code": "odd"}]}, {"text": "x"}])
def test_an_unknown_clinical_status_is_none(status: Json | None) -> None:
    assert only(condition(clinicalStatus=status)).clinical_status is None


def test_a_category_that_is_an_object_is_read_like_a_list() -> None:
    """Epic's own sample writes it so."""
    category = {"coding": [{"code": "encounter-diagnosis"}]}
    assert only(condition(category=category)).is_encounter_diagnosis


@pytest.mark.parametrize(
    ("elements", "onset"),
    [
        ({"onsetDateTime": "2025-05"}, "2025-05"),
        ({"onsetDateTime": "2019"}, "2019"),
        ({"onsetDateTime": "2025-05-04T23:30:00-05:00"}, "2025-05-04"),
        ({"onsetDateTime": "2025-05-04T10:00"}, "2025-05-04"),
        ({"onsetDateTime": "2025-05-04 10:00:00"}, "2025-05-04"),
        ({"onsetPeriod": {"start": "2024-01-01", "end": "2025-01-01"}}, "2024-01-01"),
    ],
)
def test_an_onset_is_read_in_every_form_of_a_date(elements: Json, onset: str) -> None:
    found = only(condition(**elements))
    assert found.onset == day(onset)
    assert read(condition(**elements)).unread == ()


def test_an_age_at_onset_counts_from_the_birth() -> None:
    patient = {"resourceType": "Patient", "id": "p1", "birthDate": "1960-02-10"}
    found = only(patient, condition(onsetAge={"value": 50, "unit": "a", "code": "a"}))
    assert found.onset is not None
    assert found.onset.first == date(2010, 2, 9)
    assert found.onset.last.year == 2011


def test_an_age_at_onset_ends_today_at_the_latest() -> None:
    patient = {"resourceType": "Patient", "id": "p1", "birthDate": "1975-01-01"}
    found = only(patient, condition(onsetAge={"value": 50, "code": "a"}))
    assert found.onset is not None
    assert found.onset.last == TODAY


@pytest.mark.parametrize(
    ("elements", "unread"),
    [
        (
            {"onsetString": "since last winter"},
            ("Condition.onsetString", "a text, not a date"),
        ),
        (
            {"onsetAge": {"value": 50, "code": "a"}},
            ("Condition.onsetAge", "the age cannot be turned into a date"),
        ),
        (
            {"onsetDateTime": "winter"},
            ("Condition.onsetDateTime", "does not fit FHIR R4"),
        ),
        (
            {"onsetDateTime": "2025-02-30"},
            ("Condition.onsetDateTime", "does not fit FHIR R4"),
        ),
        (
            {"onsetDateTime": "0001-01-01"},
            ("Condition.onsetDateTime", "the date is implausible"),
        ),
    ],
)
def test_an_onset_that_cannot_be_read_is_said_and_the_cramp_kept(
    elements: Json, unread: tuple[str, str]
) -> None:
    record = read(condition(**elements))
    assert len(record.conditions) == 1
    assert record.conditions[0].onset is None
    assert reasons(record) == [unread]


@pytest.mark.parametrize(
    ("elements", "abated_on"),
    [
        ({"abatementDateTime": "2024-12"}, "2024-12"),
        ({"abatementPeriod": {"end": "2024-12-31"}}, "2024-12-31"),
        ({"abatementString": "better in spring"}, None),
        ({"abatementAge": {"value": 12, "code": "a"}}, None),
        ({"abatementRange": {"low": {"value": 12, "code": "a"}}}, None),
    ],
)
def test_an_abatement_of_any_form_is_one(elements: Json, abated_on: str | None) -> None:
    found = only(condition(**elements))
    assert found.abated
    assert found.abated_on == (day(abated_on) if abated_on else None)


@pytest.mark.parametrize(
    ("onset", "is_read"),
    [("2025-06-30", True), ("2025-07-01", True), ("2025-07-02", False)],
)
def test_a_condition_of_tomorrow_is_a_time_zone_one_later_is_not_used(
    onset: str, is_read: bool
) -> None:
    record = read(condition(onsetDateTime=onset))
    assert bool(record.conditions) is is_read
    assert bool(record.unread) is not is_read


def test_a_condition_dated_in_2180_is_not_used_but_said() -> None:
    record = read(condition(recordedDate="2180-05-01"))
    assert record.conditions == ()
    assert reasons(record) == [
        ("Condition.recordedDate", "dated after the day of evaluation")
    ]


@pytest.mark.parametrize(
    "site",
    [
        {"coding": [{"system": SNOMED, "code": "113345001"}]},
        {"text": "Abdomen"},
        {"coding": [{"system": LOCAL, "code": "9", "display": "stomach"}]},
    ],
)
def test_the_body_site_is_known_by_code_and_by_word(site: Json) -> None:
    found = only(condition(bodySite=[site]))
    assert "body-site-not-limb" in found.site_concepts


def test_a_limb_is_no_other_site() -> None:
    found = only(condition(bodySite=[{"text": "Left calf"}]))
    assert found.site_concepts == frozenset()
    assert found.site_label == "Left calf"


@pytest.mark.parametrize(
    "status",
    [
        {"coding": [{"system": LOCAL, "code": "R"}, {"code": "refuted"}]},
        {"text": "Refuted"},
    ],
)
def test_what_was_refuted_is_so_whatever_code_stands_beside_it(status: Json) -> None:
    assert read(condition(code=CRAMP, verificationStatus=status)).conditions == ()


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (
            {"coding": [{"system": LOCAL, "code": "A"}, {"code": "active"}]},
            ClinicalStatus.ACTIVE,
        ),
        (
            {"coding": [{"system": LOCAL, "code": "A"}, {"code": "resolved"}]},
            ClinicalStatus.RESOLVED,
        ),
        ({"coding": [{"system": LOCAL, "code": "A"}]}, None),
        ({"text": "Resolved"}, ClinicalStatus.RESOLVED),
    ],
)
def test_a_status_is_known_whatever_code_stands_beside_it(
    status: Json, expected: ClinicalStatus | None
) -> None:
    assert (
        only(condition(code=CRAMP, clinicalStatus=status)).clinical_status is expected
    )


@pytest.mark.parametrize(
    ("text", "is_abdominal"),
    [
        ("History of pelvic radiotherapy for cervical cancer", True),
        ("Personal history of irradiation", False),
        ("Irradiation of the breast", False),
    ],
)
def test_the_words_of_a_history_of_irradiation_tell_its_site(
    text: str, is_abdominal: bool
) -> None:
    code = {"coding": [{"system": ICD10CM, "code": "Z92.3"}], "text": text}
    sites = only(condition(code=code)).site_concepts
    assert ("body-site-abdomen-or-pelvis" in sites) is is_abdominal
