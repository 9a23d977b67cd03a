"""Concerns as cards: where clinical words and protocol words meet.

All wording comes from the knowledge files; every text of the chart is made inert before
it enters Markdown. What a card shows to people in its detail, it also says to machines
in its extension.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date

from cds_hooks.cards import (
    Card,
    Coding,
    Indicator,
    Link,
    SelectionBehavior,
    Source,
)
from service.card_detail import DetailWriter
from service.clinical.answers import Concern, Fact
from service.clinical.knowledge import Knowledge, RuleKnowledge
from service.clinical.record import DataKind, ResourceRef, Unread
from service.suggested_orders import OrderSituation, suggest_orders
from service.texts import Text, summary_line


EVIDENCE = "example.b12-cds.evidence"
"""Key of the extension that holds a card's basis for machines; like the systems of our
own codes, it lies under a name that nobody can own."""

MOST_LINKS = 4

IssueUuid = Callable[[str, Indicator], str]
"""From a card's key and indicator to its uuid."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CardContext:
    """What the cards of one answer share besides their concerns."""

    situation: OrderSituation
    reason: ResourceRef | None = None
    not_considered: Collection[DataKind] = ()
    unread: Collection[Unread] = ()


class CardWriter:
    """Writes cards from one body of knowledge, whose texts it takes apart once.

    ``systems`` gives the URI for each short name of a code system, ``issue_uuid`` a
    fresh uuid for a card of that key and indicator. Construction raises ValueError for
    a text with a placeholder that is no plain name.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        public_url: str,
        *,
        systems: Mapping[str, str],
        issue_uuid: IssueUuid,
    ) -> None:
        self._knowledge = knowledge
        self._issue_uuid = issue_uuid
        self._icon = f"{public_url}{knowledge.card_texts.icon_path}"
        self._summaries = {
            key: {name: Text.parse(text) for name, text in rule.summaries.items()}
            for key, rule in knowledge.rules.items()
        }
        self._links = {
            key: _links(rule, knowledge) for key, rule in knowledge.rules.items()
        }
        self._reasons = {
            key: _override_reasons(rule, knowledge)
            for key, rule in knowledge.rules.items()
        }
        self._orders = {
            name: order.model_copy(update={"system": systems[order.system]})
            for name, order in knowledge.orders.items()
        }
        self._details = DetailWriter(knowledge)

    def write(self, key: str, concern: Concern, context: CardContext) -> Card:
        """The card of the rule ``key`` for ``concern``, with fresh uuids."""
        suggestions = suggest_orders(
            [self._orders[test] for test in concern.tests],
            concern.urgency,
            context.reason,
            context.situation,
        )
        indicator = Indicator(concern.indicator)
        return Card(
            uuid=self._issue_uuid(key, indicator),
            summary=summary_line(self._summaries[key][concern.text], concern.values),
            indicator=indicator,
            source=self._source(key),
            detail=self._details.write(
                key, concern, context.not_considered, context.unread
            ),
            suggestions=suggestions,
            selection_behavior=SelectionBehavior.ANY if suggestions else None,
            override_reasons=self._reasons[key],
            links=self._links[key],
            extension={EVIDENCE: self._evidence(concern, context)},
        )

    def _source(self, key: str) -> Source:
        profile = self._knowledge.profile
        return Source(
            label=profile.source_label,
            url=profile.source_url,
            icon=self._icon,
            topic=Coding(
                system=self._knowledge.card_texts.topic_system,
                code=key,
                display=self._knowledge.rules[key].title,
            ),
        )

    def _evidence(self, concern: Concern, context: CardContext) -> dict[str, object]:
        return {
            "facts": [fact_evidence(fact) for fact in concern.because],
            "notConsidered": sorted(context.not_considered),
            "unread": [
                {"resource": str(unread.source), "element": unread.element}
                for unread in context.unread
            ],
            "profile": self._knowledge.profile.name,
            "knowledge": self._knowledge.version,
            "evaluatedFor": _day(context.situation.today),
        }


def fact_evidence(fact: Fact) -> dict[str, object]:
    """A fact as JSON members; ``date`` as exact as the chart has it."""
    members: Mapping[str, object] = {
        "name": fact.name,
        "date": str(fact.date) if fact.date else None,
        "resources": [str(source) for source in fact.sources],
    }
    return {name: value for name, value in members.items() if value}


def _day(day: date) -> str:
    return day.isoformat()


def _links(rule: RuleKnowledge, knowledge: Knowledge) -> tuple[Link, ...]:
    """The rule's sources that can be opened, each address once."""
    labels: dict[str, str] = {}
    for source in rule.sources:
        reference = knowledge.references[source]
        if reference.url is not None:
            labels.setdefault(reference.url, reference.title)
    links = [Link(label=label, url=url) for url, label in labels.items()]
    return tuple(links[:MOST_LINKS])


def _override_reasons(rule: RuleKnowledge, knowledge: Knowledge) -> tuple[Coding, ...]:
    reasons = [knowledge.override_reasons[key] for key in rule.override_reasons]
    return tuple(
        Coding(system=reason.system, code=reason.code, display=reason.display)
        for reason in reasons
    )
