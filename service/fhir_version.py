"""Which FHIR version the resources of a call are of, and which are read.

CDS Hooks has no field for it. R4 and R4B are read, and STU3 and R5, whose shapes are
recognised resource by resource (`service.fhir.versions`). DSTU2 is refused: its orders
and statements mean other things under the same names, and reading half of a chart would
make silence a false statement. A call shows itself to be of DSTU2 by a resource type
that only DSTU2 had, by an element that only DSTU2 had in types that went on, or by the
extension in which Epic states the version.
"""

from collections.abc import Iterable

from cds_hooks.errors import UnsupportedFhirVersion
from cds_hooks.fhir_versions import FhirVersion, require_fhir_version
from cds_hooks.request import HookRequest
from service.fhir.bundles import Resource
from service.fhir.versions import unsupported_version


READABLE = frozenset({FhirVersion.STU3, FhirVersion.R4, FhirVersion.R5})


def require_readable_request(request: HookRequest) -> None:
    """Raise UnsupportedFhirVersion where the call itself tells of another version."""
    require_fhir_version(request, READABLE)
    refuse_unreadable(
        (Resource(content=each) for each in request.context.resources), "context"
    )


def refuse_unreadable(resources: Iterable[Resource], where: str) -> None:
    """Raise UnsupportedFhirVersion if one of ``resources`` is of DSTU2.

    ``where`` is the field they came in. One is enough: a server has one version.
    """
    if any(unsupported_version(resource.content) for resource in resources):
        readable = ", ".join(sorted(READABLE))
        raise UnsupportedFhirVersion(
            f"Resources in {where} are FHIR {FhirVersion.DSTU2}; this service reads"
            f" {readable}.",
            expression=(where,),
        )
