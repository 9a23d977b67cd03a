"""How much one request may hold, told from its bytes before anything is made of them.

A body is bounded in length already. Within that length, decoding makes many times as
much of it, and every text is searched for words; so what is told here is found without
decoding, in a fraction of the time that decoding would take.
"""

import re
from dataclasses import dataclass
from typing import Self

from cds_hooks.errors import BodyTooLarge
from service.settings import Settings


VALUES_PER_RESOURCE = 40
"""Real charts have 20 to 60 JSON values to a resource, but no more than one to 17
bytes; a large body that holds more than this has something else than data."""

UNCOUNTED_BYTES_PER_RESOURCE = 100
"""A body with fewer bytes than this for each resource allowed is not counted through.
What it can hold is soon read, and counting is not for nothing."""

_TYPE_MEMBER = b'"resourceType"'
# The same name in every spelling that JSON has for it.
_TYPE_MEMBER_ESCAPED = re.compile(
    b'"'
    + b"".join(
        rb"(?:%c|\\u00(?i:%02x))" % (letter, letter) for letter in b"resourceType"
    )
    + b'"'
)
_BACKSLASH = ord("\\")
# One that the text ends within counts as a string too: every quote then begins a match
# or lies in one, and no text can make the search start over and over.
_STRING = re.compile(rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)"?', re.DOTALL)


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestLimits:
    """The most that is read of one request: resources, and bytes of one string."""

    max_resources: int
    max_string_bytes: int

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The limits that the settings name."""
        return cls(
            max_resources=settings.max_resources,
            max_string_bytes=settings.max_string_bytes,
        )

    def check(self, body: bytes | bytearray) -> None:
        """Raise BodyTooLarge if the JSON text ``body`` holds more than this.

        Never raises anything else; what is not JSON may pass, or not.
        """
        if len(body) > self.max_resources * UNCOUNTED_BYTES_PER_RESOURCE:
            self._count(body)
        if has_string_longer_than(self.max_string_bytes, body):
            raise BodyTooLarge(
                f"A string in the body has more than {self.max_string_bytes} bytes, the"
                " most this service reads (B12_MAX_STRING_BYTES)."
            )

    def _count(self, body: bytes | bytearray) -> None:
        if holds_more_resources(self.max_resources, body):
            raise BodyTooLarge(
                f"The body holds more than {self.max_resources} resources, the most"
                " this service reads (B12_MAX_RESOURCES)."
            )
        if holds_more_values(self.max_resources * VALUES_PER_RESOURCE, body):
            raise BodyTooLarge(
                "The body holds more JSON values than this service reads:"
                f" {VALUES_PER_RESOURCE} for each resource (B12_MAX_RESOURCES)."
            )


def holds_more_resources(limit: int, body: bytes | bytearray) -> bool:
    """Whether more than ``limit`` objects in ``body`` have a resource type.

    A text that says the very word counts too.
    """
    if b"\\u00" in body:
        return sum(1 for _ in _TYPE_MEMBER_ESCAPED.finditer(body)) > limit
    return body.count(_TYPE_MEMBER) > limit


def holds_more_values(limit: int, body: bytes | bytearray) -> bool:
    """Whether commas and brackets in ``body`` stand for more than ``limit`` values."""
    return sum(map(body.count, (b",", b"{", b"["))) > limit


def has_string_longer_than(limit: int, body: bytes | bytearray) -> bool:
    """Whether a string in ``body``, as it is written there, is longer than ``limit``.

    Looks for quotes only, from one stretch of ``limit`` bytes to the next. Where such
    a stretch has none that surely is one, the strings are measured one by one, since a
    list of numbers or blanks may be as long.
    """
    if len(body) <= limit:
        return False
    if not _has_stretch_without_quotes(limit, body):
        return False
    return any(len(string[1]) > limit for string in _STRING.finditer(body))


def _has_stretch_without_quotes(length: int, body: bytes | bytearray) -> bool:
    start = 0
    while start + length < len(body):
        quote = _last_plain_quote(body, start, start + length + 1)
        if quote < start:
            return True
        start = quote + 1
    return False


def _last_plain_quote(body: bytes | bytearray, start: int, end: int) -> int:
    """Where the last quote without a backslash before it is, or -1."""
    while (quote := body.rfind(b'"', start, end)) > 0 and body[quote - 1] == _BACKSLASH:
        end = quote
    return quote
