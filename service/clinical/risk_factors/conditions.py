"""Risk factors that are conditions, of the patient or of a relative (2.3)."""

from collections.abc import Iterator

from service.clinical import concepts
from service.clinical.answers import Fact
from service.clinical.chart import (
    Finding,
    concepts_found,
    earliest,
    findings,
    is_active,
    is_over,
    is_present,
    is_within,
)
from service.clinical.laboratory import LabResult, results
from service.clinical.record import ClinicalStatus, Sex
from service.clinical.risk_factors.question import (
    Question,
    RiskFactorFound,
    condition_fact,
    established,
    ongoing,
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


def lifelong_diseases(question: Question) -> Iterator[RiskFactorFound]:
    """Diseases that stay, also in remission; only what is resolved does not count."""
    for key in _LIFELONG:
        found = earliest(
            Finding(item=condition, began=condition.began)
            for condition in established(question, key)
            if condition.clinical_status is not ClinicalStatus.RESOLVED
            and not is_over(condition, question.today)
        )
        if found is not None:
            yield question.found(key, condition_fact(question, key, found))


def ongoing_conditions(question: Question) -> Iterator[RiskFactorFound]:
    """Conditions that count while they last: alcohol (not in remission), tapeworm."""
    for key in ("fish-tapeworm", "nitrous-oxide"):
        found = earliest(ongoing(question, key))
        if found is not None:
            yield question.found(key, condition_fact(question, key, found))


def alcohol(question: Question) -> Iterator[RiskFactorFound]:
    """RF-ALCOHOL: an active use disorder, or AUDIT-C at or above the cut-off."""
    found = earliest(ongoing(question, "alcohol"))
    if found is not None:
        yield question.found("alcohol", condition_fact(question, "alcohol", found))
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


def _audit_c(question: Question) -> LabResult | None:
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


_AUTOIMMUNE_OR_B12 = (
    "pernicious-anaemia",
    "atrophic-gastritis",
    "coeliac",
    "autoimmune-thyroid",
    "type1-diabetes",
    "autoimmune-other",
)


def family_history(question: Question) -> Iterator[RiskFactorFound]:
    """RF-FAMILY: a first-degree relative with B12 deficiency or autoimmune disease."""
    key = "family-history"
    for relative in question.record.family_history:
        if relative.is_first_degree and any(
            wanted & relative.concepts for wanted in _run_in_families(question)
        ):
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
        for condition in established(question, key)
        if condition.clinical_status is not ClinicalStatus.RESOLVED
    )
    if found is not None:
        yield question.found(key, condition_fact(question, key, found))


def _run_in_families(question: Question) -> Iterator[frozenset[str]]:
    yield frozenset({concepts.B12_DEFICIENCY})
    yield from map(question.concepts_of, _AUTOIMMUNE_OR_B12)


def helicobacter(question: Question) -> Iterator[RiskFactorFound]:
    """RF-HPYLORI: active, or found within a year."""
    key = "h-pylori"
    within = question.knowledge.thresholds.history.h_pylori_within.days
    wanted = question.concepts_of(key)
    found = earliest(
        [
            *(
                Finding(item=condition, began=condition.began)
                for condition in established(question, key)
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
        yield question.found(key, condition_fact(question, key, found))


def pregnancy(question: Question) -> Iterator[RiskFactorFound]:
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


def previous_deficiency(question: Question) -> Iterator[RiskFactorFound]:
    """RF-PREVIOUS: a past B12 deficiency that is not on replacement now; without a
    status, one that is too old to be taken for a present one."""
    if question.replacement.is_current:
        return
    key = "previous-deficiency"
    within = question.knowledge.thresholds.companion.within.days
    past = {
        ClinicalStatus.INACTIVE,
        ClinicalStatus.RESOLVED,
        ClinicalStatus.REMISSION,
    }
    found = earliest(
        Finding(item=condition, began=condition.began)
        for condition in established(question, key)
        if condition.clinical_status in past
        or is_over(condition, question.today)
        or (
            condition.clinical_status is None
            and not is_present(condition, question.today, within)
        )
    )
    if found is not None:
        yield question.found(key, condition_fact(question, key, found))
