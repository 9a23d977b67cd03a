"""Bytes of a request body to plain Python objects, strictly and within bounds.

What is not RFC 8259 grammar is `BodyNotJson` (400). What is grammatical but
cannot be read safely (nesting, endless numbers, one name twice, half a
surrogate pair) is `RequestNotConformant` (422): JSON allows it, we do not.
"""

import json
import math
import re
from itertools import accumulate

from cds_hooks.errors import BodyNotJson, RequestNotConformant


MAX_DEPTH = 200
"""Levels of nesting. FHIR data stays below 60; Python's own limit is 1000."""

MAX_NUMBER_LENGTH = 100
"""Characters of one number. FHIR asks for 18 significant digits."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_ALL_BUT_STRUCTURE = bytes(set(range(256)) - set(b'[]{}"'))
_BRACKETS_AS_BRACES = bytes.maketrans(b"[]", b"{}")
_STEP = [(byte == ord("{")) - (byte == ord("}")) for byte in range(256)]
_STRING_WITH_BRACES = re.compile(rb'"[^"]*"')
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_SURROGATE_PAIR = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)


def decode_json(body: bytes | bytearray) -> object:
    """The JSON value in `body`.

    Objects become `dict`, numbers `int` or finite `float`. A leading byte order
    mark is allowed. Raises `BodyNotJson` or `RequestNotConformant` and no other
    exception, in time linear in the length of the body.
    """
    text = checked_text(body)
    return decode_text(text, DECODER)


def checked_text(body: bytes | bytearray) -> str:
    """`body` as text, once its encoding, nesting and escapes are known to be safe."""
    body = body.removeprefix(BYTE_ORDER_MARK)
    if not body.strip():
        raise BodyNotJson("The body is empty; send a JSON object.")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise BodyNotJson(
            f"The body is not UTF-8 (at byte {fault.start}); send JSON in UTF-8."
        ) from None
    if is_nested_deeper_than(MAX_DEPTH, body):
        raise RequestNotConformant(
            f"The body is nested more than {MAX_DEPTH} levels deep."
        )
    if has_lone_surrogate(body):
        raise RequestNotConformant(
            "A string holds half of a surrogate pair (\\ud800 to \\udfff), which"
            " is no character; send both halves or the character itself."
        )
    return text


def decode_text(text: str, decoder: json.JSONDecoder) -> object:
    """What `decoder` makes of `text`, its failures as errors of this package."""
    try:
        return decoder.decode(text)
    except json.JSONDecodeError as fault:
        raise BodyNotJson(
            f"The body is not valid JSON: {_grammar_fault(fault)} at line"
            f" {fault.lineno}, column {fault.colno}."
        ) from None


def is_nested_deeper_than(limit: int, body: bytes | bytearray) -> bool:
    """Whether objects and arrays in `body` are nested more than `limit` deep.

    Works on whole byte strings, so that it costs a part of decoding: everything
    but brackets and quotes is deleted, then strings, then again and again every
    innermost pair, as long as that removes much. Only what is left is counted
    bracket by bracket. Text that is not JSON may give either answer; the decoder
    will refuse it.
    """
    if b"\\" in body:
        body = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    skeleton = body.translate(_BRACKETS_AS_BRACES, _ALL_BUT_STRUCTURE)
    skeleton = _STRING_WITH_BRACES.sub(b"", skeleton.replace(b'""', b""))
    removed = 0
    while skeleton:
        pruned = skeleton.replace(b"{}", b"")
        if len(pruned) > 0.9 * len(skeleton):
            deepest = max(accumulate(map(_STEP.__getitem__, skeleton)))
            return removed + deepest > limit
        skeleton = pruned
        removed += 1
    return removed > limit


def has_lone_surrogate(body: bytes | bytearray) -> bool:
    """Whether an escape in `body` is one half of a surrogate pair without the other."""
    if not _SURROGATE.search(body):
        return False
    escapes = _SURROGATE_PAIR.sub(b"", body.replace(b"\\\\", b""))
    return _SURROGATE.search(escapes) is not None


def bounded_int(text: str) -> int:
    """The integer `text`, if it is of sane length."""
    if len(text) > MAX_NUMBER_LENGTH:
        raise _number_too_long()
    return int(text)


def finite_float(text: str) -> float:
    """The number `text`, if it is of sane length and within a double's range."""
    if len(text) > MAX_NUMBER_LENGTH:
        raise _number_too_long()
    value = float(text)
    if math.isinf(value):
        raise RequestNotConformant(
            "A number is beyond the range of IEEE 754 double precision."
        )
    return value


def members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """One JSON object, if each of its names occurs once."""
    named = dict(pairs)
    if len(named) != len(pairs):
        raise RequestNotConformant(
            "An object holds the same member name twice, which may mean either"
            " value; send each member once."
        )
    return named


def refuse_constant(name: str) -> object:
    """NaN and Infinity are Python's, not JSON's."""
    raise BodyNotJson(f"The body is not valid JSON: {name} is no JSON value.")


def _number_too_long() -> RequestNotConformant:
    return RequestNotConformant(
        f"A number has more than {MAX_NUMBER_LENGTH} characters."
    )


def _grammar_fault(fault: json.JSONDecodeError) -> str:
    return fault.msg[:1].lower() + fault.msg[1:]


DECODER = json.JSONDecoder(
    object_pairs_hook=members,
    parse_float=finite_float,
    parse_int=bounded_int,
    parse_constant=refuse_constant,
)
