"""The counts of `b12-cds feedback`, for people and for machines."""

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from service.feedback_tally import (
    CardTally,
    Hint,
    Tally,
    hint_of,
    load_review_rules,
    months_before,
    tally_of,
)
from service.settings import Settings
from service.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is printed, in whatever format."""

    since: date | None
    tally: Tally
    hints: tuple[Hint, ...]

    def as_json(self) -> Mapping[str, object]:
        """For machines."""
        return {
            "since": self.since.isoformat() if self.since else None,
            "cards": [
                {"key": card.key, "indicator": card.indicator, **_members(card)}
                for card in self.tally.cards
            ],
            "total": _members(self.tally.total),
            "unmatched": _members(self.tally.unmatched),
            "hints": [str(hint) for hint in self.hints],
        }

    def as_rows(self) -> Iterable[tuple[object, ...]]:
        """One row for each way in which cards were answered, under its heading."""
        yield "card", "indicator", "outcome", "reason_system", "reason_code", "cards"
        for card in (*self.tally.cards, self.tally.unmatched):
            kind = card.key or "unmatched", card.indicator
            if card.accepted:
                yield *kind, "accepted", None, None, card.accepted
            for reason in card.reasons:
                yield *kind, "overridden", reason.system, reason.code, reason.cards


def _members(card: CardTally) -> dict[str, object]:
    acceptance = card.acceptance
    return {
        "accepted": card.accepted,
        "overridden": card.overridden,
        "acceptance": None if acceptance is None else round(acceptance, 4),
        "reasons": [
            {"system": reason.system, "code": reason.code, "cards": reason.cards}
            for reason in card.reasons
        ],
    }


def print_report(
    store: Store, settings: Settings, since: date | None, form: str
) -> None:
    """Print the counts from `since` on as a table, as JSON or as CSV."""
    today = settings.as_of or datetime.now(UTC).date()
    report = Report(
        since=since,
        tally=tally_of(store.outcome_counts(start_of(since))),
        hints=tuple(_hints(store, today)),
    )
    if form == "json":
        sys.stdout.write(json.dumps(report.as_json(), indent=2) + "\n")
    elif form == "csv":
        csv.writer(sys.stdout, lineterminator="\n").writerows(report.as_rows())
    else:
        # Late: what draws on a terminal is not needed for machines.
        from service.commands.printed_feedback import print_tables

        print_tables(report)


def _hints(store: Store, today: date) -> Iterator[Hint]:
    """What the review rules say of their own last months, whatever `--since` is."""
    for rule in load_review_rules().values():
        lately = store.outcome_counts(start_of(months_before(today, rule.months)))
        if hint := hint_of(rule, tally_of(lately)):
            yield hint


def start_of(day: date | None) -> datetime | None:
    """The moment at which `day` begins, UTC."""
    return datetime.combine(day, time.min, UTC) if day else None
