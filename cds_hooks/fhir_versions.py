"""Which FHIR version the resources of a request are of (R-16, HK-08).

No field of CDS Hooks says it; all resources of one context share one version. The
caller's configuration of the client comes first. Where that says nothing, two
signs are read here: the extension in which Epic states the version, and resource
types that exist in one version only. What differs inside a resource is left to
whoever reads that resource.
"""

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum

from cds_hooks.bundles import Resource
from cds_hooks.errors import UnsupportedFhirVersion
from cds_hooks.request import HookRequest


class FhirVersion(StrEnum):
    """A published version of FHIR; R4 stands for R4B too."""

    DSTU2 = "DSTU2"
    STU3 = "STU3"
    R4 = "R4"
    R5 = "R5"


EPIC_FHIR_VERSION = "com.epic.cdshooks.request.fhir-version"

_STATED: Mapping[str, FhirVersion] = {
    "DSTU2": FhirVersion.DSTU2,
    "1.0": FhirVersion.DSTU2,
    "STU3": FhirVersion.STU3,
    "3.0": FhirVersion.STU3,
    "R4": FhirVersion.R4,
    "R4B": FhirVersion.R4,
    "4.0": FhirVersion.R4,
    "4.3": FhirVersion.R4,
    "R5": FhirVersion.R5,
    "5.0": FhirVersion.R5,
}

ONLY_IN: Mapping[str, FhirVersion] = dict.fromkeys(
    (
        "Conformance",
        "DeviceUseRequest",
        "DiagnosticOrder",
        "ImagingObjectSelection",
        "MedicationOrder",
        "Order",
        "OrderResponse",
    ),
    FhirVersion.DSTU2,
)
"""Resource types that one version has and no other."""


def stated_version(extension: Mapping[str, object]) -> FhirVersion | None:
    """The version that the request's `extension` states, as `R4` or as `4.0.1`."""
    text = extension.get(EPIC_FHIR_VERSION)
    if not isinstance(text, str):
        return None
    name = text.strip().upper()
    return _STATED.get(name) or _STATED.get(".".join(name.split(".")[:2]))


def version_shown_by(resources: Iterable[Resource]) -> FhirVersion | None:
    """The version that the types of `resources` give away, if any does."""
    for resource in resources:
        name = resource.get("resourceType")
        if isinstance(name, str) and name in ONLY_IN:
            return ONLY_IN[name]
    return None


def require_fhir_version(
    request: HookRequest, supported: Collection[FhirVersion]
) -> None:
    """Refuse `request` if it shows itself to be of a version not `supported`.

    Raises `UnsupportedFhirVersion` naming the version. A request that shows none
    passes.
    """
    version = version_shown_by(request.context.resources) or stated_version(
        request.extension
    )
    if version is not None and version not in supported:
        readable = ", ".join(sorted(supported))
        raise UnsupportedFhirVersion(
            f"The resources are FHIR {version}; this service reads {readable}.",
            expression=("context",),
        )
