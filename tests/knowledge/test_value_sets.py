"""The code lists: valid FHIR, no code where it has no business, none contradictory."""

import json
from collections import defaultdict
from pathlib import Path

import pytest
from fhir.resources.R4B.valueset import ValueSet as FhirValueSet

from service.clinical import concepts
from service.knowledge_files import DIRECTORY, KnowledgeError, TerminologySource
from service.valuesets import (
    has_luhn_digit,
    has_verhoeff_digit,
    load_value_sets,
)


FILES = sorted((DIRECTORY / "valuesets").glob("*.json"))
CONSTANTS = {name: value for name, value in vars(concepts).items() if name.isupper()}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_list_is_a_value_set_of_fhir(path: Path) -> None:
    read = FhirValueSet.model_validate_json(path.read_bytes())
    assert read.id == path.stem
    assert read.url.endswith(f"/ValueSet/{path.stem}")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_list_says_why_it_is_there_and_where_each_code_comes_from(
    path: Path,
) -> None:
    written = json.loads(path.read_text(encoding="utf-8"))
    assert len(written["purpose"].split()) >= 4
    inclusion, exclusion = written["description"].split("\n\n")
    assert inclusion.startswith("Inclusion: ")
    assert exclusion.startswith("Exclusion: ")
    for include in written["compose"]["include"]:
        (source,) = include["extension"]
        assert source["valueString"].strip()


@pytest.mark.parametrize("constant", CONSTANTS)
def test_each_concept_that_logic_names_can_be_made_true(
    constant: str, terminology: TerminologySource
) -> None:
    assert CONSTANTS[constant] in terminology.concepts


# Of the medicines, only these are a part and its whole.
PARTS = {frozenset({"med-b12", "med-b12-parenteral"})}


def test_no_medicine_is_in_two_lists_that_contradict(
    terminology: TerminologySource,
) -> None:
    lists_of = defaultdict(set)
    for name, value_set in terminology.value_sets.items():
        if name.startswith("med-"):
            for system, codes in value_set.codes.items():
                for code in codes:
                    lists_of[(system, code)].add(name)
    shared = {frozenset(names) for names in lists_of.values() if len(names) > 1}
    assert shared == PARTS


def test_no_atc_branch_of_one_medicine_lies_within_that_of_another(
    terminology: TerminologySource,
) -> None:
    branches = [
        (code, name)
        for name, value_set in terminology.value_sets.items()
        if name.startswith("med-")
        for code in value_set.codes.get("atc", {})
    ]
    crossing = {
        frozenset({name, other})
        for code, name in branches
        for branch, other in branches
        if name != other and code.startswith(branch)
    }
    assert crossing == PARTS


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cramp-trigger", "cramp-excluded"),
        ("cramp-trigger", "cramp-trigger-weak"),
        ("cramp-trigger-weak", "cramp-excluded"),
        ("sx-cognitive", "sx-acute-confusion"),
        ("med-anticonvulsant-b12", "med-anticonvulsant-other"),
        ("rf-abdominal-pelvic-radiotherapy", "history-of-irradiation"),
        ("lab-calcium", "lab-calcium-ionised"),
        ("diet-vegan", "diet-vegetarian"),
        ("diet-vegetarian", "diet-pescatarian"),
    ],
)
def test_lists_that_exclude_each_other_share_no_code(
    one: str, other: str, terminology: TerminologySource
) -> None:
    assert codes_of(terminology, one) & codes_of(terminology, other) == set()


@pytest.mark.parametrize(
    ("part", "whole"),
    [
        ("cramp-trigger-generic", "cramp-trigger"),
        ("med-b12-parenteral", "med-b12"),
        ("ddx-dialysis", "ddx-ckd-dialysis"),
        ("lab-calcium-adjusted", "lab-calcium"),
        ("redflag-scotoma-optic-atrophy", "sx-vision"),
        ("redflag-myelopathy", "redflag-myelopathy-optic"),
        ("redflag-ataxia", "sx-balance-gait-ataxia"),
    ],
)
def test_a_part_holds_only_codes_of_its_whole(
    part: str, whole: str, terminology: TerminologySource
) -> None:
    assert codes_of(terminology, part) < codes_of(terminology, whole)


@pytest.mark.parametrize(
    ("code", "without"),
    [
        ("icd10cm|F10.11", "rf-alcohol"),
        ("icd10cm|F10.21", "rf-alcohol"),
        ("icd10cm|F18.11", "rf-nitrous-oxide-misuse"),
        ("icd10cm|F18.21", "rf-nitrous-oxide-misuse"),
        ("icd10cm|Z91.011", "rf-dietary-inadequacy"),
        ("icd10cm|Z91.018", "allergy-milk"),
        ("icd10cm|Z92.3", "rf-abdominal-pelvic-radiotherapy"),
        ("snomed|30803004", "proc-bariatric"),
        ("snomed|414574004", "proc-bariatric"),
        ("rxnorm|435", "med-laba"),
        ("atc|R03AC02", "med-laba"),
        ("loinc|1995-0", "lab-calcium"),
        ("loinc|2283-0", "lab-folate"),
        ("cpt|82608", "order-b12"),
        ("icd10cm|M62.830", "cramp-trigger"),
        ("dmd|12559311000001103", "med-b12-parenteral"),
    ],
)
def test_what_a_list_leaves_out_is_not_in_it(
    code: str, without: str, terminology: TerminologySource
) -> None:
    assert code not in codes_of(terminology, without)


def test_a_medicine_of_the_nhs_dictionary_is_also_known_as_snomed_ct(
    terminology: TerminologySource,
) -> None:
    colchicine = terminology.value_sets["med-colchicine"].codes
    assert "330079002" in colchicine["dmd"]
    assert "330079002" in colchicine["snomed"]


def codes_of(terminology: TerminologySource, name: str) -> set[str]:
    return {
        f"{system}|{code}"
        for system, codes in terminology.value_sets[name].codes.items()
        for code in codes
    }


@pytest.mark.parametrize("code", ["55300003", "230652001", "1105051000000102"])
def test_a_snomed_ct_code_ends_in_its_verhoeff_digit(code: str) -> None:
    assert has_verhoeff_digit(code)
    assert not has_verhoeff_digit(code[:-1] + str((int(code[-1]) + 1) % 10))


@pytest.mark.parametrize("code", ["2132-9", "14685-2", "75626-2"])
def test_a_loinc_code_ends_in_its_luhn_digit(code: str) -> None:
    assert has_luhn_digit(code)
    assert not has_luhn_digit(code[:-1] + str((int(code[-1]) + 1) % 10))


def test_b12_by_moles_is_not_the_code_it_is_often_confused_with() -> None:
    assert not has_luhn_digit("14685-5")


SPOILT = [
    ('{"code": "R25.2"', '{"code": "R25-2"', "is not a code of the form icd10cm has"),
    ('{"code": "55300003"', '{"code": "55300004"', "fails the verhoeff check"),
    ('{"code": "45352006"', '{"code": "55300003"', "is listed twice"),
    ('"http://hl7.org/fhir/sid/icd-10-cm"', '"icd-10"', "unknown system 'icd-10'"),
    ('"total": 12', '"total": 13', "expansion.total is 13, codes are 12"),
    ('"purpose"', '"purpoze"', "did you mean 'purpose'?"),
    ('"id": "cramp-trigger"', '"id": "cramps"', "not the name of the file"),
]


@pytest.mark.parametrize(("old", "new", "said"), SPOILT, ids=[s for *_, s in SPOILT])
def test_a_spoilt_list_is_refused(copy: Path, old: str, new: str, said: str) -> None:
    path = copy / "valuesets" / "cramp-trigger.json"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(KnowledgeError) as refusal:
        load_value_sets(copy)
    assert "valuesets/cramp-trigger.json" in str(refusal.value)
    assert said in str(refusal.value)


def test_an_empty_list_is_refused(copy: Path) -> None:
    path = copy / "valuesets" / "cramp-trigger.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["compose"]["include"] = []
    content["expansion"]["total"] = 0
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"compose\.include"):
        load_value_sets(copy)


def test_a_directory_without_lists_is_refused(copy: Path) -> None:
    for path in (copy / "valuesets").glob("*.json"):
        path.unlink()
    with pytest.raises(KnowledgeError, match="no ValueSet"):
        load_value_sets(copy)
