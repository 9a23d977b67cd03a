"""A checked file as a person reads it on a terminal."""

from collections.abc import Iterable, Iterator

from rich.console import Console, Group, RenderableType
from rich.markdown import Markdown
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from cds_hooks.cards import Card
from service.clinical.answers import Answer, CannotTell, Concern, Fact, NoConcern
from service.clinical.evaluate import Evaluation
from service.commands.check import Checked


COLOURS = {"info": "cyan", "warning": "yellow", "critical": "red"}

PAGE_WIDTH = 100
"""Columns of output that goes into a file, where no terminal says its width."""


def print_checked(checked: Checked) -> None:
    """Print the cards, then the reasons behind them."""
    # Text of the chart must not be taken for markup of the terminal.
    console = Console(markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = PAGE_WIDTH
    for part in _parts(checked):
        console.print(part)
    console.print()


def _parts(checked: Checked) -> Iterator[RenderableType]:
    evaluation = checked.advice.evaluation
    case = evaluation.case
    yield Text(
        f"Patient {checked.patient}, evaluated for {case.today},"
        f" profile {case.knowledge.profile.name}",
        style="bold",
    )
    yield from _verdict(checked)
    yield from (_card(card) for card in checked.advice.response.cards)
    yield from _reasons(evaluation)


def _verdict(checked: Checked) -> Iterator[RenderableType]:
    evaluation = checked.advice.evaluation
    if checked.keys and evaluation.undecided is not None:
        yield Text(
            f"Cannot tell: {evaluation.undecided.reason}. Missing:"
            f" {', '.join(checked.keys)}",
            style="bold magenta",
        )
    elif not evaluation.shown:
        reason = f": {evaluation.gate.reason}" if evaluation.gate else ""
        yield Text(f"Nothing to say{reason}", style="bold green")


def _card(card: Card) -> RenderableType:
    topic = card.source.topic.code if card.source.topic else ""
    parts: list[RenderableType] = [Markdown(card.detail or "")]
    if card.suggestions:
        labels = ", ".join(suggestion.label for suggestion in card.suggestions)
        parts.append(Text(f"Suggested: {labels}", style="italic"))
    return Panel(
        Group(*parts),
        title=Text(f"{card.indicator}: {card.summary}", style="bold"),
        subtitle=Text(topic),
        title_align="left",
        subtitle_align="right",
        border_style=COLOURS[card.indicator],
    )


def _reasons(evaluation: Evaluation) -> Iterator[RenderableType]:
    if evaluation.facts:
        yield _table("Found", ("Fact", "Date", "In"), map(_fact_row, evaluation.facts))
    if evaluation.gate is None:
        yield _heading("Looked for and absent")
        yield Padding(Text(", ".join(evaluation.absent)), (0, 2))
    if evaluation.answers:
        rows = [(item.key, *_answer(item.answer)) for item in evaluation.answers]
        yield _table("Rules", ("Rule", "Answer", "Reason"), rows)
    if evaluation.suppressed:
        aside = [(each.key, each.by) for each in evaluation.suppressed]
        yield _table("Set aside", ("Card", "By"), aside)
    if evaluation.not_considered:
        yield _heading("Not supplied, in whole or in part")
        yield Padding(Text(", ".join(sorted(evaluation.not_considered))), (0, 2))
    if evaluation.unread:
        unread = [
            (str(each.source), each.element, each.reason) for each in evaluation.unread
        ]
        yield _table("Could not be read", ("Resource", "Element", "Reason"), unread)


def _fact_row(fact: Fact) -> tuple[str, str, str]:
    when = f"{fact.date_words} {fact.date}" if fact.date else fact.date_words
    sources = ", ".join(str(source) for source in fact.sources)
    return f"{fact.name}: {fact.label}", when, sources


def _answer(answer: Answer) -> tuple[str, str]:
    match answer:
        case Concern():
            return answer.indicator.value, ", ".join(
                dict.fromkeys(fact.name for fact in answer.because)
            )
        case NoConcern():
            return "no concern", answer.reason
        case CannotTell():
            missing = ", ".join(sorted(answer.missing))
            return "cannot tell", f"{answer.reason}; missing: {missing}"


def _heading(words: str) -> Text:
    return Text(f"\n{words}", style="bold")


def _table(
    title: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]
) -> RenderableType:
    table = Table(
        title=Text(f"\n{title}", style="bold"), title_justify="left", box=None
    )
    for column in columns:
        table.add_column(column, header_style="dim", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table
