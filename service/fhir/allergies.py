"""AllergyIntolerances, as far as they restrict a diet."""

from collections.abc import Iterator

from service.clinical import concepts
from service.clinical.record import Allergy, ResourceRef
from service.fhir.codings import words_in
from service.fhir.conditions import is_not_so
from service.fhir.elements import Elements
from service.fhir.reading import Reading, code_of


TOLD_BY_WORDS = frozenset(
    {concepts.ALLERGY_MILK, concepts.ALLERGY_EGG, concepts.ALLERGY_FISH}
)
"""What the words of an allergy may tell, coded or not."""

_OVER = frozenset({"inactive", "resolved"})


def read_allergy(
    elements: Elements, source: ResourceRef, reading: Reading
) -> Iterator[Allergy]:
    """The allergy, unless refuted, in error, inactive or resolved.

    Its concepts are those of the substance and of the substances of its reactions.
    """
    if is_not_so(elements):
        return
    if code_of(elements.get("clinicalStatus"), _OVER) is not None:
        return
    named = reading.named(source, elements.get("code"))
    for concept in (
        elements.get("code"),
        *(reaction.get("substance") for reaction in elements.get("reaction", ())),
    ):
        named["concepts"] |= reading.named(source, concept)["concepts"]
        # The codes of substances are many, and their displays plain words.
        named["concepts"] |= reading.terminology.text_concepts(
            words_in(concept), TOLD_BY_WORDS
        )
    yield Allergy(**named)
