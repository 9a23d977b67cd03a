"""What one prefetched value tells us: data, no data, failure, or nothing at all.

The four answers lead to four different branches (CONFORMANCE rows P-01 to P-16):
data is used, known absence is believed, failure is not asked for again, and what
is missing is read from the FHIR server. `dict.get` would merge two of them, so
callers read a key with `state_of`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from cds_hooks.bundles import Resource, Unwrapped, resource_type, unwrap


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplied:
    """The client sent data for the key (P-01, P-02, P-08)."""

    resources: tuple[Resource, ...]
    complete: bool
    """False if pages follow, entries were unreadable or a part had failed."""
    next_links: tuple[str, ...] = ()
    """Urls of further pages, as the client gave them (P-03)."""
    included: tuple[Resource, ...] = ()
    """Resources that came along (`_include`); they are no matches."""
    unreadable: int = 0
    """Entries that were no FHIR resource."""
    failure: str | None = None
    """Codes of the errors the client reports beside the data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEmpty:
    """The client looked and has no such data (P-04, P-05)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unavailable:
    """The client tried and failed; asking again would fail likewise (P-06)."""

    reason: str
    """Codes of the OperationOutcome, never its free text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """The client said nothing usable for the key (P-07, P-09, P-15)."""

    reason: str = "the key was not sent"


PrefetchState = Supplied | KnownEmpty | Unavailable | Missing


def state_of(prefetch: Mapping[str, object] | None, key: str) -> PrefetchState:
    """What `prefetch` says under `key`; no prefetch at all misses every key."""
    if prefetch is None or key not in prefetch:
        return Missing()
    return read_prefetch_value(prefetch[key])


def read_prefetch_value(value: object) -> PrefetchState:
    """The state that `value`, sent under a prefetch key, stands for.

    A resource and a Bundle are accepted for reads and searches alike. The old
    wrapping `{"response": {"status": …}, "resource": …}` is taken off (R-20).
    """
    if value is None:
        return KnownEmpty()
    if isinstance(value, dict):
        kind = resource_type(value)
        if kind is None:
            return _read_wrapped(value)
        if kind == "OperationOutcome":
            return Unavailable(reason=_issue_codes([value]))
    elif not isinstance(value, list):
        return Missing(reason="the value is not a FHIR resource")
    return _judge(unwrap(value))


def _read_wrapped(value: Mapping[str, object]) -> PrefetchState:
    if "resource" not in value and "response" not in value:
        return Missing(reason="the value is an object without resourceType")
    if value.get("resource") is not None:
        return read_prefetch_value(value["resource"])
    response = value.get("response")
    status = response.get("status") if isinstance(response, dict) else None
    if isinstance(status, str | int) and str(status).startswith("2"):
        return KnownEmpty()
    return Unavailable(reason="the client's own query failed")


def _judge(found: Unwrapped) -> PrefetchState:
    failures = [outcome for outcome in found.outcomes if _is_failure(outcome)]
    if not (found.resources or found.included or found.unreadable):
        if failures:
            return Unavailable(reason=_issue_codes(failures))
        if not (found.next_links or found.understated):
            return KnownEmpty()
    return Supplied(
        resources=tuple(found.resources),
        included=tuple(found.included),
        complete=not (
            found.next_links or found.understated or found.unreadable or failures
        ),
        next_links=tuple(found.next_links),
        unreadable=found.unreadable,
        failure=_issue_codes(failures) if failures else None,
    )


def _is_failure(outcome: Resource) -> bool:
    """Whether an OperationOutcome among the entries reports an error (P-05, P-06).

    An outcome without readable issues is taken for a failure: it does not say
    that the search went well.
    """
    issues = _issues(outcome)
    return not issues or any(
        issue.get("severity") not in ("information", "warning", "success")
        for issue in issues
    )


def _issues(outcome: Resource) -> list[Mapping[str, object]]:
    issues = outcome.get("issue")
    if not isinstance(issues, list):
        return []
    return [issue for issue in issues if isinstance(issue, dict)]


_ISSUE_CODES = frozenset(
    "invalid structure required value invariant security login unknown expired"
    " forbidden suppressed processing not-supported duplicate multiple-matches"
    " not-found deleted too-long code-invalid extension too-costly"
    " business-rule conflict limited-filter transient lock-error no-store exception"
    " timeout incomplete throttled informational success".split()
)


def _issue_codes(outcomes: list[Resource]) -> str:
    """The issue codes of `outcomes`, those of FHIR only: other text may be private."""
    codes = sorted(
        {
            code
            for outcome in outcomes
            for issue in _issues(outcome)
            if isinstance(code := issue.get("code"), str) and code in _ISSUE_CODES
        }
    )
    return "the client reports " + (", ".join(codes) or "a failure")
