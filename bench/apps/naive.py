"""What one writes first: every resource of the prefetch through `fhir.resources`."""

import json
from typing import Any

from fhir.resources.R4B import get_fhir_model_class
from flask import Flask, Response, request

from bench.apps.card import CONSTANT_CARD


app = Flask(__name__)


@app.post("/cds-services/<service_id>")
def call(service_id: str) -> Response:
    """The constant card, once every resource is typed and both facts are looked for."""
    prefetch = json.loads(request.get_data(cache=False))["prefetch"]
    typed = [
        get_fhir_model_class(value["resourceType"]).model_validate(value)
        for value in prefetch.values()
        if value is not None
    ]
    bundles = [each for each in typed if each.__resource_type__ == "Bundle"]
    resources = [entry.resource for bundle in bundles for entry in bundle.entry or ()]
    codes = {code for resource in resources for code in _codes(resource)}
    is_shown = {"449918009", "860975"} <= codes
    return Response(
        CONSTANT_CARD if is_shown else '{"cards":[]}', mimetype="application/json"
    )


def _codes(resource: Any) -> set[str]:
    concept = getattr(resource, "code", None) or getattr(
        resource, "medicationCodeableConcept", None
    )
    return {coding.code for coding in concept.coding or ()} if concept else set()
