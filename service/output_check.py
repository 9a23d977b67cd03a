"""A last look at what is about to leave, by rules that do not know how it came about.

`cds_hooks.cards` refuses to build what is wrong, and `cds_hooks.dialects` changes it
once more; here the finished JSON is held to the specification.
"""

from collections.abc import Mapping

import structlog

from cds_hooks.conformance import drop_optional_violations, violations
from cds_hooks.errors import OutputNotConformant


log = structlog.get_logger()


def fit_to_send(
    response: Mapping[str, object], *, strict: bool
) -> Mapping[str, object]:
    """``response`` where it keeps every rule, else without its faulty optional parts.

    What is left out is logged as an error, by rule and place: advice without its link
    helps a patient more than a 500. Raises OutputNotConformant where a required part is
    at fault, and where ``strict`` for any fault.
    """
    found = violations(response)
    if not found:
        return response
    if strict:
        raise OutputNotConformant("; ".join(str(each) for each in found))
    kept, dropped = drop_optional_violations(response)
    log.error("output not conformant", dropped=[str(each) for each in dropped])
    return kept
