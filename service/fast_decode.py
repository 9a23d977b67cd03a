"""A request's body decoded without building what cannot matter.

Nearly all of a long chart is of no concern here, and a tree of it costs more than all
the rest of the service. So the Bundles of the prefetch are cut into entries, each entry
is looked at for its codes alone, and those that are surely of no concern are dropped
before anything is made of them. What comes out is what ``decode_json`` gives, with a
stand-in in the place of all dropped resources of a kind: whatever comes after gives the
same answer, which ``tests/speed`` holds.

Only what is plainly harmless is dropped. What has an unexpected shape is kept, and
judged later like everything else; a body that is unusual as a whole is decoded whole.

What is dropped is not read, so three faults are not found in there that ``decode_json``
refuses: a member that occurs twice, a number of more than 100 characters, and nesting
of more than 200 levels (the stack's own limit, near 1,000, is kept). None of them can
do harm in what nobody reads. All that is kept, and all that is around the entries, is
held to the same rules as ever.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Raw, Struct

from cds_hooks.decoding import (
    DECODER,
    MAX_DEPTH,
    decode_json,
    is_nested_deeper_than,
)
from service.fhir import glimpse, observations
from service.fhir.bundles import resources_of
from service.fhir.elements import READ
from service.fhir.terminology import Terminology


class _Unusual(Exception):
    """The body as a whole is to be decoded the plain way."""


class _Name:
    """A member's name. No two are equal, so that one that occurs twice is seen.

    msgspec makes one by its type and its text.
    """

    __slots__ = ("text",)

    def __init__(self, kind: object, text: str) -> None:
        self.text = text


# How a body is cut: member by member down to those of each prefetched Bundle, whose
# entries stay bytes. Numbers around the entries are whole and small, or it is unusual.
_Number = Annotated[int, Meta(ge=-(2**53), le=2**53)]
_InBundle = dict[_Name, str | bool | _Number | list[Raw] | dict[_Name, Raw] | None]
_InPrefetch = dict[_Name, str | bool | _Number | list[Raw] | _InBundle | None]
_InBody = dict[_Name, str | bool | _Number | list[Raw] | _InPrefetch | None]
_LEVELS_CUT = 4

_CUT = msgspec.json.Decoder(_InBody, dec_hook=_Name)


_TOLD = observations.TOLD_BY_WORDS
# Any: an instance of the type that is its key.
Dropped = dict[type[Struct], list[Any]]

MOST_KEPT = 5_000
"""Entries of a Bundle that are kept for their odd shape; decoding more one by one takes
longer than decoding the whole body at once."""
_ONE_BY_ONE = frozenset(READ)
_VISITS = frozenset({"Appointment", "Encounter"})
_REASONS = frozenset({"reasonReference", "reason"})


class FastDecoder:
    """Decodes requests; ``type_under`` gives the resource type of each prefetch key.

    Under a key of ours, the type alone tells what a Bundle answers; under any other,
    the categories of its observations do too, so stand-ins have those.
    """

    def __init__(self, terminology: Terminology, type_under: Mapping[str, str]) -> None:
        self._terminology = terminology
        self._type_under = type_under

    def decode(self, body: bytes | bytearray) -> object:
        """The JSON value in ``body``, without the entries that cannot matter.

        Raises as ``decode_json`` does.
        """
        try:
            if not body.isascii():
                body.decode()  # what stays bytes is not looked at again
            return self._thinned(_members(_CUT.decode(body)))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, _Unusual):
            return decode_json(body)

    def _thinned(self, parts: dict[str, Any]) -> object:
        prefetch = parts.pop("prefetch", None)
        if not isinstance(prefetch, dict):
            raise _Unusual
        payload = {name: _whole(part) for name, part in parts.items()}
        chart = _Chart(self._terminology, payload.get("context"))
        payload["prefetch"] = {
            key: chart.thinned(value, self._type_under.get(key))
            for key, value in _members(prefetch).items()
        }
        if chart.lacks_what_was_dropped():
            raise _Unusual
        return payload


class _Chart:
    """What one call prefetches, being thinned."""

    def __init__(self, terminology: Terminology, context: object) -> None:
        self._terminology = terminology
        fields = context if isinstance(context, dict) else {}
        self._encounter = str(fields.get("encounterId"))
        self._kept = [
            resource.content
            for field in fields.values()
            for resource in resources_of(field)
        ]
        self._dropped: dict[str, set[str | None]] = defaultdict(set)
        self._verdicts: dict[glimpse.Coded | glimpse.Product, bool] = {}

    def thinned(self, value: object, expected: str | None) -> object:
        """The ``value`` of a prefetch key; a Bundle without what cannot matter.

        ``expected`` is the type of resource that the key stands for, if it is ours.
        """
        if value is None:
            return None
        members = _members(value) if isinstance(value, dict) else {}
        entries = members.pop("entry", None)
        if members.get("resourceType") != "Bundle" or not isinstance(entries, list):
            return self._keep(_whole(value))
        bundle = {name: _whole(member) for name, member in members.items()}
        kept, dropped = self._sifted(entries)
        for kind, resources in dropped.items():
            self._dropped[glimpse.TYPE_OF[kind]].update(each.id for each in resources)
        stand_ins = _stand_ins(dropped, expected)
        total = bundle.get("total")
        if isinstance(total, int):
            bundle["total"] = total - len(entries) + len(kept) + len(stand_ins)
        bundle["entry"] = [*map(self._keep, map(_strictly, kept)), *stand_ins]
        return bundle

    def _sifted(self, entries: list[Raw]) -> tuple[list[Raw], Dropped]:
        """The entries that may matter, and the resources of the others."""
        kept: list[Raw] = []
        dropped: Dropped = {}
        look, may_matter = glimpse.ENTRY.decode, _MAY_MATTER
        for entry in entries:
            try:
                resource = look(entry).resource
            except msgspec.MsgspecError:
                kept.append(entry)
                if len(kept) > MOST_KEPT:
                    raise _Unusual from None
                continue
            kind = type(resource)
            check = may_matter.get(kind)
            if check is not None and check(self, resource):
                kept.append(entry)
            elif kind in dropped:
                dropped[kind].append(resource)
            else:
                dropped[kind] = [resource]
        return kept, dropped

    def lacks_what_was_dropped(self) -> bool:
        """Whether what was kept cannot be read without what was dropped.

        That is another version of the same resource, of which the newest counts, or
        the resource that a visit names as its reason.
        """
        return bool(self._dropped) and any(
            _text(content, "id") in self._dropped.get(name, ())
            or (name in _VISITS and not _REASONS.isdisjoint(content))
            for content in self._kept
            if (name := _text(content, "resourceType")) is not None
        )

    def _keep(self, value: object) -> object:
        content = value.get("resource") if isinstance(value, dict) else None
        if isinstance(content, dict) and _text(content, "resourceType") in _ONE_BY_ONE:
            self._kept.append(content)
        else:
            self._kept.extend(resource.content for resource in resources_of(value))
        return value

    def _coded(self, part: Any) -> bool:
        return part.code is not None and self._may_mean_something(part.code)

    def _observation(self, part: Any) -> bool:
        if part.code is not None and self._may_mean_something(part.code):
            return True
        value, text = part.valueCodeableConcept, part.valueString
        if value is not None:
            if self._may_mean_something(value):
                return True
        elif text is not None and self._terminology.text_concepts(text, _TOLD):
            return True
        components = part.component
        return components is not None and any(map(self._observation, components))

    def _medicine(self, part: Any) -> bool:
        product = part.medicationCodeableConcept
        return product is None or self._may_mean_something(product)

    def _may_mean_something(self, concept: glimpse.Coded | glimpse.Product) -> bool:
        """Whether it may; found out once, since a chart repeats itself."""
        known = self._verdicts.get(concept)
        if known is None:
            known = self._verdicts[concept] = self._verdict(concept)
        return known

    def _verdict(self, concept: glimpse.Coded | glimpse.Product) -> bool:
        has_meaning = self._terminology.may_mean_something(concept.coding)
        if has_meaning or isinstance(concept, glimpse.Coded):
            return has_meaning is not False
        # A product is also told by its names, however it is coded.
        words = {coding.display for coding in concept.coding} | {concept.text}
        named = "\n".join(word for word in words if word is not None)
        return not named or self._terminology.names_a_medicine(named)

    def _visit(self, visit: Any) -> bool:
        """Only the encounter in context is read."""
        return visit.id is None or visit.id in self._encounter


_MAY_MATTER: Mapping[type[Struct], Callable[[_Chart, Any], bool]] = {
    glimpse.Condition: _Chart._coded,
    glimpse.Procedure: _Chart._coded,
    glimpse.ServiceRequest: _Chart._coded,
    glimpse.Observation: _Chart._observation,
    glimpse.MedicationRequest: _Chart._medicine,
    glimpse.MedicationStatement: _Chart._medicine,
    glimpse.MedicationDispense: _Chart._medicine,
    glimpse.MedicationAdministration: _Chart._medicine,
    glimpse.Encounter: _Chart._visit,
}


def _members(named: dict[_Name, Any]) -> dict[str, Any]:
    members = {name.text: member for name, member in named.items()}
    if len(members) != len(named):
        raise _Unusual
    return members


def _text(content: Mapping[str, Any], name: str) -> str | None:
    """A member that should be a text; None where it is anything else."""
    value = content.get(name)
    return value if isinstance(value, str) else None


def _whole(part: Any) -> Any:
    """What was cut, with the rest of it decoded."""
    if part is None or isinstance(part, str):
        return part
    if isinstance(part, Raw):
        return _strictly(part)
    if isinstance(part, dict):
        return {name: _whole(member) for name, member in _members(part).items()}
    if isinstance(part, list):
        return [_whole(member) for member in part]
    return part


def _strictly(raw: Raw) -> object:
    """What ``decode_json`` gives for a part of the body."""
    part = bytes(raw)
    # So many brackets in all cannot be nested too deep, and are sooner counted.
    if part.count(b"{") + part.count(b"[") > MAX_DEPTH - _LEVELS_CUT and (
        is_nested_deeper_than(MAX_DEPTH - _LEVELS_CUT, part)
    ):
        raise _Unusual
    # What has been cut is JSON: nothing more to check before it and after it.
    value, _ = DECODER.raw_decode(part.decode())
    return value


def _stand_ins(dropped: Dropped, expected: str | None) -> list[object]:
    """One entry for each kind of resource among those ``dropped``."""
    stand_ins: list[dict[str, object]] = []
    for kind, resources in dropped.items():
        name = glimpse.TYPE_OF[kind]
        if kind is glimpse.Observation and name != expected:
            categories = {bytes(resource.category) for resource in resources}
            stand_ins += [
                {"resourceType": name, "category": msgspec.json.decode(category)}
                for category in sorted(categories)
            ]
        else:
            stand_ins.append({"resourceType": name})
    return [{"resource": resource} for resource in stand_ins]
