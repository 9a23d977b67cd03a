"""Which data the service asks for, and the prefetch templates made from it.

``reads.toml`` is the one description: discovery publishes it, what arrives is held
against it, and what is missing is fetched by it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

from service.clinical.knowledge import Line, Strict
from service.clinical.record import DataKind
from service.knowledge_files import DIRECTORY
from service.strict_toml import KnowledgeError, nearest, read_toml, validated
from service.terminology_source import TerminologySource


class _Entry(Strict):
    """One table of ``reads.toml``."""

    kind: DataKind
    resource: Line
    id: Literal["patientId", "encounterId"] | None = None
    category: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    codes_of: tuple[str, ...] = ()
    in_systems: tuple[str, ...] = ()
    needed: bool
    carries_kind: bool
    why: Line


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """One prefetch key: what it asks for, and what its absence means.

    ``template`` is fit for every version of CDS Hooks. ``needed``: its absence could
    turn a card into silence. ``carries_kind``: its arrival means that this kind of data
    has come.
    """

    key: str
    kind: DataKind
    resource: str
    template: str
    needed: bool
    carries_kind: bool
    why: str


def load_reads(
    terminology: TerminologySource, directory: Path = DIRECTORY
) -> tuple[Read, ...]:
    """The reads in the order of the file; raises KnowledgeError."""
    path = directory / "reads.toml"
    entries: Mapping[str, _Entry] = validated(
        Mapping[str, _Entry], read_toml(path), path.name
    )
    return tuple(
        Read(
            key=key,
            kind=entry.kind,
            resource=entry.resource,
            template=_template(key, entry, terminology),
            needed=entry.needed,
            carries_kind=entry.carries_kind,
            why=entry.why,
        )
        for key, entry in entries.items()
    )


def _template(key: str, entry: _Entry, terminology: TerminologySource) -> str:
    if entry.id is not None:
        return f"{entry.resource}/{{{{context.{entry.id}}}}}"
    parameters = ["patient={{context.patientId}}"]
    if entry.category:
        parameters.append(f"category={','.join(entry.category)}")
    if entry.status:
        parameters.append(f"status={','.join(entry.status)}")
    if entry.codes_of:
        tokens = dict.fromkeys(_tokens(key, entry, terminology))
        parameters.append(f"code={','.join(tokens)}")
    return f"{entry.resource}?{'&'.join(parameters)}"


def _tokens(key: str, entry: _Entry, terminology: TerminologySource) -> Iterator[str]:
    """``system|code`` of every code asked for, by system, then by list and code."""
    for system in entry.in_systems:
        if system not in terminology.systems:
            hint = nearest(system, terminology.systems)
            raise KnowledgeError(f"reads.toml: {key}: no system {system!r}{hint}")
        uri = terminology.systems[system][0]
        for pattern in entry.codes_of:
            names = [
                name
                for name in sorted(terminology.value_sets)
                if fnmatchcase(name, pattern)
            ]
            if not names:
                hint = nearest(pattern, terminology.value_sets)
                raise KnowledgeError(
                    f"reads.toml: {key}: no ValueSet {pattern!r}{hint}"
                )
            for name in names:
                listed = terminology.value_sets[name].codes.get(system, {})
                yield from (f"{uri}|{code}" for code in sorted(listed))
