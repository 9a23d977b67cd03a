"""The shape of what the service knows: thresholds, factors, texts, sources.

The values live in ``service/knowledge/`` as data a clinician can read; these models are
their strict schema (an unknown, missing or misspelt key is refused by
``service.knowledge_files``). A ``Knowledge`` is made for one profile: wherever a file
gives a value for ``us`` and one for ``uk``, the profile's own has been chosen.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


ProfileName = Literal["us", "uk"]
Line = Annotated[str, Field(min_length=1)]


class Strict(BaseModel):
    """Base of all knowledge: immutable, and closed to keys it does not name."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Threshold(Strict):
    """A number the rules compare with: its unit, why it is this number, its source.

    ``verified`` is False for a number CLINICAL sources could not be read for ("from
    memory"); such facts are counted on ``/about`` until a clinician signs them.
    ``choice`` marks a decision of this project where sources are silent or disagree.
    """

    value: Decimal
    unit: Line
    why: Line
    sources: tuple[str, ...] = ()
    verified: bool = True
    choice: bool = False

    @cached_property
    def days(self) -> int:
        """The value of a threshold given in whole days (unit ``d``)."""
        if self.unit != "d":
            raise ValueError(f"a threshold in {self.unit} is not a number of days")
        return int(self.value)


class AgeThresholds(Strict):
    """CLINICAL 2.1 and RF-AGE, in completed years (unit ``a``)."""

    minimum: Threshold
    supporting_risk: Threshold
    risk: Threshold


class CrampThresholds(Strict):
    """T-3: how recent a cramp must be."""

    undated_status_within: Threshold
    observation_within: Threshold


class ExposureThresholds(Strict):
    """How long a medicine must have been taken to count (2.3)."""

    merge_gap: Threshold
    metformin: Threshold
    metformin_stopped_within: Threshold
    metformin_high_dose: Threshold
    metformin_high_dose_for: Threshold
    metformin_long: Threshold
    acid_suppressant: Threshold
    acid_suppressant_long: Threshold
    colchicine: Threshold
    anticonvulsant: Threshold


class HistoryThresholds(Strict):
    """Windows of the other risk factors and of states (2.3)."""

    diet_for: Threshold
    diet_just_asked_within: Threshold
    h_pylori_within: Threshold
    pregnancy_at_most: Threshold
    audit_c_men: Threshold
    audit_c_women: Threshold


class CompanionThresholds(Strict):
    """Companion symptoms and red flags: windows and blood-count limits (2.4, 2.5)."""

    within: Threshold
    new_cognitive_decline_within: Threshold
    mcv_above: Threshold
    haemoglobin_below_men: Threshold
    haemoglobin_below_women: Threshold
    haemoglobin_below_pregnant: Threshold


class B12Thresholds(Strict):
    """Total and active B12 (2.6): cut-offs, validity of a result, plausibility."""

    total_mass_deficient_below: Threshold
    total_mass_indeterminate_to: Threshold
    total_moles_deficient_below: Threshold
    total_moles_indeterminate_to: Threshold
    active_deficient_below: Threshold
    active_indeterminate_to: Threshold
    result_within: Threshold
    deficient_result_within: Threshold
    not_after_injection_for: Threshold
    implausible_below: Threshold
    implausible_above: Threshold
    picomoles_per_picogram: Threshold
    high_above: Threshold


class MarkerThresholds(Strict):
    """Methylmalonic acid, homocysteine and what limits their reading (2.6)."""

    mma_raised_above: Threshold
    mma_raised_above_in_renal_impairment: Threshold
    mma_within: Threshold
    egfr_impaired_below: Threshold
    egfr_severe_below: Threshold
    egfr_within: Threshold
    homocysteine_raised_above: Threshold
    homocysteine_within: Threshold
    folate_mass_low_below: Threshold
    folate_moles_low_below: Threshold


class ElectrolyteThresholds(Strict):
    """Potassium, magnesium, calcium (2.6) and the window they are read in (2.7)."""

    within: Threshold
    potassium_low_below: Threshold
    potassium_severe_below: Threshold
    potassium_high_from: Threshold
    potassium_critical_from: Threshold
    magnesium_moles_low_below: Threshold
    magnesium_moles_severe_below: Threshold
    magnesium_mass_low_below: Threshold
    magnesium_mass_severe_below: Threshold
    calcium_moles_low_below: Threshold
    calcium_moles_severe_below: Threshold
    calcium_mass_low_below: Threshold
    calcium_mass_severe_below: Threshold


class DifferentialThresholds(Strict):
    """Creatine kinase, thyroid, glucose: the work-up of other causes (2.6, 2.7)."""

    ck_upper_limit: Threshold
    ck_raised_times: Threshold
    ck_urgent_times: Threshold
    ck_within: Threshold
    tsh_low_below: Threshold
    tsh_high_above: Threshold
    hba1c_percent_from: Threshold
    hba1c_moles_from: Threshold
    chemistry_missing_after: Threshold
    endocrine_missing_after: Threshold


class TreatmentThresholds(Strict):
    """Replacement, its review, injections, folic acid, pending tests (2.7, 2.9)."""

    parenteral_covers_for: Threshold
    courses_apart: Threshold
    oral_replacement_from: Threshold
    review_after: Threshold
    first_injection_within: Threshold
    last_injection_within: Threshold
    post_injection_potassium_within: Threshold
    post_injection_potassium_critical_below: Threshold
    folic_acid_from: Threshold
    pending_test_within: Threshold
    dismissal_within: Threshold


class Thresholds(Strict):
    """Every number of the rules, for one profile."""

    age: AgeThresholds
    cramp: CrampThresholds
    exposure: ExposureThresholds
    history: HistoryThresholds
    companion: CompanionThresholds
    b12: B12Thresholds
    marker: MarkerThresholds
    electrolyte: ElectrolyteThresholds
    differential: DifferentialThresholds
    treatment: TreatmentThresholds


class Strength(StrEnum):
    """How much a risk factor weighs (2.3): S and M suffice alone, W needs a symptom."""

    STRONG = "S"
    STANDARD = "M"
    SUPPORTING = "W"


class RiskFactor(Strict):
    """What is known of one risk factor.

    ``phrase`` stands in a card's summary ("metformin for 2.5 years" is made from it by
    the rules), ``concepts`` are the ValueSets that make it true, ``why`` the mechanism.
    """

    code: Line
    strength: Strength
    phrase: Line
    concepts: tuple[str, ...] = ()
    why: Line
    sources: tuple[str, ...]
    verified: bool = True
    choice: bool = False


class Companion(Strict):
    """One companion symptom: how it is called and which ValueSets make it true."""

    phrase: Line
    concepts: tuple[str, ...]
    neurological: bool
    sensory_or_gait: bool = False
    lets_weak_trigger_count: bool = False


class Cause(Strict):
    """One other cause of cramps (2.7, card 11)."""

    phrase: Line
    concepts: tuple[str, ...]
    is_medicine: bool = False
    advice: Line
    sources: tuple[str, ...] = ()
    verified: bool = True


class Unit(Strict):
    """A unit of measurement: ``factor`` converts to the base unit of ``dimension``."""

    dimension: Line
    factor: Decimal
    spellings: tuple[str, ...] = ()


class Order(Strict):
    """A test the service can suggest, for one profile."""

    label: Line
    text: Line
    system: Line
    code: Line
    display: Line
    verified: bool = True


class TextLine(Strict):
    """A line of a card; with ``when``, shown only if the rule set that note, and with
    ``unless``, only if it did not set that one."""

    text: Line
    when: str | None = None
    unless: str | None = None
    sources: tuple[str, ...] = ()
    verified: bool = True


class Review(Strict):
    """Who answers for a piece of knowledge, and until when.

    ``checked_by`` is the clinician who signed it, other than ``owner``; None while the
    signature is awaited.
    """

    owner: Line
    checked_by: str | None = None
    reviewed: date
    review_by: date


class RuleKnowledge(Strict):
    """Everything about one kind of card that is words, weight or order, not logic.

    ``placeholders`` are the values the rule fills into its texts, each with the longest
    one that a summary must hold. ``cannot_tell`` says what a clinician is told when
    data is missing that could have raised this card; ``say_nothing`` says why its
    silence is no matter then. One of the two is given.
    """

    key: Line
    priority: int
    title: Line
    recommendation: Line
    when: Line
    then: Line
    evidence: Line
    sources: tuple[str, ...]
    seed_facts: tuple[str, ...] = ()
    review: Review
    yields_to: tuple[str, ...] = ()
    in_palliative_care: bool = False
    on_order_hooks: bool = False
    summaries: Mapping[str, Line]
    placeholders: Mapping[str, Line] = Field(default_factory=dict)
    rationale: Line
    actions: tuple[TextLine, ...]
    more: tuple[TextLine, ...] = ()
    cannot_tell: Line | None = None
    say_nothing: Line | None = None
    override_reasons: tuple[str, ...]


class OverrideReason(Strict):
    """A coded reason to set a card aside (2.9b)."""

    code: Line
    system: Line
    display: Line


class Profile(Strict):
    """What differs by country besides thresholds (2.12)."""

    name: ProfileName
    source_label: Line
    source_url: Line
    first_b12_test: Line


class Reference(Strict):
    """A source that thresholds, factors and texts cite by key."""

    title: Line
    url: str | None = None
    read: Line
    verified: bool = True


class CardTexts(Strict):
    """Words every card shares: the limits, how missing data is said, headings.

    ``link_hosts`` are the hosts that a card's links may lead to.
    """

    headings: Mapping[str, Line]
    limits: tuple[Line, ...]
    not_considered: Line
    unread: Line
    icon_path: Line
    topic_system: Line
    link_hosts: tuple[Line, ...]


class Knowledge(Strict):
    """All that the rules and the cards need to know, for one profile.

    ``reviews`` tell who answers for the files that are not rules, by their names.
    """

    version: Line
    reviews: Mapping[str, Review]
    profile: Profile
    thresholds: Thresholds
    risk_factors: Mapping[str, RiskFactor]
    companions: Mapping[str, Companion]
    causes: Mapping[str, Cause]
    units: Mapping[str, Unit]
    orders: Mapping[str, Order]
    rules: Mapping[str, RuleKnowledge]
    treatments: Mapping[str, TextLine]
    diets: Mapping[str, TextLine]
    interferences: Mapping[str, TextLine]
    circumstances: Mapping[str, TextLine]
    override_reasons: Mapping[str, OverrideReason]
    card_texts: CardTexts
    references: Mapping[str, Reference]
