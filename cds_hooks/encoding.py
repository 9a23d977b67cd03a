"""Plain Python objects to the bytes of a JSON body (J-01)."""

import math
from collections.abc import Mapping
from json.encoder import encode_basestring

from cds_hooks.errors import OutputNotConformant
from cds_hooks.exact_numbers import ExactNumber


def encode_json(value: object) -> bytes:
    """`value` as compact JSON in UTF-8, members in their order.

    An `ExactNumber` is written as it was received. Raises `OutputNotConformant`
    for what JSON cannot say: NaN, infinity (J-08), half a surrogate pair, a name
    that is no string, or an object of another kind.
    """
    parts: list[str] = []
    _write(value, parts)
    try:
        return "".join(parts).encode()
    except UnicodeEncodeError:
        raise OutputNotConformant(
            "J-01: a string holds half a surrogate pair"
        ) from None


def _write(value: object, parts: list[str]) -> None:
    match value:
        case str():
            parts.append(encode_basestring(value))
        case None:
            parts.append("null")
        case bool():
            parts.append("true" if value else "false")
        case int():
            parts.append(int.__repr__(value))
        case float():
            parts.append(_number(value))
        case Mapping():
            _write_object(value, parts)
        case list() | tuple():
            _write_array(value, parts)
        case _:
            raise OutputNotConformant(f"J-01: {type(value).__name__} is no JSON value")


def _number(value: float) -> str:
    if isinstance(value, ExactNumber):
        return value.text
    if not math.isfinite(value):
        raise OutputNotConformant("J-08: NaN and infinity are no JSON values")
    return float.__repr__(value)


def _write_object(value: Mapping[str, object], parts: list[str]) -> None:
    separator = "{"
    for name, member in value.items():
        if not isinstance(name, str):
            raise OutputNotConformant("J-01: a member's name must be a string")
        parts += (separator, encode_basestring(name), ":")
        _write(member, parts)
        separator = ","
    parts.append("}" if separator == "," else "{}")


def _write_array(value: list[object] | tuple[object, ...], parts: list[str]) -> None:
    separator = "["
    for item in value:
        parts.append(separator)
        _write(item, parts)
        separator = ","
    parts.append("]" if separator == "," else "[]")
