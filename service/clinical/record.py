"""What the chart says about one patient, in our own words.

``service.fhir`` writes a Record from FHIR resources; the rules read it. Every item
names the resource it came from, the concepts (ids of the ValueSets under
``service/knowledge/valuesets``) that its codes or text belong to, and its dates.
Nothing here decides anything: a Record also holds what the rules will not count, such
as resolved conditions and stopped medicines. What was entered in error is left out.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from service.clinical.dates import PartialDate


class DataKind(StrEnum):
    """A kind of data the rules read, as an EHR supplies or withholds it."""

    PATIENT = "patient"
    CONDITIONS = "conditions"
    PROCEDURES = "procedures"
    MEDICATIONS = "medications"
    LABORATORY = "laboratory"
    FINDINGS = "findings"
    ORDERS = "orders"
    FAMILY_HISTORY = "family-history"
    ALLERGIES = "allergies"
    NUTRITION_ORDERS = "nutrition-orders"
    ENCOUNTER = "encounter"


@dataclass(frozen=True, kw_only=True, slots=True)
class ResourceRef:
    """Where a fact came from, e.g. ``Condition/123``.

    ``id`` is None for a resource that carried none. ``in_hand`` marks a resource of the
    hook's own context: a draft order, an appointment, a problem just added.
    """

    type: str
    id: str | None = None
    in_hand: bool = False

    def __str__(self) -> str:
        return f"{self.type}/{self.id}" if self.id else self.type


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """Base of all items: source, concepts and the words to show on a card.

    ``label`` is the best text of the chart for this item (text, else a display, else
    the code). It is patient data: render it escaped, never log it. ``has_known_code``
    tells whether any coding was in a code system the service knows; a text fallback
    applies only where it is False.
    """

    source: ResourceRef
    concepts: frozenset[str]
    label: str
    has_known_code: bool = True
    codes: frozenset[str] = frozenset()
    """Codes as ``system|code`` with our short system names, for what is printed."""


class ClinicalStatus(StrEnum):
    """Condition.clinicalStatus of R4."""

    ACTIVE = "active"
    RECURRENCE = "recurrence"
    RELAPSE = "relapse"
    INACTIVE = "inactive"
    REMISSION = "remission"
    RESOLVED = "resolved"


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition(Named):
    """A problem, diagnosis or symptom on the chart, or the reason for a visit.

    ``verification`` is the code of Condition.verificationStatus, or None; conditions
    ``refuted`` or ``entered-in-error`` are not in the record. ``abated`` is True when
    an abatement is recorded in any form, with its date in ``abated_on`` if it has one.
    ``site_concepts`` holds the concepts of the body sites.
    ``from_text`` is set when the concepts come from the free text alone (T-4).
    """

    clinical_status: ClinicalStatus | None = None
    verification: str | None = None
    is_encounter_diagnosis: bool = False
    is_problem_list_item: bool = False
    onset: PartialDate | None = None
    recorded: PartialDate | None = None
    abated: bool = False
    abated_on: PartialDate | None = None
    site_concepts: frozenset[str] = frozenset()
    site_label: str = ""
    from_text: bool = False

    @property
    def began(self) -> PartialDate | None:
        """Onset, else the day it was first recorded (T-5)."""
        return self.onset or self.recorded


class Comparator(StrEnum):
    """Quantity.comparator of R4."""

    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER_OR_EQUAL = ">="
    GREATER = ">"


@dataclass(frozen=True, kw_only=True, slots=True)
class Quantity:
    """A measured value as reported. ``unit`` is our canonical unit string (a key of
    ``units.toml``), or None when the unit is absent or unknown; ``unit_text`` is what
    the chart said."""

    value: Decimal
    unit: str | None
    unit_text: str = ""
    comparator: Comparator | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ReferenceRange:
    """The laboratory's own limits, in the unit of the result; None where not given.

    A range whose two limits are both zero is no range and is read as absent.
    """

    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Observation(Named):
    """A laboratory result, a symptom, a finding or a social-history answer.

    ``concepts`` are those of Observation.code (and of a component's code for the
    component's own item); ``value_concepts`` those of valueCodeableConcept or of a
    valueString read as text; where there are any, label and codes are those of the
    answer. ``negative`` is True for a value that denies the finding
    (absent, negative, false, no). ``site_concepts`` holds the concepts of the body
    site. ``problem`` says why a value cannot be used, e.g.
    a text instead of a number, or a dataAbsentReason.
    """

    status: str | None = None
    value: Quantity | None = None
    value_concepts: frozenset[str] = frozenset()
    negative: bool = False
    site_concepts: frozenset[str] = frozenset()
    effective: PartialDate | None = None
    effective_is_period: bool = False
    flags: frozenset[str] = frozenset()
    """Codes of Observation.interpretation, e.g. ``L``, ``LL``, ``H``."""
    reference_range: ReferenceRange | None = None
    problem: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Procedure(Named):
    """A procedure that was done (status completed, or none recorded)."""

    status: str | None = None
    performed: PartialDate | None = None
    site_concepts: frozenset[str] = frozenset()
    site_label: str = ""


class MedicationSource(StrEnum):
    """Which FHIR resource a medication entry came from."""

    REQUEST = "MedicationRequest"
    STATEMENT = "MedicationStatement"
    DISPENSE = "MedicationDispense"
    ADMINISTRATION = "MedicationAdministration"


class MedicationState(StrEnum):
    """What the status of an entry means for exposure.

    CURRENT taken, ordered or on hold now; ENDED stopped or completed; GIVEN a supply
    or dose on a day; DRAFT an order in hand or not yet signed.
    """

    CURRENT = "current"
    ENDED = "ended"
    GIVEN = "given"
    DRAFT = "draft"


@dataclass(frozen=True, kw_only=True, slots=True)
class Medication(Named):
    """One order, statement, supply or dose of a medicine.

    Entries that do not count in any context (cancelled, entered in error, not taken,
    not done, doNotPerform, proposals) are not in the record. Dates: ``start`` and
    ``end`` bound the time of taking as far as it is recorded; for a supply ``end`` is
    its day plus the days it lasts; for a single dose the two are equal.
    ``daily_dose_ug`` is the dose a day in micrograms of the ingredient, from the
    structured dose or read from the text; None when it cannot be known.
    ``is_parenteral``: None when neither the route nor the product tells.
    """

    origin: MedicationSource
    state: MedicationState
    start: PartialDate | None = None
    end: PartialDate | None = None
    as_needed: bool = False
    daily_dose_ug: Decimal | None = None
    is_parenteral: bool | None = None
    dose_text: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderedTest(Named):
    """A ServiceRequest for a test. ``is_draft``: status draft, or an order in hand."""

    is_draft: bool = False
    authored: PartialDate | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RelativeHistory(Named):
    """One condition of one relative (FamilyMemberHistory)."""

    is_first_degree: bool
    relationship: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Allergy(Named):
    """An AllergyIntolerance that is not refuted, resolved or entered in error."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DietOrder(Named):
    """An active NutritionOrder with an oral diet."""

    ordered: PartialDate | None = None


class Sex(StrEnum):
    """Administrative gender of FHIR, as far as limits of normal depend on it."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Patient:
    """The person. ``birth`` is None when not recorded or unreadable."""

    source: ResourceRef
    birth: PartialDate | None = None
    sex: Sex = Sex.UNKNOWN
    deceased: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Unread:
    """A resource that matters and could not be read, in whole or in one element.

    ``element`` is a FHIR element path (``MedicationRequest.authoredOn``); ``reason`` is
    in plain words and holds no value of the chart.
    """

    source: ResourceRef
    element: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """All that was read of one patient's chart, and what was not to be had.

    ``absent`` names the kinds of data that were neither supplied nor obtainable: their
    tuples are empty for lack of knowledge, not for lack of findings. ``partial`` names
    those of which only some pages or resources arrived.
    """

    patient: Patient | None = None
    conditions: tuple[Condition, ...] = ()
    observations: tuple[Observation, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    medications: tuple[Medication, ...] = ()
    test_orders: tuple[OrderedTest, ...] = ()
    family_history: tuple[RelativeHistory, ...] = ()
    allergies: tuple[Allergy, ...] = ()
    diet_orders: tuple[DietOrder, ...] = ()
    unread: tuple[Unread, ...] = ()
    absent: frozenset[DataKind] = field(default_factory=frozenset)
    partial: frozenset[DataKind] = field(default_factory=frozenset)
    held: frozenset[str] = field(init=False, repr=False, compare=False)
    """Concepts of all conditions and observations. Most questions ask for what a chart
    does not have, and are answered by this."""

    def __post_init__(self) -> None:
        concepts = [each.concepts for each in (*self.conditions, *self.observations)]
        values = [each.value_concepts for each in self.observations]
        object.__setattr__(self, "held", frozenset().union(*concepts, *values))

    def lacks(self, kinds: Collection[DataKind]) -> frozenset[DataKind]:
        """Those of ``kinds`` that were not, or not fully, supplied."""
        return frozenset(kinds) & (self.absent | self.partial)
