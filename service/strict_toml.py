"""Knowledge files read strictly: an unknown, missing or misspelt key is an error.

What is wrong is said in one sentence: file, key, and the nearest known spelling.
"""

import difflib
import json
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError


T = TypeVar("T")

PROFILES = frozenset({"us", "uk"})


class KnowledgeError(Exception):
    """A knowledge file is not as it must be; the message says where and what to do."""


def nearest(word: str, known: Iterable[str]) -> str:
    """``"; did you mean …?"``, or the known words when none is near, or nothing."""
    words = sorted(known)
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    if near:
        return f"; did you mean {near[0]!r}?"
    if 0 < len(words) <= 12:
        return f"; known: {', '.join(words)}"
    return ""


def read_toml(path: Path) -> dict[str, Any]:
    """The file as tables; numbers with a point stay exact (Decimal)."""
    try:
        with path.open("rb") as file:
            return tomllib.load(file, parse_float=Decimal)
    except FileNotFoundError:
        raise KnowledgeError(f"{path.name} is missing from {path.parent}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise KnowledgeError(f"{path.name} is not TOML: {error}") from None


def for_profile(value: Any, profile: str) -> Any:
    """``value`` with every table ``{ us = …, uk = … }`` replaced by its own side."""
    if isinstance(value, dict):
        if value and value.keys() <= PROFILES:
            if profile not in value:
                raise KnowledgeError(f"a value is given for one profile, not {profile}")
            return for_profile(value[profile], profile)
        return {key: for_profile(item, profile) for key, item in value.items()}
    if isinstance(value, list):
        return [for_profile(item, profile) for item in value]
    return value


def validated(kind: type[T] | Any, data: Any, file: str) -> T:
    """``data`` as ``kind``; raises KnowledgeError naming ``file`` and the key.

    Validation runs on JSON because there pydantic's strict mode takes a list for a
    tuple and a number for a Decimal, and still nothing else for what it is not.
    """
    adapter: TypeAdapter[T] = TypeAdapter(kind)
    try:
        return adapter.validate_json(json.dumps(data, default=_as_json))
    except ValidationError as error:
        raise KnowledgeError(explained(error, kind, file)) from None


def _as_json(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    raise KnowledgeError(f"a value of type {type(value).__name__} cannot be used")


def explained(error: ValidationError, kind: Any, file: str) -> str:
    """What is wrong with ``file`` in one sentence, ``kind`` being its model."""
    problems = error.errors(include_url=False)
    # A misspelt key shows up twice, as unknown and as missing: the first says more.
    first = next((p for p in problems if p["type"] == "extra_forbidden"), problems[0])
    *table, key = [str(step) for step in first["loc"]] or [""]
    name = ".".join([*table, key])
    if first["type"] == "extra_forbidden":
        known = _keys_at(kind, table)
        return f"{file}: {name} is not a known key{nearest(key, known)}"
    if first["type"] == "missing":
        return f"{file}: {name} is missing"
    return f"{file}: {name}: {first['msg']}"


def _keys_at(kind: Any, path: Iterable[str]) -> frozenset[str]:
    """Names of the fields of the model that ``path`` leads to, or none."""
    for step in path:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            field = kind.model_fields.get(step)
            kind = field.annotation if field else None
        elif get_origin(kind) in (tuple, list):
            kind = get_args(kind)[0]
        elif get_args(kind) and issubclass(get_origin(kind) or object, Mapping):
            kind = get_args(kind)[1]
        else:
            return frozenset()
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return frozenset(kind.model_fields)
    return frozenset()
