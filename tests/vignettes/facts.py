"""What the facts of a vignette mean in FHIR terms, whatever the shape of the EHR."""

from dataclasses import dataclass


LIST_OF_CONDITION = {
    "type2_diabetes": "ddx-diabetes",
    "pernicious_anaemia": "rf-pernicious-anaemia",
    "nitrous_oxide": "rf-nitrous-oxide-misuse",
    "pregnancy": "state-pregnancy",
    "h_pylori": "rf-h-pylori",
    "ckd": "ddx-ckd-dialysis",
    "b12_deficiency_dx": "b12-deficiency-diagnosed",
    "rls": "sx-rls",
    "palliative": "suppress-palliative",
    "dietary_inadequacy": "rf-dietary-inadequacy",
    "crohn": "rf-crohn",
    "coeliac": "rf-coeliac",
    "autoimmune_thyroid": "rf-autoimmune-thyroid",
    "hypothyroid": "ddx-thyroid",
    "type1_diabetes": "rf-type1-diabetes",
    "autoimmune_other": "rf-autoimmune-other",
    "alcohol": "rf-alcohol",
    "optic": "redflag-myelopathy-optic",
    "scd": "redflag-myelopathy-optic",
    "cognitive_new": "sx-cognitive",
    "overuse_heat": "ddx-dehydration-heat-overuse",
    "dialysis": "ddx-dialysis",
}
LIST_OF_PROCEDURE = {"bariatric": "proc-bariatric", "gastrectomy": "proc-gastrectomy"}
LIST_OF_SYMPTOM = {
    "paresthesia": "sx-paresthesia-numbness",
    "fatigue": "sx-fatigue",
    "ataxia": "redflag-ataxia",
    "glossitis": "sx-glossitis-mouth",
    "cognitive": "sx-cognitive",
    "mood": "sx-mood",
    "weakness": "sx-muscle-weakness",
    "balance": "sx-balance-gait-ataxia",
}
INTENDED_OVERLAP = {
    "ckd": frozenset({"ddx-dialysis"}),
    "dialysis": frozenset({"ddx-ckd-dialysis"}),
    "scd": frozenset({"b12-deficiency-diagnosed"}),
    "optic": frozenset({"sx-vision", "redflag-scotoma-optic-atrophy"}),
    "pernicious_anaemia": frozenset({"b12-deficiency-diagnosed"}),
    "ataxia": frozenset({"sx-balance-gait-ataxia"}),
    "type1_diabetes": frozenset({"ddx-diabetes"}),
}
ONLY_CODES = {
    "scd": ("60576007", "G32.0"),
    "optic": ("76976005", "82108004", "H46.2", "H47.20", "H47.219"),
    "b12_deficiency_dx": ("64117007", "190634004", "49472006", "E53.8", "D51.9"),
    "ckd": ("433144002", "N18.3", "N18.30", "N18.31", "N18.32", "709044004"),
}
LIST_OF_MEDICINE = {
    "metformin": "med-metformin",
    "ppi": "med-ppi",
    "h2ra": "med-h2ra",
    "colchicine": "med-colchicine",
    "anticonvulsant": "med-anticonvulsant-b12",
    "statin": "med-statin",
    "diuretic": "med-diuretic",
    "folic_acid": "med-folic-acid",
    "multivitamin": "med-multivitamin-b-complex",
    "b12_oral": "med-b12",
    "b12_inj": "med-b12-parenteral",
}


@dataclass(frozen=True)
class Analyte:
    """The LOINC code of a test for one kind of unit."""

    loinc: str
    display: str


_TESTS = {
    "holotc": Analyte("72160-5", "Holo-transcobalamin II"),
    "mma": Analyte("13964-2", "Methylmalonate"),
    "hcy": Analyte("13965-9", "Homocysteine"),
    "k": Analyte("2823-3", "Potassium"),
    "ca": Analyte("29265-6", "Calcium corrected for albumin"),
    "hb": Analyte("718-7", "Hemoglobin"),
    "mcv": Analyte("787-2", "MCV"),
    "egfr": Analyte("33914-3", "Glomerular filtration rate"),
    "ck": Analyte("2157-6", "Creatine kinase"),
}


def analyte(test: str, unit: str) -> Analyte:
    """The code a laboratory would use for this test reported in this unit."""
    if test == "b12":
        moles = unit == "pmol/L"
        return Analyte("14685-2" if moles else "2132-9", "Cobalamin (Vitamin B12)")
    if test == "mg":
        return Analyte("19123-9" if unit == "mg/dL" else "2601-3", "Magnesium")
    return _TESTS[test]
