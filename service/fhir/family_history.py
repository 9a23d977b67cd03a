"""FamilyMemberHistory: conditions of relatives."""

from collections.abc import Iterator

from service.clinical.record import RelativeHistory, ResourceRef
from service.fhir.codings import codings_in, label_of, words_in
from service.fhir.elements import Elements
from service.fhir.reading import Reading


_FIRST_DEGREE = frozenset({"first-degree-relative"})

_USABLE = frozenset({None, "completed", "partial", "health-unknown"})


def read_family_history(
    elements: Elements, source: ResourceRef, reading: Reading
) -> Iterator[RelativeHistory]:
    """One item for each condition that any concept covers."""
    if elements.get("status") not in _USABLE:
        return
    relationship = elements.get("relationship", {})
    for condition in elements.get("condition", ()):
        named = reading.named(source, condition.get("code"))
        if named["concepts"]:
            yield RelativeHistory(
                **named,
                is_first_degree=_is_first_degree(relationship, reading),
                relationship=label_of(relationship),
            )


def _is_first_degree(relationship: Elements, reading: Reading) -> bool:
    """Told by words or by codes, each on a line of its own."""
    codes = [coding.code for coding in codings_in(relationship) if coding.code]
    lines = "\n".join([words_in(relationship), *codes])
    return bool(reading.terminology.text_concepts(lines, _FIRST_DEGREE))
