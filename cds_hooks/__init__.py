"""CDS Hooks for services in Python: requests in, cards out, no framework."""

from cds_hooks.cards import (
    Action,
    ActionType,
    Card,
    Coding,
    HookResponse,
    Indicator,
    Link,
    LinkType,
    SelectionBehavior,
    Source,
    Suggestion,
    new_uuid,
)
from cds_hooks.conformance import drop_optional_violations, violations
from cds_hooks.decoding import decode_json
from cds_hooks.dialects import Dialect, serialise
from cds_hooks.discovery import ServiceDescription, discovery_document
from cds_hooks.encoding import encode_json
from cds_hooks.errors import CdsHooksError, NeededDataAbsent, operation_outcome
from cds_hooks.feedback import FeedbackBatch, FeedbackEntry, parse_feedback
from cds_hooks.hooks import HOOKS, HookContext
from cds_hooks.markdown import escape_markdown
from cds_hooks.prefetch import (
    KnownEmpty,
    Missing,
    PrefetchState,
    Supplied,
    Unavailable,
    read_prefetch_value,
    state_of,
)
from cds_hooks.prefetch_templates import expand
from cds_hooks.request import FhirAuthorization, HookRequest, parse_request


__all__ = [
    "HOOKS",
    "Action",
    "ActionType",
    "Card",
    "CdsHooksError",
    "Coding",
    "Dialect",
    "FeedbackBatch",
    "FeedbackEntry",
    "FhirAuthorization",
    "HookContext",
    "HookRequest",
    "HookResponse",
    "Indicator",
    "KnownEmpty",
    "Link",
    "LinkType",
    "Missing",
    "NeededDataAbsent",
    "PrefetchState",
    "SelectionBehavior",
    "ServiceDescription",
    "Source",
    "Suggestion",
    "Supplied",
    "Unavailable",
    "decode_json",
    "discovery_document",
    "drop_optional_violations",
    "encode_json",
    "escape_markdown",
    "expand",
    "new_uuid",
    "operation_outcome",
    "parse_feedback",
    "parse_request",
    "read_prefetch_value",
    "serialise",
    "state_of",
    "violations",
]
