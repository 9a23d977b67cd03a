"""Cards and actions: what a CDS service answers.

Construction checks every rule of the specification that a single object can
break and raises `OutputNotConformant` naming the rule's id; what is built is fit
to be sent. `dialects.serialise` turns it into JSON.
"""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cds_hooks.errors import OutputNotConformant
from cds_hooks.fhir_references import is_reference
from cds_hooks.web_addresses import is_absolute_url


LONGEST_SUMMARY = 139
"""UTF-16 units: fewer than 140 however a client counts them (C-20)."""

CARD_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_LINE_BREAK = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")


class Indicator(StrEnum):
    """How urgent a card is (K-02)."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class SelectionBehavior(StrEnum):
    """How many of a card's suggestions may be taken (K-07)."""

    AT_MOST_ONE = "at-most-one"
    ANY = "any"


class ActionType(StrEnum):
    """What an action does with its resource (X-01)."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class LinkType(StrEnum):
    """How a link is followed (L-02)."""

    ABSOLUTE = "absolute"
    SMART = "smart"


def new_uuid() -> str:
    """A fresh random UUID, bare and in lower case (M-05, M-06)."""
    return str(uuid.uuid4())


def utf16_length(text: str) -> int:
    """Length of `text` as JavaScript and Java count it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    """A code with the system it belongs to (M-01)."""

    system: str
    code: str
    display: str | None = None

    def __post_init__(self) -> None:
        _require_text("M-01", "Coding.code", self.code)
        _require_text("M-01", "Coding.system", self.system)
        if self.display is not None:
            _require_text("J-03", "Coding.display", self.display)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a card's advice comes from."""

    label: str
    url: str | None = None
    icon: str | None = None
    """URL of a PNG of 100 × 100 pixels."""
    topic: Coding | None = None
    extension: Mapping[str, object] | None = None

    def __post_init__(self) -> None:
        _require_line("S-01", "Source.label", self.label)
        if self.url is not None:
            _require_url("S-02", "Source.url", self.url)
        if self.icon is not None:
            _require_url("S-03", "Source.icon", self.icon)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One change to the record, proposed in a suggestion or as a system action."""

    type: ActionType
    description: str
    """Plain text; sent with system actions too (C-04)."""
    resource: Mapping[str, object] | None = None
    """create, update: the whole resource. For update, as it was received, apart
    from the intended change (X-04); see `exact_numbers`."""
    resource_id: str | None = None
    """delete: `Type/id`."""
    extension: Mapping[str, object] | None = None

    def __post_init__(self) -> None:
        _require_line("X-02", "Action.description", self.description)
        if self.type is ActionType.DELETE:
            if self.resource is not None:
                raise _broken("X-06", "a delete action must not carry a resource")
            if self.resource_id is None or not is_reference(self.resource_id):
                raise _broken("X-06", "a delete action needs resource_id as Type/id")
            return
        if self.resource_id is not None:
            raise _broken("X-06", "resource_id is for delete actions only")
        if not self.resource or not _text(self.resource.get("resourceType")):
            raise _broken("X-03", f"a {self.type} action needs a whole FHIR resource")
        if self.type is ActionType.UPDATE and not _text(self.resource.get("id")):
            raise _broken("X-04", "an update action needs a resource with its id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Actions the user may accept with one click; they are applied together."""

    label: str
    actions: tuple[Action, ...]
    uuid: str | None = field(default_factory=new_uuid)
    is_recommended: bool = False
    extension: Mapping[str, object] | None = None

    def __post_init__(self) -> None:
        _require_line("G-01", "Suggestion.label", self.label)
        _require_uuid("G-02", "Suggestion.uuid", self.uuid)
        if not self.actions:
            raise _broken("G-07", "a suggestion needs at least one action")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A page or a SMART app that tells more."""

    label: str
    url: str
    type: LinkType = LinkType.ABSOLUTE
    app_context: str | None = None
    """smart only: text the app gets with its token; JSON goes in as a string."""
    autolaunchable: bool = False
    extension: Mapping[str, object] | None = None

    def __post_init__(self) -> None:
        _require_line("L-01", "Link.label", self.label)
        _require_url("L-03", "Link.url", self.url)
        if self.app_context is None:
            return
        if self.type is not LinkType.SMART:
            raise _broken("L-04", "app_context is for links of type smart only")
        _require_text("L-04", "Link.app_context", self.app_context)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One piece of advice."""

    summary: str
    """One sentence of plain text, at most 139 UTF-16 units."""
    indicator: Indicator
    source: Source
    detail: str | None = None
    """GitHub-Flavored Markdown; text from the chart goes through `escape_markdown`."""
    uuid: str | None = field(default_factory=new_uuid)
    suggestions: tuple[Suggestion, ...] = ()
    selection_behavior: SelectionBehavior | None = None
    override_reasons: tuple[Coding, ...] = ()
    links: tuple[Link, ...] = ()
    extension: Mapping[str, object] | None = None

    def __post_init__(self) -> None:
        _require_line("K-01", "Card.summary", self.summary)
        length = utf16_length(self.summary)
        if length > LONGEST_SUMMARY:
            raise _broken(
                "K-01",
                f"Card.summary has {length} UTF-16 units, at most"
                f" {LONGEST_SUMMARY} are allowed",
            )
        if self.detail is not None:
            _require_text("K-04", "Card.detail", self.detail)
        _require_uuid("K-05", "Card.uuid", self.uuid)
        self._check_suggestions()
        for reason in self.override_reasons:
            if reason.display is None:
                raise _broken("K-08", "an override reason needs a display")

    def _check_suggestions(self) -> None:
        if self.suggestions and self.selection_behavior is None:
            raise _broken("K-06", "suggestions need a selection_behavior")
        if self.selection_behavior is not None and not self.suggestions:
            raise _broken("K-07", "selection_behavior is for cards with suggestions")
        recommended = sum(suggestion.is_recommended for suggestion in self.suggestions)
        if recommended > 1 and self.selection_behavior is SelectionBehavior.AT_MOST_ONE:
            raise _broken(
                "G-03", "with at-most-one, at most one suggestion is recommended"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class HookResponse:
    """The whole answer. No cards means: we looked, and there is nothing to say."""

    cards: tuple[Card, ...] = ()
    system_actions: tuple[Action, ...] = ()
    extension: Mapping[str, object] | None = None

    def __post_init__(self) -> None:
        uuids = [card.uuid for card in self.cards]
        uuids += [each.uuid for card in self.cards for each in card.suggestions]
        given = [each for each in uuids if each is not None]
        if len(given) != len(set(given)):
            raise _broken("M-06", "a uuid occurs twice in one response")


def _broken(rule: str, what: str) -> OutputNotConformant:
    return OutputNotConformant(f"{rule}: {what}")


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _require_text(rule: str, name: str, value: str) -> None:
    if not _text(value):
        raise _broken(rule, f"{name} is blank")


def _require_line(rule: str, name: str, value: str) -> None:
    _require_text(rule, name, value)
    if _LINE_BREAK.search(value):
        raise _broken("M-04", f"{name} holds a line break or control character")


def _require_url(rule: str, name: str, value: str) -> None:
    if not is_absolute_url(value):
        raise _broken(rule, f"{name} must be an absolute http(s) URL")


def _require_uuid(rule: str, name: str, value: str | None) -> None:
    if value is not None and not CARD_UUID.fullmatch(value):
        raise _broken(rule, f"{name} must be a bare UUID in lower case")
