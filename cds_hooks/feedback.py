"""What users did with cards: the body of `POST …/feedback` (section 10)."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

from cds_hooks.errors import RequestNotConformant


class Outcome(StrEnum):
    """What the user did (F-05)."""

    ACCEPTED = "accepted"
    OVERRIDDEN = "overridden"


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideReason:
    """Why a card was overridden (F-07); at least one member has a value."""

    code: str | None = None
    system: str | None = None
    """Some clients leave it out (F-08)."""
    display: str | None = None
    user_comment: str | None = field(default=None, repr=False)
    """The user's own words; may hold patient data (F-16)."""
    extension: Mapping[str, object] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackEntry:
    """One user's action on one card."""

    card: str
    """As sent: a card's uuid, or what some client has in its place (F-04, F-13)."""
    outcome: Outcome
    accepted_suggestions: tuple[str, ...] = ()
    """Suggestion uuids."""
    override_reason: OverrideReason | None = None
    outcome_timestamp: datetime
    """UTC."""
    extension: Mapping[str, object] = field(default_factory=dict, repr=False)

    @property
    def idempotency_key(self) -> str:
        """The same for entries that say the same, so that none counts twice (F-10).

        SHA-256 in hex over all members; order of suggestions and the way in which
        the timestamp was written do not matter. It tells nothing about its input.
        """
        reason = self.override_reason
        said = [
            self.card.lower(),
            self.outcome,
            sorted(self.accepted_suggestions),
            self.outcome_timestamp.isoformat(),
            reason
            and [reason.code, reason.system, reason.user_comment, reason.extension],
            self.extension,
        ]
        text = json.dumps(said, sort_keys=True, separators=(",", ":"), default=dict)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedEntry:
    """An entry that could not be used, and why."""

    index: int
    """Position in the `feedback` array, from 0."""
    message: str
    expression: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackBatch:
    """One feedback message: what can be stored and what cannot."""

    entries: tuple[FeedbackEntry, ...]
    rejected: tuple[RejectedEntry, ...] = ()


def parse_feedback(payload: object) -> FeedbackBatch:
    """`payload`, a decoded JSON body, as feedback.

    A bad entry does not lose the good ones: it is listed in `rejected`. Raises
    `RequestNotConformant` when the envelope is wrong, or when there are entries
    and none is usable (F-15). No entries at all is no fault (F-18).
    """
    if not isinstance(payload, Mapping):
        raise RequestNotConformant("The body must be a JSON object.")
    items = payload.get("feedback")
    if not isinstance(items, list):
        raise RequestNotConformant(
            "feedback must be an array of entries.", expression=("feedback",)
        )
    entries: list[FeedbackEntry] = []
    rejected: list[RejectedEntry] = []
    for index, item in enumerate(items):
        try:
            entries.append(_entry(item, f"feedback[{index}]"))
        except RequestNotConformant as fault:
            rejected.append(
                RejectedEntry(
                    index=index, message=fault.message, expression=fault.expression
                )
            )
    if rejected and not entries:
        raise RequestNotConformant(
            f"No entry of feedback can be used. {rejected[0].message}",
            expression=[path for each in rejected for path in each.expression],
        )
    return FeedbackBatch(entries=tuple(entries), rejected=tuple(rejected))


def _entry(item: object, path: str) -> FeedbackEntry:
    if not isinstance(item, Mapping):
        raise _refusal(path, "must be a JSON object")
    outcome = item.get("outcome")
    if outcome not in list(Outcome):
        raise _refusal(f"{path}.outcome", "must be accepted or overridden")
    accepted = _accepted_suggestions(
        item.get("acceptedSuggestions"), f"{path}.acceptedSuggestions"
    )
    if outcome == Outcome.ACCEPTED and not accepted:
        raise _refusal(
            f"{path}.acceptedSuggestions",
            "must name the accepted suggestions, each as an object with its id",
        )
    return FeedbackEntry(
        card=_string(item, "card", path),
        outcome=Outcome(str(outcome)),
        accepted_suggestions=accepted,
        override_reason=_override_reason(item, path),
        outcome_timestamp=_instant(item.get("outcomeTimestamp"), path),
        extension=_object(item.get("extension")),
    )


def _accepted_suggestions(value: object, path: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise _refusal(path, "must be an array of objects with an id")
    return tuple(
        _string(each, "id", f"{path}[{index}]") for index, each in enumerate(value)
    )


def _override_reason(item: Mapping[str, object], path: str) -> OverrideReason | None:
    """The reason under its name, or under the plural that Epic documents (F-13)."""
    name = "overrideReason"
    if item.get(name) is None:
        name = "overrideReasons"
    value = item.get(name)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if value is None:
        return None
    here = f"{path}.{name}"
    if not isinstance(value, Mapping):
        raise _refusal(here, "must be an object")
    coding = value.get("reason")
    if coding is not None and not isinstance(coding, Mapping):
        raise _refusal(f"{here}.reason", "must be a Coding")
    extension = _object(value.get("extension"))
    comment = _optional(value, "userComment", here)
    if coding is None and comment is None and not extension:
        raise _refusal(here, "must hold a reason or a userComment")
    if coding is None:
        return OverrideReason(user_comment=comment, extension=extension)
    return OverrideReason(
        code=_string(coding, "code", f"{here}.reason"),
        system=_optional(coding, "system", f"{here}.reason"),
        display=_optional(coding, "display", f"{here}.reason"),
        user_comment=comment,
        extension=extension,
    )


_INSTANT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?"
    r"(?:([Zz])|([+-])(\d\d):(\d\d))"
)


def _instant(value: object, path: str) -> datetime:
    """A timestamp of RFC 3339 section 5.6, converted to UTC (F-09)."""
    match = _INSTANT.fullmatch(value) if isinstance(value, str) else None
    try:
        if match is not None:
            return _to_utc(match)
    except (ValueError, OverflowError):
        pass  # no such day or hour: the same refusal as for any other text
    raise _refusal(
        f"{path}.outcomeTimestamp",
        "must be a timestamp of RFC 3339 in UTC, for example 2024-05-17T09:30:00Z",
    )


def _to_utc(match: re.Match[str]) -> datetime:
    year, month, day, hour, minute, second = (int(match[n]) for n in range(1, 7))
    micros = int(((match[7] or "") + "000000")[:6])
    offset = timedelta()
    if match[9]:
        offset = timedelta(hours=int(match[10]), minutes=int(match[11]))
        if match[9] == "-":
            offset = -offset
    leap = timedelta(seconds=1) if second == 60 else timedelta()
    local = datetime(
        year,
        month,
        day,
        hour,
        minute,
        min(second, 59) if leap else second,
        micros,
        tzinfo=timezone(offset),
    )
    return (local + leap).astimezone(UTC)


def _string(value: object, name: str, path: str) -> str:
    text = value.get(name) if isinstance(value, Mapping) else None
    if not isinstance(text, str) or not text.strip():
        raise _refusal(f"{path}.{name}", "must be a string that is not blank")
    return text


def _optional(value: Mapping[str, object], name: str, path: str) -> str | None:
    text = value.get(name)
    if text is not None and not isinstance(text, str):
        raise _refusal(f"{path}.{name}", "must be a string")
    return text if text and text.strip() else None


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _refusal(path: str, what: str) -> RequestNotConformant:
    return RequestNotConformant(f"{path} {what}.", expression=(path,))
