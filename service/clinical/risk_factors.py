"""Risk factors for B12 deficiency (CLINICAL 2.3): one function for each kind of fact.

What counts (ValueSets, strengths, durations) is knowledge; how it combines is here.
``find_risk_factors`` lists them all in one visible table.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from service.clinical import concepts
from service.clinical.answers import Fact
from service.clinical.chart import (
    Finding,
    concepts_found,
    earliest,
    findings,
    is_active,
    is_established,
    is_over,
    is_present,
    is_within,
)
from service.clinical.dates import PartialDate, age_on
from service.clinical.diet import DietKind, find_diet, find_food_allergies
from service.clinical.exposures import (
    Exposure,
    Moment,
    latest_exposure,
    taken,
    taken_regularly,
)
from service.clinical.knowledge import Knowledge, Strength
from service.clinical.laboratory import LabResult, results
from service.clinical.record import (
    ClinicalStatus,
    Condition,
    Procedure,
    Record,
    Sex,
)
from service.clinical.replacement import Replacement, exposure_fact


@dataclass(frozen=True, kw_only=True, slots=True)
class RiskFactorFound:
    """A risk factor that is present. ``is_higher`` for the "higher risk" of 2.3."""

    key: str
    strength: Strength
    fact: Fact
    is_higher: bool = False


@dataclass(frozen=True, kw_only=True)
class _Question:
    """All that a risk factor may ask of the chart."""

    record: Record
    knowledge: Knowledge
    today: date
    moment: Moment
    replacement: Replacement
    pregnancy: Fact | None

    def concepts_of(self, key: str) -> frozenset[str]:
        return frozenset(self.knowledge.risk_factors[key].concepts)

    def phrase(self, key: str) -> str:
        return self.knowledge.risk_factors[key].phrase

    def found(
        self, key: str, fact: Fact, *, is_higher: bool = False
    ) -> RiskFactorFound:
        return RiskFactorFound(
            key=key,
            strength=self.knowledge.risk_factors[key].strength,
            fact=fact,
            is_higher=is_higher,
        )


def find_risk_factors(
    record: Record,
    knowledge: Knowledge,
    today: date,
    *,
    moment: Moment,
    replacement: Replacement,
    pregnancy: Fact | None,
) -> tuple[RiskFactorFound, ...]:
    """The risk factors of this record, strongest first, each key once.

    Does not say whether the risk criterion is met: a supporting factor needs a
    companion symptom (``Case.is_risk_met``).
    """
    question = _Question(
        record=record,
        knowledge=knowledge,
        today=today,
        moment=moment,
        replacement=replacement,
        pregnancy=pregnancy,
    )
    found = [factor for find in _FINDERS for factor in find(question)]
    order = list(knowledge.risk_factors)
    strengths = list(Strength)
    found.sort(
        key=lambda factor: (strengths.index(factor.strength), order.index(factor.key))
    )
    return tuple(found)


def _age(question: _Question) -> Iterator[RiskFactorFound]:
    """RF-AGE: 75 and over alone, 65 to 74 as a supporting factor."""
    patient = question.record.patient
    if patient is None or patient.birth is None:
        return
    age = age_on(patient.birth, question.today)
    limits = question.knowledge.thresholds.age
    if age >= limits.risk.value:
        key = "age75"
    elif age >= limits.supporting_risk.value:
        key = "age65-74"
    else:
        return
    yield question.found(
        key, Fact(name=key, label=f"age {age}", sources=(patient.source,))
    )


def _metformin(question: _Question) -> Iterator[RiskFactorFound]:
    """RF-METFORMIN: 120 days or more, now or stopped at most 180 days ago."""
    limits = question.knowledge.thresholds.exposure
    exposure = _exposure(question, concepts.MED_METFORMIN)
    if exposure is None or not exposure.lasted(limits.metformin.days):
        return
    if exposure.ended is not None:
        since_stop = (question.today - exposure.ended).days
        if since_stop > limits.metformin_stopped_within.days:
            return
    dose = exposure.daily_dose_ug
    is_high_dose = dose is not None and dose >= limits.metformin_high_dose.value * 1000
    is_higher = exposure.is_known_to_have_lasted(limits.metformin_long.days) or (
        is_high_dose
        and exposure.is_known_to_have_lasted(limits.metformin_high_dose_for.days)
    )
    yield question.found(
        "metformin",
        exposure_fact("metformin", exposure.label or "metformin", exposure),
        is_higher=is_higher,
    )


def _acid_suppressants(question: _Question) -> Iterator[RiskFactorFound]:
    """RF-PPI and RF-H2RA: taken regularly, now, for a year or more."""
    limits = question.knowledge.thresholds.exposure
    for key, concept in (("ppi", concepts.MED_PPI), ("h2ra", concepts.MED_H2RA)):
        exposure = _exposure(question, concept, regularly=True)
        if exposure is None or exposure.ended is not None:
            continue
        if exposure.lasted(limits.acid_suppressant.days):
            yield question.found(
                key,
                exposure_fact(key, exposure.label or question.phrase(key), exposure),
                is_higher=exposure.is_known_to_have_lasted(
                    limits.acid_suppressant_long.days
                ),
            )


def _other_medicines(question: _Question) -> Iterator[RiskFactorFound]:
    """RF-COLCHICINE (bursts excluded) and RF-ANTICONV: 90 days or more, now."""
    limits = question.knowledge.thresholds.exposure
    for key, concept, floor in (
        ("colchicine", concepts.MED_COLCHICINE, limits.colchicine),
        ("anticonvulsant", concepts.MED_ANTICONVULSANT, limits.anticonvulsant),
        (
            "anticonvulsant-other",
            concepts.MED_ANTICONVULSANT_OTHER,
            limits.anticonvulsant,
        ),
    ):
        exposure = _exposure(question, concept)
        if exposure is None or exposure.ended is not None:
            continue
        if exposure.lasted(floor.days):
            yield question.found(
                key,
                exposure_fact(key, exposure.label or question.phrase(key), exposure),
            )


def _exposure(
    question: _Question, concept: str, *, regularly: bool = False
) -> Exposure | None:
    entries = taken(question.record, concept, question.moment)
    if regularly:
        entries = taken_regularly(entries)
    return latest_exposure(
        entries,
        question.today,
        question.knowledge.thresholds.exposure.merge_gap.days,
    )


def _diet(question: _Question) -> Iterator[RiskFactorFound]:
    """RF-DIET: vegan or vegetarian for a year or for a time that is not recorded."""
    diet = find_diet(question.record, question.knowledge, question.today)
    if diet is None or not diet.is_long_enough:
        return
    is_supplemented = diet.is_fortified or _takes_a_supplement(question)
    if diet.kind is DietKind.VEGAN:
        key = "vegan-supplemented" if is_supplemented else "vegan"
    elif is_supplemented:
        return
    else:
        key = "vegetarian"
    yield question.found(key, diet.fact)


def _takes_a_supplement(question: _Question) -> bool:
    if question.replacement.is_current or question.replacement.oral_low_dose:
        return True
    exposure = _exposure(question, concepts.MED_MULTIVITAMIN)
    return exposure is not None and exposure.ended is None


def _dietary_inadequacy(question: _Question) -> Iterator[RiskFactorFound]:
    """RF-DIETINADEQ: a coded inadequacy, or two of three staple foods avoided."""
    key = "dietary-inadequacy"
    found = earliest(_ongoing(question, key))
    if found is not None:
        yield question.found(key, _condition_fact(question, key, found))
        return
    allergies = find_food_allergies(question.record, question.today)
    if len(allergies) >= 2:
        names = " and ".join(sorted(allergies))
        yield question.found(
            key,
            Fact(
                name=key,
                label=f"allergy to {names}",
                sources=tuple(sorted(allergies.values(), key=str)),
            ),
        )


_LIFELONG = (
    "pernicious-anaemia",
    "atrophic-gastritis",
    "crohn",
    "malabsorption",
    "coeliac",
    "autoimmune-thyroid",
    "type1-diabetes",
    "autoimmune-other",
    "hereditary-cobalamin",
)


def _lifelong_diseases(question: _Question) -> Iterator[RiskFactorFound]:
    """Diseases that stay, also in remission; only what is resolved does not count."""
    for key in _LIFELONG:
        found = earliest(
            Finding(item=condition, began=condition.began)
            for condition in _established(question, key)
            if condition.clinical_status is not ClinicalStatus.RESOLVED
            and not is_over(condition, question.today)
        )
        if found is not None:
            yield question.found(key, _condition_fact(question, key, found))


def _ongoing_conditions(question: _Question) -> Iterator[RiskFactorFound]:
    """Conditions that count while they last: alcohol (not in remission), tapeworm."""
    for key in ("fish-tapeworm", "nitrous-oxide"):
        found = earliest(_ongoing(question, key))
        if found is not None:
            yield question.found(key, _condition_fact(question, key, found))


def _alcohol(question: _Question) -> Iterator[RiskFactorFound]:
    """RF-ALCOHOL: an active use disorder, or AUDIT-C at or above the cut-off."""
    found = earliest(_ongoing(question, "alcohol"))
    if found is not None:
        yield question.found("alcohol", _condition_fact(question, "alcohol", found))
        return
    score = _audit_c(question)
    if score is not None:
        yield question.found(
            "alcohol",
            Fact(
                name="alcohol",
                label=f"AUDIT-C score {score.quantity.value}",
                date=score.observation.effective,
                date_words="on",
                sources=(score.observation.source,),
            ),
        )


def _audit_c(question: _Question) -> LabResult | None:
    """The newest AUDIT-C score, if at or above the cut-off of the patient's sex; of an
    unrecorded sex, the lower one."""
    limits = question.knowledge.thresholds.history
    patient = question.record.patient
    is_man = patient is not None and patient.sex is Sex.MALE
    cut_off = limits.audit_c_men if is_man else limits.audit_c_women
    scores = results(
        question.record,
        [concepts.LAB_AUDIT_C],
        question.today,
        within=question.knowledge.thresholds.companion.within.days,
    )
    if scores and scores[0].quantity.value >= cut_off.value:
        return scores[0]
    return None


_SURGERY = (
    "bariatric-surgery",
    "gastrectomy",
    "ileal-resection",
    "small-bowel-resection",
)


def _surgery(question: _Question) -> Iterator[RiskFactorFound]:
    """RF-SURG: what was cut out stays out, whatever the status of the entry."""
    for key in _SURGERY:
        fact = _ever(question, key)
        if fact is not None:
            yield question.found(key, fact)


def _radiotherapy(question: _Question) -> Iterator[RiskFactorFound]:
    """RF-RADIO: abdominal or pelvic; a bare history of irradiation needs the site."""
    fact = _ever(question, "radiotherapy") or _irradiated_abdomen(question)
    if fact is not None:
        yield question.found("radiotherapy", fact)


def _irradiated_abdomen(question: _Question) -> Fact | None:
    dated: list[tuple[Condition | Procedure, PartialDate | None]] = [
        *((condition, condition.began) for condition in question.record.conditions),
        *((procedure, procedure.performed) for procedure in question.record.procedures),
    ]
    for item, day in dated:
        if (
            concepts.HISTORY_OF_IRRADIATION in item.concepts
            and concepts.BODY_SITE_ABDOMEN_OR_PELVIS in item.site_concepts
        ):
            return Fact(
                name="radiotherapy",
                label=item.label,
                date=day,
                date_words="on" if day else "date not recorded",
                sources=(item.source,),
            )
    return None


def _ever(question: _Question, key: str) -> Fact | None:
    """A procedure done, or a condition that records it, at any time."""
    wanted = question.concepts_of(key)
    done = [
        procedure
        for procedure in question.record.procedures
        if wanted & procedure.concepts
    ]
    if done:
        first = min(
            done,
            key=lambda p: (
                p.performed.first if p.performed else date.max,
                str(p.source),
            ),
        )
        return Fact(
            name=key,
            label=first.label or question.phrase(key),
            date=first.performed,
            date_words="on" if first.performed else "date not recorded",
            sources=(first.source,),
        )
    found = earliest(
        Finding(item=condition, began=condition.began)
        for condition in _established(question, key)
    )
    return _condition_fact(question, key, found) if found is not None else None


_AUTOIMMUNE_OR_B12 = (
    "pernicious-anaemia",
    "atrophic-gastritis",
    "coeliac",
    "autoimmune-thyroid",
    "type1-diabetes",
    "autoimmune-other",
)


def _family_history(question: _Question) -> Iterator[RiskFactorFound]:
    """RF-FAMILY: a first-degree relative with B12 deficiency or autoimmune disease."""
    key = "family-history"
    wanted = {concepts.B12_DEFICIENCY}.union(
        *(question.concepts_of(factor) for factor in _AUTOIMMUNE_OR_B12)
    )
    for relative in question.record.family_history:
        if relative.is_first_degree and wanted & relative.concepts:
            words = relative.relationship or "first-degree relative"
            yield question.found(
                key,
                Fact(
                    name=key,
                    label=f"{words}: {relative.label}",
                    sources=(relative.source,),
                ),
            )
            return
    found = earliest(
        Finding(item=condition, began=condition.began)
        for condition in _established(question, key)
        if condition.clinical_status is not ClinicalStatus.RESOLVED
    )
    if found is not None:
        yield question.found(key, _condition_fact(question, key, found))


def _helicobacter(question: _Question) -> Iterator[RiskFactorFound]:
    """RF-HPYLORI: active, or found within a year."""
    key = "h-pylori"
    within = question.knowledge.thresholds.history.h_pylori_within.days
    wanted = question.concepts_of(key)
    found = earliest(
        [
            *(
                Finding(item=condition, began=condition.began)
                for condition in _established(question, key)
                if is_active(condition, question.today)
                or is_within(condition.began, within, question.today)
            ),
            *(
                Finding(item=observation, began=observation.effective)
                for observation in question.record.observations
                if wanted & concepts_found(observation)
                and is_within(observation.effective, within, question.today)
            ),
        ]
    )
    if found is not None:
        yield question.found(key, _condition_fact(question, key, found))


def _pregnancy(question: _Question) -> Iterator[RiskFactorFound]:
    """RF-PREG: pregnant or breastfeeding."""
    if question.pregnancy is not None:
        yield question.found("pregnancy", question.pregnancy)
    longest = question.knowledge.thresholds.companion.within.days
    found = earliest(
        findings(
            question.record,
            [concepts.BREASTFEEDING],
            question.today,
            within=longest,
        )
    )
    if found is not None:
        yield question.found(
            "breastfeeding", found.as_fact("breastfeeding", "breastfeeding")
        )


def _previous_deficiency(question: _Question) -> Iterator[RiskFactorFound]:
    """RF-PREVIOUS: a past B12 deficiency that is not on replacement now."""
    if question.replacement.is_current:
        return
    key = "previous-deficiency"
    past = {
        ClinicalStatus.INACTIVE,
        ClinicalStatus.RESOLVED,
        ClinicalStatus.REMISSION,
    }
    found = earliest(
        Finding(item=condition, began=condition.began)
        for condition in _established(question, key)
        if condition.clinical_status in past or is_over(condition, question.today)
    )
    if found is not None:
        yield question.found(key, _condition_fact(question, key, found))


def _established(question: _Question, key: str) -> Iterator[Condition]:
    wanted = question.concepts_of(key)
    return (
        condition
        for condition in question.record.conditions
        if wanted & condition.concepts and is_established(condition)
    )


def _ongoing(question: _Question, key: str) -> Iterable[Finding]:
    """Established conditions that are active, or recent where no status is recorded;
    and recent observations that say so."""
    within = question.knowledge.thresholds.companion.within.days
    for condition in _established(question, key):
        if is_present(condition, question.today, within):
            yield Finding(item=condition, began=condition.began)
    wanted = question.concepts_of(key)
    for observation in question.record.observations:
        if wanted & concepts_found(observation) and is_within(
            observation.effective, within, question.today
        ):
            yield Finding(item=observation, began=observation.effective)


def _condition_fact(question: _Question, key: str, found: Finding) -> Fact:
    """The chart's own words, else the factor's name; inhalant use as what it is."""
    label = found.item.label.strip() or question.phrase(key)
    if key == "nitrous-oxide" and _is_unspecified_inhalant(found):
        label = f"{label}: inhalant use (possible nitrous oxide)"
    return found.as_fact(key, label)


def _is_unspecified_inhalant(found: Finding) -> bool:
    """ICD-10-CM F18 is inhalant disorder in general (CLINICAL 4)."""
    codes = found.item.codes
    return bool(codes) and all(code.startswith("icd10cm|F18") for code in codes)


_FINDERS: tuple[Callable[[_Question], Iterator[RiskFactorFound]], ...] = (
    _lifelong_diseases,
    _surgery,
    _metformin,
    _acid_suppressants,
    _other_medicines,
    _age,
    _diet,
    _dietary_inadequacy,
    _ongoing_conditions,
    _alcohol,
    _radiotherapy,
    _family_history,
    _helicobacter,
    _pregnancy,
    _previous_deficiency,
)
