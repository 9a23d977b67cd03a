"""Names of medicines found in free text: a display, a text, an identifier."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from service.terminology_source import MedicationNames


# An INN this long is unmistakable as the beginning of a word: what follows is a salt
# or another language's ending (metformine, metforminhydrochlorid).
_LETTERS_OF_A_DISTINCT_NAME = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedMedicine:
    """A name found: its concepts, and where it ends in ``plain`` text."""

    concepts: frozenset[str]
    end: int


def plain(text: str) -> str:
    """Lower case without accents, as all matching of medicines is done."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


class MedicationNameMatcher:
    """All names of all concepts in one compiled expression, read in one pass."""

    def __init__(self, names_of: Mapping[str, MedicationNames]) -> None:
        concepts_of: dict[str, set[str]] = {}
        for concept, names in names_of.items():
            for name in names.names:
                concepts_of.setdefault(plain(name), set()).add(concept)
        # The longest first: of "vitamin b12" and "vitamin b", the text means the first.
        ordered = sorted(concepts_of, key=lambda name: (-len(name), name))
        self._concepts = tuple(frozenset(concepts_of[name]) for name in ordered)
        self._names = _one_of(ordered, group=True)
        self._undone_by = {
            concept: _one_of([plain(phrase) for phrase in names.not_with])
            for concept, names in names_of.items()
        }
        self._needs = {
            concept: _one_of([plain(phrase) for phrase in names.only_with])
            for concept, names in names_of.items()
        }

    def find(self, text: str) -> tuple[NamedMedicine, ...]:
        """The medicines named in ``text``, in their order there."""
        if self._names is None or not text:
            return ()
        words = plain(text)
        found: list[NamedMedicine] = []
        for match in self._names.finditer(words):
            group = match.lastindex or 0  # every alternative is a group
            concepts = frozenset(
                concept
                for concept in self._concepts[group - 1]
                if self._is_meant(concept, words)
            )
            if concepts:
                found.append(NamedMedicine(concepts=concepts, end=match.end()))
        return tuple(found)

    def _is_meant(self, concept: str, words: str) -> bool:
        """Whether the rest of the text lets a name stand for this concept."""
        undone_by, needs = self._undone_by[concept], self._needs[concept]
        if undone_by is not None and undone_by.search(words):
            return False
        return needs is None or needs.search(words) is not None


def _one_of(phrases: Iterable[str], *, group: bool = False) -> re.Pattern[str] | None:
    patterns = [_pattern(phrase) for phrase in phrases]
    if not patterns:
        return None
    if group:
        patterns = [f"({pattern})" for pattern in patterns]
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(patterns)})(?![^\W_])")


def _pattern(phrase: str) -> str:
    """``vitamin b-12`` also finds ``vitamin b 12`` and ``vitamin b12``."""
    words = re.split(r"[\s-]+", phrase.strip())
    ending = (
        "[a-z]*"
        if len(words) == 1
        and words[0].isalpha()
        and len(words[0]) >= _LETTERS_OF_A_DISTINCT_NAME
        else ""
    )
    return r"[\s-]*".join(re.escape(word) for word in words) + ending
