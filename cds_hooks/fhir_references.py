"""The two forms in which CDS Hooks names a FHIR resource: bare id and `Type/id`."""

import re


FHIR_ID = re.compile(r"[A-Za-z0-9._-]{1,512}")
"""FHIR ids end at 64 characters; drafts of real EHRs have about 200 (HK-12)."""

REFERENCE = re.compile(rf"([A-Z][A-Za-z]{{1,63}})/({FHIR_ID.pattern})")
"""`Type/id` as invariant ord-1 wants it."""


def is_fhir_id(text: str) -> bool:
    """Whether `text` is a bare id, safe in a path segment and in a query."""
    return FHIR_ID.fullmatch(text) is not None and text.strip(".") != ""


def is_reference(text: str) -> bool:
    """Whether `text` has the form `Type/id`."""
    return split_reference(text) is not None


def split_reference(text: str) -> tuple[str, str] | None:
    """The type and the id of `Type/id`, or None where `text` is something else."""
    match = REFERENCE.fullmatch(text)
    if match is None or not is_fhir_id(match[2]):
        return None
    return match[1], match[2]
