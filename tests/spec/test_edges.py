"""Where a chart leaves something open, or lies on a limit."""

from service.clinical.exposures import Moment
from service.clinical.record import DataKind
from tests.spec.examples import Example, cards_of, evaluation_of, specified
from tests.spec.patients import adult, day


cramps = adult().with_cramps()
at_risk = cramps.taking("med-metformin", days=900)
n2o = cramps.with_condition("rf-nitrous-oxide-misuse", days=60)
normal = at_risk.with_result("lab-b12-total", "520", "pg/mL", days=300)

SILENCE: tuple[str, ...] = ()
SCREEN = ("b12-screen:info",)
TEST = ("b12-screen:warning",)
GAP = ("b12-treatment-gap:warning",)
ADVICE = ("b12-screen:info", "b12-diet-advice:info")

EXAMPLES = [
    # Conditions without a clinical status count by their dates.
    Example(
        "tingling without a status counts where it began within a year",
        at_risk.with_condition("sx-paresthesia-numbness", days=365, status=None),
        TEST,
    ),
    Example(
        "tingling without a status that began more than a year ago does not",
        at_risk.with_condition("sx-paresthesia-numbness", days=366, status=None),
        SCREEN,
    ),
    Example(
        "tingling without a status counts where it was entered within a year",
        at_risk.with_condition("sx-paresthesia-numbness", recorded=365, status=None),
        TEST,
    ),
    Example(
        "tingling of old that was entered lately counts without a status",
        at_risk.with_condition(
            "sx-paresthesia-numbness", days=2000, recorded=100, status=None
        ),
        TEST,
    ),
    Example(
        "tingling without status or date does not count",
        at_risk.with_condition("sx-paresthesia-numbness", status=None),
        SCREEN,
    ),
    Example(
        "tingling that is over today does not count",
        at_risk.with_condition(
            "sx-paresthesia-numbness", days=30, abated=True, abated_on=day(0)
        ),
        SCREEN,
    ),
    Example(
        "tingling that is over, nobody knows since when, does not count",
        at_risk.with_condition("sx-paresthesia-numbness", days=30, abated=True),
        SCREEN,
    ),
    Example(
        "tingling without a status that is over does not count",
        at_risk.with_condition(
            "sx-paresthesia-numbness",
            days=30,
            status=None,
            abated=True,
            abated_on=day(1),
        ),
        SCREEN,
    ),
    Example(
        "tingling that will be over tomorrow still counts",
        at_risk.with_condition(
            "sx-paresthesia-numbness", days=30, abated=True, abated_on=day(-1)
        ),
        TEST,
    ),
    # What an answer says counts as what a question asks.
    Example(
        "tingling as the answer to a question counts",
        at_risk.with_observation((), value_concept="sx-paresthesia-numbness"),
        TEST,
    ),
    Example(
        "tingling as an answer of more than a year ago does not",
        at_risk.with_observation((), value_concept="sx-paresthesia-numbness", days=366),
        SCREEN,
    ),
    # Milliequivalents of an ion with two charges.
    Example(
        "magnesium of 1.2 milliequivalents is 0.6 millimoles, and low",
        cramps.with_result("lab-magnesium", "1.2", "meq/L"),
        ("electrolyte-abnormal:warning",),
    ),
    Example(
        "magnesium of 1.6 milliequivalents is 0.8 millimoles, and normal",
        cramps.with_result("lab-magnesium", "1.6", "meq/L"),
        SILENCE,
    ),
    Example(
        "potassium of 6.5 milliequivalents is high, and an emergency",
        cramps.with_result("lab-potassium", "6.5", "meq/L"),
        ("electrolyte-abnormal:critical",),
    ),
    Example(
        "potassium of 2.9 milliequivalents after an injection is an emergency",
        adult()
        .with_cramps(days=4)
        .injected(5)
        .with_result("lab-potassium", "2.9", "meq/L"),
        ("b12-post-injection-potassium:critical",),
    ),
    # Calcium adjusted for albumin.
    Example(
        "calcium that is low in total and normal when adjusted, of one day, is normal",
        cramps.with_result("lab-calcium", "2.0", "mmol/L").with_result(
            ("lab-calcium", "lab-calcium-adjusted"), "2.3", "mmol/L"
        ),
        SILENCE,
    ),
    Example(
        "calcium that is normal in total and low when adjusted, of one day, is low",
        cramps.with_result("lab-calcium", "2.3", "mmol/L").with_result(
            ("lab-calcium", "lab-calcium-adjusted"), "2.0", "mmol/L"
        ),
        ("electrolyte-abnormal:warning",),
    ),
    Example(
        "a newer total calcium counts before an older adjusted one",
        cramps.with_result("lab-calcium", "2.3", "mmol/L", days=3).with_result(
            ("lab-calcium", "lab-calcium-adjusted"), "2.0", "mmol/L", days=4
        ),
        SILENCE,
    ),
    # Palliative care, as a procedure, and with data missing.
    Example(
        "palliative care given within a year keeps advice away",
        at_risk.with_procedure("suppress-palliative", days=365),
        SILENCE,
    ),
    Example(
        "palliative care given longer ago does not",
        at_risk.with_procedure("suppress-palliative", days=366),
        SCREEN,
    ),
    Example(
        "palliative care of an unknown day does not",
        at_risk.with_procedure("suppress-palliative", days=None),
        SCREEN,
    ),
    Example(
        "another procedure is no palliative care",
        at_risk.with_procedure("rf-other", days=30),
        SCREEN,
    ),
    Example(
        "palliative care without a status counts within a year",
        at_risk.with_condition("suppress-palliative", days=365, status=None),
        SILENCE,
    ),
    Example(
        "palliative care without a status does not count after a year",
        at_risk.with_condition("suppress-palliative", days=366, status=None),
        SCREEN,
    ),
    Example(
        "a risk factor that is missing would not be told in palliative care",
        cramps.with_condition("suppress-palliative").without(DataKind.PROCEDURES),
        SILENCE,
    ),
    Example(
        "an injection that is missing would be, since potassium may fall",
        cramps.with_condition("suppress-palliative").without(DataKind.MEDICATIONS),
        None,
    ),
    Example(
        "a risk factor that is missing matters while an order is made",
        cramps.without(DataKind.PROCEDURES),
        None,
        moment=Moment.ORDERING,
    ),
    Example(
        "a chart without its problem list cannot tell what it would hold",
        cramps.without(DataKind.CONDITIONS),
        None,
    ),
    Example(
        "nor while an order is made, though fewer cards would be shown",
        cramps.without(DataKind.CONDITIONS),
        None,
        moment=Moment.ORDERING,
    ),
    Example(
        "laboratory data that are missing do not hide a risk factor",
        at_risk.without(DataKind.LABORATORY),
        SCREEN,
    ),
    Example(
        "what is missing does not hide what is known",
        at_risk.without(DataKind.PROCEDURES),
        SCREEN,
    ),
    # Potassium after injections.
    Example(
        "potassium of the day of the first injection says nothing of what followed",
        adult()
        .with_cramps(days=4)
        .injected(5, 1)
        .with_result("lab-potassium", "4.2", "mmol/L", days=5),
        ("b12-post-injection-potassium:warning",),
    ),
    Example(
        "potassium of the day after calms, and no more",
        adult()
        .with_cramps(days=4)
        .injected(5, 1)
        .with_result("lab-potassium", "4.2", "mmol/L", days=4),
        ("b12-post-injection-potassium:info",),
    ),
    Example(
        "palpitations without a status within the window are critical",
        adult()
        .with_cramps(days=4)
        .injected(5)
        .with_condition("sx-palpitations", days=30, status=None),
        ("b12-post-injection-potassium:critical",),
    ),
    Example(
        "palpitations without a status before the window are not",
        adult()
        .with_cramps(days=4)
        .injected(5)
        .with_condition("sx-palpitations", days=31, status=None),
        ("b12-post-injection-potassium:warning",),
    ),
    Example(
        "cramps observed before the injection are none of its effects",
        adult().with_observation("cramp-trigger", days=10).injected(5),
        SILENCE,
    ),
    Example(
        "cramps observed after the injection may be",
        adult().with_observation("cramp-trigger", days=4).injected(5),
        ("b12-post-injection-potassium:warning",),
    ),
    # Other causes, and refills of what causes or treats.
    Example(
        "kidney disease without a status counts within a year",
        cramps.with_condition("ddx-ckd-dialysis", days=365, status=None),
        ("cramp-differential:info",),
    ),
    Example(
        "kidney disease without a status does not count after a year",
        cramps.with_condition("ddx-ckd-dialysis", days=366, status=None),
        SILENCE,
    ),
    Example(
        "kidney disease that is over does not count",
        cramps.with_condition("ddx-ckd-dialysis", days=100, abated=True),
        SILENCE,
    ),
    Example(
        "the refill of a statin is a statin taken",
        cramps.being_ordered("med-statin"),
        ("cramp-differential:info",),
        moment=Moment.REFILL,
    ),
    Example(
        "bladder trouble without a status, lately, with tingling",
        at_risk.with_condition(
            "redflag-sphincter-paresis", days=365, status=None
        ).with_condition("sx-paresthesia-numbness", days=30),
        ("b12-urgent:critical",),
    ),
    Example(
        "bladder trouble without a status, of more than a year ago, with tingling",
        at_risk.with_condition(
            "redflag-sphincter-paresis", days=366, status=None
        ).with_condition("sx-paresthesia-numbness", days=30),
        TEST,
    ),
    Example(
        "the refill of B12 tablets is B12 taken",
        cramps.with_condition("b12-deficiency-diagnosed", days=400).being_ordered(
            "med-b12", mg_daily=1
        ),
        ("b12-on-treatment-review:info",),
        moment=Moment.REFILL,
    ),
    Example(
        "forgetting without a status that began within a year, with a risk factor",
        at_risk.with_condition("sx-cognitive", days=365, status=None),
        ("b12-urgent:warning",),
    ),
    Example(
        "forgetting without a status that began before, entered lately, is not new",
        at_risk.with_condition("sx-cognitive", days=366, recorded=30, status=None),
        TEST,
    ),
    # Weak triggers, by their days.
    Example(
        "twitching without a status, lately, with tingling",
        adult()
        .taking("med-metformin", days=900)
        .with_condition("cramp-trigger-weak", days=30, status=None)
        .with_condition("sx-paresthesia-numbness", days=30),
        TEST,
    ),
    Example(
        "tingling alone is no trigger",
        adult()
        .taking("med-metformin", days=900)
        .with_condition("sx-paresthesia-numbness", days=30),
        SILENCE,
    ),
    # Creatine kinase of a laboratory with a limit of its own.
    Example(
        "creatine kinase of 1500, where 400 is normal, is not five times that",
        cramps.with_result("lab-ck", "1500", "U/L", high="400"),
        SILENCE,
    ),
    Example(
        "creatine kinase of 1500, where no limit is given, is",
        cramps.with_result("lab-ck", "1500", "U/L"),
        ("cramp-differential:warning",),
    ),
    Example(
        "creatine kinase of 1500, where only a lower limit is given, is",
        cramps.with_result("lab-ck", "1500", "U/L", low="20"),
        ("cramp-differential:warning",),
    ),
    # Pregnancy.
    Example(
        "a pregnancy without a status that began lately counts",
        at_risk.with_condition("state-pregnancy", days=100, status=None),
        SCREEN,
    ),
    Example(
        "a pregnancy observed lately counts",
        at_risk.with_observation("state-pregnancy", days=100),
        SCREEN,
    ),
    # Alcohol and Helicobacter.
    Example(
        "alcohol without a status counts within a year",
        cramps.with_condition("rf-alcohol", days=365, status=None),
        SCREEN,
    ),
    Example(
        "alcohol without a status does not count after a year",
        cramps.with_condition("rf-alcohol", days=366, status=None),
        SILENCE,
    ),
    Example(
        "alcohol observed within a year counts",
        cramps.with_observation("rf-alcohol", days=365),
        SCREEN,
    ),
    Example(
        "alcohol observed longer ago does not count",
        cramps.with_observation("rf-alcohol", days=366),
        SILENCE,
    ),
    Example(
        "Helicobacter found within a year, and tingling",
        cramps.with_observation("rf-h-pylori", days=365).with_condition(
            "sx-paresthesia-numbness", days=30
        ),
        TEST,
    ),
    Example(
        "Helicobacter found longer ago, and tingling",
        cramps.with_observation("rf-h-pylori", days=366).with_condition(
            "sx-paresthesia-numbness", days=30
        ),
        SILENCE,
    ),
    Example(
        "Helicobacter that will be gone tomorrow, and tingling",
        cramps.with_condition(
            "rf-h-pylori", days=400, abated=True, abated_on=day(-1)
        ).with_condition("sx-paresthesia-numbness", days=30),
        TEST,
    ),
    Example(
        "Helicobacter that is gone today, and tingling",
        cramps.with_condition(
            "rf-h-pylori", days=400, abated=True, abated_on=day(0)
        ).with_condition("sx-paresthesia-numbness", days=30),
        SILENCE,
    ),
    Example(
        "alcohol in remission does not count, whatever else was observed lately",
        cramps.with_condition("rf-alcohol", days=900, status="remission").with_result(
            "lab-potassium", "4.2", "mmol/L"
        ),
        SILENCE,
    ),
    # What ends, or has ended.
    Example(
        "Crohn disease that is said to end tomorrow counts today",
        cramps.with_condition("rf-crohn", days=900, abated=True, abated_on=day(-1)),
        SCREEN,
    ),
    Example(
        "Crohn disease that is said to have ended does not count",
        cramps.with_condition("rf-crohn", days=900, abated=True, abated_on=day(0)),
        SILENCE,
    ),
    Example(
        "a deficiency that is said to end tomorrow is still diagnosed",
        cramps.with_condition(
            "b12-deficiency-diagnosed", days=400, abated=True, abated_on=day(-1)
        ),
        GAP,
    ),
    Example(
        "a deficiency that has ended is a risk, whatever its status",
        cramps.with_condition(
            "b12-deficiency-diagnosed", days=400, abated=True, abated_on=day(0)
        ),
        SCREEN,
    ),
    # Breastfeeding.
    Example(
        "breastfeeding without a status counts within a year, with tingling",
        adult(30, "F")
        .with_cramps()
        .with_condition("state-breastfeeding", days=365, status=None)
        .with_condition("sx-paresthesia-numbness", days=30),
        TEST,
    ),
    Example(
        "breastfeeding without a status does not count after a year",
        adult(30, "F")
        .with_cramps()
        .with_condition("state-breastfeeding", days=366, status=None)
        .with_condition("sx-paresthesia-numbness", days=30),
        SILENCE,
    ),
    # Allergies that the problem list records.
    Example(
        "a milk allergy on the problem list, without a status",
        cramps.eating("vegetarian").with_condition("allergy-milk", status=None),
        ("b12-screen:info", "b12-diet-advice:info"),
    ),
    Example(
        "a milk allergy on the problem list that is over",
        cramps.eating("vegetarian").with_condition(
            "allergy-milk", status=None, abated=True
        ),
        ("b12-screen:info", "b12-diet-advice:info"),
    ),
    Example(
        "a milk allergy on the problem list that is resolved",
        cramps.eating("vegetarian").with_condition("allergy-milk", status="resolved"),
        ("b12-screen:info", "b12-diet-advice:info"),
    ),
    # A diet kept as a condition.
    Example(
        "a vegan diet on the problem list without a status counts",
        cramps.with_condition("diet-vegan", days=2000, status=None),
        ("b12-screen:info", "b12-diet-advice:info"),
    ),
    Example(
        "a vegan diet that was given up does not",
        cramps.with_condition("diet-vegan", days=2000, status=None, abated=True),
        SILENCE,
    ),
    Example(
        "a vegan diet that is given up tomorrow is kept today",
        cramps.with_condition(
            "diet-vegan", days=2000, status=None, abated=True, abated_on=day(-1)
        ),
        ADVICE,
    ),
    Example(
        "a vegan diet given up today is not",
        cramps.with_condition(
            "diet-vegan", days=2000, status=None, abated=True, abated_on=day(0)
        ),
        SILENCE,
    ),
    Example(
        "a vegan diet on the problem list, before an answer that says otherwise",
        cramps.with_condition("diet-vegan", recorded=800).with_observation(
            value_concept="diet-other", days=30
        ),
        SILENCE,
    ),
    Example(
        "a vegan diet ordered, before an answer that says otherwise",
        cramps.ordered_diet("vegan", days=800).with_observation(
            value_concept="diet-other", days=30
        ),
        SILENCE,
    ),
    Example(
        "a vegan diet ordered, after an answer that says otherwise",
        cramps.with_observation(value_concept="diet-other", days=800).ordered_diet(
            "vegan", days=400
        ),
        ADVICE,
    ),
    Example(
        "fortified food asked after the diet does not end the diet",
        cramps.with_observation(value_concept="diet-vegan", days=400).with_observation(
            value_concept="diet-fortified-food", days=30
        ),
        SILENCE,
    ),
    Example(
        "such a diet still counts for one who tingles",
        cramps.with_observation(value_concept="diet-vegan", days=400)
        .with_observation(value_concept="diet-fortified-food", days=30)
        .with_condition("sx-paresthesia-numbness", days=30),
        TEST,
    ),
    Example(
        "a laboratory result asked after the diet does not end it either",
        cramps.with_observation(value_concept="diet-vegan", days=400).with_result(
            "lab-potassium", "4.2", "mmol/L"
        ),
        ADVICE,
    ),
    Example(
        "a diet begins on the earliest day on record",
        cramps.with_condition("diet-vegan", days=100).with_condition(
            "diet-vegan", days=400
        ),
        ADVICE,
    ),
    # Two staple foods avoided, and B12 taken.
    Example(
        "no milk and no egg",
        cramps.allergic_to("milk", "egg"),
        ADVICE,
    ),
    Example(
        "no milk, and no egg until tomorrow",
        cramps.allergic_to("milk").with_condition(
            "allergy-egg", status=None, abated=True, abated_on=day(-1)
        ),
        ADVICE,
    ),
    Example(
        "no milk, and no egg until today",
        cramps.allergic_to("milk").with_condition(
            "allergy-egg", status=None, abated=True, abated_on=day(0)
        ),
        SILENCE,
    ),
    Example(
        "no milk and no egg, on tablets of B12",
        cramps.allergic_to("milk", "egg").taking("med-b12", days=30, mg_daily=1),
        SILENCE,
    ),
    # Nitrous oxide.
    Example(
        "nitrous oxide with a nerve symptom is urgent",
        n2o.with_condition("sx-paresthesia-numbness", days=30),
        ("b12-nitrous-oxide:warning",),
    ),
    Example(
        "nitrous oxide with an indeterminate B12 asks for its markers",
        n2o.with_result("lab-b12-total", "250", "pg/mL"),
        ("b12-nitrous-oxide:warning",),
    ),
    Example(
        "nitrous oxide with an indeterminate B12 and a normal homocysteine",
        n2o.with_result("lab-b12-total", "250", "pg/mL").with_result(
            "lab-homocysteine", "10", "umol/L"
        ),
        ("b12-indeterminate:info",),
    ),
    # Deficiency.
    Example(
        "a deficient result with a nerve symptom is urgent to complete",
        at_risk.with_result("lab-b12-total", "150", "pg/mL").with_condition(
            "sx-paresthesia-numbness", days=30
        ),
        GAP,
    ),
    Example(
        "a deficient result beside its diagnosis",
        at_risk.with_result("lab-b12-total", "150", "pg/mL").with_condition(
            "b12-deficiency-diagnosed", days=400
        ),
        GAP,
    ),
    Example(
        "a deficient result with a raised methylmalonic acid is told by the result",
        at_risk.with_result("lab-b12-total", "150", "pg/mL").with_result(
            "lab-mma", "800", "nmol/L"
        ),
        GAP,
    ),
    # Recheck.
    Example(
        "a nerve symptom since a normal B12, on metformin for diabetes",
        normal.with_condition("sx-paresthesia-numbness", days=30).with_condition(
            "ddx-diabetes"
        ),
        ("b12-recheck:info",),
    ),
    Example(
        "a nerve symptom on the day of the normal sample is not new",
        normal.with_condition("sx-paresthesia-numbness", days=300),
        SILENCE,
    ),
    Example(
        "a nerve symptom on the day after the normal sample is new",
        normal.with_condition("sx-paresthesia-numbness", days=299),
        ("b12-recheck:info",),
    ),
    Example(
        "a deficient result on tablets is not one to recheck",
        at_risk.with_result("lab-b12-total", "150", "pg/mL", days=40)
        .taking("med-b12", days=30, mg_daily=1)
        .with_condition("sx-paresthesia-numbness", days=20),
        SILENCE,
    ),
    Example(
        "folate in the unit of B12 is no B12",
        at_risk.with_result("lab-folate", "300", "pg/mL"),
        SCREEN,
    ),
    # Folic acid.
    Example(
        "folic acid with a B12 test on its way needs no other",
        at_risk.taking("med-folic-acid", days=30, mg_daily=5).with_test_ordered(days=3),
        ("folate-caution:warning",),
    ),
    Example(
        "folic acid beside a diagnosed deficiency that is not treated",
        cramps.taking("med-folic-acid", days=30, mg_daily=5).with_condition(
            "b12-deficiency-diagnosed", days=400
        ),
        ("b12-treatment-gap:warning", "folate-caution:warning"),
    ),
    Example(
        "folic acid beside a diagnosis that a normal B12 answers",
        cramps.taking("med-folic-acid", days=30, mg_daily=5)
        .with_condition("b12-deficiency-diagnosed", days=400)
        .with_result("lab-b12-total", "520", "pg/mL", days=100),
        SILENCE,
    ),
    # Creatine kinase.
    Example(
        "creatine kinase above ten times the laboratory's limit is urgent",
        cramps.with_result("lab-ck", "2001", "U/L", high="200"),
        ("cramp-differential:warning",),
    ),
    Example(
        "creatine kinase of ten times the laboratory's limit is not yet urgent",
        cramps.with_result("lab-ck", "2000", "U/L", high="200"),
        ("cramp-differential:warning",),
    ),
    # Courses of medicines.
    Example(
        "metformin that ended today is still taken today",
        cramps.taking("med-metformin", days=900, stopped=0),
        SCREEN,
    ),
    Example(
        "metformin of unknown start that ended within half a year counts",
        cramps.taking("med-metformin", stopped=180),
        SCREEN,
    ),
    Example(
        "metformin of unknown start that ended longer ago does not",
        cramps.taking("med-metformin", stopped=181),
        SILENCE,
    ),
    Example(
        "metformin begun today is none yet",
        cramps.taking("med-metformin", days=0),
        SILENCE,
    ),
    Example(
        "a supply that ended as long ago as a gap may be goes on",
        cramps.given("med-ppi", days=460, lasting=200).given(
            "med-ppi", days=200, lasting=110
        ),
        SCREEN,
    ),
    Example(
        "a supply that ended longer ago than that does not",
        cramps.given("med-ppi", days=461, lasting=200).given(
            "med-ppi", days=201, lasting=110
        ),
        SILENCE,
    ),
    Example(
        "a renewal within a course does not shorten it",
        cramps.taking("med-ppi", days=400).taking("med-ppi", days=300, stopped=200),
        SCREEN,
    ),
    Example(
        "the refill of a proton pump inhibitor that nobody dated",
        cramps.being_ordered("med-ppi"),
        SCREEN,
        moment=Moment.REFILL,
    ),
]


@specified(EXAMPLES)
def test_edge(example: Example) -> None:
    assert cards_of(evaluation_of(example)) == example.cards
