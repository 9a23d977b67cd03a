"""What the service says to a request, in a form that can be compared."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from cds_hooks.decoding import decode_json
from cds_hooks.dialects import Dialect, serialise
from cds_hooks.errors import NeededDataAbsent
from cds_hooks.request import parse_request
from service.advice import PREFETCH_ONLY, Adviser
from service.catalogue import SERVICES
from service.clinical.knowledge import ProfileName
from service.gather import FhirReader
from service.knowledge_files import load_knowledge, load_terminology
from tests.vignettes.chart import Resource
from tests.vignettes.requests_of_patients import patient_view


SERVICE_OF_HOOK = {service.hook.name: service for service in SERVICES}

Json = Any
Answer = Json
"""The cards without their uuids, or the keys of the data that is needed first."""


@cache
def adviser(profile: ProfileName) -> Adviser:
    """The adviser of a profile, loaded once."""
    return Adviser.of(
        load_knowledge(profile), load_terminology(), "http://cds.example.org"
    )


def templates() -> Mapping[str, str]:
    """The advertised prefetch templates."""
    return {read.key: read.template for read in adviser("us").reads}


def request_of(resources: Sequence[Resource]) -> dict[str, Any]:
    """A patient-view request with every advertised key answered."""
    return patient_view(resources, templates())


def answer_to(
    body: Mapping[str, Json],
    profile: ProfileName,
    today: date,
    reader: FhirReader = PREFETCH_ONLY,
) -> Answer:
    """What is said to ``body``, by way of its bytes as they would arrive."""
    service = SERVICE_OF_HOOK[body["hook"]]
    request = parse_request(
        decode_json(json.dumps(body).encode()), hooks=(service.hook.name,)
    )
    try:
        advice = adviser(profile).advise(
            request, moment=service.moment, today=today, reader=reader
        )
    except NeededDataAbsent as absent:
        return {"needed": sorted(absent.keys)}
    return without_uuids(serialise(advice.response, Dialect.V2_0))


def without_uuids(value: Json) -> Json:
    """``value`` without the members that differ from call to call."""
    if isinstance(value, Mapping):
        return {
            name: without_uuids(member)
            for name, member in value.items()
            if name != "uuid"
        }
    if isinstance(value, list | tuple):
        return [without_uuids(member) for member in value]
    return value
