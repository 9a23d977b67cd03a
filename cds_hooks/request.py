"""A service request, parsed once at the edge (CDS Hooks, "Calling a CDS Service")."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from cds_hooks.errors import InternalFault, RequestNotConformant
from cds_hooks.fhir_references import is_fhir_id, split_reference
from cds_hooks.hooks import HOOKS, Hook, HookContext, read_context
from cds_hooks.web_addresses import is_absolute_url


UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirAuthorization:
    """The OAuth 2.0 access token for the client's FHIR server (R-07).

    The token never shows in `repr` and belongs to this one call (A-03).
    """

    access_token: str = field(repr=False)
    token_type: str
    expires_in: int
    """Seconds from the receipt of the request."""
    scope: str
    """As sent; SMART v1, v2 and free text occur, so nobody parses it (R-09)."""
    subject: str
    """The OAuth client identifier of this service."""
    patient: str | None = None
    """Bare id of the patient the token is limited to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HookRequest:
    """One call of a CDS service."""

    hook: str
    hook_instance: str
    """Names the call; a UUID by the text, any non-empty string in life (C-13)."""
    context: HookContext
    fhir_server: str | None = None
    """Absolute http(s) URL without trailing slash; whom to trust is policy."""
    fhir_authorization: FhirAuthorization | None = None
    prefetch: Mapping[str, object] | None = field(default=None, repr=False)
    """As received; read one key at a time with `prefetch.state_of`."""
    extension: Mapping[str, object] = field(default_factory=dict, repr=False)
    remarks: tuple[str, ...] = ()
    """What was tolerated, for the log; free of values of the request."""


def parse_request(
    payload: object,
    *,
    hooks: Collection[str],
    definitions: Mapping[str, Hook] = HOOKS,
) -> HookRequest:
    """`payload`, a decoded JSON body, as a call of one of `hooks`.

    `hooks` are those registered for the service id that was called;
    `definitions` may add hooks of one's own. Unknown members are ignored (J-10).
    Prefetch values are not looked at, so the cost does not depend on their size.

    Raises `RequestNotConformant` or `NeededDataAbsent` (see `read_context`).
    """
    if not isinstance(payload, Mapping):
        raise RequestNotConformant("The body must be a JSON object.")
    remarks: list[str] = []
    hook = _definition(_required_string(payload, "hook"), hooks, definitions)
    hook_instance = _required_string(payload, "hookInstance")
    if not UUID.fullmatch(hook_instance):
        remarks.append("hookInstance is not a UUID")
    fhir_server = _fhir_server(payload.get("fhirServer"))
    authorization = _authorization(payload.get("fhirAuthorization"), remarks)
    if authorization is not None and fhir_server is None:
        raise RequestNotConformant(
            "fhirAuthorization was sent without fhirServer; send both or neither.",
            expression=("fhirServer",),
        )
    context = read_context(
        payload.get("context"), hook, default_user=payload.get("user")
    )
    _note_unusual_user(context, hook, remarks)
    return HookRequest(
        hook=hook.name,
        hook_instance=hook_instance,
        context=context,
        fhir_server=fhir_server,
        fhir_authorization=authorization,
        prefetch=_prefetch(payload.get("prefetch")),
        extension=_extension(payload.get("extension"), remarks),
        remarks=tuple(remarks),
    )


def _definition(
    name: str, hooks: Collection[str], definitions: Mapping[str, Hook]
) -> Hook:
    if name not in hooks:
        offered = ", ".join(sorted(hooks))
        raise RequestNotConformant(
            f"This service is not registered for that hook, only for: {offered}.",
            expression=("hook",),
        )
    if name not in definitions:
        raise InternalFault(f"hook {name} is registered but nowhere defined")
    return definitions[name]


def _required_string(payload: Mapping[str, object], name: str, path: str = "") -> str:
    value = payload.get(name)
    if value is None:
        raise _refusal(path + name, "is required")
    if not isinstance(value, str) or not value.strip():
        raise _refusal(path + name, "must be a string that is not blank")
    return value


def _fhir_server(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise _refusal("fhirServer", "must be a string holding an absolute URL")
    if not is_absolute_url(value):
        raise _refusal(
            "fhirServer", "must be the absolute http(s) URL of the FHIR server"
        )
    return value.rstrip("/")


def _authorization(value: object, remarks: list[str]) -> FhirAuthorization | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise _refusal("fhirAuthorization", "must be a JSON object")
    if value.get("access_token") == "":
        remarks.append("fhirAuthorization with an empty access_token was ignored")
        return None
    here = "fhirAuthorization."
    expires_in = value.get("expires_in")
    if not isinstance(expires_in, int) or isinstance(expires_in, bool):
        raise _refusal(here + "expires_in", "must be a whole number of seconds")
    token_type = _required_string(value, "token_type", here)
    if token_type.lower() != "bearer":
        raise _refusal(here + "token_type", "must be Bearer")
    patient = value.get("patient")
    if patient is not None and not (isinstance(patient, str) and is_fhir_id(patient)):
        raise _refusal(here + "patient", "must be a bare FHIR id")
    scope = _required_string(value, "scope", here)
    if patient is None and "patient/" in scope:
        remarks.append("fhirAuthorization.scope names a patient scope, patient absent")
    return FhirAuthorization(
        access_token=_access_token(value),
        token_type="Bearer",  # noqa: S106 - the scheme's name, no secret
        expires_in=expires_in,
        scope=scope,
        subject=_required_string(value, "subject", here),
        patient=patient,
    )


def _access_token(value: Mapping[str, object]) -> str:
    token = _required_string(value, "access_token", "fhirAuthorization.")
    if not re.fullmatch(r"[\x21-\x7e]+", token):
        raise _refusal(
            "fhirAuthorization.access_token", "must be printable ASCII without blanks"
        )
    return token


def _prefetch(value: object) -> Mapping[str, object] | None:
    if value is not None and not isinstance(value, Mapping):
        raise _refusal("prefetch", "must be a JSON object")
    return value


def _extension(value: object, remarks: list[str]) -> Mapping[str, object]:
    if isinstance(value, Mapping):
        return value
    if value is not None:
        remarks.append("extension is not an object and was ignored")
    return {}


def _note_unusual_user(context: HookContext, hook: Hook, remarks: list[str]) -> None:
    user = split_reference(context.user_id) if context.user_id else None
    if user is not None and user[0] not in hook.user_types:
        remarks.append("context.userId is of a type the hook's page does not list")


def _refusal(name: str, what: str) -> RequestNotConformant:
    return RequestNotConformant(f"{name} {what}.", expression=(name,))
