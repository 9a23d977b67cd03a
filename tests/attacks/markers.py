"""Texts that are found nowhere else, to see where what a request holds gets to."""

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.http.patients import bundle, cramps, folic_acid, metformin, patient


Json = dict[str, Any]
Path = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Markers:
    """Hands markers out, and finds them again."""

    planted: dict[str, str] = field(default_factory=dict)
    """What each marker stands in for, by the marker."""

    def __call__(self, what: str) -> str:
        """The marker for `what`: letters and digits, so that it may be any id."""
        marker = "mk" + hashlib.sha256(what.encode()).hexdigest()[:16]
        self.planted[marker] = what
        return marker

    def found_in(self, written: str | bytes) -> list[str]:
        """What can be read in `written`, also in capitals, in base64 or in hex."""
        octets = written.encode() if isinstance(written, str) else written
        lower = octets.lower()
        return sorted(
            what
            for marker, what in self.planted.items()
            if any(form.lower() in lower for form in forms(marker.encode()))
        )


def forms(marker: bytes) -> Iterator[bytes]:
    """`marker` as itself, in hexadecimal, and in base64 wherever it begins there."""
    yield marker
    yield marker.hex().encode()
    for shift in range(3):
        # Without the first and last characters, which depend on what is around it.
        yield base64.b64encode(bytes(shift) + marker)[4:20]


def marked_request(marker: Markers, **changes: Any) -> Json:
    """A call that yields a card and has a marker in every text that may be free."""
    who = marker("patient id")
    return {
        "hook": "patient-view",
        "hookInstance": marker("hookInstance"),
        "context": {
            "userId": f"Practitioner/{marker('user id')}",
            "patientId": who,
            "encounterId": marker("encounter id"),
            marker("name of a context member"): marker("unknown context member"),
        },
        "prefetch": {
            "patient": marked_patient(marker, who),
            "conditions": bundle(marked_cramps(marker, who)),
            "medicationRequests": bundle(marked_metformin(marker, who)),
            "medicationStatements": None,
            "procedures": None,
            "laboratory": bundle(marked_observation(marker, who)),
            "findings": None,
            marker("prefetch key"): {
                "resourceType": marker("resource type"),
                "id": marker("id under a foreign key"),
            },
        },
        "extension": {marker("name of an extension"): marker("extension")},
        marker("name of a member"): {"x": [marker("unknown member")]},
        **changes,
    }


def marked_patient(marker: Markers, who: str) -> Json:
    return patient(
        id=who,
        name=[{"family": marker("family name"), "given": [marker("given name")]}],
        identifier=[
            {"system": f"urn:{marker('identifier system')}", "value": marker("MRN")}
        ],
        telecom=[{"system": "phone", "value": marker("phone")}],
        address=[{"line": [marker("street")], "postalCode": marker("postal code")}],
        contact=[{"name": {"text": marker("contact")}}],
        text={"status": "generated", "div": f"<div>{marker('narrative')}</div>"},
        **_unknown(marker, "patient"),
    )


def marked_cramps(marker: Markers, who: str) -> Json:
    made = cramps(id=marker("condition id"), **_shared(marker, "condition", who))
    made["code"] = _concept(marker, "condition", made["code"]["coding"][0])
    made["recorder"] = {"reference": f"Practitioner/{marker('recorder')}"}
    made["bodySite"] = [{"text": marker("body site")}]
    return made


def marked_metformin(marker: Markers, who: str) -> Json:
    made = metformin(id=marker("order id"), **_shared(marker, "order", who))
    coding = made["medicationCodeableConcept"]["coding"][0]
    made["medicationCodeableConcept"] = _concept(marker, "order", coding)
    made["dosageInstruction"] = [
        {
            "text": marker("dosage"),
            "patientInstruction": marker("patient instruction"),
            "doseAndRate": [{"doseQuantity": {"value": 1, "unit": marker("unit")}}],
        }
    ]
    made["reasonCode"] = [{"text": marker("reason")}]
    return made


def marked_observation(marker: Markers, who: str) -> Json:
    return {
        "resourceType": "Observation",
        "id": marker("observation id"),
        "status": "final",
        "effectiveDateTime": "2020-05-01",
        "code": _concept(
            marker, "observation", {"system": "http://loinc.org", "code": "2132-9"}
        ),
        "valueString": marker("value"),
        "interpretation": [{"text": marker("interpretation")}],
        **_shared(marker, "observation", who),
    }


def _concept(marker: Markers, what: str, coding: Json) -> Json:
    local = {
        "system": f"urn:{marker(f'{what} system')}",
        "code": marker(f"{what} code"),
    }
    shown = {**coding, "display": marker(f"{what} display")}
    return {"coding": [shown, local], "text": marker(f"{what} text")}


def _shared(marker: Markers, what: str, who: str) -> Json:
    return {
        "subject": {"reference": f"Patient/{who}", "display": marker(f"{what} name")},
        "note": [{"text": marker(f"{what} note")}],
        **_unknown(marker, what),
    }


def _unknown(marker: Markers, what: str) -> Json:
    return {marker(f"name of a {what} member"): marker(f"unknown {what} member")}


def marked_order_select(marker: Markers) -> Json:
    """The same patient while folic acid is drafted."""
    who, order = marker("patient id"), marker("draft id")
    call = marked_request(marker, hook="order-select")
    draft = folic_acid(
        5, **{**_shared(marker, "draft", who), "id": order, "status": "draft"}
    )
    call["context"] |= {
        "selections": [f"MedicationRequest/{order}"],
        "draftOrders": bundle(draft),
    }
    return call


def marked_feedback(marker: Markers, card: str) -> Json:
    """Feedback on `card` with a marker wherever a client may put words of its own."""
    reason = {
        "code": f"{marker('reason code')} in words",
        "system": f"a system {marker('reason system')}",
        "display": marker("reason display"),
    }
    return {
        "card": card,
        "outcome": "overridden",
        "outcomeTimestamp": "2025-06-30T09:00:00Z",
        "acceptedSuggestions": [{"id": marker("accepted suggestion")}],
        "overrideReason": {
            "reason": reason,
            "userComment": marker("comment"),
            "extension": {"x": marker("extension of the reason")},
        },
        "extension": {"y": marker("extension of feedback")},
        marker("name of a feedback member"): marker("unknown feedback member"),
    }


def marked_headers(marker: Markers) -> dict[str, str]:
    names = (
        "Authorization Cookie Referer User-Agent X-Request-Id X-Correlation-Id"
        " Traceparent Forwarded X-Forwarded-For Accept Accept-Language If-None-Match"
    ).split()
    return {name: marker(f"{name} header") for name in names} | {
        f"X-{marker('name of a header')}": marker("unknown header")
    }


def places(value: object, path: Path = ()) -> Iterator[Path]:
    """Where the members and items of `value` are, at every depth."""
    members: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        members = list(value.items())
    elif isinstance(value, list):
        members = list(enumerate(value))
    for step, inner in members:
        yield (*path, step)
        yield from places(inner, (*path, step))


def with_wrong_type(call: Json, path: Path, marker: Markers) -> Json:
    """`call` with a marked value of a type that does not belong at `path`."""
    made = json.loads(json.dumps(call))
    place = made
    for step in path[:-1]:
        place = place[step]
    wrong = marker("value of a wrong type")
    is_text = isinstance(place[path[-1]], str)
    place[path[-1]] = {wrong: [wrong]} if is_text else wrong
    return made


FREE = frozenset("display text family given line city note div fullUrl".split())
"""Members whose words decide nothing, so that the same cards come of them."""


def with_words(value: Any, marker: Markers, name: str = "") -> Any:
    """`value` with a marker behind the words of every member in `FREE`."""
    if isinstance(value, dict):
        return {key: with_words(each, marker, key) for key, each in value.items()}
    if isinstance(value, list):
        return [with_words(each, marker, name) for each in value]
    if isinstance(value, str) and name in FREE:
        return f"{value} {marker('free text of a fixture')}"
    return value
