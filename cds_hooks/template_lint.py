"""What is wrong with prefetch templates, found at start instead of at a client.

Only the query features that CDS Hooks recommends for prefetch pass (T-07); tokens
are checked against the hook (T-03, T-04); `%key` may name earlier keys only, which
excludes cycles (T-13).
"""

import re
from collections.abc import Iterator, Mapping

from cds_hooks.expressions import USER_TOKENS, parse_expression
from cds_hooks.hooks import Hook
from cds_hooks.prefetch_templates import TOKEN


_READ_OR_SEARCH = re.compile(
    r"\{\{[^{}]+\}\}|[A-Z][A-Za-z]*/\{\{[^{}]+\}\}|[A-Z][A-Za-z]*\?\S+"
)
_PARAMETER = re.compile(
    r"(?P<name>_?[a-z][a-z0-9-]*)(?P<modifier>:[^=]*)?=(?P<value>.+)"
)
_FORBIDDEN_PREFIX = re.compile(r"(?:ne|sa|eb|ap)(?=\d{4}|\{\{today)")
_RESULT_PARAMETERS = ("_count", "_sort")


def template_faults(
    templates: Mapping[str, str], hook: Hook | None, *, extended: bool = False
) -> list[str]:
    """Every fault of `templates`, as sentences that name key and rule.

    `hook` is None for a hook of one's own, whose fields are not known here.
    `extended` admits FHIRPath, `%key`, `today()` and `_maxresults`, for clients
    known to support CDS Hooks 3.
    """
    faults: list[str] = []
    earlier: list[str] = []
    for key, template in templates.items():
        found = [
            *_query_faults(template, extended),
            *_token_faults(template, hook, earlier, extended),
        ]
        faults += [f"prefetch key {key!r}: {fault}" for fault in found]
        earlier.append(key)
    return faults


def _query_faults(template: str, extended: bool) -> Iterator[str]:
    bare = TOKEN.sub("{{token}}", template)
    if not _READ_OR_SEARCH.fullmatch(bare):
        yield (
            "T-01: must be a read such as Patient/{{context.patientId}} or a search"
            " such as Condition?patient={{context.patientId}}"
        )
        return
    _, _, query = template.partition("?")
    for parameter in query.split("&") if query else ():
        yield from _parameter_faults(parameter, extended)


def _parameter_faults(parameter: str, extended: bool) -> Iterator[str]:
    match = _PARAMETER.fullmatch(parameter)
    if match is None:
        yield f"T-07: {parameter!r} is not name=value with a plain parameter name"
        return
    name, modifier, value = match["name"], match["modifier"], match["value"]
    allowed = (*_RESULT_PARAMETERS, "_id", *(("_maxresults",) if extended else ()))
    if name.startswith("_") and name not in allowed:
        yield f"T-07: {name} is outside the query subset of prefetch"
    if modifier not in (None, ":in"):
        yield f"T-07: modifier {modifier} is outside the query subset of prefetch"
    if _FORBIDDEN_PREFIX.match(value):
        yield "T-07: dates take only the prefixes eq, lt, gt, ge and le"


def _token_faults(
    template: str, hook: Hook | None, earlier: list[str], extended: bool
) -> Iterator[str]:
    for token in TOKEN.findall(template):
        if extended:
            yield from _expression_faults(token, hook, earlier)
        elif token not in USER_TOKENS and not _is_plain_field(token, hook):
            offered = hook.name if hook is not None else "the hook"
            yield f"T-03: {offered} offers no token {{{{{token}}}}}"


def _is_plain_field(token: str, hook: Hook | None) -> bool:
    root, _, name = token.partition(".")
    if root != "context" or not name.isidentifier():
        return False
    return hook is None or any(
        field.name == name and field.token for field in hook.fields
    )


def _expression_faults(
    token: str, hook: Hook | None, earlier: list[str]
) -> Iterator[str]:
    try:
        expression = parse_expression(token)
    except ValueError as fault:
        yield f"T-11: {fault}"
        return
    for path in expression.paths:
        key = path.root.removeprefix("%")
        if path.root.startswith("%") and key not in earlier:
            yield f"T-13: {path.root} must name a key that comes earlier"
        if path.root == "context" and hook is not None:
            name = path.steps[0][0]
            if hook.field(name) is None:
                yield f"T-03: the context of {hook.name} has no field {name}"
