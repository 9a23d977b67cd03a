"""The fast path and the plain one: two ways from a body to the same answer.

The plain path reads everything and types everything: the body as a whole by
``decode_json``, each resource that matters by its ``fhir.resources`` model.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from unittest.mock import patch

from cds_hooks.decoding import decode_json
from cds_hooks.dialects import serialise
from cds_hooks.errors import CdsHooksError
from cds_hooks.request import parse_request
from service.advice import Adviser
from service.catalogue import SERVICE_BY_ID
from service.clinical.knowledge import ProfileName
from service.fast_decode import FastDecoder
from service.knowledge_files import load_knowledge, load_terminology


Decode = Callable[[bytes], object]

TODAY = date(2025, 6, 30)


@cache
def adviser_of(profile: ProfileName = "us") -> Adviser:
    terminology = load_terminology()
    knowledge = load_knowledge(profile, terminology=terminology)
    return Adviser.of(knowledge, terminology, "http://127.0.0.1:8080")


@cache
def fast_decode() -> Decode:
    adviser = adviser_of()
    types = {read.key: read.resource for read in adviser.reads}
    return FastDecoder(adviser.terminology, types).decode


@dataclass(frozen=True, kw_only=True)
class Answer:
    """All of an answer but its uuids: a refusal, or cards and what was logged."""

    refusal: tuple[object, ...] = ()
    cards: object = None
    logged: Mapping[str, object] | None = None


def fast_answer(
    body: bytes, hook: str = "patient-view", *, profile: ProfileName = "us"
) -> Answer:
    return _answer(body, hook, fast_decode(), profile)


def plain_answer(
    body: bytes, hook: str = "patient-view", *, profile: ProfileName = "us"
) -> Answer:
    with every_resource_typed_by_its_model():
        return _answer(body, hook, decode_json, profile)


@contextmanager
def every_resource_typed_by_its_model() -> Iterator[None]:
    with patch("service.fhir.typed.fits", lambda resource_type, elements: False):
        yield


def _answer(body: bytes, hook: str, decode: Decode, profile: ProfileName) -> Answer:
    service = SERVICE_BY_ID[f"b12-{hook}"]
    try:
        request = parse_request(decode(body), hooks=(hook,))
        advice = adviser_of(profile).advise(request, moment=service.moment, today=TODAY)
    except CdsHooksError as refusal:
        return Answer(refusal=(type(refusal), str(refusal), tuple(refusal.expression)))
    return Answer(
        cards=without_uuids(serialise(advice.response)), logged=advice.log_fields()
    )


def without_uuids(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: without_uuids(member)
            for name, member in value.items()
            if name != "uuid"
        }
    return [without_uuids(each) for each in value] if isinstance(value, list) else value
