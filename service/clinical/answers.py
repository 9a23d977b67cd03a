"""What a rule can answer: a concern, no concern, or that it cannot tell."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from service.clinical.dates import PartialDate
from service.clinical.record import DataKind, ResourceRef


class Indicator(StrEnum):
    """Urgency of a card, as CDS Hooks names it."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One thing found in the chart that counts, with its date and its resource.

    ``name`` is the stable id of the fact (``metformin``, ``cramps``, ``b12-result``);
    ``label`` the clinical words for it, fit for a card but unescaped; ``date`` the
    clinically relevant day, with ``date_words`` saying what it means ("since",
    "sampled", …) or why there is none ("start date not recorded").
    """

    name: str
    label: str
    date: PartialDate | None = None
    date_words: str = ""
    sources: tuple[ResourceRef, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Concern:
    """The rule has something to say.

    ``text`` names one of the rule's summary texts; ``values`` fill its placeholders;
    ``notes`` switch on the rule's conditional lines; ``tests`` name entries of the
    order catalogue to suggest, ``urgency`` is their ServiceRequest.priority.
    """

    indicator: Indicator
    text: str
    because: tuple[Fact, ...]
    values: Mapping[str, str] = field(default_factory=dict)
    notes: frozenset[str] = frozenset()
    tests: tuple[str, ...] = ()
    urgency: str = "routine"


@dataclass(frozen=True, kw_only=True, slots=True)
class NoConcern:
    """The rule looked, and has nothing to say; ``reason`` says why in plain words."""

    reason: str
    because: tuple[Fact, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class CannotTell:
    """What is missing could have made this a concern."""

    missing: frozenset[DataKind]
    reason: str


Answer = Concern | NoConcern | CannotTell
