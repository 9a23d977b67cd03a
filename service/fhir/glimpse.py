"""What is looked at in an entry of a Bundle to tell whether it may matter.

Nothing else of the entry is decoded. One that does not fit these types, as with an
element marked ``Never``, may matter whatever else it says: it has a shape that R4 does
not have, or refers to what would have to be looked up.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta, Raw, Struct


# No value fits it.
Never = Annotated[int, Meta(gt=0, lt=0)]


class Code(Struct, frozen=True, gc=False):
    system: str | None = None
    code: str | None = None


class Coded(Struct, frozen=True, gc=False):
    coding: tuple[Code, ...] = ()
    concept: Never = 0  # R5's CodeableReference


class NamedCode(Struct, frozen=True, gc=False):
    system: str | None = None
    code: str | None = None
    display: str | None = None


class Product(Struct, frozen=True, gc=False):
    coding: tuple[NamedCode, ...] = ()
    text: str | None = None


class Component(Struct, gc=False):
    code: Coded | None = None
    valueCodeableConcept: Coded | None = None
    valueString: str | None = None
    component: None = None


class Resource(Struct, gc=False, tag_field="resourceType"):
    id: str | None = None


class Condition(Resource, tag="Condition", gc=False):
    code: Coded | None = None
    dateRecorded: Never = 0  # DSTU2, as are all such elements below
    patient: Never = 0


class Observation(Resource, tag="Observation", gc=False):
    code: Coded | None = None
    valueCodeableConcept: Coded | None = None
    valueString: str | None = None
    component: list[Component] | None = None
    category: Raw = Raw(b"[]")


class Procedure(Resource, tag="Procedure", gc=False):
    code: Coded | None = None
    notPerformed: Never = 0
    reasonNotPerformed: Never = 0


class ServiceRequest(Resource, tag="ServiceRequest", gc=False):
    code: Coded | None = None


class Medicine(Resource, gc=False):
    medicationCodeableConcept: Product | None = None
    medicationReference: Never = 0
    medication: Never = 0  # R5


class MedicationRequest(Medicine, tag="MedicationRequest", gc=False):
    pass


class MedicationStatement(Medicine, tag="MedicationStatement", gc=False):
    patient: Never = 0
    wasNotTaken: Never = 0


class MedicationDispense(Medicine, tag="MedicationDispense", gc=False):
    dispenser: Never = 0


class MedicationAdministration(Medicine, tag="MedicationAdministration", gc=False):
    wasNotGiven: Never = 0
    effectiveTimeDateTime: Never = 0


class Encounter(Resource, tag="Encounter", gc=False):
    patient: Never = 0


# Types that nobody reads or refers to. An entry of a type not named here is kept.
_UNREAD = tuple(
    msgspec.defstruct(f"_{name}", [], bases=(Resource,), tag=name, gc=False)
    for name in (
        "Account AdverseEvent AppointmentResponse BodyStructure CarePlan CareTeam"
        " Claim ClaimResponse ClinicalImpression Communication Composition Consent"
        " Coverage DetectedIssue Device DiagnosticReport DocumentReference Endpoint"
        " EpisodeOfCare ExplanationOfBenefit Flag Goal Group HealthcareService"
        " ImagingStudy Immunization ImmunizationRecommendation List Location Media"
        " Organization Person Practitioner PractitionerRole Provenance"
        " Questionnaire RelatedPerson RiskAssessment Specimen Task"
    ).split()
)


class Search(Struct, gc=False):
    # Any other entry came along for another's sake.
    mode: Literal["match"] | None = None


# Any: no type checker knows a union of types that are made while the program runs.
_Looked: Any = (
    Condition
    | Observation
    | Procedure
    | ServiceRequest
    | MedicationRequest
    | MedicationStatement
    | MedicationDispense
    | MedicationAdministration
    | Encounter
)
for _unread in _UNREAD:
    _Looked |= _unread

ENTRY: msgspec.json.Decoder[Any] = msgspec.json.Decoder(
    msgspec.defstruct(
        "_Entry",
        [("resource", _Looked), ("search", Search | None, None)],
        gc=False,
    )
)
TYPE_OF: Mapping[type[Struct], str] = {
    kind: kind.__struct_config__.tag for kind in get_args(_Looked)
}
