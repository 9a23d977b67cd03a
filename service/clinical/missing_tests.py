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
    "ferritin": frozenset({concepts.LAB_FERRITIN}),
}
_ONCE_A_YEAR = frozenset({"tsh", "hba1c", "ferritin"})


def missing_tests(case: Case, *, among: tuple[str, ...]) -> tuple[str, ...]:
    """The tests without a result in their window: 90 days; a year for those of slow
    change."""
    limits = case.knowledge.thresholds.differential
    missing = []
    for test in among:
        window = (
            limits.endocrine_missing_after
            if test in _ONCE_A_YEAR
            else limits.chemistry_missing_after
        )
        if not results(case.record, _TESTS[test], case.today, within=window.days):
            missing.append(test)
    return tuple(missing)


def ferritin_for_restless_legs(case: Case) -> tuple[str, ...]:
    """Ferritin, where restless legs are recorded and it was not measured (F-15)."""
    if "restless-legs" not in case.notes:
        return ()
    return missing_tests(case, among=("ferritin",))
