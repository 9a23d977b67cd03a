"""What medicine a resource is about: coded, named, contained or referred to."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from service.fhir.bundles import Json
from service.fhir.codings import codings_in, label_of, words_in
from service.fhir.elements import Elements
from service.fhir.medication_names import plain
from service.fhir.references import References, reference_of
from service.fhir.strengths import Strength, strength_in, strength_of
from service.fhir.terminology import Terminology
from service.fhir.versions import as_r4


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


def medicine_of(content: Json, references: References) -> Json | None:
    """The Medication a resource refers to, contained or separate, with R4 names."""
    reference = reference_of(content.get("medicationReference"))
    medicine = references.find(reference, content)
    return as_r4(medicine) if medicine is not None else None


def product_of(
    content: Json,
    medicine: Json | None,
    references: References,
    terminology: Terminology,
) -> Product:
    """The medicine of a resource, as codes and words tell it, whatever its shape."""
    parts = [content.get("medicationCodeableConcept")]
    reference = content.get("medicationReference")
    if medicine is not None:
        parts += [medicine.get("code"), *_ingredients(medicine, references)]
    lines = [line for part in parts if (line := words_in(part))]
    lines += _words_of_reference(reference)
    if medicine is not None:
        lines += _identifiers(medicine.get("identifier"))
    words = "\n".join(lines)
    codings = codings_in(parts)
    concepts, is_coded = terminology.meaning_of(codings)
    if not concepts:
        concepts = terminology.medication_concepts_in(words)
    labels = [label for part in parts if (label := label_of(part))]
    return Product(
        concepts=concepts,
        has_known_code=is_coded,
        codes=terminology.known_codes(codings),
        label=next(iter([*labels, *lines]), ""),
        words=words,
    )


def is_nameless(product: Product) -> bool:
    """Whether neither a code nor a word says what medicine this is."""
    return not product.words and not product.codes


def with_strength(
    product: Product, medicine: Elements, terminology: Terminology
) -> Product:
    """The product with the form and strength its Medication or its names tell."""
    return replace(
        product,
        form=words_in(medicine.get("form")),
        strength=_of_ingredients(product, medicine, terminology)
        or _of_names(product, terminology),
    )


def _of_ingredients(
    product: Product, medicine: Elements, terminology: Terminology
) -> Strength | None:
    """The strength of the ingredient that the product counts for."""
    ingredients = medicine.get("ingredient", [])
    for ingredient in ingredients:
        item = ingredient.get("itemCodeableConcept")
        told = terminology.recognised(item).concepts
        told |= terminology.medication_concepts_in(words_in(item))
        if "strength" in ingredient and (
            told & product.concepts or len(ingredients) == 1
        ):
            return strength_of(ingredient["strength"])
    return None


def _of_names(product: Product, terminology: Terminology) -> Strength | None:
    for line in product.words.split("\n"):
        ends = tuple(
            named.end
            for named in terminology.medicines_named_in(line)
            if named.concepts & product.concepts
        )
        strength = strength_in(plain(line), ends)
        if strength is not None:
            return strength
    return None


def _ingredients(medicine: Json, references: References) -> Iterator[object]:
    """The concepts of the ingredients, following references one step."""
    ingredients = medicine.get("ingredient")
    for ingredient in ingredients if isinstance(ingredients, list) else ():
        if not isinstance(ingredient, dict):
            continue
        yield ingredient.get("itemCodeableConcept")
        item = ingredient.get("itemReference")
        substance = references.find(reference_of(item), medicine)
        if substance is not None:
            yield substance.get("code")
        for line in _words_of_reference(item):
            yield {"text": line}


def _words_of_reference(reference: object) -> list[str]:
    """Display and identifier of a Reference: some systems name the drug only there."""
    if not isinstance(reference, dict):
        return []
    words = [reference.get("display")]
    words += _identifiers(reference.get("identifier"))
    return [word for word in words if isinstance(word, str) and word]


def _identifiers(identifiers: object) -> list[str]:
    members = identifiers if isinstance(identifiers, list) else [identifiers]
    values = [member.get("value") for member in members if isinstance(member, dict)]
    return [value for value in values if isinstance(value, str) and value]
