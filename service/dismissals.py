"""Cards that the clinician has set aside before, as the client tells us (CLINICAL 2.8).

The service keeps nothing about patients, so a client that wants a card to stay away
says so in its request:

    "extension": {"example.b12-cds.dismissed": [
        {"card": "b12-screen", "date": "2025-05-20"}
    ]}

Only a card of level info stays away, and only for as long as the knowledge says; what
is not as described is ignored, with a remark for the log.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date


DISMISSED = "example.b12-cds.dismissed"
"""Key of the request's extension. Like the systems of our own codes, it lies under a
name that nobody can own."""

MOST_DISMISSALS = 100

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, kw_only=True, slots=True)
class Dismissals:
    """The day on which each card was last set aside, by the card's key.

    ``remarks`` tell what was ignored, without a value of the request.
    """

    days: Mapping[str, date]
    remarks: tuple[str, ...] = ()


def read_dismissals(
    extension: Mapping[str, object], cards: Collection[str], today: date
) -> Dismissals:
    """What ``extension`` says was dismissed of ``cards``. Never raises."""
    content = extension.get(DISMISSED)
    if content is None:
        return Dismissals(days={})
    if not isinstance(content, list):
        return Dismissals(days={}, remarks=(f"{DISMISSED} is not a list: ignored",))
    remarks: dict[str, None] = {}
    days: dict[str, date] = {}
    if len(content) > MOST_DISMISSALS:
        remarks[f"{DISMISSED} has over {MOST_DISMISSALS} entries: rest ignored"] = None
    for read in _entries(content[:MOST_DISMISSALS], cards, today):
        if isinstance(read, str):
            remarks[f"{DISMISSED}: {read}: entry ignored"] = None
        else:
            card, day = read
            days[card] = max(day, days.get(card, day))
    return Dismissals(days=days, remarks=tuple(remarks))


def _entries(
    content: list[object], cards: Collection[str], today: date
) -> Iterator[tuple[str, date] | str]:
    """Card and day of each entry, or what is wrong with it."""
    for entry in content:
        if not isinstance(entry, Mapping):
            yield "not an object"
            continue
        card, day = entry.get("card"), _day(entry.get("date"))
        if not isinstance(card, str) or card not in cards:
            yield "card is not the key of a card"
        elif day is None:
            yield "date is not a day as YYYY-MM-DD"
        elif day > today:
            yield "date lies in the future"
        else:
            yield card, day


def _day(value: object) -> date | None:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
