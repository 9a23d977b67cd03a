"""Calls as the service makes them, by readers that may use loopback addresses."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from cds_hooks import parse_request
from cds_hooks.request import HookRequest
from service.clinical.record import DataKind
from service.fhir.bundles import Resource
from service.fhir_server.answers import Fetched
from service.fhir_server.breaker import CircuitBreaker
from service.fhir_server.dialling import Dialler
from service.fhir_server.networks import NetworkRule
from service.fhir_server.policy import CallPolicy
from service.fhir_server.reader import CallLimits, FhirServers, ServerReader
from service.fhir_server.transport import Transport
from service.reads import Read


TOKEN = "opaque-token-of-one-call"

DEVELOPMENT = CallPolicy(development=True)
"""Any server on this machine, over http, with or without a token."""


def read(key: str, template: str) -> Read:
    """The read of `key`; of what kind its data is does not matter here."""
    return Read(
        key=key,
        kind=DataKind.CONDITIONS,
        resource=template.split("?")[0].split("/")[0],
        template=template,
        needed=True,
        carries_kind=True,
        why="a test",
    )


PATIENT = read("patient", "Patient/{{context.patientId}}")
CONDITIONS = read("conditions", "Condition?patient={{context.patientId}}")
LABORATORY = read(
    "laboratory",
    "Observation?patient={{context.patientId}}&code=http://loinc.org|2132-9",
)
MEDICINES = read("medicines", "MedicationRequest?patient={{context.patientId}}")
ENCOUNTER = read("encounter", "Encounter/{{context.encounterId}}")


def request_to(
    fhir_server: str | None,
    *,
    token: str | None = TOKEN,
    expires_in: int = 300,
    encounter: str | None = None,
    prefetch: Mapping[str, object] | None = None,
) -> HookRequest:
    """A patient-view call about Patient/p1 that names `fhir_server`."""
    payload: dict[str, Any] = {
        "hook": "patient-view",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"userId": "Practitioner/example", "patientId": "p1"},
    }
    if fhir_server is not None:
        payload["fhirServer"] = fhir_server
    if token is not None and fhir_server is not None:
        payload["fhirAuthorization"] = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": expires_in,
            "scope": "patient/*.read",
            "subject": "cds-service",
        }
    if encounter is not None:
        payload["context"]["encounterId"] = encounter
    if prefetch is not None:
        payload["prefetch"] = prefetch
    return parse_request(payload, hooks=["patient-view"])


@contextmanager
def fhir_servers(
    *,
    limits: CallLimits | None = None,
    failures: int = 1_000,
    threads: int = 16,
    dialler: Dialler | None = None,
    **transport: Any,
) -> Iterator[FhirServers]:
    """What reads from servers; closed afterwards. By default the breaker sleeps."""
    servers = FhirServers(
        Transport(
            dialler or Dialler(rule=NetworkRule()), connections=threads, **transport
        ),
        breaker=CircuitBreaker(failures=failures, pause=60),
        limits=limits or CallLimits(),
        threads=threads,
    )
    try:
        yield servers
    finally:
        servers.close()


def fetch(
    reader: ServerReader,
    request: HookRequest,
    reads: Collection[Read] = (),
    *,
    next_pages: Mapping[str, str] | None = None,
    known: Iterable[Resource] = (),
) -> Fetched:
    return reader.fetch(reads, request, next_pages=next_pages or {}, known=tuple(known))


def ids_in(content: object) -> list[str]:
    """The ids of the resources in a Bundle."""
    assert isinstance(content, dict)
    return [entry["resource"]["id"] for entry in content["entry"]]


def condition(id_: str, patient: str = "p1") -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "id": id_,
        "subject": {"reference": f"Patient/{patient}"},
        "code": {"text": "Cough"},
    }


def patient(id_: str = "p1") -> dict[str, Any]:
    return {"resourceType": "Patient", "id": id_, "birthDate": "1950-01-01"}


def observation(id_: str, code: str) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "subject": {"reference": "Patient/p1"},
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
    }
