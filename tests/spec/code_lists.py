"""The page of the manual that shows which codes mean what."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


MOST_CODES = 60
"""Longer lists are counted; their fingerprint changes with any of their codes."""


def code_lists_page(directory: Path) -> str:
    """Every ValueSet of a knowledge directory: what it is for, and its codes."""
    lines = [
        "# Code lists",
        "",
        "From `service/knowledge/valuesets/`. A list of more than",
        f"{MOST_CODES} codes of one system is counted here and stands in its file; the",
        "fingerprint changes when any of its codes does.",
    ]
    for file in sorted((directory / "valuesets").glob("*.json")):
        lines += ["", *_list(json.loads(file.read_text(encoding="utf-8")))]
    return "\n".join(lines) + "\n"


def _list(value_set: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {value_set['title']} (`{value_set['id']}`)"
    yield ""
    yield value_set["purpose"]
    for criterion in value_set["description"].split("\n\n"):
        yield ""
        yield criterion
    yield ""
    for system, codes in _by_system(value_set).items():
        yield f"- {system}: {_shown(codes)}"


def _by_system(value_set: Mapping[str, Any]) -> Mapping[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for include in value_set["compose"]["include"]:
        for concept in include["concept"]:
            found[include["system"]][concept["code"]] = concept["display"]
    return {system: dict(sorted(codes.items())) for system, codes in found.items()}


def _shown(codes: Mapping[str, str]) -> str:
    if len(codes) <= MOST_CODES:
        return "; ".join(f"`{code}` {display}" for code, display in codes.items())
    fingerprint = hashlib.sha256("\n".join(codes).encode()).hexdigest()[:12]
    return f"{len(codes)} codes, fingerprint `{fingerprint}`"
