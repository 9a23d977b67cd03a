"""What the codes of each list must make true: one entry for each ValueSet.

An entry says how a code is put into a chart, what else stands in that chart, and which
facts are then true: all of them, and no other. A code of several lists makes the facts
of all of them true; which lists may share codes is said in ``OVERLAPS``.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.wiring.charts import (
    CRAMP,
    IRRADIATED,
    LONG_AGO,
    PARESTHESIA,
    STOMACH,
    Json,
    answer,
    coded,
    condition,
    injected,
    medicine,
    ordered,
    procedure,
    result,
    undated,
)


@dataclass(frozen=True, kw_only=True)
class Wire:
    """How the codes of one list are put to the test.

    ``put`` makes the resource. ``beside`` stands in the chart as well, and makes
    ``before`` true by itself. With the code, ``true`` is true too, and what it
    ``replaces`` no longer is. A list that makes nothing true says in ``why`` what it
    is there for. ``stands_alone``: its codes count in a place of their own, such as a
    body site, where other lists are not asked.
    """

    put: Callable[[Json], Json] = condition
    true: frozenset[str] = frozenset()
    beside: tuple[Json, ...] = ()
    before: frozenset[str] = frozenset()
    replaces: frozenset[str] = frozenset()
    stands_alone: bool = False
    why: str = ""


def facts(*names: str) -> frozenset[str]:
    return frozenset(names)


def wire(*names: str, **elements: object) -> Wire:
    return Wire(true=frozenset(names), **elements)  # type: ignore[arg-type]  # passed on


def lab(value: float, unit: str, *names: str) -> Wire:
    return Wire(put=lambda concept: result(concept, value, unit), true=frozenset(names))


def drug(*names: str) -> Wire:
    return Wire(put=medicine, true=frozenset(names))


def surgery(key: str) -> Wire:
    return Wire(put=operation, true=facts(f"risk:{key}"))


def operation(concept: Json) -> Json:
    """A procedure; what ICD-10-CM has is the state after it, a Condition."""
    is_state = "icd-10" in concept["coding"][0]["system"]
    return condition(concept) if is_state else procedure(concept)


def unused(why: str, put: Callable[[Json], Json] = condition) -> Wire:
    return Wire(put=put, why=why)


def egg() -> Json:
    return condition(coded("icd10cm", "Z91.012"))


def milk() -> Json:
    return condition(coded("icd10cm", "Z91.011"))


def vegetarian_once() -> Json:
    return answer(coded("snomed", "765021002"), LONG_AGO)


def vegan() -> Json:
    return undated(coded("snomed", "1255165006"))


NUMB = facts("companion:paresthesia")
DECLINE = "red-flag-2:new-cognitive-decline"

WIRES: dict[str, Wire] = {
    # the trigger
    "cramp-trigger": wire("cramps"),
    "cramp-trigger-generic": wire("cramps"),
    "cramp-trigger-weak": wire(
        "twitching", beside=(condition(PARESTHESIA),), before=NUMB
    ),
    "cramp-excluded": Wire(
        put=lambda concept: condition(CRAMP, concept),
        why="the resource that has such a code is no cramp, whatever else it is",
    ),
    "body-site-not-limb": Wire(
        put=lambda site: condition(CRAMP, bodySite=[site]),
        stands_alone=True,
        why="the cramp of such a site does not count",
    ),
    "body-site-abdomen-or-pelvis": Wire(
        put=lambda site: condition(IRRADIATED, bodySite=[site]),
        stands_alone=True,
        true=facts("risk:radiotherapy"),
    ),
    # companion symptoms and red flags
    "sx-paresthesia-numbness": wire("companion:paresthesia"),
    "sx-peripheral-neuropathy": wire("companion:neuropathy"),
    "sx-balance-gait-ataxia": wire("companion:balance-gait"),
    "sx-muscle-weakness": wire("companion:weakness"),
    "sx-fatigue": wire("companion:fatigue"),
    "sx-cognitive": wire("companion:cognitive", DECLINE),
    "sx-acute-confusion": wire("companion:confusion", "red-flag-2:confusion"),
    "sx-mood": wire("companion:mood"),
    "sx-psychosis": wire("companion:psychosis", "red-flag-2:psychosis"),
    "sx-glossitis-mouth": wire("companion:glossitis-mouth"),
    "sx-vision": wire("companion:vision"),
    "sx-anaemia-macrocytosis": wire("companion:anaemia-macrocytosis"),
    "sx-rls": wire("note:restless-legs"),
    "sx-palpitations": wire(
        "post-injection:critical",
        beside=(condition(CRAMP, onsetDateTime="2025-06-27"), injected()),
        before=facts("cramps", "injections", "on-b12", "post-injection:warning"),
        replaces=facts("post-injection:warning"),
    ),
    "redflag-myelopathy-optic": wire("red-flag-1:myelopathy-or-optic-neuropathy"),
    "redflag-myelopathy": wire("companion:neuropathy"),
    "redflag-scotoma-optic-atrophy": wire("red-flag-1:scotoma-or-optic-atrophy"),
    "redflag-ataxia": wire("companion:ataxia", "red-flag-1:ataxia"),
    "redflag-sphincter-paresis": wire(
        "red-flag-1:sphincter-or-paresis",
        beside=(condition(PARESTHESIA),),
        before=NUMB,
    ),
    # risk factors
    "rf-pernicious-anaemia": wire("risk:pernicious-anaemia", "diagnosed"),
    "b12-deficiency-diagnosed": wire("diagnosed"),
    "rf-atrophic-gastritis": wire("risk:atrophic-gastritis"),
    "rf-crohn": wire("risk:crohn"),
    "rf-malabsorption-other": wire("risk:malabsorption"),
    "rf-coeliac": wire("risk:coeliac"),
    "rf-autoimmune-thyroid": wire("risk:autoimmune-thyroid"),
    "rf-type1-diabetes": wire("risk:type1-diabetes"),
    "rf-autoimmune-other": wire("risk:autoimmune-other"),
    "rf-alcohol": wire("risk:alcohol"),
    "rf-nitrous-oxide-misuse": wire("risk:nitrous-oxide"),
    "rf-abdominal-pelvic-radiotherapy": wire("risk:radiotherapy"),
    "history-of-irradiation": Wire(
        put=lambda concept: condition(concept, bodySite=[STOMACH]),
        true=facts("risk:radiotherapy"),
    ),
    "rf-family-history": wire("risk:family-history"),
    "rf-hereditary-cobalamin": wire("risk:hereditary-cobalamin"),
    "rf-fish-tapeworm": wire("risk:fish-tapeworm"),
    "rf-h-pylori": wire("risk:h-pylori"),
    "rf-dietary-inadequacy": wire("risk:dietary-inadequacy"),
    "proc-bariatric": surgery("bariatric-surgery"),
    "proc-gastrectomy": surgery("gastrectomy"),
    "proc-ileal-resection": surgery("ileal-resection"),
    "proc-small-bowel-resection-unspecified": surgery("small-bowel-resection"),
    "diet-vegan": Wire(put=undated, true=facts("risk:vegan")),
    "diet-vegetarian": Wire(put=undated, true=facts("risk:vegetarian")),
    "diet-pescatarian": Wire(
        put=answer,
        beside=(vegetarian_once(),),
        before=facts("risk:vegetarian"),
        replaces=facts("risk:vegetarian"),
    ),
    "diet-other": Wire(
        put=answer,
        beside=(vegetarian_once(),),
        before=facts("risk:vegetarian"),
        replaces=facts("risk:vegetarian"),
    ),
    "allergy-milk": wire("risk:dietary-inadequacy", beside=(egg(),)),
    "allergy-egg": wire("risk:dietary-inadequacy", beside=(milk(),)),
    "allergy-fish": wire("risk:dietary-inadequacy", beside=(milk(),)),
    # states
    "state-pregnancy": wire("pregnancy", "risk:pregnancy"),
    "state-breastfeeding": wire("risk:breastfeeding"),
    "suppress-palliative": wire("palliative"),
    "leber-hereditary-optic-neuropathy": wire("note:leber"),
    "order-b12": Wire(put=ordered, true=facts("pending")),
    # other causes
    "ddx-cirrhosis": wire("cause:cirrhosis"),
    "ddx-ckd-dialysis": wire("cause:ckd", "note:renal-impairment"),
    "ddx-dialysis": Wire(
        true=facts("mma:inconclusive"),
        beside=(result(coded("loinc", "13964-2"), 9000, "nmol/L"),),
        before=facts("mma:raised", "b12:deficient"),
        replaces=facts("mma:raised", "b12:deficient"),
    ),
    "ddx-dehydration-heat-overuse": wire("cause:dehydration-heat-overuse"),
    "ddx-diabetes": wire("note:diabetes"),
    "ddx-electrolyte": wire("cause:electrolyte"),
    "ddx-motor-neuron-muscle": wire("cause:motor-neuron-muscle"),
    "ddx-nerve-compression": wire("cause:nerve-compression"),
    "ddx-peripheral-arterial": wire("cause:peripheral-arterial"),
    "ddx-thyroid": wire("cause:thyroid"),
    # medicines
    "med-metformin": drug("risk:metformin"),
    "med-ppi": drug("risk:ppi"),
    "med-h2ra": drug("risk:h2ra"),
    "med-colchicine": drug("risk:colchicine"),
    "med-anticonvulsant-b12": drug("risk:anticonvulsant"),
    "med-anticonvulsant-other": drug("risk:anticonvulsant-other"),
    "med-b12": drug("on-b12"),
    "med-b12-parenteral": drug("on-b12", "injections"),
    "med-multivitamin-b-complex": Wire(
        put=medicine,
        true=facts("risk:vegan-supplemented"),
        beside=(vegan(),),
        before=facts("risk:vegan"),
        replaces=facts("risk:vegan"),
    ),
    "med-folic-acid": drug("folic-acid"),
    "med-diuretic": drug("cause:diuretic"),
    "med-statin": drug("cause:statin"),
    "med-laba": drug("cause:laba"),
    "med-raloxifene": drug("cause:raloxifene"),
    "med-nifedipine": drug("cause:nifedipine"),
    "med-conjugated-oestrogens": drug("cause:conjugated-oestrogens"),
    "med-naproxen": drug("cause:naproxen"),
    "med-teriparatide": drug("cause:teriparatide"),
    "med-nitrous-oxide": unused(
        "one medical exposure is no risk factor: known, and not counted", medicine
    ),
    # laboratory tests
    "lab-b12-total": lab(150, "pg/mL", "b12:deficient"),
    "lab-holotc": lab(20, "pmol/L", "b12:deficient"),
    "lab-mma": lab(500, "nmol/L", "mma:raised", "b12:deficient"),
    "lab-homocysteine": lab(30, "umol/L", "homocysteine:raised"),
    "lab-potassium": lab(3.0, "mmol/L", "potassium:low", "measured:potassium"),
    "lab-magnesium": lab(0.5, "mmol/L", "magnesium:low", "measured:magnesium"),
    "lab-calcium": lab(2.0, "mmol/L", "calcium:low", "measured:calcium"),
    "lab-calcium-adjusted": lab(2.0, "mmol/L", "calcium:low", "measured:calcium"),
    "lab-creatinine": lab(90, "umol/L", "measured:creatinine"),
    "lab-egfr": lab(
        40, "mL/min/{1.73_m2}", "note:renal-impairment", "measured:creatinine"
    ),
    "lab-ck": lab(1500, "U/L", "ck:raised", "measured:ck"),
    "lab-tsh": lab(9, "mIU/L", "note:tsh-abnormal", "measured:tsh"),
    "lab-hba1c": lab(8, "%", "note:hba1c-high", "measured:hba1c"),
    "lab-folate": lab(2, "ng/mL", "note:folate-low"),
    "lab-hemoglobin": lab(9, "g/dL", "companion:anaemia-macrocytosis"),
    "lab-mcv": lab(110, "fL", "companion:anaemia-macrocytosis"),
    "lab-hypersegmented-neutrophils": lab(6, "%", "note:hypersegmented"),
    "lab-ferritin": lab(80, "ng/mL", "measured:ferritin"),
    "lab-audit-c": lab(8, "{score}", "risk:alcohol"),
    "lab-calcium-ionised": unused(
        "kept apart from total calcium, whose limits it must not be held against",
        lambda concept: result(concept, 0.5, "mmol/L"),
    ),
    "lab-albumin": unused(
        "for a reader of the chart: calcium is not adjusted by us",
        lambda concept: result(concept, 20, "g/L"),
    ),
    "lab-sodium": unused(
        "for a reader of the chart: no rule compares it",
        lambda concept: result(concept, 120, "mmol/L"),
    ),
    "lab-cbc-panel": unused(
        "a panel's results are Observations of their own",
        lambda concept: result(concept, 1, "1"),
    ),
}


OVERLAPS: dict[tuple[str, ...], str] = {
    (
        "b12-deficiency-diagnosed",
        "redflag-myelopathy",
        "redflag-myelopathy-optic",
    ): "subacute combined degeneration (60576007) is deficiency of the spinal cord",
    (
        "b12-deficiency-diagnosed",
        "rf-hereditary-cobalamin",
    ): "anaemia by a hereditary disorder (D51.1, D51.2) is deficiency and its cause",
    (
        "b12-deficiency-diagnosed",
        "rf-malabsorption-other",
    ): "deficiency by malabsorption is both",
    (
        "b12-deficiency-diagnosed",
        "rf-pernicious-anaemia",
    ): "D51.0 is deficiency anaemia by lack of intrinsic factor",
    (
        "b12-deficiency-diagnosed",
        "sx-glossitis-mouth",
    ): "glossitis by B12 deficiency (403453004) is deficiency and its sign",
    (
        "b12-deficiency-diagnosed",
        "sx-peripheral-neuropathy",
    ): "neuropathy by B12 deficiency (699258007) is deficiency and its sign",
    (
        "body-site-abdomen-or-pelvis",
        "body-site-not-limb",
    ): "the belly is no limb, and is where radiotherapy matters",
    (
        "cramp-excluded",
        "ddx-peripheral-arterial",
    ): "claudication is no cramp of ours, and a cause to think of",
    (
        "cramp-trigger",
        "cramp-trigger-generic",
    ): "a part: the codes whose body site is asked",
    (
        "cramp-trigger-weak",
        "ddx-dehydration-heat-overuse",
    ): "a heat cramp names its cause",
    ("ddx-cirrhosis", "rf-alcohol"): "alcoholic cirrhosis is both",
    ("ddx-ckd-dialysis", "ddx-dialysis"): "a part: dialysis",
    (
        "ddx-dehydration-heat-overuse",
        "ddx-motor-neuron-muscle",
    ): "rhabdomyolysis is overuse and disease of muscle",
    ("ddx-diabetes", "rf-type1-diabetes"): "type 1 diabetes is both",
    (
        "ddx-diabetes",
        "sx-peripheral-neuropathy",
    ): "diabetic neuropathy may be B12-related as well",
    (
        "ddx-thyroid",
        "rf-autoimmune-thyroid",
    ): "Graves disease is autoimmune and a disordered function",
    ("lab-b12-total", "order-b12"): "the same code names the result and the order",
    ("lab-holotc", "order-b12"): "the same code names the result and the order",
    ("lab-calcium", "lab-calcium-adjusted"): "a part: adjusted for albumin",
    ("med-b12", "med-b12-parenteral"): "a part: by injection",
    (
        "proc-gastrectomy",
        "rf-malabsorption-other",
    ): "a postgastric surgery syndrome (K91.1) tells of both",
    (
        "proc-small-bowel-resection-unspecified",
        "rf-malabsorption-other",
    ): "postsurgical malabsorption (K91.2) tells of both",
    ("redflag-ataxia", "sx-balance-gait-ataxia"): "a part that weighs more",
    (
        "redflag-myelopathy",
        "redflag-myelopathy-optic",
    ): "a part: of the spinal cord, a neuropathy as well",
    (
        "redflag-myelopathy",
        "redflag-myelopathy-optic",
        "rf-nitrous-oxide-misuse",
    ): "myelopathy by nitrous oxide names its cause",
    (
        "redflag-myelopathy-optic",
        "redflag-scotoma-optic-atrophy",
        "sx-vision",
    ): "optic atrophy is a red flag and a visual symptom",
    (
        "redflag-scotoma-optic-atrophy",
        "sx-vision",
    ): "a scotoma is a visual symptom that weighs more",
    (
        "rf-alcohol",
        "sx-peripheral-neuropathy",
    ): "alcoholic neuropathy (G62.1) is a sign and names its cause",
    (
        "rf-hereditary-cobalamin",
        "rf-pernicious-anaemia",
    ): "hereditary lack of intrinsic factor is both",
    (
        "rf-type1-diabetes",
        "sx-peripheral-neuropathy",
    ): "neuropathy in type 1 diabetes may be B12-related as well",
    (
        "sx-fatigue",
        "sx-muscle-weakness",
    ): "R53.1 weakness is used for both",
}
"""Lists that share codes on purpose, in the order of their names, and why."""
