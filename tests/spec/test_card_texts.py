"""What the cards say: plain, short, in the spelling of the country, fitting."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from functools import cache

import pytest

import tests.spec
from cds_hooks.cards import Card
from service.clinical.evaluate import Evaluation, evaluate
from service.clinical.knowledge import ProfileName
from service.clinical.record import DataKind
from tests.spec.cards import cards_sent
from tests.spec.examples import Example, knowledge
from tests.spec.patients import TODAY, Person, adult


PROFILES: tuple[ProfileName, ...] = ("us", "uk")
MORE = "\n\n**More**\n\n"
LINES_BEFORE_MORE = 12

cramps = adult(50, "F").with_cramps()
crohn = cramps.with_condition("rf-crohn", days=900)
deficient = cramps.with_result("lab-b12-total", "120", "pg/mL")
metformin = cramps.taking("med-metformin", days=900)
inadequate = cramps.with_condition("rf-dietary-inadequacy")
vegan, vegetarian = cramps.eating("vegan"), cramps.eating("vegetarian")


def cards(patient: Person, profile: ProfileName = "us") -> dict[str, Card]:
    return cards_sent(evaluate(patient.record, knowledge(profile), TODAY))


def text(patient: Person, key: str, profile: ProfileName = "us") -> str:
    """The detail of one card, without the backslashes that make chart text inert."""
    return str(cards(patient, profile)[key].detail).replace("\\", "")


# Every patient of the specification, in both profiles.


def examples() -> Iterator[Example]:
    for module in pkgutil.iter_modules(tests.spec.__path__):
        if module.name.startswith("test_"):
            chapter = importlib.import_module(f"tests.spec.{module.name}")
            yield from getattr(chapter, "EXAMPLES", ())


@cache
def all_cards() -> tuple[tuple[str, str, ProfileName, Card], ...]:
    """Each example's sentence, the card's key, the profile and the card."""
    found = []
    for profile in PROFILES:
        for each in examples():
            answer: Evaluation = evaluate(
                each.patient.record, knowledge(profile), TODAY, moment=each.moment
            )
            for key, card in cards_sent(answer).items():
                found.append((each.sentence, key, profile, card))
    return tuple(found)


def test_the_examples_show_every_kind_of_card_in_both_countries() -> None:
    shown = {(key, profile) for _, key, profile, _ in all_cards()}
    assert shown == {(key, p) for p in PROFILES for key in knowledge(p).rules}


def test_no_card_has_more_than_twelve_lines_before_more() -> None:
    too_long = {
        f"{profile} {key}: {sentence}": lines
        for sentence, key, profile, card in all_cards()
        if (lines := lines_before_more(card)) > LINES_BEFORE_MORE
    }
    assert too_long == {}


def lines_before_more(card: Card) -> int:
    head, _, _ = str(card.detail).partition(MORE)
    return sum(1 for line in head.splitlines() if line.strip())


# A word that ends in a dollar sign ends there, but for a plural s.
BRITISH_WORDS = """
    anaemi haemo haema diarrhoea oestrogen coeliac neurone soya ionised litre oedema
    paraesthesi leukaemi behaviour colour favour labour honour centre fibre programme
    tumour paediatric gynaecolog orthopaedi anaesthe oesophag caecum normalis recognis
"""
AMERICAN_WORDS = """
    anemi hemoly hemoglobin diarrhea estrogen celiac neuron$ soy$ ionized liter$ edema$
    paresthesi leukemi behavior color favor labor$ honor center fiber program$
    tumor$ pediatric gynecolog orthopedi anesthe esophag cecum normaliz recogniz
"""


def words(block: str) -> re.Pattern[str]:
    each = (word.replace("$", r"s?\b") for word in block.split())
    return re.compile(rf"\b(?:{'|'.join(each)})", re.I)


FOREIGN = {"us": words(BRITISH_WORDS), "uk": words(AMERICAN_WORDS)}
NOT_OURS = re.compile(r"^- .*\((?:[A-Z]\w+/\w+.*)\)$|^- Sources: .*$", re.M)
"""Facts in the words of the chart, and titles of documents."""


@pytest.mark.parametrize(
    ("profile", "foreign", "own"),
    [
        ("us", "anaemia", "anemia"),
        ("us", "diarrhoea", "diarrhea"),
        ("us", "motor neurone disease", "motor neuron disease"),
        ("us", "soya milk", "soy milk"),
        ("uk", "anemia", "anaemia"),
        ("uk", "soy milk", "soya milk"),
        ("uk", "motor neuron disease", "motor neurone disease"),
        ("uk", "estrogens", "oestrogens"),
        ("uk", "program", "programme"),
    ],
)
def test_the_spelling_that_is_looked_for(profile: str, foreign: str, own: str) -> None:
    assert FOREIGN[profile].search(foreign)
    assert not FOREIGN[profile].search(own)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_card_keeps_to_the_spelling_of_its_country(profile: ProfileName) -> None:
    odd = {
        (key, found.group())
        for _, key, of, card in all_cards()
        if of == profile
        for part in (card.summary, NOT_OURS.sub("", str(card.detail)))
        for found in FOREIGN[profile].finditer(part)
    }
    assert odd == set()


def test_no_card_shouts() -> None:
    shouting = re.compile(r"!|\b[A-Z]{6,}\b|\b(?:WARNING|MUST|NEVER|STOP)\b")
    assert [
        (key, found.group())
        for _, key, _, card in all_cards()
        for part in (card.summary, NOT_OURS.sub("", str(card.detail)))
        if (found := shouting.search(part))
    ] == []


def test_no_card_says_the_same_line_twice() -> None:
    for sentence, key, _, card in all_cards():
        lines = [line for line in str(card.detail).splitlines() if line]
        assert len(lines) == len(set(lines)), (key, sentence)


REASONS = {
    "already-tested-elsewhere",
    "already-treated",
    "patient-declines",
    "not-clinically-appropriate",
    "cause-known",
    "end-of-life-care",
}
"""CLINICAL 2.9b: of all cards."""


def test_every_card_offers_override_reasons_and_states_its_limits() -> None:
    for _, key, _, card in all_cards():
        assert {reason.code for reason in card.override_reasons} == REASONS, key
        assert "Decision support only" in str(card.detail), key
        assert "Cramps have many causes" in str(card.detail), key
        assert "A normal blood count does not exclude" in str(card.detail), key


# Treatment by cause (2.10).

lhon = deficient.with_condition("leber-hereditary-optic-neuropathy")
TREATMENTS = [
    (
        "nerves involved",
        deficient.with_condition("sx-peripheral-neuropathy", days=50),
        "cyanocobalamin 1 mg IM daily or on alternate days",
        "hydroxocobalamin 1 mg IM on alternate days until no further improvement",
    ),
    (
        "not dietary, nerves not involved",
        deficient,
        "1 to 2 mg by mouth daily is as effective as injections for most",
        "1 mg IM three times a week for 2 weeks, then every 2 to 3 months",
    ),
    (
        "pernicious anaemia",
        deficient.with_condition("rf-pernicious-anaemia"),
        "100 µg IM daily for 6 to 7 days",
        "injections for life",
    ),
    (
        "gastrectomy",
        deficient.with_procedure("proc-gastrectomy"),
        "for life",
        "injections for life",
    ),
    (
        "ileal resection",
        deficient.with_procedure("proc-ileal-resection"),
        "for life",
        "injections for life",
    ),
    (
        "other malabsorption",
        deficient.with_condition("rf-coeliac"),
        "1 to 2 mg by mouth daily, or injections",
        "at least 1 mg daily",
    ),
    (
        "bariatric surgery",
        deficient.with_procedure("proc-bariatric"),
        "1 mg by mouth daily indefinitely",
        "follow the surgical team",
    ),
    (
        "diet",
        deficient.eating("vegan"),
        "until replete, then fortified food or a supplement",
        "50 to 150 micrograms daily between meals",
    ),
    (
        "metformin",
        deficient.taking("med-metformin", days=900),
        "continue metformin if tolerated; test periodically",
        "continue metformin if tolerated",
    ),
    (
        "acid suppression",
        deficient.taking("med-ppi", days=900),
        "review whether the medicine is still needed",
        "review whether the medicine is still needed",
    ),
    (
        "nitrous oxide",
        deficient.with_condition("rf-nitrous-oxide-misuse", days=30),
        "B12 is commonly given by injection",
        "by mouth or injection, by preference",
    ),
    (
        "Leber hereditary optic neuropathy",
        lhon,
        "avoid cyanocobalamin; use hydroxocobalamin",
        "avoid cyanocobalamin; use hydroxocobalamin",
    ),
    (
        "hereditary disorder",
        deficient.with_condition("rf-hereditary-cobalamin"),
        "treatment by a specialist",
        "treatment by a specialist",
    ),
    (
        "allergy",
        deficient,
        "Allergy to cobalt or cobalamins: avoid",
        "Allergy to cobalt or cobalamins: avoid",
    ),
    (
        "review",
        deficient,
        "Review after 2 to 3 months",
        "Review after 3 months (1 month in pregnancy or breastfeeding)",
    ),
    (
        "cause",
        deficient,
        "Helicobacter pylori and autoimmune gastritis antibodies",
        "intrinsic factor antibody",
    ),
]


@pytest.mark.parametrize(
    ("patient", "us", "uk"),
    [pytest.param(*case[1:], id=case[0]) for case in TREATMENTS],
)
def test_treatment_is_told_by_cause_and_country(
    patient: Person, us: str, uk: str
) -> None:
    assert us in text(patient, "b12-treatment-gap", "us")
    assert uk in text(patient, "b12-treatment-gap", "uk")


CAUSE_OF_ITS_OWN = {
    "for life": "other malabsorption",
    "Due to metformin": "diet",
    "Due to acid suppression": "metformin",
    "After bariatric surgery": "pernicious anaemia",
    "Dietary:": "metformin",
    "Nitrous oxide: stop use": "diet",
    "Leber": "cause",
    "Hereditary cobalamin": "cause",
    "Nerves involved": "diet",
    "Not dietary": "nerves involved",
}


@pytest.mark.parametrize(("line", "not_with"), CAUSE_OF_ITS_OWN.items())
@pytest.mark.parametrize("profile", PROFILES)
def test_treatment_of_another_cause_is_not_told(
    line: str, not_with: str, profile: ProfileName
) -> None:
    patient = next(case[1] for case in TREATMENTS if case[0] == not_with)
    assert line not in text(patient, "b12-treatment-gap", profile)


# Food by what suits (2.11).

ANIMAL_FOOD = re.compile(
    r"\b(?:dairy|yogurt|cheese|eggs?|yolk|fish|salmon|trout|tuna|haddock|clams|mussels"
    r"|oysters|meat|beef|pork|ham|lamb|poultry|liver|kidney)\b",
    re.I,
)
OWN_SOURCES = re.compile(r"^- .*\((?:\w+/|AAFP|Vegan Society).*$|^- Sources.*$", re.M)


def foods_named(patient: Person, profile: ProfileName = "us") -> set[str]:
    """The animal foods that the diet card advises."""
    advice = text(patient, "b12-diet-advice", profile)
    for aside in ("Suitable food", "Pregnancy: no liver", "rather than meat"):
        advice = re.sub(rf"^- .*{aside}.*$", "", advice, flags=re.M)
    advice = OWN_SOURCES.sub("", advice)
    return {found.group().lower() for found in ANIMAL_FOOD.finditer(advice)}


DAIRY = {"dairy", "yogurt", "cheese"}
EGGS = {"eggs", "yolk"}
FISH = {"fish", "trout", "salmon", "tuna", "haddock"}
SHELLFISH = {"clams", "mussels", "oysters"}
MEAT = {"meat", "beef", "pork", "ham", "lamb", "poultry"}
LIVER = {"liver", "kidney"}

SUITABLE = [
    ("a vegan eats none", vegan, set()),
    (
        "a vegan with an eating disorder eats none",
        vegan.with_condition("rf-dietary-inadequacy"),
        set(),
    ),
    ("a vegetarian: dairy and eggs", vegetarian, DAIRY | EGGS),
    (
        "a vegetarian allergic to egg: dairy",
        vegetarian.allergic_to("egg"),
        DAIRY,
    ),
    (
        "a vegetarian allergic to milk: eggs",
        vegetarian.allergic_to("milk"),
        EGGS,
    ),
    (
        "a poor intake of any food",
        inadequate,
        DAIRY | EGGS | FISH | SHELLFISH | MEAT | LIVER,
    ),
    (
        "a pescatarian with a poor intake: no meat",
        inadequate.eating("pescatarian"),
        DAIRY | EGGS | FISH | SHELLFISH,
    ),
    (
        "a vegetarian for a month with a poor intake: dairy and eggs",
        inadequate.eating("vegetarian", days=30),
        DAIRY | EGGS,
    ),
    (
        "a poor intake in pregnancy: no liver",
        inadequate.with_condition("state-pregnancy", days=60),
        DAIRY | EGGS | FISH | SHELLFISH | MEAT,
    ),
    (
        "allergic to milk and fish: eggs and meat",
        cramps.allergic_to("milk", "fish"),
        EGGS | MEAT | LIVER,
    ),
]


@pytest.mark.parametrize(
    ("patient", "foods"), [pytest.param(p, f, id=s) for s, p, f in SUITABLE]
)
@pytest.mark.parametrize("profile", PROFILES)
def test_only_food_that_suits_is_advised(
    patient: Person, foods: set[str], profile: ProfileName
) -> None:
    assert foods_named(patient, profile) == foods


@pytest.mark.parametrize("profile", PROFILES)
def test_in_pregnancy_liver_and_raw_shellfish_are_advised_against(
    profile: ProfileName,
) -> None:
    said = text(
        vegetarian.with_condition("state-pregnancy", days=60),
        "b12-diet-advice",
        profile,
    )
    assert "no liver (retinol) and no raw shellfish" in said


DIET_LINES = [
    (vegan, "at least twice a day, 3 µg in all", "twice a day, 3 micrograms in all"),
    (vegan, "10 µg daily, or 2000 µg weekly", "10 micrograms daily, or 2000 microg"),
    (vegan, "almond or soy milk", "almond or soya milk"),
    (vegan, "read the label", "read the label"),
    (vegan, "Daily need: 2.4 µg; 2.6 in pregnancy, 2.8", "1.5 micrograms for adults"),
    (
        adult(70).with_cramps().eating("vegan"),
        "absorbed more easily than that of meat",
        "absorbed more easily than that of meat",
    ),
    (
        vegan.taking("med-ppi", days=900),
        "With acid suppression: fortified food",
        "With acid suppression: fortified food",
    ),
    (
        vegan.taking("med-metformin", days=900),
        "With metformin: fortified food",
        "With metformin: fortified food",
    ),
    *(
        (
            patient,
            "diet is not sufficient; replacement is needed",
            "diet is not sufficient; replacement is needed",
        )
        for patient in (
            vegan.with_condition("rf-crohn"),
            vegan.with_procedure("proc-gastrectomy"),
            vegan.with_procedure("proc-bariatric"),
        )
    ),
    (
        vegan.with_condition("state-breastfeeding"),
        "depends on the mother's intake",
        "depends on the mother's intake",
    ),
    (
        vegan.with_condition("rf-alcohol"),
        "Alcohol use disorder: nutrition support",
        "Alcohol use disorder: nutrition support",
    ),
]


@pytest.mark.parametrize(("patient", "us", "uk"), DIET_LINES)
def test_advice_on_food_fits_the_person(patient: Person, us: str, uk: str) -> None:
    assert us in text(patient, "b12-diet-advice", "us")
    assert uk in text(patient, "b12-diet-advice", "uk")


# What is printed beside the recommendation.

REMARKS = [
    (
        "an unknown start",
        cramps.taking("med-metformin"),
        "b12-screen",
        "start date not recorded",
    ),
    (
        "an unspecific code of deficiency",
        cramps.with_condition(
            "b12-deficiency-diagnosed", codes=frozenset({"icd10cm|E53.8"})
        ),
        "b12-treatment-gap",
        "(recorded as E53.8)",
    ),
    (
        "an unspecific code of a past deficiency",
        cramps.with_condition(
            "b12-deficiency-diagnosed",
            status="resolved",
            codes=frozenset({"icd10cm|E53.8"}),
        ),
        "b12-screen",
        "(recorded as E53.8)",
    ),
    (
        "an unspecific inhalant",
        cramps.with_condition(
            "rf-nitrous-oxide-misuse", days=60, codes=frozenset({"icd10cm|F18.10"})
        ),
        "b12-nitrous-oxide",
        "inhalant use (possible nitrous oxide)",
    ),
    (
        "folic acid of unknown dose",
        crohn.taking("med-folic-acid"),
        "b12-screen",
        "Folic acid is recorded without a dose",
    ),
    (
        "folic acid of unknown dose beside a deficient result",
        deficient.taking("med-folic-acid"),
        "b12-treatment-gap",
        "Folic acid is recorded without a dose",
    ),
    (
        "restless legs",
        crohn.with_condition("sx-rls"),
        "b12-screen",
        "not a painful contraction; check ferritin",
    ),
    ("diabetes", metformin.with_condition("ddx-diabetes"), "b12-screen", "Diabetes is"),
    (
        "neuropathy in diabetes",
        metformin.with_condition("ddx-diabetes").with_condition(
            "sx-peripheral-neuropathy", days=50
        ),
        "b12-screen",
        "may be B12-related, above all on metformin",
    ),
    (
        "neuropathy that is diabetic by its name",
        metformin.with_condition(
            "sx-peripheral-neuropathy", days=50, label="Diabetic polyneuropathy"
        ),
        "b12-screen",
        "may be B12-related, above all on metformin",
    ),
    (
        "neuropathy in diabetes of type 1",
        metformin.with_condition("rf-type1-diabetes", days=5000).with_condition(
            "sx-peripheral-neuropathy", days=50
        ),
        "b12-screen",
        "may be B12-related, above all on metformin",
    ),
    (
        "pregnancy",
        cramps.with_condition("state-pregnancy", days=60).taking("med-statin"),
        "cramp-differential",
        "cramps are common in it",
    ),
    ("biotin", deficient, "b12-treatment-gap", "Biotin of 5 mg a day or more"),
    (
        "biotin on a borderline result",
        cramps.with_result("lab-b12-total", "250", "pg/mL"),
        "b12-indeterminate",
        "Biotin of 5 mg a day or more",
    ),
    (
        "ethnicity",
        cramps.with_result("lab-b12-total", "250", "pg/mL"),
        "b12-indeterminate",
        "people of Black ethnicity",
    ),
    (
        "higher risk",
        cramps.taking("med-metformin", days=1500),
        "b12-screen",
        "higher risk",
    ),
    (
        "creatine kinase above ten times",
        cramps.taking("med-statin").with_result("lab-ck", "2001", "U/L", high="200"),
        "cramp-differential",
        "stop the statin",
    ),
    (
        "creatine kinase above five times",
        cramps.taking("med-statin").with_result("lab-ck", "2000", "U/L", high="200"),
        "cramp-differential",
        "review statin and exertion",
    ),
    (
        "a very high methylmalonic acid",
        cramps.with_result("lab-mma", "800", "nmol/L"),
        "b12-treatment-gap",
        "above 750 nmol/L is highly suggestive",
    ),
]


@pytest.mark.parametrize(
    ("patient", "key", "said"), [pytest.param(*r[1:], id=r[0]) for r in REMARKS]
)
@pytest.mark.parametrize("profile", PROFILES)
def test_a_remark_on_the_card(
    patient: Person, key: str, said: str, profile: ProfileName
) -> None:
    assert said.casefold() in text(patient, key, profile).casefold()


def test_folic_acid_of_known_small_dose_is_not_remarked_on() -> None:
    taking = crohn.taking("med-folic-acid", mg_daily=0.4)
    assert "Folic acid" not in text(taking, "b12-screen")


def test_folic_acid_that_was_stopped_is_not_remarked_on() -> None:
    stopped = crohn.taking("med-folic-acid", days=300, stopped=20)
    assert "Folic acid" not in text(stopped, "b12-screen")


def test_diabetes_and_restless_legs_are_told_on_the_first_card_only() -> None:
    both = (
        metformin.with_condition("ddx-diabetes")
        .with_condition("sx-rls")
        .taking("med-statin")
    )
    assert list(cards(both)) == ["b12-screen", "cramp-differential"]
    assert "Diabetes is recorded" in text(both, "b12-screen")
    assert "Restless legs are" in text(both, "b12-screen")
    assert "Diabetes is recorded" not in text(both, "cramp-differential")
    assert "Restless legs are" not in text(both, "cramp-differential")


def test_neither_diabetes_nor_restless_legs_is_mentioned_without_a_record() -> None:
    said = text(crohn, "b12-screen")
    assert "Diabetes is recorded" not in said
    assert "Restless legs" not in said


def test_what_is_both_a_diagnosis_and_a_risk_factor_stands_on_the_card_once() -> None:
    patient = cramps.with_condition("rf-pernicious-anaemia", label="pernicious anemia")
    assert text(patient, "b12-treatment-gap").count("- Pernicious anemia") == 1


def test_what_was_not_considered_is_named() -> None:
    said = text(crohn.without(DataKind.MEDICATIONS), "b12-screen")
    assert "Not considered, because it could not be had: medications." in said


def test_what_could_not_be_read_is_named() -> None:
    without_unit = crohn.with_result("lab-b12-total", "150", None)
    said = (
        "Could not be read, in whole or in part: Observation/1"
        " (B12 result not interpretable: the unit is missing or unknown)."
    )
    assert said in text(without_unit, "b12-screen").replace("\\", "")
    assert "Could not be read" not in text(crohn, "b12-screen")


def test_the_words_of_the_country_stand_in_the_source_label() -> None:
    us, uk = cards(crohn, "us")["b12-screen"], cards(crohn, "uk")["b12-screen"]
    assert "AAFP" in us.source.label
    assert "NICE NG239" in uk.source.label
