"""A second, independent look at what is about to be sent.

`cards` refuses to build what is wrong; here the finished JSON is read against the
rules once more, so that a fault of one is seen by the other. Where the fault lies
in a part that may be left out, `drop_optional_violations` leaves that part out
instead of losing the advice.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from cds_hooks.errors import OutputNotConformant
from cds_hooks.response_rules import Path, Violation, response_violations


__all__ = ["Violation", "drop_optional_violations", "violations"]


def violations(response: object) -> list[Violation]:
    """Every rule that the response JSON `response` breaks, in document order."""
    return list(response_violations(response))


def drop_optional_violations(
    response: Mapping[str, object],
) -> tuple[dict[str, object], list[Violation]]:
    """A copy of `response` without its faulty optional parts, and what was faulty.

    Raises `OutputNotConformant` if a required part is at fault: then there is
    nothing honest to send.
    """
    kept: dict[str, object] = deepcopy(dict(response))
    found: list[Violation] = []
    while remaining := violations(kept):
        for violation in remaining:
            if violation.optional_part is None:
                raise OutputNotConformant(str(violation))
        part = remaining[0].optional_part or ()
        found += [each for each in remaining if each.optional_part == part]
        _remove(kept, part)
    return kept, found


def _remove(tree: Any, path: Path) -> None:
    """Take out of the JSON `tree` the part at `path` and what becomes empty by it."""
    step, *below = path
    if below:
        _remove(tree[step], tuple(below))
    if not below or not tree[step]:
        del tree[step]
        if step == "suggestions":
            tree.pop("selectionBehavior", None)
