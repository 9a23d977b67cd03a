"""Which tests of the work-up have no recent result."""

from service.clinical import concepts
from service.clinical.case import Case
from service.clinical.laboratory import results


_TESTS: dict[str, frozenset[str]] = {
    "potassium": frozenset({concepts.LAB_POTASSIUM}),
    "magnesium": frozenset({concepts.LAB_MAGNESIUM}),
    "calcium": frozenset({concepts.LAB_CALCIUM}),
    "creatinine": frozenset({concepts.LAB_CREATININE, concepts.LAB_EGFR}),
    "tsh": frozenset({concepts.LAB_TSH}),
    "hba1c": frozenset({concepts.LAB_HBA1C}),
    "ck": frozenset({concepts.LAB_CK}),
}
_ENDOCRINE = frozenset({"tsh", "hba1c"})


def missing_tests(case: Case, *, among: tuple[str, ...]) -> tuple[str, ...]:
    """The tests without a result in their window: 90 days, endocrine ones a year."""
    limits = case.knowledge.thresholds.differential
    missing = []
    for test in among:
        window = (
            limits.endocrine_missing_after
            if test in _ENDOCRINE
            else limits.chemistry_missing_after
        )
        if not results(case.record, _TESTS[test], case.today, within=window.days):
            missing.append(test)
    return tuple(missing)
