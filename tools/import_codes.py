"""Make the FHIR ValueSets of the service from CSV code lists.

    python tools/import_codes.py CSV_DIR OUT_DIR

CSV_DIR holds one list a file, with the columns system, code, display, source and
verified; only rows with verified=yes are taken. What each list is for, and how lists
are split, is in service/knowledge/valueset_notes.toml; the code systems are in
systems.toml beside it. OUT_DIR gets one file a ValueSet, <id>.json, and loses those
that are no longer made. The same input always makes the same bytes.

Refused, with nothing written: a verified row that arrives in no ValueSet and is not
named in the notes' left_out, a code twice with different displays, an unknown system,
a note about a row or list that does not exist, an empty list.
"""

import argparse
import csv
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from service.strict_toml import (  # noqa: E402  (a script has no package around it)
    KnowledgeError,
    nearest,
    read_toml,
    validated,
)
from service.valuesets import CodeSystem, load_systems  # noqa: E402  (as above)


KNOWLEDGE = ROOT / "service" / "knowledge"
SHORT_NAMES = {"dm+d": "dmd"}


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Edition(_Strict):
    """What all ValueSets of one import share."""

    canonical: str
    version: str
    date: date
    publisher: str


class Added(_Strict):
    """Codes that no CSV holds, with where they were verified."""

    source: str
    system: str
    codes: Mapping[str, str]


class Notes(_Strict):
    """What one list is for and which rows it takes."""

    title: str
    purpose: str
    includes: str
    excludes: str
    from_lists: tuple[str, ...] | None = Field(default=None, alias="from")
    only_codes: tuple[str, ...] = ()
    without_codes: tuple[str, ...] = ()
    only_displays: tuple[str, ...] = ()
    without_displays: tuple[str, ...] = ()
    added: tuple[Added, ...] = ()


class LeftOut(_Strict):
    """Rows of a CSV that arrive nowhere (all of it where no codes are named)."""

    list: str
    codes: tuple[str, ...] = ()
    why: str


class LeftOutTable(_Strict):
    """The reasons, one by one."""

    reasons: tuple[LeftOut, ...]


class NotesFile(_Strict):
    """``valueset_notes.toml``."""

    edition: Edition = Field(alias="import")
    lists: Mapping[str, Notes]
    left_out: LeftOutTable


@dataclass(frozen=True, order=True)
class Row:
    """A verified code with where it was seen."""

    system: str
    source: str
    code: str
    display: str

    @property
    def key(self) -> str:
        return f"{self.system}|{self.code}"


def main() -> None:
    """Read the arguments, write the ValueSets, say how many."""
    parser = argparse.ArgumentParser(
        description="Make the FHIR ValueSets of the service from CSV code lists.",
        epilog="example: python tools/import_codes.py codes/ out/",
    )
    parser.add_argument("csv_dir", type=Path, help="folder of the CSV code lists")
    parser.add_argument("out_dir", type=Path, help="folder to write the ValueSets to")
    arguments = parser.parse_args()
    try:
        made = value_sets(arguments.csv_dir, KNOWLEDGE)
    except KnowledgeError as error:
        sys.exit(str(error))
    written = write(made, arguments.out_dir)
    print(f"{written} ValueSets in {arguments.out_dir}")  # noqa: T201  (a command)


def value_sets(csv_dir: Path, knowledge: Path) -> dict[str, str]:
    """The text of every ValueSet by id; raises KnowledgeError."""
    systems = load_systems(knowledge)
    notes_path = knowledge / "valueset_notes.toml"
    notes = validated(NotesFile, read_toml(notes_path), notes_path.name)
    lists = {path.stem: tuple(rows(path)) for path in sorted(csv_dir.glob("*.csv"))}
    taken: set[tuple[str, str]] = set()
    made = {}
    for name, words in sorted(notes.lists.items()):
        members = []
        origins = words.from_lists
        for origin in (name.replace("-", "_"),) if origins is None else origins:
            if origin not in lists:
                raise KnowledgeError(
                    f"{name}: no list {origin}{nearest(origin, lists)}"
                )
            chosen = [row for row in lists[origin] if is_chosen(row, words)]
            taken.update((origin, row.key) for row in chosen)
            members += chosen
        check_codes_named(name, words, lists, members)
        members += added_rows(words)
        made[name] = text_of(
            name, words, without_repeats(name, members), notes, systems
        )
    check_all_arrived(lists, taken, notes.left_out.reasons)
    return made


def rows(path: Path) -> Iterator[Row]:
    """The verified rows of a CSV list."""
    with path.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            if line["verified"] == "yes":
                system = SHORT_NAMES.get(line["system"], line["system"])
                display = " ".join(line["display"].split())
                yield Row(system, line["source"], line["code"], display)


def is_chosen(row: Row, words: Notes) -> bool:
    """Whether the notes let the row into the list; an only-rule is met by either."""
    if row.key in words.without_codes or _matches(row, words.without_displays):
        return False
    if words.only_codes or words.only_displays:
        return row.key in words.only_codes or _matches(row, words.only_displays)
    return True


def _matches(row: Row, patterns: Iterable[str]) -> bool:
    return any(re.search(pattern, row.display, re.IGNORECASE) for pattern in patterns)


def check_codes_named(
    name: str,
    words: Notes,
    lists: Mapping[str, tuple[Row, ...]],
    members: Iterable[Row],
) -> None:
    """Every code that the notes name must be a verified row of the lists it is from."""
    there = {row.key for row in members}
    for key in words.only_codes:
        if key not in there:
            raise KnowledgeError(f"{name}: only_codes names {key}, which is no row")
    origins = words.from_lists or (name.replace("-", "_"),)
    all_keys = {row.key for origin in origins for row in lists.get(origin, ())}
    for key in words.without_codes:
        if key not in all_keys:
            raise KnowledgeError(f"{name}: without_codes names {key}, which is no row")


def added_rows(words: Notes) -> Iterator[Row]:
    """The codes that only the notes hold."""
    for group in words.added:
        for code, display in group.codes.items():
            yield Row(group.system, group.source, code, display)


def without_repeats(name: str, members: Iterable[Row]) -> list[Row]:
    """Sorted, each code once; the first source in the alphabet is kept."""
    kept: dict[str, Row] = {}
    for row in sorted(members):
        kept.setdefault(row.key, row)
    if not kept:
        raise KnowledgeError(f"{name}: the list would be empty")
    return sorted(kept.values())


def check_all_arrived(
    lists: Mapping[str, tuple[Row, ...]],
    taken: set[tuple[str, str]],
    reasons: Iterable[LeftOut],
) -> None:
    """Each verified row is in a ValueSet, or left out for a reason that is given."""
    left_out: set[tuple[str, str]] = set()
    for reason in reasons:
        if reason.list not in lists:
            hint = nearest(reason.list, lists)
            raise KnowledgeError(f"left_out: no list {reason.list}{hint}")
        keys = {row.key for row in lists[reason.list]}
        if unknown := set(reason.codes) - keys:
            raise KnowledgeError(f"left_out: {reason.list} has no {min(unknown)}")
        left_out |= {(reason.list, key) for key in reason.codes or keys}
    all_rows = {(name, row.key) for name, members in lists.items() for row in members}
    if lost := all_rows - taken - left_out:
        name, key = min(lost)
        raise KnowledgeError(f"{key} of {name} arrives nowhere; name it in left_out")


def text_of(
    name: str,
    words: Notes,
    members: Iterable[Row],
    notes: NotesFile,
    systems: Mapping[str, CodeSystem],
) -> str:
    """The ValueSet as JSON, one concept a line so that a change shows as a line."""
    edition = notes.edition
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in members:
        if row.system not in systems:
            hint = nearest(row.system, systems)
            raise KnowledgeError(f"{name}: unknown system {row.system}{hint}")
        groups[(row.system, row.source)].append(row)
    used = {system for system, _ in groups}
    notices = [
        system.notice
        for key, system in systems.items()
        if key in used and system.notice
    ]
    source_url = f"{edition.canonical}/StructureDefinition/code-source"
    resource = {
        "resourceType": "ValueSet",
        "id": name,
        "url": f"{edition.canonical}/ValueSet/{name}",
        "version": edition.version,
        "name": "".join(part.capitalize() for part in name.split("-")),
        "title": words.title,
        "status": "active",
        "experimental": False,
        "date": edition.date.isoformat(),
        "publisher": edition.publisher,
        "description": f"Inclusion: {words.includes}\n\nExclusion: {words.excludes}",
        "purpose": words.purpose,
        **({"copyright": " ".join(notices)} if notices else {}),
        "compose": {
            "include": [
                {
                    "extension": [{"url": source_url, "valueString": source}],
                    "system": systems[system].uris[0],
                    "concept": [
                        {"code": row.code, "display": row.display} for row in group
                    ],
                }
                for (system, source), group in sorted(groups.items())
            ]
        },
        "expansion": {
            "timestamp": edition.date.isoformat(),
            "total": sum(map(len, groups.values())),
        },
    }
    text = json.dumps(resource, indent=2, ensure_ascii=False)
    one_line = re.sub(r'\{\s+("code": .+)\s+("display": .+)\s+\}', r"{\1 \2}", text)
    return one_line + "\n"


def write(made: Mapping[str, str], out_dir: Path) -> int:
    """Write the files, remove ValueSets no longer made; returns how many there are."""
    out_dir.mkdir(parents=True, exist_ok=True)
    for old in out_dir.glob("*.json"):
        if old.stem not in made:
            old.unlink()
    for name, text in made.items():
        (out_dir / f"{name}.json").write_text(text, encoding="utf-8")
    return len(made)


if __name__ == "__main__":
    main()
