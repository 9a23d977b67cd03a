"""Resources sent back exactly as they were received (X-04, X-05).

A plain decoder turns `1.50` into `1.5`, which says less: in FHIR the zero is a
statement on precision. Whoever returns a received resource in an `update` action
therefore takes it from the body with `received_resource`, edits a copy, and sends
it with `encode_json`. Member order, unknown extensions and every number's digits
survive. All else may use plain numbers.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Self

from cds_hooks.bundles import Resource, resource_type
from cds_hooks.decoding import (
    bounded_int,
    checked_text,
    decode_text,
    finite_float,
    members,
    refuse_constant,
)


class ExactNumber(float):
    """A float that remembers how it was written; equal and hashed as a float."""

    __slots__ = ("text",)
    text: str

    @classmethod
    def written(cls, text: str) -> Self:
        """The number that the JSON text `text` stands for."""
        number = cls(finite_float(text))
        number.text = text
        return number


def decode_exactly(body: bytes) -> object:
    """As `decode_json`, with every number that is no integer an `ExactNumber`."""
    return decode_text(checked_text(body), _EXACT_DECODER)


def received_resource(
    body: bytes, wanted_type: str, resource_id: str
) -> Resource | None:
    """The resource `wanted_type/resource_id` in a request body, digit for digit.

    It is looked for in `context` and in `prefetch`, in that order, at any depth.
    None if the request does not hold it. Raises as `decode_json` does.
    """
    payload = decode_exactly(body)
    if not isinstance(payload, Mapping):
        return None
    return next(
        (
            resource
            for part in ("context", "prefetch")
            for resource in _resources_in(payload.get(part))
            if resource["resourceType"] == wanted_type
            and resource.get("id") == resource_id
        ),
        None,
    )


def _resources_in(value: object) -> Iterator[Resource]:
    if isinstance(value, Mapping):
        if resource_type(value) is not None:
            yield value
        for member in value.values():
            yield from _resources_in(member)
    elif isinstance(value, list):
        for item in value:
            yield from _resources_in(item)


_EXACT_DECODER = json.JSONDecoder(
    object_pairs_hook=members,
    parse_float=ExactNumber.written,
    parse_int=bounded_int,
    parse_constant=refuse_constant,
)
