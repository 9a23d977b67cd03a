"""AllergyIntolerances, as far as they restrict a diet."""

from collections.abc import Iterator

from service.clinical import concepts
from service.clinical.record import Allergy, ResourceRef
from service.fhir.conditions import NOT_SO
from service.fhir.elements import Elements
from service.fhir.reading import Reading, code_of


TOLD_BY_WORDS = frozenset(
    {concepts.ALLERGY_MILK, concepts.ALLERGY_EGG, concepts.ALLERGY_FISH}
)
"""What the words of an uncoded allergy may tell."""

_OVER = frozenset({"inactive", "resolved"})


def read_allergy(
    elements: Elements, source: ResourceRef, reading: Reading
) -> Iterator[Allergy]:
    """The allergy, unless refuted, in error, inactive or resolved.

    Its concepts are those of the substance and of the substances of its reactions.
    """
    if code_of(elements.get("verificationStatus")) in NOT_SO:
        return
    if code_of(elements.get("clinicalStatus")) in _OVER:
        return
    named = reading.named(source, elements.get("code"), TOLD_BY_WORDS)
    for reaction in elements.get("reaction", ()):
        substance = reading.named(source, reaction.get("substance"), TOLD_BY_WORDS)
        named["concepts"] |= substance["concepts"]
    yield Allergy(**named)
