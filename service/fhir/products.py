"""What medicine a resource is about: coded, named, contained or referred to."""

from collections.abc import Iterator
from dataclasses import dataclass

from service.fhir.bundles import Json
from service.fhir.codings import label_of, words_in
from service.fhir.medication_names import plain
from service.fhir.references import References, reference_of
from service.fhir.strengths import Strength, strength_in, strength_of
from service.fhir.terminology import NOTHING, Terminology


@dataclass(frozen=True, kw_only=True, slots=True)
class Product:
    """A medicine as a chart names it.

    ``words`` holds all its names, one a line; ``form`` the words of its dose form;
    ``strength`` that of the ingredient the concepts are about, if it is told.
    """

    concepts: frozenset[str]
    has_known_code: bool
    codes: frozenset[str]
    label: str
    words: str
    form: str = ""
    strength: Strength | None = None


def product_of(
    content: Json, references: References, terminology: Terminology
) -> Product | None:
    """The medicine of a medication resource, raw or pruned.

    None when it only refers to a Medication that nobody supplied, without a word
    about it.
    """
    concept = content.get("medicationCodeableConcept")
    reference = content.get("medicationReference")
    medication = references.find(reference_of(reference), content)
    medicine = medication if medication is not None else {}
    named = [concept, medicine.get("code"), *_ingredients(medicine, references)]
    lines = [line for part in named if (line := words_in(part))]
    lines += _words_of_reference(reference)
    lines += [line for part in _list(medicine.get("identifier")) if (line := _id(part))]
    words = "\n".join(lines)
    if not words and not any(terminology.codes_in(part) for part in named):
        return None if reference and medication is None else _nothing_known()
    concepts, is_coded = terminology.recognised(named)
    if not concepts:
        concepts = terminology.medication_concepts_in(words)
    return Product(
        concepts=concepts,
        has_known_code=is_coded,
        codes=terminology.codes_in(named),
        label=next((label for part in named if (label := label_of(part))), "")
        or next(iter(lines), ""),
        words=words,
        form=words_in(medicine.get("form")),
        strength=_strength(words, medicine, concepts, terminology)
        if concepts
        else None,
    )


def _nothing_known() -> Product:
    return Product(
        concepts=NOTHING, has_known_code=False, codes=NOTHING, label="", words=""
    )


def _ingredients(medicine: Json, references: References) -> Iterator[object]:
    """The concepts of the ingredients, following references one step."""
    for ingredient in _list(medicine.get("ingredient")):
        if not isinstance(ingredient, dict):
            continue
        if "itemCodeableConcept" in ingredient:
            yield ingredient["itemCodeableConcept"]
        item = ingredient.get("itemReference")
        substance = references.find(reference_of(item), medicine)
        if substance is not None:
            yield substance.get("code")
        for line in _words_of_reference(item):
            yield {"text": line}


def _strength(
    words: str, medicine: Json, concepts: frozenset[str], terminology: Terminology
) -> Strength | None:
    for ingredient in _list(medicine.get("ingredient")):
        if not isinstance(ingredient, dict) or "strength" not in ingredient:
            continue
        item = ingredient.get("itemCodeableConcept")
        told = terminology.recognised(
            item
        ).concepts or terminology.medication_concepts_in(words_in(item))
        if told & concepts or len(_list(medicine.get("ingredient"))) == 1:
            strength = ingredient["strength"]
            return strength_of(strength) if isinstance(strength, dict) else None
    for line in words.split("\n"):
        ends = tuple(
            named.end
            for named in terminology.medicines_named_in(line)
            if named.concepts & concepts
        )
        strength_told = strength_in(plain(line), ends)
        if strength_told is not None:
            return strength_told
    return None


def _words_of_reference(reference: object) -> list[str]:
    """Display and identifier of a Reference: some systems name the drug only there."""
    if not isinstance(reference, dict):
        return []
    words = [reference.get("display")]
    identifier = reference.get("identifier")
    if isinstance(identifier, dict):
        words.append(identifier.get("value"))
    return [word for word in words if isinstance(word, str) and word]


def _id(identifier: object) -> str:
    value = identifier.get("value") if isinstance(identifier, dict) else None
    return value if isinstance(value, str) else ""


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
