"""Feedback as a person reads it on a terminal."""

from collections.abc import Iterable
from dataclasses import asdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.commands.feedback_comments import COLUMNS, ReadComment
from service.commands.feedback_report import Report
from service.feedback_tally import CardTally, ReasonTally


PAGE_WIDTH = 100
"""Columns of output that goes into a file, where no terminal says its width."""


def print_tables(report: Report) -> None:
    """Print acceptance and reasons for each kind of card, and what to look at again."""
    console = _console()
    since = f" since {report.since}" if report.since else ""
    tally = report.tally
    if not tally.cards and not tally.unmatched.answered:
        console.print(Text(f"No feedback{since}."))
        return
    table = _table(f"Cards answered{since}")
    table.add_column("Card", overflow="fold")
    table.add_column("Indicator")
    for heading in ("Accepted", "Overridden", "Acceptance"):
        table.add_column(heading, justify="right")
    table.add_column("Override reasons", overflow="fold")
    for card in tally.cards:
        table.add_row(*_cells(str(card.key), card))
    table.add_section()
    table.add_row(*_cells("all cards", tally.total))
    if tally.unmatched.answered:
        table.add_row(*_cells("unmatched", tally.unmatched))
    console.print(table)
    for hint in report.hints:
        console.print(Text(f"\n{hint} {hint.rule.why}", style="yellow"))


def print_comment_table(comments: Iterable[ReadComment]) -> None:
    """Print comments, one below the other."""
    table = _table("Comments")
    for column in COLUMNS:
        table.add_column(column.replace("_", " ").capitalize(), overflow="fold")
    for comment in comments:
        table.add_row(*(Text(_inert(text)) for text in asdict(comment).values()))
    _console().print(table)


def _cells(name: str, card: CardTally) -> Iterable[Text]:
    acceptance = "" if card.acceptance is None else f"{100 * card.acceptance:.0f} %"
    yield Text(name)
    yield Text(card.indicator or "")
    yield Text(str(card.accepted))
    yield Text(str(card.overridden))
    yield Text(acceptance)
    yield Text("\n".join(map(_reason, card.reasons)))


def _reason(reason: ReasonTally) -> str:
    return f"{reason.cards} × {reason.code or 'no coded reason'}"


def _inert(text: str) -> str:
    """`text` without what would steer a terminal."""
    return "".join(char if char.isprintable() else " " for char in text)


def _table(title: str) -> Table:
    return Table(title=Text(title, style="bold"), title_justify="left", box=None)


def _console() -> Console:
    # A client's codes and a user's words must not be taken for markup.
    console = Console(markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = PAGE_WIDTH
    return console
