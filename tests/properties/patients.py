"""Patients at random, in the words of the vignettes, near the limits of every rule.

The facts are drawn from the vocabulary of `tests/vignettes/`, so that the two encoders
there write them as a US and as a UK system would.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from hypothesis import strategies as st

from service.clinical.knowledge import ProfileName
from tests.vignettes import uk, us_core
from tests.vignettes.chart import Resource
from tests.vignettes.facts import LIST_OF_CONDITION, LIST_OF_PROCEDURE, LIST_OF_SYMPTOM


TODAY = date(2025, 6, 30)
ENCODERS = {"us": us_core.chart_of, "uk": uk.chart_of}
VARIANTS = 8

Facts = dict[str, Any]

# Each age, duration and value stands just below, at or just above a limit.
AGES = (17, 18, 40, 64, 65, 74, 75, 90)
DAYS = (0, 1, 13, 14, 15, 28, 29, 89, 90, 91, 119, 120, 180, 364, 365, 366, 1825, 3650)
DOSES = {
    "metformin": (500, 1500, 2000),
    "folic_acid": (0.4, 1, 5),
    "b12_oral": (None,),
}
UNITS_AND_VALUES = {
    "b12": {
        "pg/mL": (5, 179, 180, 350, 351, 50001),
        "pmol/L": (132, 133, 258, 259),
        "": (150,),
    },
    "holotc": {"pmol/L": (24, 25, 70, 71)},
    "mma": {"nmol/L": (280, 281, 378, 379, 751), "umol/L": (0.2, 0.52)},
    "hcy": {"umol/L": (15, 15.1)},
    "k": {"mmol/L": (2.4, 2.5, 2.9, 3.0, 3.4, 3.5, 5.4, 5.5, 6.4, 6.5)},
    "mg": {"mmol/L": (0.39, 0.4, 0.69, 0.7), "mg/dL": (0.9, 1.0, 1.6, 1.7)},
    "ca": {"mmol/L": (1.89, 1.9, 2.19, 2.2), "mg/dL": (7.5, 8.4, 8.5)},
    "hb": {"g/dL": (10.9, 11.9, 12, 12.9, 13)},
    "mcv": {"fL": (100, 101)},
    "egfr": {"mL/min/{1.73_m2}": (29, 30, 59, 60)},
    "ck": {"U/L": (1000, 1001, 2000, 2001)},
}

CONDITIONS = sorted({*LIST_OF_CONDITION, *LIST_OF_PROCEDURE} - {"type2_diabetes"})
SYMPTOMS = sorted(LIST_OF_SYMPTOM)


@dataclass(frozen=True)
class Patient:
    """The facts about a patient, and how they are written down."""

    facts: Facts
    encoding: str
    variant: int
    profile: ProfileName

    def resources(self, today: date = TODAY) -> list[Resource]:
        """The chart as FHIR resources, dated back from ``today``."""
        return ENCODERS[self.encoding](self.facts, today, self.variant)


def patients(
    encodings: tuple[str, ...] = tuple(ENCODERS),
) -> st.SearchStrategy[Patient]:
    """Patients with cramps, mostly, and anything that may stand beside them."""
    return st.builds(
        Patient,
        facts=_facts(),
        encoding=st.sampled_from(encodings),
        variant=st.integers(0, VARIANTS),
        profile=st.sampled_from(("us", "uk")),
    )


@st.composite
def _facts(draw: st.DrawFn) -> Facts:
    some = st.lists(_medicine(), max_size=3, unique_by=lambda medicine: medicine["c"])
    facts: Facts = {
        "age": draw(st.sampled_from(AGES)),
        "sex": draw(st.sampled_from("FM")),
        "cramp": draw(
            st.sampled_from(("active", "active", "active", "weak", "excluded"))
        ),
        "cond": draw(st.lists(st.sampled_from(CONDITIONS), max_size=3, unique=True)),
        "sx": draw(st.lists(st.sampled_from(SYMPTOMS), max_size=2, unique=True)),
        "meds": draw(some),
        "labs": draw(st.lists(_result(), max_size=4)),
    }
    if facts["cramp"] == "active" and draw(st.booleans()):
        facts["cramp_onset"] = draw(st.sampled_from(DAYS))
    if draw(st.integers(0, 3)) == 0:
        facts["diet"] = draw(st.sampled_from(("vegan", "vegetarian")))
        if draw(st.booleans()):
            facts["diet_days"] = draw(st.sampled_from((30, 364, 365, 2000)))
    if draw(st.integers(0, 7)) == 0:
        facts["pending"] = True
    return facts


@st.composite
def _medicine(draw: st.DrawFn) -> dict[str, Any]:
    name = draw(
        st.sampled_from(
            (
                "metformin",
                "ppi",
                "h2ra",
                "colchicine",
                "anticonvulsant",
                "statin",
                "diuretic",
                "folic_acid",
                "multivitamin",
                "b12_oral",
                "b12_inj",
            )
        )
    )
    days = draw(st.sampled_from(DAYS))
    if name == "b12_inj":
        last = draw(st.sampled_from([each for each in DAYS if each <= days]))
        return {"c": name, "first": days, "last": last}
    medicine: dict[str, Any] = {"c": name, "days": days}
    if name in DOSES:
        medicine["dose"] = draw(st.sampled_from(DOSES[name]))
    if name in ("ppi", "h2ra"):
        medicine["prn"] = draw(st.booleans())
    if name == "metformin" and draw(st.integers(0, 3)) == 0:
        medicine |= {"active": False, "stopped": draw(st.sampled_from((180, 181)))}
    return medicine


@st.composite
def _result(draw: st.DrawFn) -> dict[str, Any]:
    test = draw(st.sampled_from(("b12", "b12", *sorted(UNITS_AND_VALUES))))
    unit = draw(st.sampled_from(sorted(UNITS_AND_VALUES[test])))
    lab: dict[str, Any] = {
        "t": test,
        "u": unit,
        "v": draw(st.sampled_from(UNITS_AND_VALUES[test][unit])),
        "d": draw(st.sampled_from(DAYS)),
    }
    if draw(st.integers(0, 5)) == 0:
        lab["cmp"] = draw(st.sampled_from(("<", "<=", ">", ">=")))
    if test in ("b12", "mma") and draw(st.integers(0, 5)) == 0:
        lab |= {"low": 200, "hi": 900}
    return lab
