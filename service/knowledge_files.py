"""The knowledge of the service, loaded from ``service/knowledge`` for one profile.

Strict: what is unknown, missing, misspelt, or named and not there stops the start with
a KnowledgeError that says file, key and the nearest known spelling.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from service.clinical.knowledge import (
    CardTexts,
    Cause,
    Companion,
    Knowledge,
    Order,
    OverrideReason,
    Profile,
    ProfileName,
    Reference,
    Review,
    RiskFactor,
    RuleKnowledge,
    Strict,
    TextLine,
    Thresholds,
    Unit,
)
from service.knowledge_checks import check_knowledge
from service.strict_toml import (
    KnowledgeError,
    for_profile,
    nearest,
    read_toml,
    validated,
)
from service.terminology_source import TerminologySource
from service.terminology_source import load_terminology as _load_terminology


__all__ = [
    "DIRECTORY",
    "KnowledgeError",
    "TerminologySource",
    "awaiting_signature",
    "load_knowledge",
    "load_notes",
    "load_terminology",
    "unverified_facts",
]

DIRECTORY = Path(__file__).parent / "knowledge"

SHARED_TEXTS = ("treatments", "diets", "interferences", "circumstances")
"""Files whose lines a rule's file may take by name, as ``"diets.vegan"``."""


class _About(Strict):
    version: str
    reviews: Mapping[str, Review]


def load_terminology(directory: Path = DIRECTORY) -> TerminologySource:
    """Codes, names and patterns of all concepts; raises KnowledgeError."""
    return _load_terminology(directory)


def load_notes(directory: Path = DIRECTORY) -> Mapping[str, str]:
    """The notes a rule may set and a text may ask for, each with what it means."""
    path = directory / "notes.toml"
    return validated(Mapping[str, str], read_toml(path), path.name)


def load_knowledge(
    profile: ProfileName,
    directory: Path = DIRECTORY,
    terminology: TerminologySource | None = None,
) -> Knowledge:
    """All knowledge for ``profile``, checked as a whole; raises KnowledgeError.

    ``terminology`` spares reading the ValueSets again where they are at hand.
    """
    files = _Files(directory, profile)
    terminology = terminology or load_terminology(directory)
    about = files.read("about", _About)
    causes = files.read("causes", Mapping[str, Cause])
    shared = {name: files.read(name, Mapping[str, TextLine]) for name in SHARED_TEXTS}
    lines = dict(_lines_to_take(shared, causes))
    knowledge = Knowledge(
        version=about.version,
        reviews=about.reviews,
        profile=files.read("profiles", Profile),
        thresholds=files.read("thresholds", Thresholds),
        risk_factors=files.read("risk_factors", Mapping[str, RiskFactor]),
        companions=files.read("companions", Mapping[str, Companion]),
        causes=causes,
        units=files.read("units", Mapping[str, Unit]),
        orders=files.read("orders", Mapping[str, Order]),
        rules=files.rules(lines),
        **shared,
        override_reasons=files.read("override_reasons", Mapping[str, OverrideReason]),
        card_texts=files.read("cards", CardTexts),
        references=files.read("references", Mapping[str, Reference]),
    )
    check_knowledge(
        knowledge,
        concepts=terminology.concepts,
        systems=frozenset(terminology.systems),
        notes=frozenset(load_notes(directory)),
    )
    return knowledge


class _Files:
    """The TOML files of one directory, seen by one profile."""

    def __init__(self, directory: Path, profile: ProfileName) -> None:
        self._directory = directory
        self._profile = profile

    def read(self, name: str, kind: Any) -> Any:
        """``<name>.toml`` as ``kind``."""
        path = self._directory / f"{name}.toml"
        return validated(kind, self._tables(path), path.name)

    def rules(self, lines: Mapping[str, TextLine]) -> Mapping[str, RuleKnowledge]:
        """Every file of ``rules/``, each named after its rule's key."""
        rules = {}
        for path in sorted((self._directory / "rules").glob("*.toml")):
            file = f"rules/{path.name}"
            tables = self._tables(path)
            for part in ("actions", "more"):
                tables[part] = list(_taken(tables.get(part, []), lines, file, part))
            rule: RuleKnowledge = validated(RuleKnowledge, tables, file)
            if rule.key != path.stem:
                raise KnowledgeError(
                    f"{file}: key is {rule.key!r}, not the name of the file"
                )
            rules[rule.key] = rule
        return dict(sorted(rules.items(), key=lambda item: item[1].priority))

    def _tables(self, path: Path) -> dict[str, Any]:
        try:
            return dict(for_profile(read_toml(path), self._profile))
        except KnowledgeError as error:
            raise KnowledgeError(f"{path.name}: {error}") from None


def _lines_to_take(
    shared: Mapping[str, Mapping[str, TextLine]], causes: Mapping[str, Cause]
) -> Iterator[tuple[str, TextLine]]:
    for file, lines in shared.items():
        for name, line in lines.items():
            yield f"{file}.{name}", line
    for name, cause in causes.items():
        yield (
            f"causes.{name}",
            TextLine(
                text=cause.advice,
                when=name,
                sources=cause.sources,
                verified=cause.verified,
            ),
        )


def _taken(
    items: list[Any], lines: Mapping[str, TextLine], file: str, part: str
) -> Iterator[Any]:
    """The lines of a rule, those taken by name replaced by what they name."""
    for item in items:
        if not isinstance(item, str):
            yield item
        elif item in lines:
            yield lines[item].model_dump()
        else:
            hint = nearest(item, lines)
            raise KnowledgeError(f"{file}: {part}: {item!r} is no known line{hint}")


def unverified_facts(knowledge: Knowledge) -> list[str]:
    """Where knowledge rests on memory alone: ``thresholds.history.audit_c_men`` …

    A line that a rule takes from another file is named there only.
    """
    taken = {
        line
        for name in SHARED_TEXTS
        for line in getattr(knowledge, name).values()
        if not line.verified
    }
    return sorted(_unverified(knowledge, "", taken))


def _unverified(
    value: object, path: str, taken: AbstractSet[TextLine]
) -> Iterator[str]:
    if isinstance(value, BaseModel):
        if getattr(value, "verified", True) is False:
            is_taken = path.startswith("rules.") and value in taken
            if not is_taken:
                yield path
        members = {name: getattr(value, name) for name in type(value).model_fields}
        yield from _unverified(members, path, taken)
    elif isinstance(value, Mapping):
        for name, member in value.items():
            yield from _unverified(
                member, f"{path}.{name}" if path else str(name), taken
            )
    elif isinstance(value, tuple):
        for position, member in enumerate(value, start=1):
            yield from _unverified(member, f"{path}.{position}", taken)


def awaiting_signature(knowledge: Knowledge) -> list[str]:
    """The files and rules that no clinician has signed yet, by name."""
    rules = {f"rules/{key}": rule.review for key, rule in knowledge.rules.items()}
    return sorted(
        name
        for name, review in {**knowledge.reviews, **rules}.items()
        if review.checked_by is None
    )
