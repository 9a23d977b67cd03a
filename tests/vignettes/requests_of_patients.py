"""CDS Hooks requests as an EHR makes them: the advertised prefetch, filled."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from tests.vignettes.chart import Resource


def patient_view(
    resources: Sequence[Resource], prefetch: Mapping[str, str]
) -> dict[str, Any]:
    """Patient-view of the chart's patient, every advertised key answered."""
    patient = next(r for r in resources if r["resourceType"] == "Patient")
    return {
        "hook": "patient-view",
        "hookInstance": str(uuid.uuid4()),
        "context": {"userId": "Practitioner/dr1", "patientId": patient["id"]},
        "prefetch": {
            key: answer
            for key, template in prefetch.items()
            if "context.encounterId" not in template
            and (answer := answer_of(template, resources)) is not None
        },
    }


def answer_of(template: str, resources: Sequence[Resource]) -> dict[str, Any] | None:
    """What a server gives for a template: by resource type, as an EHR that knows no
    narrower search does. Referenced Medications come along as included resources."""
    path, _, query = template.partition("?")
    resource_type = path.split("/")[0]
    if not query:
        return next((r for r in resources if r["resourceType"] == resource_type), None)
    matches = [r for r in resources if r["resourceType"] == resource_type]
    wanted = {r.get("medicationReference", {}).get("reference") for r in matches} - {
        None
    }
    included = [r for r in resources if f"{r['resourceType']}/{r.get('id')}" in wanted]
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(matches),
        "entry": [
            *({"resource": r, "search": {"mode": "match"}} for r in matches),
            *({"resource": r, "search": {"mode": "include"}} for r in included),
        ],
    }
