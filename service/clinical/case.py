"""One patient on one day: the record, the knowledge, and the facts found in it.

The triple (record, knowledge, today) that every rule is a function of, with the facts
that several rules share. Each fact is found once, when it is first asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from service.clinical import concepts
from service.clinical.answers import CannotTell, Fact, NoConcern
from service.clinical.b12_result import B12Class
from service.clinical.b12_status import B12Status, find_b12_status
from service.clinical.chart import deficiency_label, is_established, is_present
from service.clinical.companions import CompanionFound, find_companions
from service.clinical.cramps import Cramps, find_cramps
from service.clinical.dates import age_on
from service.clinical.electrolytes import OutOfRange, find_out_of_range
from service.clinical.exposures import Moment
from service.clinical.folic_acid import FolicAcid, find_folic_acid
from service.clinical.knowledge import Knowledge, Strength
from service.clinical.laboratory import LabResult, Worst, is_above, newest_in
from service.clinical.notes import find_notes
from service.clinical.other_causes import (
    CauseFound,
    RaisedCk,
    find_other_causes,
    find_raised_ck,
)
from service.clinical.post_injection import (
    PostInjectionCramps,
    find_post_injection_cramps,
)
from service.clinical.record import DataKind, Record
from service.clinical.red_flags import RedFlags, find_red_flags
from service.clinical.replacement import Replacement, find_replacement
from service.clinical.risk_factors import RiskFactorFound, find_risk_factors
from service.clinical.states import find_palliative_care, find_pregnancy


@dataclass(frozen=True, kw_only=True)
class Case:
    """What the rules ask their questions of."""

    record: Record
    knowledge: Knowledge
    today: date
    moment: Moment = Moment.VISIT

    @cached_property
    def age(self) -> int | None:
        """Completed years today; None when the birth date is not recorded."""
        patient = self.record.patient
        if patient is None or patient.birth is None:
            return None
        return age_on(patient.birth, self.today)

    @cached_property
    def pregnancy(self) -> Fact | None:
        """Pregnant now."""
        return find_pregnancy(self.record, self.knowledge, self.today)

    @cached_property
    def companions(self) -> Mapping[str, CompanionFound]:
        """Companion symptoms by key (2.4)."""
        return find_companions(
            self.record,
            self.knowledge,
            self.today,
            is_pregnant=self.pregnancy is not None,
        )

    @cached_property
    def cramps(self) -> Cramps | None:
        """The trigger (2.2)."""
        return find_cramps(self.record, self.knowledge, self.today, self.companions)

    @cached_property
    def replacement(self) -> Replacement:
        """B12 the patient receives (2.7)."""
        return find_replacement(self.record, self.knowledge, self.today, self.moment)

    @cached_property
    def risk_factors(self) -> tuple[RiskFactorFound, ...]:
        """Risk factors, strongest first (2.3)."""
        return find_risk_factors(
            self.record,
            self.knowledge,
            self.today,
            moment=self.moment,
            replacement=self.replacement,
            pregnancy=self.pregnancy,
        )

    @cached_property
    def is_risk_met(self) -> bool:
        """A strong or standard factor; or a supporting one with a companion (2.3)."""
        return any(
            factor.strength is not Strength.SUPPORTING or self.companions
            for factor in self.risk_factors
        )

    @cached_property
    def b12(self) -> B12Status:
        """What the B12 results say (2.6)."""
        return find_b12_status(
            self.record,
            self.knowledge,
            self.today,
            replacement=self.replacement,
            pregnancy=self.pregnancy,
        )

    @cached_property
    def uses_nitrous_oxide(self) -> bool:
        """RF-N2O: a normal B12 then reassures nobody (L-7)."""
        return any(factor.key == "nitrous-oxide" for factor in self.risk_factors)

    @property
    def is_reassured(self) -> bool:
        """B12 deficiency is unlikely by a result that can be trusted (L-7)."""
        return self.b12.status is B12Class.UNLIKELY and not self.uses_nitrous_oxide

    @cached_property
    def diagnosis(self) -> Fact | None:
        """``diagnosed``: B12 deficiency or pernicious anaemia, active on the chart; or
        recent, where no status is recorded."""
        wanted = {concepts.B12_DEFICIENCY, concepts.PERNICIOUS_ANAEMIA}
        within = self.knowledge.thresholds.companion.within.days
        for condition in self.record.conditions:
            if (
                wanted & condition.concepts
                and is_established(condition)
                and is_present(condition, self.today, within)
            ):
                return Fact(
                    name="b12-deficiency-diagnosed",
                    label=deficiency_label(condition, "vitamin B12 deficiency"),
                    date=condition.began,
                    date_words="since" if condition.began else "date not recorded",
                    sources=(condition.source,),
                )
        return None

    @cached_property
    def has_b12_context(self) -> bool:
        """A risk factor, a result or a diagnosis that makes B12 a likely cause."""
        return (
            self.is_risk_met
            or self.b12.status in (B12Class.DEFICIENT, B12Class.INDETERMINATE)
            or self.diagnosis is not None
        )

    @cached_property
    def red_flags(self) -> RedFlags:
        """Signs of nerve or cord damage (2.5)."""
        return find_red_flags(self.record, self.knowledge, self.today, self.companions)

    @cached_property
    def pending_test(self) -> Fact | None:
        """``pending``: a B12 test ordered at most 90 days ago, or being ordered."""
        within = self.knowledge.thresholds.treatment.pending_test_within.days
        for order in self.record.test_orders:
            if concepts.ORDER_B12 not in order.concepts:
                continue
            authored = order.authored
            is_recent = (
                authored is not None and (self.today - authored.first).days <= within
            )
            if order.source.in_hand or is_recent:
                return Fact(
                    name="b12-test-pending",
                    label=order.label or "vitamin B12 test",
                    date=authored,
                    date_words="ordered" if authored else "being ordered",
                    sources=(order.source,),
                )
        return None

    @cached_property
    def homocysteine(self) -> LabResult | None:
        """The newest homocysteine of its window, in a comparable unit."""
        limits = self.knowledge.thresholds.marker
        return newest_in(
            self.record,
            [concepts.LAB_HOMOCYSTEINE],
            self.today,
            self.knowledge,
            within=limits.homocysteine_within.days,
            units=[limits.homocysteine_raised_above.unit],
            worst=Worst.HIGHEST,
        )

    @cached_property
    def is_homocysteine_raised(self) -> bool:
        """Above 15 umol/L."""
        limit = self.knowledge.thresholds.marker.homocysteine_raised_above
        result = self.homocysteine
        return result is not None and bool(
            is_above(result.quantity, limit, self.knowledge)
        )

    @cached_property
    def folic_acid(self) -> FolicAcid:
        """Folic acid that is taken or being ordered (card 8)."""
        return find_folic_acid(self.record, self.knowledge, self.today, self.moment)

    @cached_property
    def electrolytes_out_of_range(self) -> tuple[OutOfRange, ...]:
        """Potassium, magnesium, calcium outside their limits, critical first."""
        return find_out_of_range(self.record, self.knowledge, self.today)

    @cached_property
    def other_causes(self) -> tuple[CauseFound, ...]:
        """Other causes of cramps on the chart (card 11)."""
        return find_other_causes(self.record, self.knowledge, self.today, self.moment)

    @cached_property
    def raised_ck(self) -> RaisedCk | None:
        """Creatine kinase above five times the upper limit."""
        return find_raised_ck(self.record, self.knowledge, self.today)

    @cached_property
    def palliative_care(self) -> Fact | None:
        """Hospice or palliative care."""
        return find_palliative_care(
            self.record,
            self.today,
            within=self.knowledge.thresholds.companion.within.days,
        )

    @cached_property
    def post_injection_cramps(self) -> PostInjectionCramps | None:
        """Cramps in the window after B12 injections (2.9)."""
        return find_post_injection_cramps(
            self.record,
            self.knowledge,
            self.today,
            injections=self.replacement.injections,
            cramps=self.cramps,
        )

    @cached_property
    def neurological_companions(self) -> tuple[CompanionFound, ...]:
        """The companion symptoms that come from nerves."""
        return tuple(
            companion
            for key, companion in self.companions.items()
            if self.knowledge.companions[key].neurological
        )

    @cached_property
    def notes(self) -> frozenset[str]:
        """Circumstances that switch on lines of a card."""
        return find_notes(
            self.record,
            self.knowledge,
            self.today,
            risk_factors=self.risk_factors,
            companions=self.companions,
            replacement=self.replacement,
            folic_acid=self.folic_acid,
        )

    @property
    def first_b12_test(self) -> str:
        """The order to suggest: active B12 in pregnancy, else the profile's (2.9b)."""
        if self.pregnancy is not None:
            return "b12-active"
        return self.knowledge.profile.first_b12_test

    def no_concern(
        self, reason: str, *, unless: frozenset[DataKind]
    ) -> NoConcern | CannotTell:
        """Nothing to say, provided that all data of the kinds ``unless`` was there."""
        missing = self.record.lacks(unless)
        if missing:
            return CannotTell(missing=missing, reason=reason)
        return NoConcern(reason=reason)

    def cramp_facts(self) -> tuple[Fact, ...]:
        """The trigger as evidence."""
        return self.cramps.facts() if self.cramps is not None else ()

    def risk_facts(self) -> tuple[Fact, ...]:
        """The risk factors as evidence."""
        return tuple(factor.fact for factor in self.risk_factors)

    def companion_facts(self) -> tuple[Fact, ...]:
        """The companion symptoms as evidence."""
        return tuple(companion.fact for companion in self.companions.values())
