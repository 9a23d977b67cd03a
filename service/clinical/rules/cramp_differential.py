"""Cramps have many causes: name the specific other ones that the chart holds.

Source: Garrison 2012 (diuretics, statins, long-acting beta agonists), CKS leg cramps,
AAFP 2012 (CLINICAL 1f, 2.7 card 11).

When  the chart names a specific other cause, or creatine kinase is above five times the
      upper limit.
Then  review it; warning only for creatine kinase. Never for cramps with nothing found.
"""

from service.clinical.answers import Answer, Concern, Indicator
from service.clinical.case import Case
from service.clinical.missing_tests import ferritin_for_restless_legs, missing_tests
from service.clinical.record import DataKind
from service.clinical.wording import fitting_list


KEY = "cramp-differential"


def evaluate(case: Case) -> Answer:
    """The other causes found, and the tests that would complete the work-up."""
    ck = case.raised_ck
    if not case.other_causes and ck is None:
        return case.no_concern(
            "no specific other cause found",
            unless=frozenset(
                {DataKind.CONDITIONS, DataKind.MEDICATIONS, DataKind.LABORATORY}
            ),
        )
    ck_facts = (ck.fact(),) if ck is not None else ()
    ck_words = ("raised creatine kinase",) if ck is not None else ()
    phrases = tuple(
        case.knowledge.causes[cause.key].phrase for cause in case.other_causes
    )
    notes = set(case.notes) | {cause.key for cause in case.other_causes}
    if ck is not None:
        notes.add("ck-urgent" if ck.is_urgent else "ck-raised")
    wanted = ["potassium", "magnesium", "calcium", "creatinine", "tsh", "hba1c"]
    if "statin" in notes:
        wanted.append("ck")
    return Concern(
        indicator=Indicator.WARNING if ck is not None else Indicator.INFO,
        text="review",
        because=(
            *ck_facts,
            *(cause.fact for cause in case.other_causes),
            *case.cramp_facts(),
        ),
        values={
            "found": fitting_list(
                (*ck_words, *phrases), case.knowledge.rules[KEY].summaries["review"]
            )
        },
        notes=frozenset(notes),
        tests=(
            *missing_tests(case, among=tuple(wanted)),
            *ferritin_for_restless_legs(case),
        ),
    )
