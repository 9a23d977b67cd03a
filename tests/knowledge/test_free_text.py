"""What free text is taken to mean, and what it is not (CLINICAL T-4 and others)."""

import re

import pytest

from service.knowledge_files import TerminologySource


def means(concept: str, text: str, terminology: TerminologySource) -> bool:
    pattern = terminology.text_patterns[concept]
    return any(re.search(p, text, re.IGNORECASE) for p in pattern.any_of) and not any(
        re.search(p, text, re.IGNORECASE) for p in pattern.none_of
    )


CRAMPS = """
    Leg cramps
    muscle spasm
    nocturnal leg cramps
    Calf cramp at night
    Muscle cramping after exercise
    charley horse
    Cramps in both legs
    spasm of the right foot
    Toe cramps, no numbness
    No fever. Leg cramps at night
    no swelling but leg cramps
    night cramps not relieved by stretching
    Not sleeping because of leg cramps
    No relief from magnesium for leg cramps
    No injury, leg cramps at night
    Never had leg cramps like this before
    Without warning, severe leg cramps
    Family history unremarkable, leg cramps nightly
    Not only leg cramps but numbness
"""
NO_CRAMPS = """
    menstrual cramps
    stomach cramps at night
    Abdominal muscle spasm
    writer's cramp of the hand
    eyelid spasm, muscle
    No leg cramps
    Denies leg cramps
    denies numbness, tingling or leg cramps
    without muscle spasm
    Negative for muscle cramps
    leg cramps: none
    leg cramps - denied
    family history of leg cramps
    no numbness, tingling or leg cramps
    No nocturnal leg cramps
    No history of muscle cramps
    no new or worsening leg cramps
    Never had leg cramps
    non-cramping leg pain
    I have a cramp
    Restless legs
    period pain with leg cramps
"""


def lines(block: str) -> list[str]:
    return [line.strip() for line in block.strip().splitlines()]


@pytest.mark.parametrize("text", lines(CRAMPS))
def test_words_that_are_a_muscle_cramp(
    text: str, terminology: TerminologySource
) -> None:
    assert means("cramp-trigger", text, terminology)


@pytest.mark.parametrize("text", lines(NO_CRAMPS))
def test_words_that_are_no_muscle_cramp(
    text: str, terminology: TerminologySource
) -> None:
    assert not means("cramp-trigger", text, terminology)


@pytest.mark.parametrize(
    ("text", "diets"),
    [
        ("Vegan", {"diet-vegan"}),
        ("vegan diet since 2019", {"diet-vegan"}),
        ("Non-vegan", {"diet-other"}),
        ("not vegan", {"diet-other"}),
        ("no longer a vegan", {"diet-other"}),
        ("formerly vegan", set()),
        ("Vegetarian", {"diet-vegetarian"}),
        ("lacto-ovo-vegetarian diet", {"diet-vegetarian"}),
        ("non-vegetarian", {"diet-other"}),
        ("Pescatarian", {"diet-pescatarian"}),
        ("pescovegetarian diet", {"diet-pescatarian"}),
        ("pesco-vegetarian", {"diet-pescatarian"}),
        ("semi-vegetarian", set()),
        ("Flexitarian", {"diet-other"}),
        ("omnivore", {"diet-other"}),
        ("Regular diet", {"diet-other"}),
        ("eats fortified cereals daily", {"diet-fortified-food"}),
        ("takes nutritional yeast", {"diet-fortified-food"}),
        ("does not eat fortified foods", set()),
    ],
)
def test_words_for_a_diet(
    text: str, diets: set[str], terminology: TerminologySource
) -> None:
    known = [name for name in terminology.text_patterns if name.startswith("diet-")]
    assert {name for name in known if means(name, text, terminology)} == diets


@pytest.mark.parametrize(
    ("text", "is_first_degree"),
    [
        ("mother", True),
        ("Natural father", True),
        ("MTH", True),
        ("NSIS", True),
        ("sibling", True),
        ("grandmother", False),
        ("Maternal aunt", False),
        ("half-brother", False),
        ("stepmother", False),
        ("mother-in-law", False),
        ("adopted son", False),
        ("MGRMTH", False),
        ("uncle", False),
    ],
)
def test_words_for_a_first_degree_relative(
    text: str, is_first_degree: bool, terminology: TerminologySource
) -> None:
    assert means("first-degree-relative", text, terminology) is is_first_degree


@pytest.mark.parametrize(
    ("concept", "text", "is_meant"),
    [
        ("body-site-not-limb", "Stomach", True),
        ("body-site-not-limb", "lower abdomen", True),
        ("body-site-not-limb", "left eyelid", True),
        ("body-site-not-limb", "left calf", False),
        ("body-site-abdomen-or-pelvis", "pelvis", True),
        ("body-site-abdomen-or-pelvis", "radiotherapy to prostate", True),
        ("body-site-abdomen-or-pelvis", "left breast", False),
        ("body-site-abdomen-or-pelvis", "cervical spine", False),
        ("allergy-milk", "Cow's milk", True),
        ("allergy-milk", "lactose intolerance (milk)", False),
        ("allergy-milk", "coconut milk", False),
        ("allergy-egg", "Egg white", True),
        ("allergy-egg", "eggplant", False),
        ("allergy-fish", "Shellfish", True),
        ("allergy-fish", "selfish", False),
        ("leber-hereditary-optic-neuropathy", "Leber's optic atrophy", True),
        (
            "leber-hereditary-optic-neuropathy",
            "Leber hereditary optic neuropathy (LHON)",
            True,
        ),
        ("leber-hereditary-optic-neuropathy", "Leber congenital amaurosis", False),
        ("order-b12", "Vitamin B12, serum", True),
        ("order-b12", "Holotranscobalamin", True),
        ("order-b12", "Vitamin B12 injection", False),
        ("order-b12", "Vitamin B12 binding capacity", False),
    ],
)
def test_words_for_places_foods_and_tests(
    concept: str, text: str, is_meant: bool, terminology: TerminologySource
) -> None:
    assert means(concept, text, terminology) is is_meant
