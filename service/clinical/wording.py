"""Lists of words that fit into a card's one-line summary."""

import re

from service.clinical.knowledge import Knowledge
from service.clinical.risk_factors import RiskFactorFound


SUMMARY_LIMIT = 139
"""Characters a summary may have: fewer than 140 (CDS Hooks, card.summary)."""

_PLACEHOLDER = re.compile(r"\{\w+\}")


def in_words(words: tuple[str, ...]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(words) <= 1:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def fitting_list(words: tuple[str, ...], template: str) -> str:
    """As many words, from the front, as fit into the summary; the rest as a number.

    ``template`` is the summary with its one placeholder. At least the first is named.
    """
    room = SUMMARY_LIMIT - len(_PLACEHOLDER.sub("", template))
    for named in range(len(words), 1, -1):
        rest = len(words) - named
        shown = words[:named] if rest == 0 else (*words[:named], f"{rest} more")
        text = in_words(shown)
        if len(text) <= room:
            return text
    if len(words) > 1:
        return in_words((words[0], f"{len(words) - 1} more"))
    return in_words(words)


def factors_in_words(
    factors: tuple[RiskFactorFound, ...], knowledge: Knowledge, template: str
) -> str:
    """The risk factors by name, strongest first, as many as fit."""
    phrases = tuple(knowledge.risk_factors[factor.key].phrase for factor in factors)
    return fitting_list(phrases, template)
