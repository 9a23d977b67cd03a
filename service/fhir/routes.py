"""Whether a medicine is injected, as far as its route and its names tell."""

import re

from service.clinical import concepts
from service.fhir.codings import codings_in, words_in
from service.fhir.elements import Elements
from service.fhir.medication_names import plain
from service.fhir.products import Product


# SNOMED CT and EDQM codes, for routes that come without a display.
_INJECTED_CODES = frozenset(
    {
        "78421000",  # SNOMED CT Intramuscular route
        "34206005",  # SNOMED CT Subcutaneous route
        "47625008",  # SNOMED CT Intravenous route
        "255560000",  # SNOMED CT Intravenous
        "20035000",  # EDQM Intramuscular use
        "20045000",  # EDQM Intravenous use
        "20066000",  # EDQM Subcutaneous use
        "IM",  # HL7 v3 and v2-0162 intramuscular
        "SQ",  # HL7 v3 subcutaneous
        "SC",  # HL7 v2-0162 subcutaneous
        "IV",  # HL7 v2-0162 intravenous
    }
)
_NOT_INJECTED_CODES = frozenset(
    {
        "26643006",  # SNOMED CT Oral route
        "260548002",  # SNOMED CT Oral
        "37839007",  # SNOMED CT Sublingual route
        "20053000",  # EDQM Oral use
    }
)
_INJECTED = re.compile(
    r"\b(?:intra-?\s?mus[ck]ul\w*|i\.?m|sub-?\s?[ck]ut\w*|s\.?c|s/c|sub ?q|sq"
    r"|intra-?\s?ven\w*|i\.?v|ij|inj\w*|parenteral\w*|ampoules?|ampules?|ampull?\w*"
    r"|vials?|pre-?filled syringes?)\b"
)
_NOT_INJECTED = re.compile(
    r"\b(?:oral\w*|orodispersible|by mouth|per os|p\.?o|sub-?lingual\w*|buccal"
    r"|nasal\w*|intranasal|tab(?:s|let|lets)?|tablett\w*|cap(?:s|sule|sules)?"
    r"|lozenges?|chewable|syrup|spray)\b"
)

# Hydroxocobalamin is made for injection: tablets of it are rare, and say so.
_MADE_FOR_INJECTION = re.compile(r"\bhydrox[oy]cobalamin")


def is_parenteral(
    routes: list[Elements], instructions: str, product: Product
) -> bool | None:
    """True if injected, False if not, None if nothing tells.

    What says more counts first: the route, then the words of the dosage, then the
    product's form and names, then the concept of medicines that are only injected.
    """
    for route in routes:
        codes = {coding.code for coding in codings_in(route)}
        if codes & _INJECTED_CODES:
            return True
        if codes & _NOT_INJECTED_CODES:
            return False
    told_by = [*map(words_in, routes), instructions, product.form, product.words]
    for text in told_by:
        told = _told(text)
        if told is not None:
            return told
    if concepts.MED_B12_PARENTERAL in product.concepts:
        return True
    return True if _MADE_FOR_INJECTION.search(plain(product.words)) else None


def _told(text: str) -> bool | None:
    words = plain(text)
    is_injected = _INJECTED.search(words) is not None
    is_not = _NOT_INJECTED.search(words) is not None
    return is_injected if is_injected != is_not else None
