"""What the evidence says of an entry: its words, its day, its resource."""

from dataclasses import replace
from itertools import combinations

import pytest

from service.clinical.answers import Fact
from service.clinical.evaluate import Evaluation, evaluate
from service.clinical.exposures import Moment
from service.clinical.record import DataKind
from tests.spec.examples import knowledge
from tests.spec.patients import TODAY, Person, adult, day


cramps = adult().with_cramps()
at_risk = cramps.with_condition("rf-crohn", days=900)
deficient = cramps.with_condition("b12-deficiency-diagnosed", days=400)


def nameless(patient: Person) -> Person:
    """The patient, with no word in the chart for any entry."""
    record = patient.record
    return replace(
        patient,
        record=replace(
            record,
            **{
                kind: tuple(replace(item, label="") for item in getattr(record, kind))
                for kind in (
                    "conditions",
                    "observations",
                    "procedures",
                    "medications",
                    "test_orders",
                )
            },
            family_history=tuple(
                replace(each, relationship="") for each in record.family_history
            ),
        ),
    )


def evaluation(patient: Person, moment: Moment = Moment.VISIT) -> Evaluation:
    return evaluate(patient.record, knowledge("us"), TODAY, moment=moment)


def fact(patient: Person, name: str, moment: Moment = Moment.VISIT) -> Fact:
    """The one fact of this name, among all that was found or that a card rests on."""
    found = evaluation(patient, moment)
    rests_on = [each for card in found.shown for each in card.concern.because]
    (only,) = dict.fromkeys(
        each for each in (*found.facts, *rests_on) if each.name == name
    )
    return only


NAMELESS = [
    (cramps, "cramps", "muscle cramps"),
    (deficient, "b12-deficiency-diagnosed", "vitamin B12 deficiency"),
    (at_risk.with_test_ordered(days=3), "b12-test-pending", "vitamin B12 test"),
    (deficient.taking("med-b12", days=90, mg_daily=1), "b12-oral", "vitamin B12"),
    (cramps.taking("med-metformin", days=900), "metformin", "metformin"),
    (cramps.taking("med-ppi", days=900), "ppi", "a proton pump inhibitor"),
    (cramps.taking("med-h2ra", days=900), "h2ra", "an H2 blocker"),
    (cramps.taking("med-colchicine", days=900), "colchicine", "colchicine"),
    (
        cramps.with_procedure("proc-gastrectomy"),
        "gastrectomy",
        "gastrectomy",
    ),
    (at_risk, "crohn", "Crohn disease"),
    (
        at_risk.taking("med-folic-acid", days=30, mg_daily=5),
        "folic-acid",
        "folic acid",
    ),
    (
        at_risk.being_ordered("med-folic-acid", mg_daily=5),
        "folic-acid",
        "folic acid",
    ),
    (
        cramps.with_relative("rf-pernicious-anaemia"),
        "family-history",
        "first-degree relative: rf-pernicious-anaemia",
    ),
    (
        at_risk.with_condition("redflag-sphincter-paresis", days=30).with_condition(
            "sx-paresthesia-numbness", days=30
        ),
        "sphincter-or-paresis",
        "new bladder or bowel dysfunction",
    ),
    (
        at_risk.with_condition("sx-cognitive", days=30),
        "new-cognitive-decline",
        "cognitive decline",
    ),
    (cramps.taking("med-statin", days=100), "statin", "statin"),
]


@pytest.mark.parametrize(
    ("patient", "name", "label"),
    [pytest.param(*case, id=f"{case[1]}: {case[0]}") for case in NAMELESS],
)
def test_what_the_chart_has_no_word_for_gets_ours(
    patient: Person, name: str, label: str
) -> None:
    assert fact(nameless(patient), name).label == label


def test_a_test_being_ordered_without_a_name_gets_ours() -> None:
    ordering = nameless(at_risk.with_test_ordered(days=None, in_hand=True))
    pending = fact(ordering, "b12-test-pending", Moment.ORDERING)
    assert (pending.label, pending.date_words) == ("vitamin B12 test", "being ordered")


def test_another_test_ordered_before_does_not_hide_the_one_of_b12() -> None:
    patient = at_risk.with_test_ordered(days=3)
    (b12,) = patient.record.test_orders
    other = replace(b12, concepts=frozenset())
    both = replace(patient, record=replace(patient.record, test_orders=(other, b12)))
    assert evaluation(both).shown == ()


UNDATED = [
    (cramps.with_procedure("proc-gastrectomy", days=None), "gastrectomy"),
    (
        cramps.with_condition(
            "history-of-irradiation", site="body-site-abdomen-or-pelvis"
        ),
        "radiotherapy",
    ),
    (cramps, "cramps"),
]


@pytest.mark.parametrize(("patient", "name"), UNDATED, ids=[c[1] for c in UNDATED])
def test_what_has_no_day_says_so(patient: Person, name: str) -> None:
    found = fact(patient, name)
    assert (found.date, found.date_words) == (None, "date not recorded")


def test_irradiation_on_a_known_day_says_which() -> None:
    patient = cramps.with_condition(
        "history-of-irradiation", days=2000, site="body-site-abdomen-or-pelvis"
    )
    found = fact(patient, "radiotherapy")
    assert (found.date, found.date_words) == (day(2000), "on")


def test_injections_since_nobody_knows_when_say_so() -> None:
    found = fact(deficient.taking("med-b12", parenteral=True), "b12-injections")
    assert (found.date, found.date_words) == (None, "start date not recorded")


def test_injections_count_from_the_first_dose() -> None:
    found = fact(deficient.injected(30, 100), "b12-injections")
    assert (found.date, found.date_words) == (day(100), "since")


def test_folic_acid_in_hand_is_dated_as_the_order_is() -> None:
    patient = at_risk.being_ordered("med-folic-acid", mg_daily=5)
    draft = replace(patient.record.medications[0], start=day(0))
    dated = replace(patient, record=replace(patient.record, medications=(draft,)))
    found = fact(dated, "folic-acid")
    assert (found.date, found.date_words) == (day(0), "being ordered")


def test_of_operations_the_first_is_told() -> None:
    patient = (
        cramps.with_procedure("proc-gastrectomy", days=None)
        .with_procedure("proc-gastrectomy", days=100)
        .with_procedure("proc-gastrectomy", days=900)
    )
    assert fact(patient, "gastrectomy").date == day(900)


def test_of_operations_of_one_day_the_first_by_reference_is_told() -> None:
    patient = cramps.with_procedure("proc-gastrectomy", days=900).with_procedure(
        "proc-gastrectomy", days=900
    )
    turned = replace(
        patient,
        record=replace(patient.record, procedures=patient.record.procedures[::-1]),
    )
    assert fact(turned, "gastrectomy") == fact(patient, "gastrectomy")


def test_of_conditions_that_record_an_operation_the_earliest_is_told() -> None:
    patient = cramps.with_condition("proc-gastrectomy", days=100).with_condition(
        "proc-gastrectomy", days=900
    )
    assert fact(patient, "gastrectomy").date == day(900)


def test_of_entries_of_a_past_deficiency_the_earliest_is_told() -> None:
    patient = cramps.with_condition(
        "b12-deficiency-diagnosed", days=500, status="resolved"
    ).with_condition("b12-deficiency-diagnosed", days=900, status="resolved")
    assert fact(patient, "previous-deficiency").date == day(900)


def test_of_entries_of_a_family_history_the_earliest_is_told() -> None:
    patient = cramps.with_condition("rf-family-history", days=100).with_condition(
        "rf-family-history", days=900
    )
    assert fact(patient, "family-history").date == day(900)


def test_a_relative_with_another_disease_is_no_family_history() -> None:
    relative = cramps.with_relative("rf-alcohol")
    assert "family-history" not in {each.name for each in evaluation(relative).facts}


def test_of_allergies_to_one_food_the_first_by_reference_is_told() -> None:
    patient = cramps.allergic_to("milk", "milk", "egg")
    turned = replace(
        patient,
        record=replace(patient.record, allergies=patient.record.allergies[::-1]),
    )
    assert fact(turned, "dietary-inadequacy") == fact(patient, "dietary-inadequacy")


def test_of_findings_of_one_day_the_first_by_reference_is_told() -> None:
    patient = at_risk.with_condition(
        "sx-paresthesia-numbness", days=30, label="two"
    ).with_condition("sx-paresthesia-numbness", days=30, label="one")
    turned = replace(
        patient,
        record=replace(patient.record, conditions=patient.record.conditions[::-1]),
    )
    for each in (patient, turned):
        assert [str(source) for source in fact(each, "paresthesia").sources] == [
            "Condition/3"
        ]


def test_a_deficiency_by_codes_that_mean_several_vitamins_says_so() -> None:
    coded = frozenset({"icd10cm|E53.8", "icd10|E53.8"})
    for codes in (coded, frozenset({"icd10cm|E53.8"})):
        patient = cramps.with_condition(
            "b12-deficiency-diagnosed", label="low B12", codes=codes
        )
        label = fact(patient, "b12-deficiency-diagnosed").label
        assert label == "low B12 (recorded as E53.8)"


def test_a_deficiency_that_is_also_coded_exactly_does_not() -> None:
    patient = cramps.with_condition(
        "b12-deficiency-diagnosed",
        label="low B12",
        codes=frozenset({"icd10cm|E53.8", "snomed|190634004"}),
    )
    assert fact(patient, "b12-deficiency-diagnosed").label == "low B12"


def test_anaemia_by_a_blood_count_began_on_the_day_of_the_sample() -> None:
    patient = cramps.with_result("lab-mcv", "104", "fL", days=12)
    companion = evaluation(patient).case.companions["anaemia-macrocytosis"]
    assert companion.onsets == (day(12),)


def test_what_could_not_be_read_is_listed_by_resource_in_any_order() -> None:
    patient = at_risk.with_result("lab-b12-total", "300", None).with_result(
        "lab-b12-total", "301", None
    )
    turned = replace(
        patient,
        record=replace(patient.record, observations=patient.record.observations[::-1]),
    )
    assert [str(each.source) for each in evaluation(turned).unread] == [
        "Observation/1",
        "Observation/2",
    ]


def test_a_resource_without_an_id_is_named_by_its_type() -> None:
    patient = adult().with_cramps()
    (condition,) = patient.record.conditions
    without = replace(condition, source=replace(condition.source, id=None))
    assert str(without.source) == "Condition"
    assert str(condition.source) == "Condition/1"


def test_a_case_that_is_set_aside_keeps_what_was_set_aside() -> None:
    answer = evaluation(at_risk.with_condition("suppress-palliative"))
    (aside,) = answer.suppressed
    assert (aside.key, aside.by) == ("b12-screen", "palliative care")
    assert aside.concern.text == "consider"


@pytest.mark.parametrize("moment", list(Moment))
@pytest.mark.parametrize("kinds", list(combinations(DataKind, 2)), ids="-".join)
def test_what_cannot_be_told_is_said_in_the_words_of_a_rule(
    kinds: tuple[DataKind, DataKind], moment: Moment
) -> None:
    """A rule that may keep silent has no words, and is never alone in not telling."""
    words = {rule.cannot_tell for rule in knowledge("us").rules.values()}
    for patient in (cramps, at_risk, cramps.with_condition("suppress-palliative")):
        for missing in (patient.without(*kinds), patient.without(*kinds, partly=True)):
            undecided = evaluation(missing, moment).undecided
            if undecided is not None:
                assert any(each and each in undecided.reason for each in words)
