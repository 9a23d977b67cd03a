"""Vignettes as a US EHR would send them: US Core profiles, RxNorm, ICD-10-CM, LOINC."""

from datetime import date
from typing import Any

from tests.vignettes.chart import Chart, Resource
from tests.vignettes.code_lists import Coding, pick
from tests.vignettes.facts import (
    INTENDED_OVERLAP,
    LIST_OF_CONDITION,
    LIST_OF_MEDICINE,
    LIST_OF_PROCEDURE,
    LIST_OF_SYMPTOM,
    ONLY_CODES,
    analyte,
)


CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
CATEGORY = "http://terminology.hl7.org/CodeSystem/condition-category"
OBSERVATION_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
ROUTE_INTRAMUSCULAR = {
    "coding": [
        {
            "system": "http://snomed.info/sct",
            "code": "78421000",
            "display": "Intramuscular route",
        }
    ]
}
_SYSTEMS = ("icd10cm", "snomed")


def chart_of(facts: dict[str, Any], as_of: date, variant: int = 0) -> list[Resource]:
    """The patient of a vignette; ``variant`` chooses among the codes of each list."""
    chart = Chart(as_of)
    chart.add_patient(facts["age"], facts["sex"])
    _add_cramp(chart, facts, variant)
    for name in facts.get("cond", ()):
        _add_established(chart, name, variant)
    for name in facts.get("sx", ()):
        days = 1500 if name == "cognitive" else 30
        _add_condition(
            chart,
            _coding(name, LIST_OF_SYMPTOM[name], _SYSTEMS, variant),
            onset=chart.day(days),
        )
    for medicine in facts.get("meds", ()):
        _add_medicine(chart, medicine, variant)
    for lab in facts.get("labs", ()):
        _add_lab(chart, lab)
    if "diet" in facts and facts["diet"] != "omnivore":
        _add_diet(chart, facts, variant)
    if facts.get("pending"):
        chart.add(
            "ServiceRequest",
            status="active",
            intent="order",
            code={"coding": [{"system": "http://loinc.org", "code": "2132-9"}]},
            authoredOn=chart.day(3),
        )
    return chart.resources


def _coding(
    name: str, value_set: str, systems: tuple[str, ...], variant: int
) -> Coding:
    overlap = INTENDED_OVERLAP.get(name, frozenset())
    if name not in ONLY_CODES:
        return pick(value_set, systems, variant, overlap)
    return _only(name, value_set, systems, variant)


def _only(name: str, value_set: str, systems: tuple[str, ...], variant: int) -> Coding:
    """One of the codes that mean just this, where the list is wider than the fact."""
    from tests.vignettes.code_lists import URIS, _lists

    uris = [URIS[system] for system in systems]
    found = [
        {"system": uri, "code": code, "display": display}
        for uri, code, display in _lists()[value_set]
        if uri in uris and code in ONLY_CODES[name]
    ]
    assert found, f"none of {ONLY_CODES[name]} stands in {value_set}"
    return found[variant % len(found)]


def _concept(coding: Coding) -> dict[str, Any]:
    return {"coding": [coding], "text": coding["display"]}


def _status(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def _add_condition(
    chart: Chart, coding: Coding, *, status: str = "active", **dates: Any
) -> Resource:
    onset = dates.pop("onset", None)
    if onset is not None:
        dates["onsetDateTime"] = onset
        dates["recordedDate"] = onset
    return chart.add(
        "Condition",
        clinicalStatus=_status(CLINICAL, status),
        verificationStatus=_status(VERIFICATION, "confirmed"),
        category=[_status(CATEGORY, "problem-list-item")],
        code=_concept(coding),
        **dates,
    )


def _add_cramp(chart: Chart, facts: dict[str, Any], variant: int) -> None:
    generic = frozenset({"cramp-trigger-generic"})
    onset = facts.get("cramp_onset")
    dates = {} if onset is None else {"onset": chart.day(onset)}
    match facts["cramp"]:
        case "active":
            coding = pick("cramp-trigger", _SYSTEMS, variant, generic)
            _add_condition(chart, coding, **dates)
        case "weak":
            _add_condition(
                chart, pick("cramp-trigger-weak", _SYSTEMS, variant), **dates
            )
        case "excluded":
            coding = pick("cramp-excluded", ("icd10cm", "snomed"), variant)
            _add_condition(chart, coding, **dates)
        case "resolved":
            coding = pick("cramp-trigger", _SYSTEMS, variant, generic)
            _add_condition(
                chart, coding, status="resolved", abatementDateTime=chart.day(180)
            )


def _add_established(chart: Chart, name: str, variant: int) -> None:
    if name in LIST_OF_PROCEDURE:
        chart.add(
            "Procedure",
            status="completed",
            code=_concept(pick(LIST_OF_PROCEDURE[name], ("snomed",), variant)),
            performedDateTime=chart.day(1095),
        )
        return
    days = {"cognitive_new": 120, "pregnancy": 60, "nitrous_oxide": 60}.get(name, 1200)
    coding = _coding(name, LIST_OF_CONDITION[name], _SYSTEMS, variant)
    _add_condition(chart, coding, onset=chart.day(days))


def _add_medicine(chart: Chart, medicine: dict[str, Any], variant: int) -> None:
    name = medicine["c"]
    if name == "b12_inj":
        _add_injections(chart, medicine)
        return
    if name == "multivitamin":
        coding = pick("med-multivitamin-b-complex", ("atc",), variant)
        chart.add(
            "MedicationStatement",
            status="active",
            medicationCodeableConcept=_concept(coding),
            effectivePeriod={"start": chart.day(medicine["days"])},
        )
        return
    # No RxNorm code of folic acid could be verified; ATC has it.
    system = ("atc",) if name == "folic_acid" else ("rxnorm",)
    coding = pick(LIST_OF_MEDICINE[name], system, 0 if name == "b12_oral" else variant)
    request: dict[str, Any] = {
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": _concept(coding),
    }
    dosage: dict[str, Any] = {}
    if medicine.get("days") is not None:
        request["authoredOn"] = chart.day(medicine["days"])
    if not medicine.get("active", True):
        request["status"] = "stopped"
        start = medicine["days"] + medicine["stopped"]
        request["authoredOn"] = chart.day(start)
        dosage["timing"] = {
            "repeat": {
                "boundsPeriod": {
                    "start": chart.day(start),
                    "end": chart.day(medicine["stopped"]),
                }
            }
        }
    if medicine.get("prn"):
        dosage["asNeededBoolean"] = True
    if medicine.get("dose"):
        dosage["doseAndRate"] = [
            {
                "doseQuantity": {
                    "value": medicine["dose"] / 2,
                    "unit": "mg",
                    "system": "http://unitsofmeasure.org",
                    "code": "mg",
                }
            }
        ]
        repeat = dosage.setdefault("timing", {}).setdefault("repeat", {})
        repeat.update({"frequency": 2, "period": 1, "periodUnit": "d"})
    if dosage:
        request["dosageInstruction"] = [dosage]
    chart.add("MedicationRequest", **request)


def _add_injections(chart: Chart, medicine: dict[str, Any]) -> None:
    for days in sorted({medicine["first"], medicine["last"]}, reverse=True):
        chart.add(
            "MedicationAdministration",
            status="completed",
            medicationCodeableConcept={
                "coding": [
                    {
                        "system": "http://www.nlm.nih.gov/research/umls/rxnorm",
                        "code": "309594",
                        "display": "cyanocobalamin 1 MG/ML Injectable Solution",
                    }
                ]
            },
            effectiveDateTime=f"{chart.day(days)}T09:30:00-05:00",
            dosage={
                "route": ROUTE_INTRAMUSCULAR,
                "dose": {"value": 1, "unit": "mg", "code": "mg"},
            },
        )


def _add_lab(chart: Chart, lab: dict[str, Any]) -> None:
    test = analyte(lab["t"], lab["u"])
    quantity: dict[str, Any] = {"value": lab["v"]}
    if lab["u"]:
        quantity.update(
            unit=lab["u"], system="http://unitsofmeasure.org", code=lab["u"]
        )
    if "cmp" in lab:
        quantity["comparator"] = lab["cmp"]
    elements: dict[str, Any] = {}
    limits = {
        name: {"value": lab[key], "unit": lab["u"]}
        for key, name in (("low", "low"), ("hi", "high"))
        if key in lab
    }
    if limits:
        elements["referenceRange"] = [limits]
    chart.add(
        "Observation",
        status="final",
        category=[_status(OBSERVATION_CATEGORY, "laboratory")],
        code={
            "coding": [
                {
                    "system": "http://loinc.org",
                    "code": test.loinc,
                    "display": test.display,
                }
            ]
        },
        effectiveDateTime=f"{chart.day(lab['d'])}T08:00:00-05:00",
        valueQuantity=quantity,
        **elements,
    )


def _add_diet(chart: Chart, facts: dict[str, Any], variant: int) -> None:
    elements: dict[str, Any] = {}
    if "diet_days" in facts:
        elements["effectivePeriod"] = {"start": chart.day(facts["diet_days"])}
    chart.add(
        "Observation",
        status="final",
        category=[_status(OBSERVATION_CATEGORY, "social-history")],
        code={"text": "Diet"},
        valueCodeableConcept=_concept(
            pick(f"diet-{facts['diet']}", ("snomed",), variant)
        ),
        **elements,
    )
