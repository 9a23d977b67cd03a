"""Patients in a few words, for the specification of the rules.

A patient is built by a chain of plain statements, each of which puts an item into the
record and a phrase into the description that the manual prints:

    adult(58).with_cramps().taking("med-metformin", days=120, mg_daily=2000)

Days are whole days before the day of evaluation (``TODAY``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Self

from service.clinical.dates import PartialDate
from service.clinical.record import (
    Allergy,
    ClinicalStatus,
    Comparator,
    Condition,
    DataKind,
    DietOrder,
    Medication,
    MedicationSource,
    MedicationState,
    Observation,
    OrderedTest,
    Patient,
    Procedure,
    Quantity,
    Record,
    ReferenceRange,
    RelativeHistory,
    ResourceRef,
    Sex,
)


TODAY = date(2025, 6, 30)
SEXES = {"F": Sex.FEMALE, "M": Sex.MALE, "?": Sex.UNKNOWN}


def day(days_ago: int) -> PartialDate:
    """The day so many days before the day of evaluation."""
    return PartialDate.on(TODAY - timedelta(days=days_ago))


def _ago(days: int | None) -> str:
    if days is None:
        return "on an unknown day"
    return f"{days} days ago" if days >= 0 else f"{-days} days from now"


@dataclass(frozen=True, kw_only=True)
class Person:
    """A patient of the specification: the record, and its description in words."""

    record: Record
    words: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        return "; ".join(self.words)

    def _ref(self, resource: str) -> tuple[ResourceRef, dict[str, int]]:
        number = self.counts.get(resource, 0) + 1
        return ResourceRef(type=resource, id=str(number)), {
            **self.counts,
            resource: number,
        }

    def _with(self, words: str, counts: dict[str, int], **items: Any) -> Self:
        return replace(
            self,
            record=replace(self.record, **items),
            words=(*self.words, words) if words else self.words,
            counts=counts,
        )

    def with_condition(
        self,
        concept: str | tuple[str, ...],
        *,
        days: int | None = None,
        recorded: int | None = None,
        status: str | None = "active",
        label: str = "",
        words: str | None = None,
        site: str | None = None,
        **elements: Any,
    ) -> Self:
        """A condition of a ValueSet; ``days`` since onset, ``recorded`` since entry."""
        concepts = (concept,) if isinstance(concept, str) else concept
        source, counts = self._ref("Condition")
        condition = Condition(
            source=source,
            concepts=frozenset(concepts),
            label=label or concepts[0],
            clinical_status=ClinicalStatus(status) if status else None,
            onset=None if days is None else day(days),
            recorded=None if recorded is None else day(recorded),
            site_concepts=frozenset([site] if site else []),
            **elements,
        )
        shown = words
        if shown is None:
            shown = f"{status or 'no status'} {label or concepts[0]}"
            if days is not None:
                shown += f", began {_ago(days)}"
            if recorded is not None:
                shown += f", recorded {_ago(recorded)}"
        return self._with(
            shown, counts, conditions=(*self.record.conditions, condition)
        )

    def with_cramps(self, **condition: Any) -> Self:
        """Muscle cramps: the trigger."""
        return self.with_condition(
            "cramp-trigger", label=condition.pop("label", "muscle cramps"), **condition
        )

    def with_observation(
        self,
        concept: str | tuple[str, ...] = (),
        *,
        value_concept: str | None = None,
        days: int | None = 30,
        negative: bool = False,
        is_period: bool = False,
        label: str = "",
        site: str | None = None,
    ) -> Self:
        """A finding or an answer to a question."""
        source, counts = self._ref("Observation")
        concepts = (concept,) if isinstance(concept, str) else concept
        observation = Observation(
            source=source,
            concepts=frozenset(concepts),
            value_concepts=frozenset([value_concept] if value_concept else []),
            label=label or next(iter(concepts), value_concept or ""),
            negative=negative,
            effective=None if days is None else day(days),
            effective_is_period=is_period,
            site_concepts=frozenset([site] if site else []),
        )
        words = f"{observation.label} observed {_ago(days)}"
        if site:
            words += f" at {site}"
        return self._with(
            f"{words}, denied" if negative else words,
            counts,
            observations=(*self.record.observations, observation),
        )

    def with_result(
        self,
        concept: str | tuple[str, ...],
        value: str,
        unit: str | None,
        *,
        days: int | None = 3,
        dated: str | None = None,
        comparator: str | None = None,
        low: str | None = None,
        high: str | None = None,
        flag: str | None = None,
    ) -> Self:
        """A laboratory result, sampled so many days ago; or ``dated`` to a month or a
        year."""
        source, counts = self._ref("Observation")
        concepts = (concept,) if isinstance(concept, str) else concept
        label = concepts[-1]
        limits = None
        if low is not None or high is not None:
            limits = ReferenceRange(
                low=None if low is None else Decimal(low),
                high=None if high is None else Decimal(high),
            )
        effective = None if days is None else day(days)
        if dated is not None:
            effective = PartialDate.parse(dated)
        result = Observation(
            source=source,
            concepts=frozenset(concepts),
            label=label,
            status="final",
            value=Quantity(
                value=Decimal(value),
                unit=unit,
                unit_text=unit or "",
                comparator=Comparator(comparator) if comparator else None,
            ),
            effective=effective,
            flags=frozenset([flag] if flag else []),
            reference_range=limits,
        )
        when = f"dated {dated}" if dated else _ago(days)
        words = f"{label} {comparator or ''}{value} {unit or '(no unit)'}, {when}"
        if limits is not None:
            words += f" (laboratory's limits {low or ''}-{high or ''})"
        if flag:
            words += f" (flag {flag})"
        return self._with(
            words, counts, observations=(*self.record.observations, result)
        )

    def with_procedure(self, concept: str, *, days: int | None = 1000) -> Self:
        """A procedure that was done."""
        source, counts = self._ref("Procedure")
        procedure = Procedure(
            source=source,
            concepts=frozenset([concept]),
            label=concept,
            status="completed",
            performed=None if days is None else day(days),
        )
        return self._with(
            f"{concept} {_ago(days)}",
            counts,
            procedures=(*self.record.procedures, procedure),
        )

    def taking(
        self,
        concept: str | tuple[str, ...],
        *,
        days: int | None = None,
        mg_daily: float | None = None,
        stopped: int | None = None,
        is_stopped: bool = False,
        until: int | None = None,
        as_needed: bool = False,
        parenteral: bool | None = None,
        origin: str = "MedicationRequest",
        label: str = "",
    ) -> Self:
        """A medicine taken since ``days`` ago (None: nobody knows), or ``stopped``;
        ``is_stopped`` on a day that is not recorded; ``until``: the last day of an
        order that is still active (days ago: less than 0 is to come)."""
        end = until if stopped is None else stopped
        concepts = (concept,) if isinstance(concept, str) else concept
        source, counts = self._ref(origin)
        entry = Medication(
            source=source,
            concepts=frozenset(concepts),
            label=label or concepts[0],
            origin=MedicationSource(origin),
            state=MedicationState.CURRENT
            if stopped is None and not is_stopped
            else MedicationState.ENDED,
            start=None if days is None else day(days),
            end=None if end is None else day(end),
            as_needed=as_needed,
            daily_dose_ug=None if mg_daily is None else Decimal(str(mg_daily)) * 1000,
            is_parenteral=parenteral,
        )
        words = f"{label or concepts[0]}"
        if mg_daily is not None:
            words += f" {mg_daily:g} mg/d"
        words += " since an unknown day" if days is None else f" since {_ago(days)}"
        if stopped is not None:
            words += f", stopped {_ago(stopped)}"
        if is_stopped:
            words += ", stopped on an unknown day"
        if until is not None:
            words += f", ordered until {_ago(until)}"
        if as_needed:
            words += ", as needed"
        return self._with(words, counts, medications=(*self.record.medications, entry))

    def given(
        self,
        concept: str | tuple[str, ...],
        *,
        days: int,
        lasting: int = 0,
        parenteral: bool | None = None,
    ) -> Self:
        """A dose or a supply on one day, lasting so many days."""
        concepts = (concept,) if isinstance(concept, str) else concept
        source, counts = self._ref("MedicationDispense")
        entry = Medication(
            source=source,
            concepts=frozenset(concepts),
            label=concepts[0],
            origin=MedicationSource.DISPENSE,
            state=MedicationState.GIVEN,
            start=day(days),
            end=day(days - lasting),
            is_parenteral=parenteral,
        )
        words = f"{concepts[0]} given {_ago(days)}"
        if lasting:
            words += f" for {lasting} days"
        return self._with(words, counts, medications=(*self.record.medications, entry))

    def injected(self, *days_ago: int) -> Self:
        """B12 injections on these days."""
        person = self
        for days in days_ago:
            person = person.given("med-b12", days=days, parenteral=True)
        words = ", ".join(str(days) for days in days_ago)
        return replace(person, words=(*self.words, f"B12 injections {words} days ago"))

    def being_ordered(
        self, concept: str, *, mg_daily: float | None = None, label: str = ""
    ) -> Self:
        """A medicine in a draft order of the hook."""
        _, counts = self._ref("MedicationRequest")
        source = ResourceRef(type="MedicationRequest", id="draft", in_hand=True)
        entry = Medication(
            source=source,
            concepts=frozenset([concept]),
            label=label or concept,
            origin=MedicationSource.REQUEST,
            state=MedicationState.DRAFT,
            daily_dose_ug=None if mg_daily is None else Decimal(str(mg_daily)) * 1000,
        )
        dose = "" if mg_daily is None else f" {mg_daily:g} mg/d"
        return self._with(
            f"{concept}{dose} in the order in hand",
            counts,
            medications=(*self.record.medications, entry),
        )

    def with_test_ordered(self, *, days: int | None, in_hand: bool = False) -> Self:
        """A B12 test ordered so many days ago, or in the order in hand."""
        source, counts = self._ref("ServiceRequest")
        order = OrderedTest(
            source=replace(source, in_hand=in_hand),
            concepts=frozenset(["order-b12"]),
            label="vitamin B12",
            is_draft=in_hand,
            authored=None if days is None else day(days),
        )
        words = "B12 test in the order in hand" if in_hand else "B12 test ordered"
        return self._with(
            words if in_hand else f"{words} {_ago(days)}",
            counts,
            test_orders=(*self.record.test_orders, order),
        )

    def eating(
        self, diet: str, *, days: int | None = None, fortified: bool = False
    ) -> Self:
        """A diet since so many days, with or without fortified food."""
        words = f"{diet} diet" + ("" if days is None else f" for {days} days")
        person = self.with_condition(f"diet-{diet}", days=days, words=words)
        if not fortified:
            return person
        return person.with_observation(value_concept="diet-fortified-food")

    def ordered_diet(self, diet: str, *, days: int | None = None) -> Self:
        """A diet on a NutritionOrder, of a day that may not be recorded."""
        source, counts = self._ref("NutritionOrder")
        order = DietOrder(
            source=source,
            concepts=frozenset([f"diet-{diet}"]),
            label=diet,
            ordered=None if days is None else day(days),
        )
        return self._with(
            f"{diet} diet ordered" + ("" if days is None else f" {_ago(days)}"),
            counts,
            diet_orders=(*self.record.diet_orders, order),
        )

    def allergic_to(self, *foods: str) -> Self:
        """Allergies to milk, egg or fish."""
        person = self
        for food in foods:
            source, counts = person._ref("AllergyIntolerance")
            allergy = Allergy(
                source=source, concepts=frozenset([f"allergy-{food}"]), label=food
            )
            person = person._with(
                f"allergy to {food}",
                counts,
                allergies=(*person.record.allergies, allergy),
            )
        return person

    def with_relative(self, concept: str, *, first_degree: bool = True) -> Self:
        """A relative with a condition."""
        source, counts = self._ref("FamilyMemberHistory")
        relative = RelativeHistory(
            source=source,
            concepts=frozenset([concept]),
            label=concept,
            is_first_degree=first_degree,
            relationship="mother" if first_degree else "cousin",
        )
        return self._with(
            f"{relative.relationship} with {concept}",
            counts,
            family_history=(*self.record.family_history, relative),
        )

    def without(self, *kinds: DataKind, partly: bool = False) -> Self:
        """Data of these kinds did not arrive, or arrived in part."""
        name = "partial" if partly else "absent"
        missing = getattr(self.record, name) | frozenset(kinds)
        words = f"{', '.join(kinds)} {'arrived in part' if partly else 'not supplied'}"
        return self._with(words, dict(self.counts), **{name: missing})

    def deceased(self) -> Self:
        """The patient has died."""
        assert self.record.patient is not None
        patient = replace(self.record.patient, deceased=True)
        return self._with("deceased", dict(self.counts), patient=patient)


def adult(age: int | None = 58, sex: str = "M") -> Person:
    """A patient of this age today (None: birth date unknown) with an empty chart."""
    birth = None
    if age is not None:
        birth = PartialDate.on(TODAY.replace(year=TODAY.year - age))
    return Person(
        record=Record(
            patient=Patient(
                source=ResourceRef(type="Patient", id="1"), birth=birth, sex=SEXES[sex]
            )
        ),
        words=(f"{'age unknown' if age is None else age}, {sex}",),
    )


def nobody() -> Person:
    """An empty record, without even a patient."""
    return Person(record=Record(), words=("an empty record",))
