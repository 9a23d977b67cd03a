"""What differs between the profiles, and what is the same by intent (CLINICAL 2.12)."""

from decimal import Decimal

from service.clinical.knowledge import Knowledge
from service.knowledge_files import load_knowledge


US, UK = load_knowledge("us"), load_knowledge("uk")


def numbers(knowledge: Knowledge) -> dict[str, Decimal]:
    thresholds = knowledge.thresholds
    return {
        f"{group}.{name}": getattr(members, name).value
        for group, members in vars(thresholds).items()
        for name in type(members).model_fields
    }


def test_only_these_numbers_differ() -> None:
    us, uk = numbers(US), numbers(UK)
    assert {name: (us[name], uk[name]) for name in us if us[name] != uk[name]} == {
        "age.minimum": (18, 16),
        "history.audit_c_men": (4, 5),
        "history.audit_c_women": (3, 5),
        "marker.mma_raised_above": (378, 280),
    }


def test_total_b12_is_shown_in_the_unit_of_the_country() -> None:
    unit = "total_mass_deficient_below"
    assert getattr(US.thresholds.b12, unit).unit == "pg/mL"
    assert getattr(UK.thresholds.b12, unit).unit == "ng/L"


def test_the_first_test_is_ordered_by_mass_in_us_and_by_moles_in_uk() -> None:
    assert US.orders["b12-total"].code == "2132-9"
    assert UK.orders["b12-total"].code == "14685-2"


def test_both_profiles_know_the_same_rules_factors_and_causes() -> None:
    assert US.rules.keys() == UK.rules.keys()
    assert US.risk_factors.keys() == UK.risk_factors.keys()
    assert US.causes.keys() == UK.causes.keys()
    strengths = {key: factor.strength for key, factor in US.risk_factors.items()}
    assert strengths == {
        key: factor.strength for key, factor in UK.risk_factors.items()
    }


def test_the_numbers_of_the_specification() -> None:
    us = numbers(US)
    assert {name: us[name] for name in SPECIFIED} == SPECIFIED


SPECIFIED = {
    "age.supporting_risk": 65,
    "age.risk": 75,
    "cramp.undated_status_within": 365,
    "cramp.observation_within": 90,
    "exposure.merge_gap": 90,
    "exposure.metformin": 120,
    "exposure.metformin_stopped_within": 180,
    "exposure.metformin_high_dose": 1500,
    "exposure.metformin_high_dose_for": 180,
    "exposure.acid_suppressant": 365,
    "exposure.acid_suppressant_long": 730,
    "exposure.colchicine": 90,
    "exposure.anticonvulsant": 90,
    "history.diet_for": 365,
    "history.h_pylori_within": 365,
    "companion.within": 365,
    "companion.new_cognitive_decline_within": 365,
    "companion.mcv_above": 100,
    "companion.haemoglobin_below_men": 13,
    "companion.haemoglobin_below_women": 12,
    "companion.haemoglobin_below_pregnant": 11,
    "b12.total_mass_deficient_below": 180,
    "b12.total_mass_indeterminate_to": 350,
    "b12.total_moles_deficient_below": 133,
    "b12.total_moles_indeterminate_to": 258,
    "b12.active_deficient_below": 25,
    "b12.active_indeterminate_to": 70,
    "b12.result_within": 365,
    "b12.deficient_result_within": 730,
    "b12.not_after_injection_for": 14,
    "b12.implausible_below": 10,
    "b12.implausible_above": 50000,
    "b12.picomoles_per_picogram": Decimal("0.738"),
    "b12.high_above": 1000,
    "marker.mma_raised_above_in_renal_impairment": 750,
    "marker.mma_within": 365,
    "marker.egfr_impaired_below": 60,
    "marker.egfr_severe_below": 30,
    "marker.homocysteine_raised_above": 15,
    "marker.homocysteine_within": 90,
    "marker.folate_mass_low_below": 3,
    "marker.folate_moles_low_below": 7,
    "electrolyte.within": 30,
    "electrolyte.potassium_low_below": Decimal("3.5"),
    "electrolyte.potassium_severe_below": Decimal("2.5"),
    "electrolyte.potassium_high_from": 6,
    "electrolyte.potassium_critical_from": Decimal("6.5"),
    "electrolyte.magnesium_moles_low_below": Decimal("0.7"),
    "electrolyte.magnesium_moles_severe_below": Decimal("0.5"),
    "electrolyte.magnesium_mass_low_below": Decimal("1.7"),
    "electrolyte.magnesium_mass_severe_below": Decimal("1.2"),
    "electrolyte.calcium_moles_low_below": Decimal("2.2"),
    "electrolyte.calcium_moles_severe_below": Decimal("1.9"),
    "electrolyte.calcium_mass_low_below": Decimal("8.8"),
    "electrolyte.calcium_mass_severe_below": Decimal("7.6"),
    "differential.ck_upper_limit": 200,
    "differential.ck_raised_times": 5,
    "differential.ck_urgent_times": 10,
    "differential.tsh_low_below": Decimal("0.4"),
    "differential.tsh_high_above": Decimal("4.5"),
    "differential.hba1c_percent_from": Decimal("6.5"),
    "differential.hba1c_moles_from": 48,
    "differential.chemistry_missing_after": 90,
    "differential.endocrine_missing_after": 365,
    "treatment.parenteral_covers_for": 120,
    "treatment.courses_apart": 365,
    "treatment.oral_replacement_from": 50,
    "treatment.review_after": 90,
    "treatment.first_injection_within": 28,
    "treatment.last_injection_within": 14,
    "treatment.post_injection_potassium_within": 7,
    "treatment.post_injection_potassium_critical_below": 3,
    "treatment.folic_acid_from": 1,
    "treatment.pending_test_within": 90,
    "treatment.dismissal_within": 90,
}
