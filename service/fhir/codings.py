"""CodeableConcepts as they arrive: codes and words, whatever their shape."""

from collections.abc import Iterator
from typing import NamedTuple


class Coding(NamedTuple):
    """One Coding: any part may be missing, as in what real systems send."""

    system: str | None
    code: str | None
    display: str | None


def codings_in(concept: object) -> list[Coding]:
    """The codings of a CodeableConcept, or of a list of them.

    Never raises: what is not shaped like a coding is passed over. ``typed`` reports
    such shapes for the resources that matter.
    """
    found: list[Coding] = []
    for member in concept if isinstance(concept, list) else (concept,):
        if not isinstance(member, dict) or "coding" not in member:
            continue
        codings = member["coding"]
        for coding in codings if isinstance(codings, list) else (codings,):
            if isinstance(coding, dict):
                system = coding.get("system")
                code = coding.get("code")
                display = coding.get("display")
                found.append(
                    Coding(
                        system.strip() or None if isinstance(system, str) else None,
                        code.strip() or None if isinstance(code, str) else None,
                        display.strip() or None if isinstance(display, str) else None,
                    )
                )
    return found


def words_in(concept: object) -> str:
    """The text and the displays of a CodeableConcept, one a line.

    A line for each keeps a text pattern from matching across two of them.
    """
    return "\n".join(_words(concept))


def _words(concept: object) -> Iterator[str]:
    for member in concept if isinstance(concept, list) else (concept,):
        if not isinstance(member, dict):
            continue
        text = _word(member.get("text"))
        if text:
            yield text
        for coding in codings_in(member):
            if coding.display:
                yield coding.display


def label_of(concept: object) -> str:
    """The best words for a concept: its text, else a display, else a code."""
    for words in _words(concept):
        return words
    return next((coding.code for coding in codings_in(concept) if coding.code), "")


def hides_what_it_is(concept: object) -> bool:
    """Whether something is there where a concept should be, but neither code nor word
    can be made out: a bare string, a number, codings that are strings."""
    if concept is None:
        return False
    if isinstance(concept, list):
        if not all(isinstance(member, dict) for member in concept):
            return True
        return any(hides_what_it_is(member) for member in concept)
    if not isinstance(concept, dict):
        return True
    codings = concept.get("coding")
    for coding in codings if isinstance(codings, list) else [codings]:
        if coding is not None and not isinstance(coding, dict):
            return True
        if coding and not isinstance(coding.get("code", ""), str):
            return True
    return False


def _word(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
