"""Texts of the knowledge files with their `{placeholders}`, ready to be filled."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Self

from cds_hooks.cards import LONGEST_SUMMARY, utf16_length


ELLIPSIS = "…"
LONGEST_QUOTATION = 200
"""Characters of one text of the chart that a card repeats; real ones stay below."""

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """One text, taken apart once: literal words and names of placeholders by turns."""

    parts: tuple[tuple[str, str | None], ...]

    @classmethod
    def parse(cls, template: str) -> Self:
        """Take ``template`` apart; raises ValueError for more than plain names."""
        parts = []
        for literal, name, form, conversion in Formatter().parse(template):
            if name is not None and (not name.isidentifier() or form or conversion):
                raise ValueError(f"{{{name}}} is no plain placeholder")
            parts.append((literal, name))
        return cls(parts=tuple(parts))

    @property
    def names(self) -> frozenset[str]:
        """The placeholders it needs values for."""
        return frozenset(name for _, name in self.parts if name is not None)

    def fill(
        self, values: Mapping[str, str], made_inert: Callable[[str], str] = str
    ) -> str:
        """The text with ``values``, each passed through ``made_inert`` first.

        Raises KeyError for a placeholder without a value: a rule and its texts do not
        fit together.
        """
        return "".join(
            literal + (made_inert(values[name]) if name is not None else "")
            for literal, name in self.parts
        )


def summary_line(text: Text, values: Mapping[str, str]) -> str:
    """``text`` filled, as one line that is short enough for a card's summary.

    Where it is too long, the longest value gives way, word by word, down to nothing;
    the words of the text itself always stay.
    """
    fitting = {name: _on_one_line(quotation(values[name])) for name in text.names}
    line = text.fill(fitting)
    while utf16_length(line) > LONGEST_SUMMARY and any(fitting.values()):
        longest = max(fitting, key=lambda name: len(fitting[name]))
        fitting[longest] = _without_last_word(fitting[longest])
        line = text.fill(fitting)
    return line


def quotation(text: str) -> str:
    """``text`` as a card repeats it: whole, unless nobody would read it to the end."""
    if len(text) <= LONGEST_QUOTATION:
        return text
    return text[: LONGEST_QUOTATION - 1].rstrip() + ELLIPSIS


def _on_one_line(value: str) -> str:
    return " ".join(_CONTROLS.sub(" ", value).split())


def _without_last_word(value: str) -> str:
    words = value.removesuffix(ELLIPSIS).rsplit(" ", 1)[:-1]
    return words[0].rstrip(" ,;:") + ELLIPSIS if words else ""


def sentence_start(words: str) -> str:
    """``words`` beginning with a capital letter, unless that would change a name."""
    first, _, _ = words.partition(" ")
    return words[:1].upper() + words[1:] if first.islower() else words
