"""The rule manual, printed from the knowledge files and the examples of this folder.

``python -m tests.spec.manual`` writes it to ``docs/rules/``; ``test_manual.py`` fails
when what stands there is not what would be printed. A clinician reads and signs these
pages; a change of a threshold, a text or an example shows in them.
"""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import tests.spec
from service.clinical.knowledge import (
    Knowledge,
    RuleKnowledge,
    Strength,
    TextLine,
    Threshold,
)
from service.knowledge_files import DIRECTORY, load_knowledge
from tests.spec import seed_facts
from tests.spec.code_lists import code_lists_page
from tests.spec.examples import Example, cards_told, evaluation_of


DOCS = Path(__file__).resolve().parents[2] / "docs" / "rules"
STRENGTHS = {
    Strength.STRONG: "strong",
    Strength.STANDARD: "standard",
    Strength.SUPPORTING: "supporting",
}


def pages(directory: Path = DIRECTORY) -> dict[str, str]:
    """Every page of the manual of the knowledge in ``directory``, by file name."""
    us, uk = load_knowledge("us", directory), load_knowledge("uk", directory)
    chapters = list(_chapters())
    printed = {
        "thresholds.md": _thresholds_page(us, uk),
        "risk-factors.md": _risk_factors_page(us),
        "companion-symptoms.md": _companions_page(us),
        "other-causes.md": _causes_page(us),
        "code-lists.md": code_lists_page(directory),
    }
    for key in us.rules:
        printed[f"{key}.md"] = _rule_page(us.rules[key], uk.rules[key])
    for file, title, examples in chapters:
        printed[file] = _examples_page(title, examples)
    printed["README.md"] = _index(us, [(file, title) for file, title, _ in chapters])
    return printed


def _chapters() -> Iterator[tuple[str, str, list[Example]]]:
    for module in pkgutil.iter_modules(tests.spec.__path__):
        if not module.name.startswith("test_"):
            continue
        chapter = importlib.import_module(f"tests.spec.{module.name}")
        examples: list[Example] | None = getattr(chapter, "EXAMPLES", None)
        if examples:
            title = (chapter.__doc__ or module.name).splitlines()[0].rstrip(".")
            name = module.name.removeprefix("test_").replace("_", "-")
            yield f"examples-{name}.md", title, examples


def _index(us: Knowledge, chapters: Iterable[tuple[str, str]]) -> str:
    rules = [
        f"| {number} | [{rule.key}]({rule.key}.md) | {rule.title} |"
        for number, rule in enumerate(_by_priority(us), start=1)
    ]
    return _page(
        "The rules",
        "Printed from `service/knowledge/` and `tests/spec/` by `make manual`; do not",
        f"edit. Knowledge version {us.version}.",
        "",
        "Nothing is said without the trigger, muscle cramps. At most four cards, in",
        "this order:",
        "",
        "| # | card | what it is about |",
        "|---|---|---|",
        *rules,
        "",
        "- [Thresholds](thresholds.md)",
        "- [Risk factors](risk-factors.md)",
        "- [Companion symptoms](companion-symptoms.md)",
        "- [Other causes of cramps](other-causes.md)",
        "- [Code lists](code-lists.md)",
        "",
        "## Examples",
        "",
        "Patients and the cards they get; each line is a test.",
        "",
        *(f"- [{title}]({file})" for file, title in chapters),
    )


def _by_priority(known: Knowledge) -> list[RuleKnowledge]:
    return sorted(known.rules.values(), key=lambda rule: rule.priority)


def _rule_page(us: RuleKnowledge, uk: RuleKnowledge) -> str:
    review = us.review
    return _page(
        f"{us.key}: {us.title}",
        f"> {us.recommendation}",
        "",
        f"**When** {us.when}",
        "",
        f"**Then** {us.then}",
        "",
        f"**Evidence** us: {us.evidence} · uk: {uk.evidence}",
        "",
        f"**Sources** us: {', '.join(us.sources)} · uk: {', '.join(uk.sources)}",
        "",
        f"**Gives way to** {', '.join(us.yields_to) or 'no other card'}",
        "",
        f"**On order hooks** {_yes(us.on_order_hooks)} · "
        f"**in palliative care** {_yes(us.in_palliative_care)}",
        "",
        f"**When data is missing** {us.cannot_tell or us.say_nothing}",
        "",
        f"**Owner** {review.owner} · **checked by** "
        f"{review.checked_by or 'awaiting a clinician'} · **reviewed** "
        f"{review.reviewed} · **next review by** {review.review_by}",
        "",
        "## Words",
        "",
        *_words("Summary", us.summaries, uk.summaries),
        *_lines("Why", _text(us.rationale), _text(uk.rationale)),
        *_lines("What to do", us.actions, uk.actions),
        *_lines("More", us.more, uk.more),
    )


def _text(text: str) -> tuple[TextLine, ...]:
    return (TextLine(text=text),)


def _yes(value: bool) -> str:
    return "shown" if value else "not shown"


def _words(title: str, us: Mapping[str, str], uk: Mapping[str, str]) -> Iterator[str]:
    yield f"### {title}"
    yield ""
    for name in us:
        yield f"- `{name}`: {us[name]}"
        if uk[name] != us[name]:
            yield f"  - uk: {uk[name]}"
    yield ""


def _lines(title: str, us: Iterable[TextLine], uk: Iterable[TextLine]) -> Iterator[str]:
    us, uk = tuple(us), tuple(uk)
    if not us and not uk:
        return
    yield f"### {title}"
    yield ""
    if us == uk:
        yield from (_line(line) for line in us)
    else:
        for name, lines in (("us", us), ("uk", uk)):
            yield f"{name}:"
            yield ""
            yield from (_line(line) for line in lines)
            yield ""
    yield ""


def _line(line: TextLine) -> str:
    conditions = [
        *([f"if {line.when}"] if line.when else []),
        *([f"unless {line.unless}"] if line.unless else []),
    ]
    when = f" *({', '.join(conditions)})*" if conditions else ""
    sources = f" [{', '.join(line.sources)}]" if line.sources else ""
    unverified = "" if line.verified else " **unverified**"
    return f"- {line.text}{when}{sources}{unverified}"


def _thresholds_page(us: Knowledge, uk: Knowledge) -> str:
    rows = []
    for group in type(us.thresholds).model_fields:
        us_group = getattr(us.thresholds, group)
        uk_group = getattr(uk.thresholds, group)
        for name in type(us_group).model_fields:
            rows.append(
                _threshold_row(
                    f"{group}.{name}", getattr(us_group, name), getattr(uk_group, name)
                )
            )
    return _page(
        "Thresholds",
        "From `service/knowledge/thresholds.toml`, the only home of these numbers.",
        "",
        "| threshold | us | uk | unit | why | sources | state |",
        "|---|---|---|---|---|---|---|",
        *rows,
    )


def _threshold_row(name: str, us: Threshold, uk: Threshold) -> str:
    state = [] if us.verified else ["unverified"]
    if us.choice:
        state.append("choice of this project")
    cells = (
        name,
        str(us.value),
        str(uk.value),
        us.unit,
        us.why,
        ", ".join(us.sources),
        ", ".join(state) or "read in its source",
    )
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _risk_factors_page(us: Knowledge) -> str:
    return _page(
        "Risk factors",
        "Strong and standard factors meet the risk criterion alone; a supporting one",
        "only together with a companion symptom.",
        "",
        "| factor | strength | called | lists | why | sources |",
        "|---|---|---|---|---|---|",
        *(
            f"| {factor.code} ({key}) | {STRENGTHS[factor.strength]} | "
            f"{factor.phrase} | {', '.join(factor.concepts)} | {factor.why} | "
            f"{', '.join(factor.sources)} |"
            for key, factor in us.risk_factors.items()
        ),
    )


def _companions_page(us: Knowledge) -> str:
    return _page(
        "Companion symptoms",
        'Any of them turns a card from "consider" into "test".',
        "",
        "| symptom | called | lists | of the nerves | lets twitching count |",
        "|---|---|---|---|---|",
        *(
            f"| {key} | {companion.phrase} | {', '.join(companion.concepts)} | "
            f"{_tick(companion.neurological)} | "
            f"{_tick(companion.lets_weak_trigger_count)} |"
            for key, companion in us.companions.items()
        ),
    )


def _tick(value: bool) -> str:
    return "yes" if value else ""


def _causes_page(us: Knowledge) -> str:
    return _page(
        "Other causes of cramps",
        "Each adds the card `cramp-differential`.",
        "",
        "| cause | called | lists | advice | sources |",
        "|---|---|---|---|---|",
        *(
            f"| {key} | {cause.phrase} | {', '.join(cause.concepts)} | "
            f"{cause.advice} | {', '.join(cause.sources)} |"
            for key, cause in us.causes.items()
        ),
    )


def _examples_page(title: str, examples: Iterable[Example]) -> str:
    return _page(
        title,
        "| what | patient | profile, moment | cards |",
        "|---|---|---|---|",
        *(_example_row(example) for example in examples),
    )


def _example_row(example: Example) -> str:
    evaluation = evaluation_of(example)
    if evaluation.undecided is not None:
        missing = ", ".join(sorted(evaluation.undecided.missing))
        cards = f"cannot tell, for lack of {missing}"
    else:
        told = cards_told(evaluation)
        cards = "<br>".join(told).replace("|", "/") or "nothing to say"
    moment = f"{example.profile}, {example.moment.value}"
    patient = str(example.patient).replace("|", "/")
    return f"| {example.sentence} | {patient} | {moment} | {cards} |"


def _page(title: str, *lines: Any) -> str:
    return "\n".join([f"# {title}", "", *lines]).rstrip() + "\n"


def write() -> None:
    """Write the manual and the table of claims; remove pages no longer printed."""
    DOCS.mkdir(parents=True, exist_ok=True)
    printed = pages()
    for old in DOCS.glob("*.md"):
        if old.name not in printed:
            old.unlink()
    for name, text in printed.items():
        (DOCS / name).write_text(text, encoding="utf-8")
    seed_facts.DOCUMENT.write_text(seed_facts.page(), encoding="utf-8")


if __name__ == "__main__":
    write()
