"""Vignettes as a UK GP system would send them: SNOMED CT, dm+d, local codes.

The shape differs wherever FHIR allows it: no category, no verification, dates without
a day, medicines as referenced Medications or as plain text, symptoms and cramps as
observations, results coded in CTV3 or without a UCUM code.
"""

from datetime import date
from typing import Any

from tests.vignettes.chart import Chart, Resource
from tests.vignettes.code_lists import URIS, codings, pick
from tests.vignettes.facts import (
    LIST_OF_CONDITION,
    LIST_OF_MEDICINE,
    LIST_OF_PROCEDURE,
    LIST_OF_SYMPTOM,
    analyte,
)
from tests.vignettes.us_core import _coding, _concept


CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_SYSTEMS = ("snomed", "icd10cm")


def chart_of(facts: dict[str, Any], as_of: date, variant: int = 0) -> list[Resource]:
    """The patient of a vignette; ``variant`` chooses among the codes of each list."""
    chart = Chart(as_of)
    chart.add_patient(facts["age"], facts["sex"])
    _add_cramp(chart, facts, variant)
    for name in facts.get("cond", ()):
        _add_established(chart, name, variant)
    for name in facts.get("sx", ()):
        _add_symptom(chart, name, variant)
    for medicine in facts.get("meds", ()):
        _add_medicine(chart, medicine, variant)
    for lab in facts.get("labs", ()):
        _add_lab(chart, lab, variant)
    if "diet" in facts and facts["diet"] != "omnivore":
        _add_diet(chart, facts, variant)
    if facts.get("pending"):
        chart.add(
            "ServiceRequest",
            status="active",
            intent="order",
            code={"coding": [{"system": "http://loinc.org", "code": "72160-5"}]},
            authoredOn=f"{chart.day(3)}T10:00:00+01:00",
        )
    return chart.resources


def _active() -> dict[str, Any]:
    return {"coding": [{"system": CLINICAL, "code": "active"}]}


def _add_cramp(chart: Chart, facts: dict[str, Any], variant: int) -> None:
    generic = frozenset({"cramp-trigger-generic"})
    onset = facts.get("cramp_onset")
    match facts["cramp"]:
        case "active" if onset is None and variant % 2:
            chart.add(
                "Condition",
                clinicalStatus=_active(),
                code={"text": "Leg cramps at night"},
            )
        case "active" | "weak" as kind:
            value_set = "cramp-trigger" if kind == "active" else "cramp-trigger-weak"
            dates = {} if onset is None else {"recordedDate": chart.day(onset)}
            chart.add(
                "Condition",
                clinicalStatus=_active(),
                code=_concept(pick(value_set, _SYSTEMS, variant, generic)),
                **dates,
            )
        case "excluded":
            chart.add(
                "Condition",
                clinicalStatus=_active(),
                code={"coding": [{"system": URIS["snomed"], "code": "55300003"}]},
                bodySite=[{"coding": [{"system": URIS["snomed"], "code": "69695003"}]}],
            )
        case "resolved":
            chart.add(
                "Condition",
                clinicalStatus={"coding": [{"system": CLINICAL, "code": "inactive"}]},
                code=_concept(pick("cramp-trigger", _SYSTEMS, variant, generic)),
                recordedDate=chart.day(300),
            )


def _add_established(chart: Chart, name: str, variant: int) -> None:
    if name in LIST_OF_PROCEDURE:
        chart.add(
            "Procedure",
            status="completed",
            code=_concept(pick(LIST_OF_PROCEDURE[name], ("snomed",), variant)),
            performedPeriod={"start": chart.day(1095)[:7]},
        )
        return
    days = {"cognitive_new": 120, "pregnancy": 60, "nitrous_oxide": 60}.get(name, 1200)
    value_set = LIST_OF_CONDITION[name]
    systems = _SYSTEMS if name != "scd" else ("snomed",)
    dates = {} if name == "pregnancy" else {"onsetDateTime": chart.day(days)}
    chart.add(
        "Condition",
        clinicalStatus=_active(),
        code=_concept(_coding(name, value_set, systems, variant)),
        **dates,
    )


def _add_symptom(chart: Chart, name: str, variant: int) -> None:
    coding = _coding(name, LIST_OF_SYMPTOM[name], _SYSTEMS, variant)
    if name == "cognitive":
        chart.add(
            "Condition",
            clinicalStatus=_active(),
            code=_concept(coding),
            onsetDateTime=chart.day(1500)[:4],
        )
        return
    chart.add(
        "Observation",
        status="final",
        code=_concept(coding),
        effectiveDateTime=chart.day(30),
        valueBoolean=True,
    )


def _add_medicine(chart: Chart, medicine: dict[str, Any], variant: int) -> None:
    name = medicine["c"]
    if name == "b12_inj":
        _add_injections(chart, medicine)
    elif name == "multivitamin":
        chart.add(
            "MedicationStatement",
            status="active",
            medicationCodeableConcept={"text": "Vitamin B12 10 micrograms daily (OTC)"},
            effectivePeriod={"start": chart.day(medicine["days"])},
        )
    else:
        _add_statement(chart, medicine, variant)


def _add_statement(chart: Chart, medicine: dict[str, Any], variant: int) -> None:
    name = medicine["c"]
    elements: dict[str, Any] = {"status": "active"}
    period: dict[str, str] = {}
    if medicine.get("days") is not None:
        period["start"] = chart.day(medicine["days"])
    if not medicine.get("active", True):
        elements["status"] = "stopped"
        period = {
            "start": chart.day(medicine["days"] + medicine["stopped"]),
            "end": chart.day(medicine["stopped"]),
        }
    if period:
        elements["effectivePeriod"] = period
    dosage: dict[str, Any] = {}
    if medicine.get("dose"):
        dosage["text"] = f"{medicine['dose']:g} mg once daily"
    if medicine.get("prn"):
        dosage["asNeededBoolean"] = True
    if dosage:
        elements["dosage"] = [dosage]
    chart.add("MedicationStatement", **_medication(chart, name, variant), **elements)


def _medication(chart: Chart, name: str, variant: int) -> dict[str, Any]:
    """By dm+d code where the list has one: contained, referenced or in place."""
    if name == "b12_oral":
        return {
            "medicationCodeableConcept": {"text": "Cyanocobalamin 1mg tablets"},
        }
    if not codings(LIST_OF_MEDICINE[name], "dmd"):
        words = {"folic_acid": "Folic acid tablets"}
        return {"medicationCodeableConcept": {"text": words[name]}}
    coding = pick(LIST_OF_MEDICINE[name], ("dmd",), variant)
    if variant % 3 == 0:
        return {"medicationCodeableConcept": _concept(coding)}
    if variant % 3 == 1:
        return {
            "contained": [
                {"resourceType": "Medication", "id": "drug", "code": _concept(coding)}
            ],
            "medicationReference": {"reference": "#drug"},
        }
    medication = chart.add("Medication", code=_concept(coding))
    del medication["subject"]
    return {"medicationReference": {"reference": f"Medication/{medication['id']}"}}


def _add_injections(chart: Chart, medicine: dict[str, Any]) -> None:
    chart.add(
        "MedicationStatement",
        status="active",
        medicationCodeableConcept={
            "text": "Hydroxocobalamin 1mg/1ml solution for injection ampoules"
        },
        effectivePeriod={
            "start": chart.day(medicine["first"]),
            "end": chart.day(medicine["last"]),
        },
    )


def _add_lab(chart: Chart, lab: dict[str, Any], variant: int) -> None:
    test = analyte(lab["t"], lab["u"])
    coding = {"system": URIS["loinc"], "code": test.loinc, "display": test.display}
    if lab["t"] == "b12" and variant % 2:
        coding = {"system": URIS["ctv3"], "code": "XE2pf"}
    quantity: dict[str, Any] = {"value": lab["v"]}
    if lab["u"]:
        quantity["unit"] = lab["u"]
    if "cmp" in lab:
        quantity["comparator"] = lab["cmp"]
    elements: dict[str, Any] = {}
    limits = {
        name: {"value": lab[key]}
        for key, name in (("low", "low"), ("hi", "high"))
        if key in lab
    }
    if limits:
        elements["referenceRange"] = [limits]
    chart.add(
        "Observation",
        status="final",
        code={"coding": [coding], "text": test.display},
        effectiveDateTime=chart.day(lab["d"]),
        valueQuantity=quantity,
        **elements,
    )


def _add_diet(chart: Chart, facts: dict[str, Any], variant: int) -> None:
    dates: dict[str, Any] = {}
    if "diet_days" in facts:
        dates["onsetDateTime"] = chart.day(facts["diet_days"])
    chart.add(
        "Condition",
        clinicalStatus=_active(),
        code=_concept(pick(f"diet-{facts['diet']}", ("snomed",), variant)),
        **dates,
    )
