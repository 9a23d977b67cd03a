"""The smallest request and the smallest card, to be changed in one place per test."""

import copy
from collections.abc import Mapping
from typing import Any

from cds_hooks import (
    HOOKS,
    Action,
    ActionType,
    Card,
    HookRequest,
    HookResponse,
    Indicator,
    Source,
    Suggestion,
    parse_request,
    serialise,
)


AUTHORIZATION: dict[str, Any] = {
    "access_token": "some-opaque-token",
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "user/Patient.read user/Observation.read",
    "subject": "cds-service",
}

CONTEXT: dict[str, Any] = {"userId": "Practitioner/example", "patientId": "1288992"}

PATIENT_VIEW: dict[str, Any] = {
    "hook": "patient-view",
    "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
    "fhirServer": "https://ehr.example.org/fhir",
    "fhirAuthorization": AUTHORIZATION,
    "context": CONTEXT,
}

ABSENT = object()


def changed(base: Mapping[str, Any], **changes: object) -> dict[str, Any]:
    """A copy of `base` with members replaced, or taken out where ABSENT."""
    members = {**copy.deepcopy(dict(base)), **changes}
    return {name: value for name, value in members.items() if value is not ABSENT}


def call(hook: str = "patient-view", **context: Any) -> dict[str, Any]:
    """A request of `hook` whose context has the changes `context`."""
    return changed(PATIENT_VIEW, hook=hook, context=changed(CONTEXT, **context))


def parsed(payload: object) -> HookRequest:
    """`payload` parsed for a service registered for every hook."""
    return parse_request(payload, hooks=list(HOOKS))


def bundle(*resources: object, **members: Any) -> dict[str, Any]:
    """A searchset Bundle of `resources`."""
    entries = [{"resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries, **members}


def outcome(severity: str, code: str = "processing") -> dict[str, Any]:
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": severity, "code": code, "diagnostics": "Smith, John"}],
    }


def create(description: str = "Order the test", **members: Any) -> Action:
    resource = {"resourceType": "ServiceRequest", "status": "draft", **members}
    return Action(type=ActionType.CREATE, description=description, resource=resource)


def suggestion(**members: Any) -> Suggestion:
    given: dict[str, Any] = {"label": "Order the test", "actions": (create(),)}
    return Suggestion(**{**given, **members})


def card(**members: Any) -> Card:
    given: dict[str, Any] = {
        "summary": "A sentence of advice",
        "indicator": Indicator.INFO,
        "source": Source(label="Example guideline"),
    }
    return Card(**{**given, **members})


def sent(*cards: Card, **members: Any) -> dict[str, Any]:
    """The response JSON for `cards`, in the default dialect."""
    return serialise(HookResponse(cards=cards, **members))


def sent_card(**members: Any) -> dict[str, Any]:
    """The JSON of one card."""
    only: dict[str, Any] = sent(card(**members))["cards"][0]
    return only
