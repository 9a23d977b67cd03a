"""Text of unknown origin made inert in GitHub-Flavored Markdown (M-03)."""

import re


_WORD_JOINER = "\N{WORD JOINER}"

_BREAKS_AND_CONTROLS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_BIDI_AND_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_INLINE_MARKS = re.compile(r"[\\`*_\[\]|~$#!]")
_BLOCK_START = re.compile(r"^(?:([-+=:])|(\d{1,9})([.)]))")
_AUTOLINK_STARTS = re.compile(r"(?<=:)(?=\\//)|(?<=www)(?=\\?\.)|(?<=@)", re.IGNORECASE)
# What clients link that look for more than GitHub does: `evil.com`, `//host`, `a@b`.
# They look at stretches of plain text, and a backslash ends one.
_LOOSE_LINKS = re.compile(r"(?<=\S)\.(?=[^\W\d_][^\s\d.,;)])|/(?=/)|@")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


def escape_markdown(text: str) -> str:
    """`text` as one line of Markdown that shows as itself and does nothing.

    No HTML, emphasis, link, image, table cell, heading, list, code or mention
    comes of it, also where a client renders raw HTML or links bare addresses and
    names: an invisible word joiner breaks `://`, `www.` and `@`, and a backslash stands
    before what could join the parts of a name. Line breaks become blanks.
    """
    line = _BIDI_AND_INVISIBLE.sub("", text)
    line = _BREAKS_AND_CONTROLS.sub(" ", line).strip()
    line = _INLINE_MARKS.sub(r"\\\g<0>", line)
    line = _LOOSE_LINKS.sub(r"\\\g<0>", line)
    line = _BLOCK_START.sub(_escaped_block_start, line)
    line = _AUTOLINK_STARTS.sub(_WORD_JOINER, line)
    return line.translate(_ENTITIES)


def _escaped_block_start(match: re.Match[str]) -> str:
    if match[1]:
        return f"\\{match[1]}"
    return f"{match[2]}\\{match[3]}"
