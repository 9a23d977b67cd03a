"""The smallest request and the smallest card, to be changed in one place per test."""

import copy
from collections.abc import Mapping

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


AUTHORIZATION = {
    "access_token": "some-opaque-token",
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "user/Patient.read user/Observation.read",
    "subject": "cds-service",
}

CONTEXT = {"userId": "Practitioner/example", "patientId": "1288992"}

PATIENT_VIEW = {
    "hook": "patient-view",
    "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
    "fhirServer": "https://ehr.example.org/fhir",
    "fhirAuthorization": AUTHORIZATION,
    "context": CONTEXT,
}

ABSENT = object()


def changed(base: Mapping[str, object], **changes: object) -> dict[str, object]:
    """A copy of `base` with members replaced, or taken out where ABSENT."""
    members = {**copy.deepcopy(dict(base)), **changes}
    return {name: value for name, value in members.items() if value is not ABSENT}


def call(hook: str = "patient-view", **context: object) -> dict[str, object]:
    """A request of `hook` whose context has the changes `context`."""
    return changed(PATIENT_VIEW, hook=hook, context=changed(CONTEXT, **context))


def parsed(payload: object) -> HookRequest:
    """`payload` parsed for a service registered for every hook."""
    return parse_request(payload, hooks=list(HOOKS))


def bundle(*resources: object, **members: object) -> dict[str, object]:
    """A searchset Bundle of `resources`."""
    entries = [{"resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries, **members}


def outcome(severity: str, code: str = "processing") -> dict[str, object]:
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": severity, "code": code, "diagnostics": "Smith, John"}],
    }


def create(description: str = "Order the test", **members: object) -> Action:
    resource = {"resourceType": "ServiceRequest", "status": "draft", **members}
    return Action(type=ActionType.CREATE, description=description, resource=resource)


def suggestion(**members: object) -> Suggestion:
    given: dict[str, object] = {"label": "Order the test", "actions": (create(),)}
    return Suggestion(**{**given, **members})  # type: ignore[arg-type]  # by keyword


def card(**members: object) -> Card:
    given: dict[str, object] = {
        "summary": "A sentence of advice",
        "indicator": Indicator.INFO,
        "source": Source(label="Example guideline"),
    }
    return Card(**{**given, **members})  # type: ignore[arg-type]  # by keyword


def sent(*cards: Card, **members: object) -> dict[str, object]:
    """The response JSON for `cards`, in the default dialect."""
    return serialise(HookResponse(cards=cards, **members))  # type: ignore[arg-type]


def sent_card(**members: object) -> dict[str, object]:
    """The JSON of one card."""
    [only] = sent(card(**members))["cards"]  # type: ignore[misc]  # a list of one
    assert isinstance(only, dict)
    return only
