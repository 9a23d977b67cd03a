"""The FHIR ValueSets under ``service/knowledge/valuesets``, read strictly.

Refused: an unknown element, a system we do not name, a code that its system cannot
have, a code twice, an empty list, a count that is not the number of codes.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from service.strict_toml import (
    KnowledgeError,
    explained,
    nearest,
    read_toml,
    validated,
)


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class CodeSystem(_Strict):
    """One entry of ``systems.toml``: how a code system is called and written."""

    uris: tuple[str, ...] = Field(min_length=1)
    code: str
    check_digit: Literal["verhoeff", "luhn"] | None = None
    prefix: bool = False
    also_as: tuple[str, ...] = ()
    notice: str | None = None


class Concept(_Strict):
    """A code with its display."""

    code: str = Field(min_length=1)
    display: str = Field(min_length=1)


class SourceExtension(_Strict):
    """Where the codes of an include were seen with this meaning."""

    url: str
    value_string: str = Field(alias="valueString", min_length=1)


class Include(_Strict):
    """Codes of one system from one source."""

    extension: tuple[SourceExtension] = Field(min_length=1)
    system: str
    concept: tuple[Concept, ...] = Field(min_length=1)


class Compose(_Strict):
    """What a ValueSet is made of."""

    include: tuple[Include, ...] = Field(min_length=1)


class Expansion(_Strict):
    """How many codes there are, and when that was counted."""

    timestamp: str
    total: int


class ValueSetFile(_Strict):
    """A ValueSet of FHIR R4, with the elements this project writes, all of them."""

    resource_type: Literal["ValueSet"] = Field(alias="resourceType")
    id: str
    url: str
    version: str
    name: str
    title: str
    status: Literal["active"]
    experimental: Literal[False]
    date: str
    publisher: str
    description: str
    purpose: str
    copyright: str | None = None
    compose: Compose
    expansion: Expansion


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueSet:
    """A list of codes: by our short system name, then by code, the display."""

    id: str
    title: str
    codes: Mapping[str, Mapping[str, str]]


def load_systems(directory: Path) -> Mapping[str, CodeSystem]:
    """``systems.toml`` of the knowledge directory, by short name."""
    path = directory / "systems.toml"
    return validated(Mapping[str, CodeSystem], read_toml(path), path.name)


def load_value_sets(directory: Path) -> Mapping[str, ValueSet]:
    """Every ValueSet of the knowledge directory, by id; raises KnowledgeError."""
    systems = load_systems(directory)
    short_names = {system.uris[0]: name for name, system in systems.items()}
    files = sorted((directory / "valuesets").glob("*.json"))
    if not files:
        raise KnowledgeError(f"valuesets: no ValueSet in {directory}")
    return {path.stem: _value_set(path, short_names, systems) for path in files}


def _value_set(
    path: Path, short_names: Mapping[str, str], systems: Mapping[str, CodeSystem]
) -> ValueSet:
    file = f"valuesets/{path.name}"
    content = _parsed(path, file)
    if content.id != path.stem:
        raise KnowledgeError(f"{file}: id is {content.id!r}, not the name of the file")
    codes: dict[str, dict[str, str]] = {}
    for include in content.compose.include:
        short = short_names.get(include.system)
        if short is None:
            hint = nearest(include.system, short_names)
            raise KnowledgeError(f"{file}: unknown system {include.system!r}{hint}")
        of_system = codes.setdefault(short, {})
        for concept in include.concept:
            problem = _problem_of(concept.code, short, systems[short])
            if concept.code in of_system:
                problem = "is listed twice"
            if problem:
                raise KnowledgeError(f"{file}: {short} {concept.code} {problem}")
            of_system[concept.code] = concept.display
    count = sum(map(len, codes.values()))
    if content.expansion.total != count:
        told = content.expansion.total
        raise KnowledgeError(f"{file}: expansion.total is {told}, codes are {count}")
    return ValueSet(id=content.id, title=content.title, codes=codes)


def _parsed(path: Path, file: str) -> ValueSetFile:
    try:
        return ValueSetFile.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise KnowledgeError(explained(error, ValueSetFile, file)) from None


def _problem_of(code: str, short: str, system: CodeSystem) -> str | None:
    if re.fullmatch(system.code, code) is None:
        return f"is not a code of the form {short} has"
    if system.check_digit and not CHECK_DIGITS[system.check_digit](code):
        return f"fails the {system.check_digit} check of its last digit"
    return None


def has_luhn_digit(code: str) -> bool:
    """Whether a LOINC code ends in its modulus 10 digit (``2132-9`` does)."""
    body, digit = code.split("-")
    total = 0
    for position, character in enumerate(reversed(body)):
        value = int(character) * (2 if position % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return (10 - total % 10) % 10 == int(digit)


# The multiplication table of the dihedral group of order ten, row by row.
_DIHEDRAL = (
    "0123456789",
    "1234067895",
    "2340178956",
    "3401289567",
    "4012395678",
    "5987604321",
    "6598710432",
    "7659821043",
    "8765932104",
    "9876543210",
)
_TURN = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def has_verhoeff_digit(code: str) -> bool:
    """Whether a SNOMED CT identifier ends in its Verhoeff digit (``55300003`` does)."""
    check = 0
    for position, character in enumerate(reversed(code)):
        digit = int(character)
        for _ in range(position % 8):
            digit = _TURN[digit]
        check = int(_DIHEDRAL[check][digit])
    return check == 0


CHECK_DIGITS: Mapping[str, Callable[[str], bool]] = {
    "luhn": has_luhn_digit,
    "verhoeff": has_verhoeff_digit,
}
