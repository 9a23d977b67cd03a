"""Answers as JSON, in the form each client understands (C-01 to C-05, V-01 to V-04).

No request names its version, so the dialect is a setting per client and never
guessed.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import StrEnum

from cds_hooks.cards import (
    Action,
    ActionType,
    Card,
    Coding,
    HookResponse,
    Link,
    SelectionBehavior,
    Source,
    Suggestion,
)
from cds_hooks.errors import OutputNotConformant


class Dialect(StrEnum):
    """What a client understands."""

    V2_0 = "2.0"
    """CDS Hooks 2.0, 2.0.1 and later."""
    V1_0 = "1.0"
    """1.0 and 1.1: `at-most-one` only, a deleted resource as `resource` string."""
    V1_0_CLOSED = "1.0-closed"
    """1.0 with a schema that refuses members it does not know."""
    EPIC = "epic"
    """`any` only, one action per suggestion, plain topic codes, uuids everywhere."""


def serialise(
    response: HookResponse, dialect: Dialect = Dialect.V2_0
) -> dict[str, object]:
    """`response` as JSON members for a client of `dialect`.

    Only `cards` may be empty; every other member without a value is left out
    (J-03). Raises `OutputNotConformant` for what the dialect cannot express.
    """
    cards = [_card(_adapted(card, dialect), dialect) for card in response.cards]
    actions = [] if dialect is Dialect.V1_0_CLOSED else list(response.system_actions)
    return {
        "cards": cards,
        **_present(
            systemActions=[_action(action, dialect) for action in actions],
            extension=_extension(response.extension, dialect),
        ),
    }


def _adapted(card: Card, dialect: Dialect) -> Card:
    """`card` as the dialect's restrictions on choice allow it."""
    if not card.suggestions:
        return card
    if dialect is Dialect.EPIC:
        return replace(
            card,
            suggestions=tuple(_one_action_each(card.suggestions)),
            selection_behavior=SelectionBehavior.ANY,
        )
    if dialect in (Dialect.V1_0, Dialect.V1_0_CLOSED):
        return replace(
            card,
            suggestions=tuple(_one_recommended(card.suggestions)),
            selection_behavior=SelectionBehavior.AT_MOST_ONE,
        )
    return card


def _one_recommended(suggestions: Iterable[Suggestion]) -> Iterable[Suggestion]:
    """With `at-most-one`, only the first recommendation can stand (cds-resp-1)."""
    recommended = False
    for suggestion in suggestions:
        if suggestion.is_recommended and recommended:
            yield replace(suggestion, is_recommended=False)
        else:
            yield suggestion
        recommended = recommended or suggestion.is_recommended


def _one_action_each(suggestions: Iterable[Suggestion]) -> Iterable[Suggestion]:
    """Suggestions split so that each has one action (V-04).

    Only creates are split: a delete without its create would lose an order. The
    uuids of the parts follow from the first, which keeps its own.
    """
    for suggestion in suggestions:
        first, *others = suggestion.actions
        if others and any(
            action.type is not ActionType.CREATE for action in suggestion.actions
        ):
            raise OutputNotConformant(
                "V-04: a suggestion that deletes or updates beside another action"
                " cannot be split for this client"
            )
        yield replace(suggestion, actions=(first,))
        for index, action in enumerate(others, start=1):
            yield replace(
                suggestion,
                label=action.description,
                actions=(action,),
                uuid=_derived_uuid(suggestion.uuid, index),
            )


def _derived_uuid(base: str | None, index: int) -> str | None:
    return None if base is None else str(uuid.uuid5(uuid.UUID(base), str(index)))


def _card(card: Card, dialect: Dialect) -> dict[str, object]:
    closed = dialect is Dialect.V1_0_CLOSED
    if dialect is Dialect.EPIC and not _has_uuids(card):
        raise OutputNotConformant("V-04: card and suggestions need a uuid each")
    return _present(
        uuid=None if closed else card.uuid,
        summary=card.summary,
        detail=card.detail,
        indicator=card.indicator.value,
        source=_source(card.source, dialect),
        suggestions=[_suggestion(each, dialect) for each in card.suggestions],
        selectionBehavior=card.selection_behavior and card.selection_behavior.value,
        overrideReasons=(
            [] if closed else [_coding(reason) for reason in card.override_reasons]
        ),
        links=[_link(link, dialect) for link in card.links],
        extension=_extension(card.extension, dialect),
    )


def _has_uuids(card: Card) -> bool:
    return card.uuid is not None and all(each.uuid for each in card.suggestions)


def _source(source: Source, dialect: Dialect) -> dict[str, object]:
    topic = None if dialect is Dialect.V1_0_CLOSED else source.topic
    if topic is not None and dialect is Dialect.EPIC:
        topic = replace(topic, code=_epic_topic_code(topic.code))
    return _present(
        label=source.label,
        url=source.url,
        icon=source.icon,
        topic=topic and _coding(topic),
        extension=_extension(source.extension, dialect),
    )


def _epic_topic_code(code: str) -> str:
    """`code` with letters and digits only, by which Epic remembers overrides (S-05)."""
    plain = "".join(each for each in code if each.isascii() and each.isalnum())
    if not plain or len(plain) > 100:
        raise OutputNotConformant("S-05: topic.code has no form of 1 to 100 characters")
    return plain


def _suggestion(suggestion: Suggestion, dialect: Dialect) -> dict[str, object]:
    closed = dialect is Dialect.V1_0_CLOSED
    return _present(
        label=suggestion.label,
        uuid=suggestion.uuid,
        isRecommended=None if closed else (suggestion.is_recommended or None),
        actions=[_action(action, dialect) for action in suggestion.actions],
        extension=_extension(suggestion.extension, dialect),
    )


def _action(action: Action, dialect: Dialect) -> dict[str, object]:
    old = dialect in (Dialect.V1_0, Dialect.V1_0_CLOSED)
    return _present(
        type=action.type.value,
        description=action.description,
        resource=action.resource_id if old and action.resource_id else action.resource,
        resourceId=None if old else action.resource_id,
        extension=_extension(action.extension, dialect),
    )


def _link(link: Link, dialect: Dialect) -> dict[str, object]:
    closed = dialect is Dialect.V1_0_CLOSED
    return _present(
        label=link.label,
        url=link.url,
        type=link.type.value,
        appContext=link.app_context,
        autolaunchable=None if closed else (link.autolaunchable or None),
        extension=_extension(link.extension, dialect),
    )


def _coding(coding: Coding) -> dict[str, object]:
    return _present(code=coding.code, system=coding.system, display=coding.display)


def _extension(
    extension: Mapping[str, object] | None, dialect: Dialect
) -> Mapping[str, object] | None:
    """`extension` without empty members; a closed schema knows none at all."""
    if extension is None or dialect is Dialect.V1_0_CLOSED:
        return None
    pruned = without_empty(extension)
    return pruned if isinstance(pruned, Mapping) else None


def without_empty(value: object) -> object:
    """`value` with every null or empty member removed, at any depth (J-03).

    None if nothing is left.
    """
    if isinstance(value, str):
        return value or None
    if isinstance(value, (dict, Mapping)):
        members = {name: without_empty(member) for name, member in value.items()}
        return {
            name: member for name, member in members.items() if member is not None
        } or None
    if isinstance(value, list | tuple):
        items = [without_empty(item) for item in value]
        return [item for item in items if item is not None] or None
    return value


def _present(**members: object) -> dict[str, object]:
    """The `members` that have a value; False is one, empty things are none."""
    return {
        name: value
        for name, value in members.items()
        if value is not None and value != [] and value != {} and value != ""
    }
