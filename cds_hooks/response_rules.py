"""The rules of sections 7 and 8 of CDS Hooks, read off finished response JSON.

Each check knows nothing of how the JSON came about, and says which part around a
fault may be left out without changing what the rest means.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeGuard

from cds_hooks.cards import CARD_UUID, LONGEST_SUMMARY, utf16_length
from cds_hooks.fhir_references import is_reference
from cds_hooks.web_addresses import is_absolute_url


Path = tuple[str | int, ...]
Members = Mapping[str, object]

# Any mapping is an object; a `dict` is nearly always meant, and sooner told.
_OBJECT = (dict, Mapping)

INDICATORS = ("info", "warning", "critical")
ACTION_TYPES = ("create", "update", "delete")
LINK_TYPES = ("absolute", "smart")
SELECTION_BEHAVIORS = ("at-most-one", "any")
ACTION_SELECTION_BEHAVIORS = ("all", "any", "at-most-one")


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One broken rule."""

    rule: str
    """Checklist id or invariant, such as K-01 or cds-resp-3."""
    path: Path
    message: str
    """Says what is wrong without repeating the value."""
    optional_part: Path | None
    """The smallest part around `path` that may be left out; None if there is none."""

    def __str__(self) -> str:
        where = "".join(
            f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path
        )
        return f"{self.rule} at {where.removeprefix('.') or 'response'}: {self.message}"


def response_violations(response: object) -> Iterator[Violation]:
    """Every rule that `response` breaks, in document order."""
    if not isinstance(response, _OBJECT):
        yield _violation("E-01", (), "the response is not a JSON object")
        return
    yield from _empty_members(response, (), None, allowed=("cards",))
    cards = response.get("cards")
    if not isinstance(cards, list):
        yield _violation("E-01", ("cards",), "cards must be an array")
        cards = []
    for index, card in enumerate(cards):
        yield from _card(card, ("cards", index))
    yield from _unique_uuids(cards)
    for index, action in _items(response, "systemActions"):
        yield from _action(action, ("systemActions", index), within_suggestion=False)
    if "systemActions" in response and not isinstance(response["systemActions"], list):
        yield _optional("E-04", ("systemActions",), "systemActions must be an array")
    yield from _extension(response, ())


def _card(card: object, path: Path) -> Iterator[Violation]:
    if not isinstance(card, _OBJECT):
        yield _violation("E-01", path, "a card must be an object")
        return
    yield from _empty_members(card, path, None)
    yield from _summary(card.get("summary"), (*path, "summary"))
    if card.get("indicator") not in INDICATORS:
        yield _violation("K-02", (*path, "indicator"), "no such indicator")
    yield from _source(card.get("source"), (*path, "source"))
    yield from _optional_text(card, "detail", "K-04", path)
    yield from _uuid(card, "K-05", path)
    yield from _suggestions(card, path)
    for index, reason in _items(card, "overrideReasons"):
        here = (*path, "overrideReasons", index)
        yield from _coding(reason, here, "cds-resp-4", ("code", "system", "display"))
    for index, link in _items(card, "links"):
        yield from _link(link, (*path, "links", index))
    yield from _extension(card, path)


def _summary(summary: object, path: Path) -> Iterator[Violation]:
    if not _is_text(summary):
        yield _violation("K-01", path, "summary must be text that is not blank")
        return
    if utf16_length(summary) > LONGEST_SUMMARY:
        yield _violation("K-01", path, "summary has 140 UTF-16 units or more")
    if _has_line_break(summary):
        yield _violation("M-04", path, "summary has a line break")


def _source(source: object, path: Path) -> Iterator[Violation]:
    if not isinstance(source, _OBJECT):
        yield _violation("K-03", path, "source is required")
        return
    yield from _empty_members(source, path, None)
    yield from _line(source, "label", "S-01", path, None)
    for name, rule in (("url", "S-02"), ("icon", "S-03")):
        if name in source and not _is_url(source[name]):
            yield _optional(rule, (*path, name), "must be an absolute http(s) URL")
    if "topic" in source:
        yield from _coding(
            source["topic"], (*path, "topic"), "S-04", ("code", "system")
        )
    yield from _extension(source, path)


def _suggestions(card: Members, path: Path) -> Iterator[Violation]:
    here = (*path, "suggestions")
    behavior = card.get("selectionBehavior")
    if "suggestions" not in card:
        if behavior is not None:
            yield _optional(
                "K-07",
                (*path, "selectionBehavior"),
                "selectionBehavior is for cards with suggestions",
            )
        return
    if behavior is None:
        yield _optional("cds-resp-6", here, "suggestions need selectionBehavior")
    elif behavior not in SELECTION_BEHAVIORS:
        yield _optional("K-07", here, "no such selectionBehavior")
    recommended = 0
    for index, suggestion in _items(card, "suggestions"):
        yield from _suggestion(suggestion, (*here, index))
        if isinstance(suggestion, _OBJECT):
            recommended += suggestion.get("isRecommended") is True
            if recommended > 1 and behavior == "at-most-one":
                yield _optional(
                    "cds-resp-1",
                    (*here, index, "isRecommended"),
                    "with at-most-one, at most one suggestion is recommended",
                )


def _suggestion(suggestion: object, path: Path) -> Iterator[Violation]:
    if not isinstance(suggestion, _OBJECT):
        yield _optional("G-01", path, "a suggestion must be an object")
        return
    yield from _empty_members(suggestion, path, path)
    yield from _line(suggestion, "label", "G-01", path, path)
    yield from _uuid(suggestion, "G-02", path)
    if not isinstance(suggestion.get("isRecommended", False), bool):
        yield _optional("G-03", (*path, "isRecommended"), "must be a boolean")
    choice = suggestion.get("actionSelectionBehavior", "all")
    if choice not in ACTION_SELECTION_BEHAVIORS:
        yield _optional("cds-resp-7", path, "no such actionSelectionBehavior")
    for index, action in _items(suggestion, "actions"):
        # A suggestion with one of its actions missing is another suggestion.
        for violation in _action(action, (*path, "actions", index)):
            yield _within(violation, path)
    yield from _extension(suggestion, path)


def _action(
    action: object, path: Path, *, within_suggestion: bool = True
) -> Iterator[Violation]:
    if not isinstance(action, _OBJECT):
        yield _optional("X-01", path, "an action must be an object")
        return
    yield from _empty_members(action, path, path, except_for=("resource",))
    kind = action.get("type")
    if kind not in ACTION_TYPES:
        yield _optional("X-01", path, "no such action type")
    rule = "cds-resp-5" if within_suggestion else "C-04"
    yield from _line(action, "description", rule, path, path)
    yield from _extension(action, path)
    if kind == "delete":
        yield from _delete(action, path)
        return
    resource = action.get("resource")
    if not isinstance(resource, _OBJECT) or not _is_text(resource.get("resourceType")):
        yield _optional("X-03", path, "resource must be a whole FHIR resource")
        return
    if kind == "update" and not _is_text(resource.get("id")):
        yield _optional("X-04", path, "a resource to update needs its id")
    if kind == "create":
        yield from _empty_members(resource, (*path, "resource"), path)


def _delete(action: Members, path: Path) -> Iterator[Violation]:
    """The form of 2.0, or the string that 1.0 has in `resource` (C-03)."""
    forms = [action[name] for name in ("resourceId", "resource") if name in action]
    if len(forms) != 1 or not isinstance(forms[0], str) or not is_reference(forms[0]):
        yield _optional("cds-resp-2", path, "delete needs resourceId alone, as Type/id")


def _link(link: object, path: Path) -> Iterator[Violation]:
    if not isinstance(link, _OBJECT):
        yield _optional("L-01", path, "a link must be an object")
        return
    yield from _empty_members(link, path, path)
    yield from _line(link, "label", "L-01", path, path)
    if link.get("type") not in LINK_TYPES:
        yield _optional("L-02", path, "no such link type")
    if not _is_url(link.get("url")):
        yield _optional("L-03", path, "url must be an absolute http(s) URL")
    if "appContext" in link:
        if link.get("type") != "smart":
            yield _optional(
                "cds-resp-3", (*path, "appContext"), "only smart links have appContext"
            )
        elif not _is_text(link["appContext"]):
            yield _optional("L-04", path, "appContext must be a string")
    if not isinstance(link.get("autolaunchable", False), bool):
        yield _optional("L-06", (*path, "autolaunchable"), "must be a boolean")
    yield from _extension(link, path)


def _coding(
    coding: object, path: Path, rule: str, required: tuple[str, ...]
) -> Iterator[Violation]:
    members = coding if isinstance(coding, _OBJECT) else {}
    for name in required:
        if not _is_text(members.get(name)):
            yield _optional(rule, path, f"a Coding here needs {name}")
            return
    yield from _empty_members(members, path, path)


def _uuid(members: Members, rule: str, path: Path) -> Iterator[Violation]:
    value = members.get("uuid")
    if "uuid" in members and not (
        isinstance(value, str) and CARD_UUID.fullmatch(value)
    ):
        yield _optional(rule, (*path, "uuid"), "must be a bare UUID in lower case")


def _unique_uuids(cards: list[object]) -> Iterator[Violation]:
    """M-06: no uuid stands for two things."""
    seen: set[object] = set()
    for path, members in _with_uuids(cards):
        value = members.get("uuid")
        if isinstance(value, str) and value in seen:
            yield _optional("M-06", (*path, "uuid"), "this uuid occurs twice")
        elif isinstance(value, str):
            seen.add(value)


def _with_uuids(cards: list[object]) -> Iterator[tuple[Path, Members]]:
    for index, card in enumerate(cards):
        if not isinstance(card, _OBJECT):
            continue
        yield ("cards", index), card
        for place, suggestion in _items(card, "suggestions"):
            if isinstance(suggestion, _OBJECT):
                yield ("cards", index, "suggestions", place), suggestion


def _extension(members: Members, path: Path) -> Iterator[Violation]:
    if "extension" not in members:
        return
    here = (*path, "extension")
    if not isinstance(members["extension"], _OBJECT):
        yield _optional("R-12", here, "extension must be an object")
    else:
        yield from _empty_members(members["extension"], here, here)


def _line(
    members: Members, name: str, rule: str, path: Path, part: Path | None
) -> Iterator[Violation]:
    """A required member of one line of plain text (M-04)."""
    text = members.get(name)
    if not _is_text(text):
        yield _violation(rule, (*path, name), f"{name} is required", part)
    elif _has_line_break(text):
        yield _violation("M-04", (*path, name), f"{name} has a line break", part)


def _optional_text(
    members: Members, name: str, rule: str, path: Path
) -> Iterator[Violation]:
    if name in members and not _is_text(members[name]):
        yield _optional(rule, (*path, name), f"{name} must be text that is not blank")


def _empty_members(
    members: Members,
    path: Path,
    part: Path | None,
    *,
    allowed: tuple[str, ...] = (),
    except_for: tuple[str, ...] = (),
) -> Iterator[Violation]:
    """J-03 for one object: its own members, and all below those of no known form."""
    for name, value in members.items():
        if value and isinstance(value, str):
            continue
        if name in except_for or (name in allowed and value == []):
            continue
        here = (*path, name)
        if _is_empty(value):
            yield _violation("J-03", here, "the member is empty", part or here)
        elif name not in _CHECKED_BY_THEMSELVES and _holds_something_empty(value):
            for below in _empty_below(value, here):
                yield _violation("J-03", below, "the member is empty", part or here)


_CHECKED_BY_THEMSELVES = frozenset(
    "cards source suggestions links overrideReasons topic actions systemActions"
    " resource extension".split()
)


def _holds_something_empty(value: object) -> bool:
    """Whether `_empty_below` finds anything; nearly always not, and sooner told."""
    if isinstance(value, str):
        return False
    if isinstance(value, list):
        items: Iterable[object] = [item for item in value if item is not None]
    elif isinstance(value, _OBJECT):
        items = value.values()
    else:
        return False
    for item in items:
        if item and isinstance(item, str):
            continue
        if _is_empty(item) or _holds_something_empty(item):
            return True
    return False


def _empty_below(value: object, path: Path) -> Iterator[Path]:
    if isinstance(value, _OBJECT):
        steps: list[tuple[str | int, object]] = list(value.items())
    elif isinstance(value, list):
        # In FHIR arrays, null keeps a place for a primitive's extension.
        steps = [(at, item) for at, item in enumerate(value) if item is not None]
    else:
        return
    for step, item in steps:
        if _is_empty(item):
            yield (*path, step)
        else:
            yield from _empty_below(item, (*path, step))


def _items(members: Members, name: str) -> Iterator[tuple[int, object]]:
    value = members.get(name)
    return iter(enumerate(value)) if isinstance(value, list) else iter(())


def _is_empty(value: object) -> bool:
    return value is None or value == "" or value == [] or value == {}


def _has_line_break(text: str) -> bool:
    return len(text.splitlines()) > 1


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value.strip())


def _is_url(value: object) -> bool:
    return isinstance(value, str) and is_absolute_url(value)


def _violation(
    rule: str, path: Path, message: str, part: Path | None = None
) -> Violation:
    return Violation(rule=rule, path=path, message=message, optional_part=part)


def _optional(rule: str, part: Path, message: str) -> Violation:
    return _violation(rule, part, message, part)


def _within(violation: Violation, part: Path) -> Violation:
    return _violation(violation.rule, violation.path, violation.message, part)
