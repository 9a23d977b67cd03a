"""Codes and names of medicines find their concepts, however they are written."""

import pytest

from tests.fhir.charts import ATC, ICD10CM, LOINC, RXNORM, SNOMED, terminology


@pytest.mark.parametrize(
    "system",
    [
        "http://snomed.info/sct",
        "https://snomed.info/sct",
        "http://snomed.info/sct/",
        "HTTP://SNOMED.INFO/SCT",
        " http://snomed.info/sct ",
        "urn:oid:2.16.840.1.113883.6.96",
        "2.16.840.1.113883.6.96",
        "http://snomed.info/sct|20240901",
        "http://snomed.info/sct/731000124108",
        "http://snomed.info/sct/83821000000107/version/20250101",
    ],
)
def test_a_code_system_is_known_under_every_spelling_in_use(system: str) -> None:
    assert terminology().short_name(system) == "snomed"
    assert "cramp-trigger" in terminology().concepts_of(system, "55300003")


@pytest.mark.parametrize(
    "system", [None, "", "SNOMED", "urn:oid:1.2.840.114350.1.13", "http://example.org"]
)
def test_a_code_without_a_system_or_of_another_one_means_nothing(
    system: str | None,
) -> None:
    assert terminology().concepts_of(system, "55300003") == frozenset()
    assert not terminology().knows_system(system)


@pytest.mark.parametrize("code", ["R25.2", "R252", "r25.2", " R25.2 "])
def test_an_icd_code_is_found_with_and_without_its_dot_in_either_case(
    code: str,
) -> None:
    assert "cramp-trigger" in terminology().concepts_of(ICD10CM, code)


def test_an_icd_code_is_not_found_by_its_beginning() -> None:
    assert terminology().concepts_of(ICD10CM, "R25.29") == frozenset()
    assert "cramp-trigger" not in terminology().concepts_of(ICD10CM, "R25")


@pytest.mark.parametrize("code", ["A02BC01", "A02BC", "A02BC53", "a02bc01"])
def test_an_atc_code_is_found_by_its_beginning(code: str) -> None:
    assert "med-ppi" in terminology().concepts_of(ATC, code)


@pytest.mark.parametrize("code", ["A02B", "A02BX02", ""])
def test_an_atc_code_outside_the_branch_is_not_found(code: str) -> None:
    assert "med-ppi" not in terminology().concepts_of(ATC, code)


def test_a_uk_medicine_is_found_under_dmd_and_under_snomed() -> None:
    code = next(
        code
        for code in ("109081006", "325278007", "324252006")
        if terminology().concepts_of("https://dmd.nhs.uk", code)
    )
    as_dmd = terminology().concepts_of("https://dmd.nhs.uk", code)
    assert terminology().concepts_of(SNOMED, code) >= as_dmd


def test_the_same_digits_in_another_system_are_another_code() -> None:
    assert "med-metformin" in terminology().concepts_of(RXNORM, "6809")
    assert "med-metformin" not in terminology().concepts_of(SNOMED, "6809")
    assert terminology().concepts_of(LOINC, "6809") == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "metformin",
        "METFORMIN HEX FTBL 500MG",
        "Metforminhydrochlorid 1000 mg Filmtabletten",
        "METFORMINE 1000MG TABLET",
        "sitagliptin 50 MG / metformin 500 MG",
        "Metformin-HCl",
    ],
)
def test_metformin_is_known_by_name(text: str) -> None:
    assert terminology().medication_concepts_in(text) == {"med-metformin"}


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("vitamin B12 1000 mcg tablet", "med-b12"),
        ("Vitamin B-12", "med-b12"),
        ("VITAMIN  B 12 oral", "med-b12"),
        ("Cyanocobalamin 50 microgram", "med-b12"),
        ("Oméprazole 20 mg", "med-ppi"),
        ("esomeprazole magnesium", "med-ppi"),
        ("Folic acid 5mg tablets", "med-folic-acid"),
    ],
)
def test_a_medicine_is_known_by_name(text: str, concept: str) -> None:
    assert concept in terminology().medication_concepts_in(text)


@pytest.mark.parametrize(
    "text", ["", "premetformin", "aspirin 81 mg", "B120 pump", "vitamin B1", "b 1 2"]
)
def test_what_only_looks_like_a_name_is_none(text: str) -> None:
    found = terminology().medication_concepts_in(text)
    assert not found & {"med-metformin", "med-b12"}


def test_words_beside_a_name_can_undo_it() -> None:
    found = terminology().medication_concepts_in("Multivitamin with B12")
    assert found == {"med-multivitamin-b-complex"}


def test_a_text_fits_only_the_concepts_it_is_asked_about() -> None:
    told = terminology().text_concepts
    assert told("Leg cramps at night", {"cramp-trigger"}) == {"cramp-trigger"}
    assert told("Leg cramps at night", {"diet-vegan"}) == frozenset()
    assert told("Leg cramps at night", {"med-metformin"}) == frozenset()
    assert told("Stomach cramps", {"cramp-trigger"}) == frozenset()
