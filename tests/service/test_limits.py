"""How much one request may hold: at each limit, above it, and however it is written."""

import time

import pytest

from cds_hooks.errors import BodyTooLarge
from service.limits import (
    UNCOUNTED_BYTES_PER_RESOURCE,
    VALUES_PER_RESOURCE,
    RequestLimits,
    has_string_longer_than,
    holds_more_resources,
)


@pytest.mark.parametrize(
    ("body", "is_longer"),
    [
        (b'["' + b"a" * 1000 + b'"]', False),
        (b'["' + b"a" * 1001 + b'"]', True),
        (b'["' + b'\\"' * 500 + b'"]', False),
        (b'["' + b'\\"' * 501 + b'"]', True),
        (b'["' + b"\\\\" * 501 + b'"]', True),
        (b'["x", "' + b"\\u0041" * 167 + b'", "y"]', True),
        (b'{"' + b"k" * 1001 + b'": 1}', True),
        (b'["' + b"a" * 1001, True),
        (b"[" + b"0," * 2000 + b"0]", False),
        (b" " * 5000, False),
        (b'["a",' * 900 + b'"a"' + b"]" * 900, False),
        (b'["a\\\\", "b"]' + b" " * 2000, False),
    ],
    ids=range(12),
)
def test_a_string_is_measured_as_it_is_written(body: bytes, is_longer: bool) -> None:
    assert has_string_longer_than(1000, body) is is_longer


@pytest.mark.parametrize(
    "name",
    ["resourceType", "\\u0072esourceType", "resource\\u0054yp\\u0065"],
)
def test_a_resource_is_counted_however_its_type_is_spelt(name: str) -> None:
    two = f'[{{"{name}": "X"}}, {{"contained": [{{"{name}": "Y"}}]}}]'.encode()
    assert not holds_more_resources(2, two)
    assert holds_more_resources(1, two)


def test_other_names_are_not_counted() -> None:
    assert not holds_more_resources(0, b'{"resourceTypes": 1, "type": "\\u0041"}')


def padded(body: bytes, limits: RequestLimits) -> bytes:
    """`body` with blanks around it, so that it is large enough to be counted."""
    return body.ljust(limits.max_resources * UNCOUNTED_BYTES_PER_RESOURCE + 1)


def test_resources_over_the_limit_are_answered_413_and_named() -> None:
    limits = RequestLimits(max_resources=3, max_string_bytes=1000)
    at_limit = b",".join([b'{"resourceType":"X"}'] * 3)
    limits.check(padded(b"[" + at_limit + b"]", limits))
    with pytest.raises(BodyTooLarge, match="B12_MAX_RESOURCES"):
        limits.check(padded(b"[" + at_limit + b',{"resourceType":"X"}]', limits))


def test_values_that_are_no_data_are_answered_413() -> None:
    limits = RequestLimits(max_resources=3, max_string_bytes=1000)
    most = limits.max_resources * VALUES_PER_RESOURCE
    limits.check(padded(b"[" + b"0," * (most - 1) + b"0]", limits))
    with pytest.raises(BodyTooLarge, match="JSON values"):
        limits.check(padded(b"[" + b"0," * most + b"0]", limits))


def test_a_string_over_the_limit_is_answered_413_and_named() -> None:
    limits = RequestLimits(max_resources=3, max_string_bytes=1000)
    with pytest.raises(BodyTooLarge, match="B12_MAX_STRING_BYTES"):
        limits.check(b'["' + b"a" * 1001 + b'"]')


@pytest.mark.parametrize(
    "body",
    [
        b'"' * 10_000_000,
        b"\\" * 10_000_000,
        b'"\\' * 5_000_000,
        b'\\"' * 5_000_000,
        b'"' + b'\\"' * 5_000_000,
        b'"\\u0072' * 1_400_000,
        b'"resourceType"' * 700_000,
        b'{"a":"' + b"x" * 10_000_000,
    ],
    ids=range(8),
)
def test_no_body_takes_long_to_look_at(body: bytes) -> None:
    limits = RequestLimits(max_resources=50_000, max_string_bytes=1_048_576)
    began = time.process_time()
    try:
        limits.check(body)
    except BodyTooLarge:
        pass
    assert time.process_time() - began < 5
