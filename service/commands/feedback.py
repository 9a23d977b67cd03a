"""`b12-cds feedback`: what clinicians made of the cards."""

import argparse
import csv
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from service.commands.outcome import CommandError
from service.comments import CommentCipher, comment_keys
from service.feedback_tally import (
    CardTally,
    Hint,
    Tally,
    hint_of,
    load_review_rules,
    months_before,
    tally_of,
)
from service.settings import Settings, read_settings
from service.store import Store, StoredComment, StoreUnavailable, connect_store


EXAMPLES = """\
examples:
  b12-cds feedback
  b12-cds feedback --since 2025-04-01
  b12-cds feedback --format json
  b12-cds feedback --format csv > feedback.csv
  b12-cds feedback --database-url postgresql://b12@localhost/b12
  b12-cds feedback --comments

Every card counts once, with what was last said of it. Clients send nothing for a card
that was ignored, so acceptance is the share of the cards that were answered. Unmatched
are cards that are not ours, or were made before the service's secret was changed.
"""

NOT_DECRYPTED = "(encrypted with a key that B12_COMMENT_KEY does not have)"


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
            "total": _members(self.tally.total, reasons=False),
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


def _members(card: CardTally, *, reasons: bool = True) -> dict[str, object]:
    acceptance = card.acceptance
    members: dict[str, object] = {
        "accepted": card.accepted,
        "overridden": card.overridden,
        "acceptance": None if acceptance is None else round(acceptance, 4),
    }
    if reasons:
        members["reasons"] = [
            {"system": reason.system, "code": reason.code, "cards": reason.cards}
            for reason in card.reasons
        ]
    return members


def add_to(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> None:
    """Add the command's arguments."""
    feedback = commands.add_parser(
        "feedback",
        help="show how cards were accepted, and why they were overridden",
        description="Show acceptance and override reasons for each kind of card and"
        " indicator, and which of them to look at again.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    feedback.add_argument(
        "--since",
        metavar="DATE",
        type=_day,
        help="count what users did from this day on, YYYY-MM-DD in UTC",
    )
    feedback.add_argument(
        "--format",
        choices=["table", "json", "csv"],
        default="table",
        help="how to print it (default: table)",
    )
    feedback.add_argument(
        "--database-url", metavar="URL", help="the store to read (B12_DATABASE_URL)"
    )
    feedback.add_argument(
        "--comments",
        action="store_true",
        help="show the users' comments instead, decrypted with B12_COMMENT_KEY; they"
        " may name patients",
    )
    feedback.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print what the store has."""
    settings = read_settings(database_url=arguments.database_url)
    store = connect_store(settings.database_url)
    try:
        if arguments.comments:
            _print_comments(store, settings, arguments)
        else:
            _print_report(_report(store, settings, arguments.since), arguments.format)
    except StoreUnavailable:
        raise CommandError(
            "the store does not answer; its fault is in the line above"
        ) from None
    finally:
        store.close()
    return 0


def _report(store: Store, settings: Settings, since: date | None) -> Report:
    today = settings.as_of or datetime.now(UTC).date()
    hints = []
    for rule in load_review_rules().values():
        lately = store.outcome_counts(_start_of(months_before(today, rule.months)))
        if hint := hint_of(rule, tally_of(lately)):
            hints.append(hint)
    return Report(
        since=since,
        tally=tally_of(store.outcome_counts(_start_of(since))),
        hints=tuple(hints),
    )


def _print_report(report: Report, form: str) -> None:
    if form == "json":
        _print_json(report.as_json())
    elif form == "csv":
        csv.writer(sys.stdout, lineterminator="\n").writerows(report.as_rows())
    else:
        # Late: what draws on a terminal is not needed for machines.
        from service.commands.printed_feedback import print_report

        print_report(report)


def _print_comments(
    store: Store, settings: Settings, arguments: argparse.Namespace
) -> None:
    keys = comment_keys(settings)
    if not keys:
        raise CommandError("--comments needs B12_COMMENT_KEY, to decrypt them with")
    cipher = CommentCipher(keys)
    rows = [
        _comment_members(comment, cipher)
        for comment in store.comments(_start_of(arguments.since))
    ]
    forms: dict[str, Callable[[list[dict[str, str | None]]], None]] = {
        "json": _print_json,
        "csv": _print_comments_as_csv,
        "table": _print_comments_as_table,
    }
    forms[arguments.format](rows)


def _comment_members(
    comment: StoredComment, cipher: CommentCipher
) -> dict[str, str | None]:
    words = cipher.decrypt(comment.encrypted_comment)
    return {
        "time": comment.outcome_at.isoformat(timespec="seconds"),
        "card": comment.card_key,
        "indicator": comment.indicator,
        "outcome": comment.outcome,
        "reason_code": comment.reason_code,
        "comment": NOT_DECRYPTED if words is None else words,
    }


COMMENT_COLUMNS = ("time", "card", "indicator", "outcome", "reason_code", "comment")


def _print_comments_as_csv(rows: list[dict[str, str | None]]) -> None:
    writer = csv.DictWriter(sys.stdout, COMMENT_COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {name: _inert(value) for name, value in row.items()} for row in rows
    )


def _inert(value: str | None) -> str | None:
    """`value` so that no spreadsheet takes a user's words for a formula."""
    return f"'{value}" if value and value[0] in "=+-@\t\r" else value


def _print_comments_as_table(rows: list[dict[str, str | None]]) -> None:
    from service.commands.printed_feedback import print_comments

    print_comments(rows)


def _print_json(value: object) -> None:
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no day such as 2025-04-01"
        ) from None


def _start_of(day: date | None) -> datetime | None:
    return datetime.combine(day, time.min, UTC) if day else None
