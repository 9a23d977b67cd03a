"""A patient's chart read from FHIR resources: the one way into the Record."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from service.clinical.record import (
    Allergy,
    Condition,
    DataKind,
    DietOrder,
    MedicationSource,
    Named,
    Observation,
    OrderedTest,
    Patient,
    Procedure,
    Record,
    RelativeHistory,
    ResourceRef,
)
from service.clinical.record import Medication as MedicationEntry
from service.fhir.allergies import read_allergy
from service.fhir.bundles import Json, Resource
from service.fhir.codings import hides_what_it_is
from service.fhir.conditions import read_condition
from service.fhir.diets import read_diet_order
from service.fhir.elements import Elements, pruned
from service.fhir.family_history import read_family_history
from service.fhir.medications import counts, read_medication
from service.fhir.newest import newest_versions
from service.fhir.observations import read_observation
from service.fhir.orders import read_order
from service.fhir.patients import read_patient
from service.fhir.procedures import read_procedure
from service.fhir.products import (
    Product,
    is_nameless,
    medicine_of,
    product_of,
    with_strength,
)
from service.fhir.questionnaires import read_questionnaire
from service.fhir.reading import Reading
from service.fhir.references import References, reference_of
from service.fhir.sift import Sift
from service.fhir.subjects import Subject, bare_id
from service.fhir.terminology import Terminology
from service.fhir.typed import NOT_R4, validated
from service.fhir.units import Units
from service.fhir.versions import as_r4
from service.fhir.visits import read_appointment, read_encounter


ANOTHER_PATIENT = "about another patient"
MEDICINE_NOT_SUPPLIED = "the medicine it refers to was not supplied"

Read = Callable[[Elements, ResourceRef, Reading], Iterator[Named]]

_READERS: Mapping[str, Read] = {
    "AllergyIntolerance": read_allergy,
    "Appointment": read_appointment,
    "Condition": read_condition,
    "Encounter": read_encounter,
    "FamilyMemberHistory": read_family_history,
    "NutritionOrder": read_diet_order,
    "Observation": read_observation,
    "Procedure": read_procedure,
    "QuestionnaireResponse": read_questionnaire,
    "ServiceRequest": read_order,
}
_MEDICATIONS = frozenset(origin.value for origin in MedicationSource)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """How many resources there were, and what became of them.

    ``uncoded_conditions`` have only words, and no pattern knows them.
    """

    resources: int
    read: int
    of_other_patients: int
    uncoded_conditions: int


def read_record(
    resources: Iterable[Resource],
    *,
    terminology: Terminology,
    units: Units,
    today: date,
    patient_id: str | None = None,
    encounter_id: str | None = None,
    absent: frozenset[DataKind] = frozenset(),
    partial: frozenset[DataKind] = frozenset(),
) -> Record:
    """The chart of one patient; see ``read_chart``, whose tally is left out here."""
    record, _ = read_chart(
        resources,
        terminology=terminology,
        units=units,
        today=today,
        patient_id=patient_id,
        encounter_id=encounter_id,
        absent=absent,
        partial=partial,
    )
    return record


def read_chart(
    resources: Iterable[Resource],
    *,
    terminology: Terminology,
    units: Units,
    today: date,
    patient_id: str | None = None,
    encounter_id: str | None = None,
    absent: frozenset[DataKind] = frozenset(),
    partial: frozenset[DataKind] = frozenset(),
) -> tuple[Record, Tally]:
    """Everything that matters in ``resources`` about one patient. Never raises.

    ``patient_id`` is the patient in context (``1`` or ``Patient/1``); without it, the
    first Patient among the resources. Other patients' resources are left out and
    reported. ``encounter_id`` is the encounter in context: no other is read. ``absent``
    and ``partial`` are the kinds of data that did not, or not wholly, arrive.
    """
    resources = tuple(resources)
    subject = Subject.among(resources, patient_id)
    chart = _Chart(
        subject=subject,
        encounter_id=bare_id(encounter_id) if encounter_id else None,
        reading=Reading(
            terminology=terminology,
            units=units,
            references=References(resources),
            today=today,
        ),
        sift=Sift(terminology),
    )
    chart.read_patient(resources)
    for resource in newest_versions(resources):
        chart.read(resource)
    tally = Tally(
        resources=len(resources),
        read=chart.resources_read,
        of_other_patients=chart.of_other_patients,
        uncoded_conditions=chart.sift.uncoded_conditions,
    )
    return chart.record(absent, partial), tally


@dataclass(kw_only=True, slots=True)
class _Chart:
    """A Record being written."""

    subject: Subject
    encounter_id: str | None
    reading: Reading
    sift: Sift
    patient: Patient | None = None
    items: list[Named] = field(default_factory=list)
    resources_read: int = 0
    of_other_patients: int = 0

    def read_patient(self, resources: Iterable[Resource]) -> None:
        """The Patient first: ages of onset need the date of birth."""
        patients = [resource for resource in resources if resource.type == "Patient"]
        own = [patient for patient in patients if self.subject.is_patient(patient)]
        for resource in patients if not own else ():
            self.reading.cannot_read(_source(resource), "Patient.id", ANOTHER_PATIENT)
        for resource in list(newest_versions(own))[:1]:
            source = _source(resource)
            elements = self._validated("Patient", resource.content, source)
            if elements is not None:
                self.patient = read_patient(elements, source, self.reading)
                self.reading.birth = self.patient.birth

    def read(self, resource: Resource) -> None:
        """Any other resource, if it matters and is this patient's."""
        content = as_r4(resource.content)
        name = str(content.get("resourceType"))
        if name in _MEDICATIONS:
            self._read_medication(name, content, resource)
        elif (
            name in _READERS
            and self._is_in_context(name, resource)
            and self.sift.matters(content)
        ):
            source = _source(resource, name)
            if not self._is_own(content, source):
                return
            elements = self._validated(name, content, source)
            if elements is not None:
                self._keep(_READERS[name](elements, source, self.reading))

    def record(
        self, absent: frozenset[DataKind], partial: frozenset[DataKind]
    ) -> Record:
        """What was read, in an order that does not depend on that of arrival."""
        items = sorted(self.items, key=lambda item: (str(item.source), item.label))
        return Record(
            patient=self.patient,
            conditions=tuple(i for i in items if isinstance(i, Condition)),
            observations=tuple(i for i in items if isinstance(i, Observation)),
            procedures=tuple(i for i in items if isinstance(i, Procedure)),
            medications=tuple(i for i in items if isinstance(i, MedicationEntry)),
            test_orders=tuple(i for i in items if isinstance(i, OrderedTest)),
            family_history=tuple(i for i in items if isinstance(i, RelativeHistory)),
            allergies=tuple(i for i in items if isinstance(i, Allergy)),
            diet_orders=tuple(i for i in items if isinstance(i, DietOrder)),
            unread=tuple(self.reading.unread),
            absent=absent,
            partial=partial,
        )

    def _read_medication(self, name: str, content: Json, resource: Resource) -> None:
        reading = self.reading
        source = _source(resource, name)
        medicine = medicine_of(content, reading.references)
        product = product_of(content, medicine, reading.references, reading.terminology)
        if not product.concepts:
            self._report_nameless(product, content, source)
            return
        if not self._is_own(content, source):
            return
        elements = self._validated(name, content, source)
        if elements is None:
            return
        about = self._medicine(medicine) if medicine is not None else {}
        product = with_strength(product, about, reading.terminology)
        self._keep(read_medication(elements, source, product, reading))

    def _medicine(self, medicine: Json) -> Elements:
        source = ResourceRef(type="Medication", id=Resource(content=medicine).id)
        return self._validated("Medication", medicine, source) or {}

    def _report_nameless(
        self, product: Product, content: Json, source: ResourceRef
    ) -> None:
        """A medicine nobody can tell may be any: said, if the entry could count."""
        if not is_nameless(product) or not counts(content):
            return
        if not self.subject.owns(content):
            return
        if reference_of(content.get("medicationReference")) is not None:
            element, reason = "medicationReference", MEDICINE_NOT_SUPPLIED
        elif hides_what_it_is(content.get("medicationCodeableConcept")):
            element, reason = "medicationCodeableConcept", NOT_R4
        else:
            return
        self.reading.cannot_read(source, f"{source.type}.{element}", reason)

    def _validated(
        self, name: str, content: Json, source: ResourceRef
    ) -> Elements | None:
        """The elements that are read, with what does not fit FHIR taken out."""
        result = validated(name, pruned(name, content))
        for fault in result.faults:
            self.reading.cannot_read(source, fault.element, fault.reason)
        return result.elements

    def _keep(self, items: Iterable[Named]) -> None:
        self.resources_read += 1
        for item in items:
            if item.concepts or getattr(item, "value_concepts", None):
                self.items.append(item)

    def _is_own(self, content: Json, source: ResourceRef) -> bool:
        if self.subject.owns(content):
            return True
        self.of_other_patients += 1
        self.reading.cannot_read(source, f"{source.type}.subject", ANOTHER_PATIENT)
        return False

    def _is_in_context(self, name: str, resource: Resource) -> bool:
        """Of visits only the one in context counts, and what is booked right now."""
        if name == "Encounter":
            is_current = self.encounter_id is not None and (
                resource.id == self.encounter_id
            )
            return resource.in_hand or is_current
        return name != "Appointment" or resource.in_hand


def _source(resource: Resource, name: str | None = None) -> ResourceRef:
    return ResourceRef(
        type=name or resource.type, id=resource.id, in_hand=resource.in_hand
    )
