"""The detail of a card: GitHub-Flavored Markdown without HTML.

A bold lead; why, with each fact, its date and its resource; what to do; the limits; and
after that, for who wants it, more. At most `LINES_BEFORE_MORE` lines stand before
"more": facts that do not fit go there, with a line that says so.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from cds_hooks.markdown import escape_markdown
from service.clinical.answers import Concern, Fact
from service.clinical.knowledge import Knowledge, RuleKnowledge, TextLine
from service.clinical.record import DataKind, ResourceRef, Unread
from service.texts import Text, quotation, sentence_start


LINES_BEFORE_MORE = 12
FEWEST_FACTS = 2
MOST_RESOURCES = 3
MOST_UNREAD = 10
MOST_FACTS = 50
"""Lines of facts on one card, also below "more"; nobody reads on."""


class DetailWriter:
    """Writes the details of all rules of one body of knowledge."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._headings = knowledge.card_texts.headings
        self._texts = {
            line.text: Text.parse(line.text)
            for rule in knowledge.rules.values()
            for line in (*rule.actions, *rule.more)
        }

    def write(
        self,
        key: str,
        concern: Concern,
        not_considered: Collection[DataKind],
        unread: Collection[Unread],
    ) -> str:
        """The detail of the card of rule ``key`` for ``concern``."""
        rule = self._knowledge.rules[key]
        actions = list(self._lines(rule.actions, concern))
        limits = list(self._limits(not_considered, unread))
        facts = [f"- {fact_line(fact)}" for fact in gathered(concern.because)]
        # Lead and two headings come on top of the lists.
        room = LINES_BEFORE_MORE - 3 - len(actions) - len(limits)
        shown, others = _split(facts, max(room, FEWEST_FACTS))
        blocks = [
            [f"**{rule.title}.** {rule.rationale}"],
            [f"**{self._headings['why']}**"],
            shown,
            [f"**{self._headings['what_to_do']}**"],
            actions,
            *([line] for line in limits),
        ]
        if len(others) > MOST_FACTS:
            others = [*others[:MOST_FACTS], f"- and {len(others) - MOST_FACTS} more"]
        more = [*others, *self._more(rule, concern)]
        if more:
            blocks += [[f"**{self._headings['more']}**"], more]
        return "\n\n".join("\n".join(block) for block in blocks if block)

    def _lines(self, lines: Iterable[TextLine], concern: Concern) -> Iterator[str]:
        """Those of ``lines`` that the notes call for, as items of a list."""
        for line in lines:
            is_wanted = line.when is None or line.when in concern.notes
            if is_wanted and line.unless not in concern.notes:
                filled = self._texts[line.text].fill(concern.values, inert)
                yield f"- {filled}"

    def _limits(
        self, not_considered: Collection[DataKind], unread: Collection[Unread]
    ) -> Iterator[str]:
        texts = self._knowledge.card_texts
        yield " ".join(texts.limits)
        if not_considered:
            kinds = ", ".join(self._kind(kind) for kind in sorted(not_considered))
            yield texts.not_considered.format(kinds=kinds)
        if unread:
            reasons = {str(each.source): each.reason for each in unread}
            named = [f"{source} ({reason})" for source, reason in reasons.items()]
            yield texts.unread.format(
                resources=", ".join(_first(sorted(named), MOST_UNREAD))
            )

    def _kind(self, kind: DataKind) -> str:
        return kind.value.replace("-", " ")

    def _more(self, rule: RuleKnowledge, concern: Concern) -> Iterator[str]:
        yield from self._lines(rule.more, concern)
        yield f"- {rule.recommendation} ({rule.evidence})"
        titles = [self._knowledge.references[key].title for key in rule.sources]
        if titles:
            yield f"- {self._headings['sources']}: {'; '.join(titles)}"


def gathered(facts: Iterable[Fact]) -> list[Fact]:
    """``facts`` as a reader wants them: the same thing once, one of each kind first.

    Charts repeat themselves; a tenth entry of the same cramp must not push the risk
    factor out of sight.
    """
    same: dict[tuple[object, ...], Fact] = {}
    sources: dict[tuple[object, ...], dict[ResourceRef, None]] = defaultdict(dict)
    for fact in facts:
        # Not by name: one entry of the chart may be a diagnosis and a risk factor.
        what = (fact.label.casefold(), fact.date, fact.date_words)
        same[what] = fact
        sources[what].update(dict.fromkeys(fact.sources))
    once = [replace(fact, sources=tuple(sources[what])) for what, fact in same.items()]
    kinds: set[str] = set()
    first: list[Fact] = []
    later: list[Fact] = []
    for fact in once:
        (later if fact.name in kinds else first).append(fact)
        kinds.add(fact.name)
    return first + later


def fact_line(fact: Fact) -> str:
    """A fact as one line of Markdown: what, since when, and where it says so."""
    when = f"{fact.date_words} {fact.date}" if fact.date else fact.date_words
    words = inert(sentence_start(fact.label))
    line = f"{words}, {when}" if when else words
    named = _first([_reference(source) for source in fact.sources], MOST_RESOURCES)
    return f"{line} ({', '.join(named)})" if named else line


def inert(text: str) -> str:
    """``text`` of the chart, ready to stand in Markdown."""
    return escape_markdown(quotation(text))


def _first(named: list[str], most: int) -> list[str]:
    """The first of ``named`` made inert, and how many there are besides."""
    rest = [f"+{len(named) - most}"] if len(named) > most else []
    return [*map(inert, named[:most]), *rest]


def _reference(source: ResourceRef) -> str:
    return f"{source}, in hand" if source.in_hand else str(source)


def _split(items: list[str], most: int) -> tuple[list[str], list[str]]:
    """The first of ``items``, ``most`` lines at most, and the others, if any.

    Where there are others, the last line says how many.
    """
    if len(items) <= most:
        return items, []
    shown, others = items[: most - 1], items[most - 1 :]
    return [*shown, f"- and {len(others)} more, below"], others
