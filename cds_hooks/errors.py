"""What can be wrong with a CDS Hooks exchange, and the HTTP answer to it.

    CdsHooksError
    ├── BodyNotJson               400  the body is not RFC 8259 JSON
    ├── RequestNotConformant      422  JSON, but not the CDS Hooks form
    │   └── UnsupportedFhirVersion 422  FHIR of a version the service cannot read
    ├── NotAuthenticated          401  always the same bare text
    ├── UnknownService            404  no such service id
    ├── MethodNotAllowed          405  the path exists, the method does not
    ├── NeededDataAbsent          412  data the answer depends on cannot be had
    ├── BodyTooLarge              413  more bytes than the service reads
    ├── UnsupportedMedia          415  content type or encoding it does not read
    ├── ServiceBusy               503  try again later
    └── InternalFault             500  our fault; says nothing about the request
        └── OutputNotConformant   500  we were about to send something invalid

Messages name the field and what to do about it. They never repeat a value of
the request, since any value may be patient data.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import ClassVar


class CdsHooksError(Exception):
    """Base of the tree: a message for people and the fields it is about."""

    status: ClassVar[int] = 500
    issue_code: ClassVar[str] = "exception"
    """Code of http://hl7.org/fhir/issue-type."""

    def __init__(
        self,
        message: str,
        *,
        expression: Collection[str] = (),
        diagnostics: str | None = None,
    ) -> None:
        """Say what is wrong and what to do.

        `expression` holds field paths such as `context.patientId`;
        `diagnostics` is an optional second sentence for the integrator.
        """
        super().__init__(message)
        self.message = message
        self.expression = tuple(expression)
        self.diagnostics = diagnostics

    @property
    def headers(self) -> Mapping[str, str]:
        """HTTP headers the answer must carry besides its content type."""
        return {}


class BodyNotJson(CdsHooksError):
    """The body is not JSON of RFC 8259 in UTF-8 (H-04)."""

    status = 400
    issue_code = "structure"


class RequestNotConformant(CdsHooksError):
    """The body is JSON but not what CDS Hooks prescribes (H-05)."""

    status = 422
    issue_code = "invalid"


class UnsupportedFhirVersion(RequestNotConformant):
    """The resources are of a FHIR version the service does not read (HK-08)."""

    issue_code = "not-supported"


class NotAuthenticated(CdsHooksError):
    """Any failure of the client's authentication; gives no reason (JWT-16)."""

    status = 401
    issue_code = "login"

    def __init__(self) -> None:
        super().__init__("Authentication failed.")

    @property
    def headers(self) -> Mapping[str, str]:
        return {"WWW-Authenticate": "Bearer"}


class UnknownService(CdsHooksError):
    """No service, or no such endpoint of it, has this address (H-08)."""

    status = 404
    issue_code = "not-found"

    def __init__(
        self,
        message: str = "There is no CDS service at this address;"
        " GET /cds-services lists those that exist.",
    ) -> None:
        super().__init__(message)


class MethodNotAllowed(CdsHooksError):
    """The address exists but not for this HTTP method (H-09)."""

    status = 405
    issue_code = "not-supported"

    def __init__(self, allowed: Collection[str]) -> None:
        self.allowed = tuple(sorted(allowed))
        super().__init__(f"Use one of these methods here: {', '.join(self.allowed)}.")

    @property
    def headers(self) -> Mapping[str, str]:
        return {"Allow": ", ".join(self.allowed)}


class NeededDataAbsent(CdsHooksError):
    """FHIR data without which there is no honest answer cannot be had (H-03)."""

    status = 412
    issue_code = "not-found"

    def __init__(
        self,
        message: str | None = None,
        *,
        keys: Collection[str] = (),
        expression: Collection[str] = (),
    ) -> None:
        """`keys` are the prefetch keys that were needed and not obtained (P-12)."""
        self.keys = tuple(keys)
        named = ", ".join(self.keys)
        super().__init__(
            message
            or f"Needed FHIR data could not be obtained for: {named}. Send it under"
            " these prefetch keys, or give fhirServer and fhirAuthorization with"
            " which it can be read.",
            expression=expression or tuple(f"prefetch.{key}" for key in self.keys),
        )


class BodyTooLarge(CdsHooksError):
    """The body has more bytes than the service is willing to read (H-10)."""

    status = 413
    issue_code = "too-long"


class UnsupportedMedia(CdsHooksError):
    """The body has a content type or content encoding that is not read (J-13)."""

    status = 415
    issue_code = "not-supported"


class ServiceBusy(CdsHooksError):
    """Too much to do, or something the service stands on is down (H-11)."""

    status = 503
    issue_code = "transient"

    def __init__(
        self,
        message: str = "The service cannot answer just now; try again later.",
        *,
        retry_after: int,
    ) -> None:
        """`retry_after` is in whole seconds."""
        self.retry_after = retry_after
        super().__init__(message)

    @property
    def headers(self) -> Mapping[str, str]:
        return {"Retry-After": str(self.retry_after)}


class InternalFault(CdsHooksError):
    """A fault of the service itself (H-12).

    Its message is for the log; `operation_outcome` replaces it by a fixed text.
    """

    status = 500
    issue_code = "exception"

    def __init__(
        self,
        message: str = "internal fault",
        *,
        expression: Collection[str] = (),
        diagnostics: str | None = None,
    ) -> None:
        super().__init__(message, expression=expression, diagnostics=diagnostics)


class OutputNotConformant(InternalFault):
    """What the service was about to send breaks the CDS Hooks rules."""


ERRORS: tuple[type[CdsHooksError], ...] = (
    BodyNotJson,
    RequestNotConformant,
    UnsupportedFhirVersion,
    NotAuthenticated,
    UnknownService,
    MethodNotAllowed,
    NeededDataAbsent,
    BodyTooLarge,
    UnsupportedMedia,
    ServiceBusy,
    InternalFault,
    OutputNotConformant,
)

STATUS: Mapping[type[CdsHooksError], int] = MappingProxyType(
    {error: error.status for error in ERRORS}
)
"""The one table from kind of error to HTTP status."""

INTERNAL_FAULT_TEXT = (
    "The service failed while working on this request. This is not the answer"
    " that there is nothing to advise."
)


def operation_outcome(error: CdsHooksError) -> dict[str, object]:
    """The FHIR OperationOutcome for `error` (H-13), free of request values.

    It has one issue with `severity`, `code` and `details.text`; `diagnostics`
    and `expression` where the error has them. A fault of ours shows neither.
    """
    issue: dict[str, object] = {
        "severity": "fatal" if isinstance(error, InternalFault) else "error",
        "code": error.issue_code,
    }
    if isinstance(error, InternalFault):
        issue["details"] = {"text": INTERNAL_FAULT_TEXT}
    else:
        issue["details"] = {"text": error.message}
        if error.diagnostics:
            issue["diagnostics"] = error.diagnostics
        if error.expression:
            issue["expression"] = list(error.expression)
    return {"resourceType": "OperationOutcome", "issue": [issue]}
