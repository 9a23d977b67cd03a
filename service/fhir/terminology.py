"""Which concepts a code, a medicine's name or a text belongs to."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple, Protocol

from service.fhir.codings import Coding, codings_in
from service.fhir.medication_names import MedicationNameMatcher, NamedMedicine
from service.terminology_source import TerminologySource


NOTHING: frozenset[str] = frozenset()

# Systems whose codes are written with and without the dot, in either case.
_ICD_SYSTEMS = frozenset({"icd10cm", "icd10"})

_LONGEST_TEXT = 20_000
_SCHEME = re.compile(r"^(?:https?://|urn:oid:)")
_SNOMED_EDITION = "snomed.info/sct/"


class HasCode(Protocol):
    """A Coding, by whatever it was decoded."""

    @property
    def system(self) -> str | None: ...

    @property
    def code(self) -> str | None: ...


class Recognised(NamedTuple):
    """What codings mean: their concepts, and whether any system was a known one."""

    concepts: frozenset[str]
    is_coded: bool


class Terminology:
    """The ValueSets as one index, built once and then only read.

    A coding counts only under the system it names: one without a system matches
    nothing, because the same digits are a SNOMED CT concept, an RxNorm ingredient and
    a local price code. Its resource then counts as uncoded, so that the text fallbacks
    of medicines and of CLINICAL T-4 still see its words.
    """

    def __init__(self, source: TerminologySource) -> None:
        self._short_names = _short_names(source.systems)
        self._prefix_systems = frozenset(source.prefix_systems)
        self._index = _index(source)
        self._prefix_lengths = {
            system: sorted(
                {len(code) for short, code in self._index if short == system}
            )
            for system in self._prefix_systems
        }
        self._as_written = {
            (uri, code): concepts
            for (short, code), concepts in self._index.items()
            if short not in _ICD_SYSTEMS and short not in self._prefix_systems
            for uri in source.systems[short]
        }
        self._plain_systems = frozenset(system for system, _ in self._as_written)
        self._names = MedicationNameMatcher(source.medication_names)
        self._text_patterns = {
            concept: (_compiled(pattern.any_of), _compiled(pattern.none_of))
            for concept, pattern in source.text_patterns.items()
        }

    def short_name(self, system: str | None) -> str | None:
        """Our name of a code system, for any spelling of its URI or OID in use.

        Accepts http and https, a trailing slash, ``urn:oid:`` and bare OIDs, a version
        after ``|`` and the editions of SNOMED CT. None if the system is not known.
        """
        if not system:
            return None
        short = self._short_names.get(system)
        return short or self._short_names.get(_normalised_uri(system))

    def knows_system(self, system: str | None) -> bool:
        """Whether codes of this system mean anything to the service."""
        return self.short_name(system) is not None

    def concepts_of(self, system: str | None, code: str) -> frozenset[str]:
        """The concepts a code belongs to; none for an unknown or missing system."""
        if system is None:
            return NOTHING
        # Nearly every code of a real chart ends here or in the next line but one.
        found = self._as_written.get((system, code))
        if found is not None:
            return found
        short = self.short_name(system)
        if short is None:
            return NOTHING
        code = _normalised_code(short, code)
        if short in self._prefix_systems:
            return self._of_prefixes(short, code)
        return self._index.get((short, code), NOTHING)

    def recognised(self, concept: object) -> Recognised:
        """What the codings of a CodeableConcept, or of a list of them, mean."""
        return self.meaning_of(codings_in(concept))

    def meaning_of(self, codings: Iterable[Coding]) -> Recognised:
        """What codings mean, taken together."""
        found = NOTHING
        is_coded = False
        for system, code, _ in codings:
            if code is None:
                continue
            of_code = self.concepts_of(system, code)
            if of_code:
                found |= of_code
                is_coded = True
            elif not is_coded:
                is_coded = self.knows_system(system)
        return Recognised(found, is_coded)

    def is_surely_nothing(self, concept: object) -> bool:
        """Whether a concept is coded in known systems, well formed, and of no concern.

        The short way for nearly all of a chart; False says nothing.
        """
        if type(concept) is not dict:
            return False
        codings = concept.get("coding")
        if type(codings) is not list or not codings:
            return False
        for coding in codings:
            if type(coding) is not dict:
                return False
            system, code = coding.get("system"), coding.get("code")
            if type(system) is not str or system not in self._plain_systems:
                return False
            if type(code) is not str or (system, code) in self._as_written:
                return False
            if not code or code[0] == " " or code[-1] == " ":
                return False
        return True

    def may_mean_something(self, codings: Iterable[HasCode]) -> bool | None:
        """What ``recognised`` says of ``codings`` whose shape is sure, in short.

        True if any concept has any of them, False if none has and a system is known;
        None if no system is, so that only words could tell.
        """
        is_coded = None
        for coding in codings:
            system, code = coding.system, coding.code
            if system in self._plain_systems and code and code == code.strip():
                if (system, code) in self._as_written:
                    return True
                is_coded = False
            elif code and (code := code.strip()):
                if self.concepts_of(system, code):
                    return True
                if self.knows_system(system):
                    is_coded = False
        return is_coded

    def known_codes(self, codings: Iterable[Coding]) -> frozenset[str]:
        """The codes in known systems, as ``system|code`` with our short names."""
        return frozenset(
            [
                f"{short}|{coding.code}"
                for coding in codings
                if coding.code and (short := self.short_name(coding.system))
            ]
        )

    def medicines_named_in(self, text: str) -> tuple[NamedMedicine, ...]:
        """The medicines a text names, in their order."""
        return self._names.find(text)

    def medication_concepts_in(self, text: str) -> frozenset[str]:
        """The concepts of all medicines a text names."""
        return NOTHING.union(*(named.concepts for named in self._names.find(text)))

    def names_a_medicine(self, text: str) -> bool:
        """Whether a text names any; mostly not, which is soon told."""
        return self._names.may_find(text) and bool(self._names.find(text))

    def text_concepts(self, text: str, among: Collection[str]) -> frozenset[str]:
        """Those of the concepts ``among`` whose text pattern the text fits.

        A concept without a text pattern is never found in a text. Only the first
        pages of a text are read: what is longer is a document, not an entry.
        """
        text = text[:_LONGEST_TEXT]
        return frozenset(
            concept
            for concept in among
            if concept in self._text_patterns and self._fits(concept, text)
        )

    def _fits(self, concept: str, text: str) -> bool:
        any_of, none_of = self._text_patterns[concept]
        return any(pattern.search(text) for pattern in any_of) and not any(
            pattern.search(text) for pattern in none_of
        )

    def _of_prefixes(self, short: str, code: str) -> frozenset[str]:
        found = NOTHING
        for length in self._prefix_lengths[short]:
            if length <= len(code):
                found |= self._index.get((short, code[:length]), NOTHING)
        return found


def _index(source: TerminologySource) -> dict[tuple[str, str], frozenset[str]]:
    members: dict[tuple[str, str], set[str]] = {}
    for concept, value_set in source.value_sets.items():
        for short, codes in value_set.codes.items():
            for code in codes:
                key = (short, _normalised_code(short, code))
                members.setdefault(key, set()).add(concept)
    return {key: frozenset(concepts) for key, concepts in members.items()}


def _short_names(systems: Mapping[str, Iterable[str]]) -> dict[str, str]:
    names: dict[str, str] = {}
    for short, uris in systems.items():
        for uri in uris:
            names.setdefault(uri, short)
            names.setdefault(_normalised_uri(uri), short)
    return names


def _normalised_uri(uri: str) -> str:
    bare = _SCHEME.sub("", uri.strip().lower().partition("|")[0]).rstrip("/")
    if bare.startswith(_SNOMED_EDITION):
        return _SNOMED_EDITION.rstrip("/")
    return bare


def _normalised_code(short: str, code: str) -> str:
    code = code.strip()
    if short in _ICD_SYSTEMS:
        return code.upper().replace(".", "")
    return code.upper() if short == "atc" else code


def _compiled(patterns: Iterable[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)
