"""A second, independent look at what is about to be sent.

`cards` refuses to build what is wrong; here the finished JSON is read against the
rules once more, so that a fault of one is seen by the other. Where the fault lies
in a part that may be left out, `drop_optional_violations` leaves that part out
instead of losing the advice.
"""

from collections.abc import Mapping
from copy import deepcopy

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


def _remove(tree: dict[str, object], path: Path) -> None:
    """Take the part at `path` out, and every container that becomes empty by it."""
    containers: list[object] = [tree]
    for step in path[:-1]:
        containers.append(_child(containers[-1], step))
    for container, step in zip(reversed(containers), reversed(path), strict=True):
        if isinstance(container, dict):
            container.pop(step, None)
            if step == "suggestions":
                container.pop("selectionBehavior", None)
        elif isinstance(container, list) and isinstance(step, int):
            del container[step]
        if container:
            return


def _child(container: object, step: str | int) -> object:
    if isinstance(container, dict) and isinstance(step, str):
        return container[step]
    if isinstance(container, list) and isinstance(step, int):
        return container[step]
    raise KeyError(step)
