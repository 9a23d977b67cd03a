"""The words and codes by which the service knows a concept, as the files hold them.

A concept is the id of a ValueSet, or the name of a table in ``medication_names.toml``
or ``text_patterns.toml``; what all three say under one name is one concept.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator

from service.strict_toml import read_toml, validated
from service.valuesets import ValueSet, load_systems, load_value_sets


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class MedicationNames(_Strict):
    """Names of a medicine in free text, free of regular expressions, lower case.

    A text names it when one of ``names`` stands in it as whole words, none of
    ``not_with`` does, and one of ``only_with`` does too where any are given.
    """

    names: tuple[str, ...] = Field(min_length=1)
    not_with: tuple[str, ...] = ()
    only_with: tuple[str, ...] = ()

    @field_validator("names", "not_with", "only_with")
    @classmethod
    def _is_lower_case(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        for word in words:
            if not word or word != word.casefold().strip():
                raise ValueError(
                    f"{word!r} must be in lower case, without outer spaces"
                )
        if len(set(words)) != len(words):
            raise ValueError("a word is listed twice")
        return words


class TextPattern(_Strict):
    """What free text must and must not say; regular expressions, any case."""

    any_of: tuple[str, ...] = Field(min_length=1)
    none_of: tuple[str, ...]

    @field_validator("any_of", "none_of")
    @classmethod
    def _compiles(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            try:
                re.compile(pattern, re.IGNORECASE)
            except re.error as error:
                raise ValueError(f"{pattern!r} is no pattern: {error}") from None
        return patterns


@dataclass(frozen=True, kw_only=True, slots=True)
class TerminologySource:
    """All codes, names and patterns, by concept.

    ``systems`` gives for each short system name what Coding.system may say, the
    canonical URI first. A code of a ``prefix_systems`` also stands for the codes that
    begin with it. Codes that real data also writes under another system (the NHS
    medicines dictionary as SNOMED CT) stand in ``value_sets`` under both.
    """

    value_sets: Mapping[str, ValueSet]
    systems: Mapping[str, tuple[str, ...]]
    prefix_systems: frozenset[str]
    medication_names: Mapping[str, MedicationNames]
    text_patterns: Mapping[str, TextPattern]

    @property
    def concepts(self) -> frozenset[str]:
        """Every concept the files can make true."""
        return frozenset(
            self.value_sets.keys()
            | self.medication_names.keys()
            | self.text_patterns.keys()
        )


def load_terminology(directory: Path) -> TerminologySource:
    """The terminology of the knowledge directory; raises KnowledgeError."""
    systems = load_systems(directory)
    also_as = {name: system.also_as for name, system in systems.items()}
    names_file = directory / "medication_names.toml"
    patterns_file = directory / "text_patterns.toml"
    return TerminologySource(
        value_sets={
            name: _under_all_systems(value_set, also_as)
            for name, value_set in load_value_sets(directory).items()
        },
        systems={name: system.uris for name, system in systems.items()},
        prefix_systems=frozenset(
            name for name, system in systems.items() if system.prefix
        ),
        medication_names=validated(
            Mapping[str, MedicationNames], read_toml(names_file), names_file.name
        ),
        text_patterns=validated(
            Mapping[str, TextPattern], read_toml(patterns_file), patterns_file.name
        ),
    )


def _under_all_systems(
    value_set: ValueSet, also_as: Mapping[str, tuple[str, ...]]
) -> ValueSet:
    codes = {system: dict(listed) for system, listed in value_set.codes.items()}
    for system, listed in value_set.codes.items():
        for other in also_as[system]:
            codes.setdefault(other, {}).update(listed)
    return ValueSet(id=value_set.id, title=value_set.title, codes=codes)
