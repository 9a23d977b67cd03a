"""Names of medicines found in free text: a display, a text, an identifier."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from service.terminology_source import MedicationNames


# An INN this long is unmistakable as the beginning of a word: what follows is a salt
# or another language's ending (metformine, metforminhydrochlorid).
_LETTERS_OF_A_DISTINCT_NAME = 8

_WORD = re.compile(r"[^\W_]+")
_WORD_BEGINS = re.compile(r"(?<![^\W_])[^\W_]")


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
    """All names of all concepts, compiled, and read in one pass over a text.

    One expression for each first letter, tried where a word begins with it: an
    expression of all names would try each of them at every letter.
    """

    def __init__(self, names_of: Mapping[str, MedicationNames]) -> None:
        self._concepts_of: dict[str, frozenset[str]] = {}
        for concept, names in names_of.items():
            for name in map(plain, names.names):
                known = self._concepts_of.get(name, frozenset())
                self._concepts_of[name] = known | {concept}
        # The longest first: of "vitamin b12" and "vitamin b", the text means the first.
        self._names = sorted(self._concepts_of, key=lambda name: (-len(name), name))
        self._by_letter = {
            letter: (names, _each_of(names))
            for letter in {name[0] for name in self._names}
            for names in [[name for name in self._names if name[0] == letter]]
        }
        self._beginnings = {
            beginning for name in self._names for beginning in _beginnings(name)
        }
        self._undone_by = {
            concept: _one_of(map(plain, names.not_with))
            for concept, names in names_of.items()
        }
        self._needs = {
            concept: _one_of(map(plain, names.only_with))
            for concept, names in names_of.items()
        }

    def may_find(self, text: str) -> bool:
        """False if ``text`` surely names none: no word of it begins like a name."""
        words = _WORD.findall(plain(text))
        return not self._beginnings.isdisjoint([word[:3] for word in words])

    def find(self, text: str) -> tuple[NamedMedicine, ...]:
        """The medicines named in ``text``, in their order there."""
        words = plain(text)
        found: list[NamedMedicine] = []
        end = 0
        for word in _WORD_BEGINS.finditer(words):
            start = word.start()
            if start < end or words[start] not in self._by_letter:
                continue
            names, pattern = self._by_letter[words[start]]
            match = pattern.match(words, start)
            if match is None:
                continue
            end = match.end()
            name = names[(match.lastindex or 1) - 1]  # every alternative is a group
            concepts = frozenset(
                concept
                for concept in self._concepts_of[name]
                if self._is_meant(concept, words)
            )
            if concepts:
                found.append(NamedMedicine(concepts=concepts, end=end))
        return tuple(found)

    def _is_meant(self, concept: str, words: str) -> bool:
        """Whether the rest of the text lets a name stand for this concept."""
        undone_by, needs = self._undone_by[concept], self._needs[concept]
        if undone_by is not None and undone_by.search(words):
            return False
        return needs is None or needs.search(words) is not None


def _beginnings(name: str) -> Iterable[str]:
    """The first three letters of each word a text that names it may begin with.

    There may be several, since ``b-12`` is also written ``b12``.
    """
    words = _WORD.findall(name)
    return {"".join(words[:count])[:3] for count in range(1, len(words) + 1)}


def _each_of(phrases: Iterable[str]) -> re.Pattern[str]:
    """One group for each phrase, at the place where the match begins."""
    groups = "|".join(f"({_pattern(phrase)})" for phrase in phrases)
    return re.compile(rf"(?:{groups})(?![^\W_])")


def _one_of(phrases: Iterable[str]) -> re.Pattern[str] | None:
    """Any of the phrases as whole words, anywhere; None if there are none."""
    patterns = "|".join(map(_pattern, phrases))
    if not patterns:
        return None
    return re.compile(rf"(?<![^\W_])(?:{patterns})(?![^\W_])")


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
