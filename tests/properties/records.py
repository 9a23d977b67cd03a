"""Records at random: anything a chart may be read as, likely or not.

Not by way of FHIR, so that combinations arise which no chart was seen to hold: a result
with a comparator, no unit and a date to come; a medicine that ended before it began to
be taken; a condition of five concepts at once.
"""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from service.clinical import concepts
from service.clinical.dates import PartialDate
from service.clinical.record import (
    Allergy,
    ClinicalStatus,
    Comparator,
    Condition,
    DataKind,
    DietOrder,
    Medication,
    MedicationSource,
    MedicationState,
    Observation,
    OrderedTest,
    Patient,
    Procedure,
    Quantity,
    Record,
    ReferenceRange,
    RelativeHistory,
    ResourceRef,
    Sex,
)
from tests.properties.answers import adviser


TODAY = date(2025, 6, 30)

_KNOWLEDGE = adviser("us").knowledge
_UNITS = sorted(_KNOWLEDGE.units)
CONCEPTS = sorted(
    {value for name, value in vars(concepts).items() if name.isupper()}
    | {
        concept
        for table in (
            _KNOWLEDGE.risk_factors,
            _KNOWLEDGE.companions,
            _KNOWLEDGE.causes,
        )
        for entry in table.values()
        for concept in entry.concepts
    }
)
_MEDICINES = [concept for concept in CONCEPTS if concept.startswith("med-")]
_TESTS = [concept for concept in CONCEPTS if concept.startswith("lab-")]
_FINDINGS = [each for each in CONCEPTS if each not in {*_MEDICINES, *_TESTS}]


def _some(values: list[str]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(values), min_size=1, max_size=3)


def _seldom(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.one_of(st.none(), values)


def _partial(days_ago: int, length: int) -> PartialDate:
    first = TODAY - timedelta(days=days_ago)
    return PartialDate(first=first, last=first + timedelta(days=length))


DATES = st.one_of(
    st.none(),
    st.builds(_partial, st.integers(-400, 40_000), st.sampled_from((0, 0, 27, 365))),
    st.builds(_partial, st.integers(-3, 800), st.just(0)),
)
REFS = st.builds(
    ResourceRef,
    type=st.sampled_from(("Condition", "Observation", "MedicationRequest")),
    id=st.one_of(st.none(), st.sampled_from("abcde")),
    in_hand=st.booleans(),
)
LABELS = st.sampled_from(("", " ", "leg cramps", "Metformin 500 mg", "*[x](y)"))
NUMBERS = st.decimals(
    min_value=Decimal(-10),
    max_value=Decimal(100_000),
    allow_nan=False,
    allow_infinity=False,
    places=2,
)
LIMITS = st.one_of(st.none(), NUMBERS)

CONDITIONS = st.builds(
    Condition,
    source=REFS,
    concepts=_some(_FINDINGS),
    label=LABELS,
    codes=st.sampled_from(
        (frozenset(), frozenset({"icd10cm|E53.8"}), frozenset({"icd10cm|F18.10"}))
    ),
    clinical_status=_seldom(st.sampled_from(ClinicalStatus)),
    verification=st.sampled_from((None, "confirmed", "provisional")),
    is_encounter_diagnosis=st.booleans(),
    is_problem_list_item=st.booleans(),
    onset=DATES,
    recorded=DATES,
    abated=st.sampled_from((False, False, True)),
    abated_on=DATES,
    site_concepts=st.sampled_from(
        (
            frozenset(),
            frozenset({concepts.BODY_SITE_NOT_LIMB}),
            frozenset({concepts.BODY_SITE_ABDOMEN_OR_PELVIS}),
        )
    ),
)
FOUND = st.builds(
    Observation,
    source=REFS,
    concepts=_some(_FINDINGS),
    label=LABELS,
    value_concepts=st.one_of(st.just(frozenset()), _some(_FINDINGS)),
    negative=st.booleans(),
    effective=DATES,
    effective_is_period=st.booleans(),
)
RESULTS = st.builds(
    Observation,
    source=REFS,
    concepts=_some(_TESTS),
    label=LABELS,
    value=_seldom(
        st.builds(
            Quantity,
            value=NUMBERS,
            unit=st.one_of(st.none(), st.sampled_from(_UNITS)),
            comparator=_seldom(st.sampled_from(Comparator)),
        )
    ),
    effective=DATES,
    flags=st.sampled_from((frozenset(), frozenset({"L"}), frozenset({"H", "LL"}))),
    reference_range=_seldom(st.builds(ReferenceRange, low=LIMITS, high=LIMITS)),
    problem=st.sampled_from((None, "a text instead of a number")),
)
MEDICATIONS = st.builds(
    Medication,
    source=REFS,
    concepts=_some(_MEDICINES),
    label=LABELS,
    origin=st.sampled_from(MedicationSource),
    state=st.sampled_from(MedicationState),
    start=DATES,
    end=DATES,
    as_needed=st.booleans(),
    daily_dose_ug=LIMITS,
    is_parenteral=st.sampled_from((None, True, False)),
)
PATIENTS = st.builds(
    Patient,
    source=st.just(ResourceRef(type="Patient", id="1")),
    birth=DATES,
    sex=st.sampled_from(Sex),
    deceased=st.sampled_from((False, False, False, True)),
)
KINDS = st.frozensets(st.sampled_from(DataKind), max_size=3)

CRAMPS = Condition(
    source=ResourceRef(type="Condition", id="cramps"),
    concepts=frozenset({concepts.CRAMP_TRIGGER}),
    label="muscle cramps",
    clinical_status=ClinicalStatus.ACTIVE,
)


def _tuples(
    items: st.SearchStrategy[object], most: int
) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(items, max_size=most).map(tuple)


def records() -> st.SearchStrategy[Record]:
    """Any record; most have cramps, so that the rules are asked."""
    return st.builds(
        Record,
        patient=st.one_of(st.none(), PATIENTS, PATIENTS, PATIENTS),
        conditions=st.builds(
            lambda cramps, others: (*cramps, *others),
            st.sampled_from(((), (CRAMPS,), (CRAMPS,), (CRAMPS,))),
            _tuples(CONDITIONS, 4),
        ),
        observations=st.builds(
            lambda found, results: (*found, *results),
            _tuples(FOUND, 2),
            _tuples(RESULTS, 4),
        ),
        procedures=_tuples(
            st.builds(
                Procedure,
                source=REFS,
                concepts=_some(_FINDINGS),
                label=LABELS,
                performed=DATES,
            ),
            1,
        ),
        medications=_tuples(MEDICATIONS, 4),
        test_orders=_tuples(
            st.builds(
                OrderedTest,
                source=REFS,
                concepts=st.just(frozenset({concepts.ORDER_B12})),
                label=LABELS,
                is_draft=st.booleans(),
                authored=DATES,
            ),
            1,
        ),
        family_history=_tuples(
            st.builds(
                RelativeHistory,
                source=REFS,
                concepts=_some(_FINDINGS),
                label=LABELS,
                is_first_degree=st.booleans(),
            ),
            1,
        ),
        allergies=_tuples(
            st.builds(Allergy, source=REFS, concepts=_some(_FINDINGS), label=LABELS), 1
        ),
        diet_orders=_tuples(
            st.builds(
                DietOrder,
                source=REFS,
                concepts=_some(_FINDINGS),
                label=LABELS,
                ordered=DATES,
            ),
            1,
        ),
        absent=KINDS,
        partial=KINDS,
    )
