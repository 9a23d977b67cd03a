"""Whose chart this is: one patient is read, all others are left alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from service.fhir.bundles import Json, Resource
from service.fhir.references import reference_of, type_and_id


# R4 says Patient.subject by either name, depending on the type.
_SUBJECT_ELEMENTS = ("subject", "patient")


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """The patient in context, by every name the resources may use.

    ``id`` is None when neither the context nor any Patient resource gives one.
    ``others`` are the full URLs of further Patients in the same collection.
    """

    id: str | None
    full_urls: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()

    @classmethod
    def among(cls, resources: Iterable[Resource], patient_id: str | None) -> Self:
        """The patient ``patient_id``; without one, the first Patient of them all."""
        patients = [resource for resource in resources if resource.type == "Patient"]
        chosen = bare_id(patient_id) if patient_id else None
        if chosen is None and patients:
            first = patients[0]
            chosen = first.id or _of_urn(first.full_url)
        own: set[str] = set()
        others: set[str] = set()
        for patient in patients:
            if patient.full_url is not None:
                is_own = _is_named(patient, chosen)
                (own if is_own else others).add(patient.full_url)
        return cls(id=chosen, full_urls=frozenset(own), others=frozenset(others))

    def is_patient(self, patient: Resource) -> bool:
        """Whether this Patient resource is the one in context."""
        return _is_named(patient, self.id)

    def owns(self, content: Json) -> bool:
        """Whether a resource is about this patient, as far as it says.

        A resource without a subject, or whose subject is only a display, an
        identifier or a conditional reference, names nobody else and is taken as this
        patient's. One about a group, a device or a location is not.
        """
        for element in _SUBJECT_ELEMENTS:
            reference = reference_of(content.get(element))
            if reference is not None and not self._is_meant_by(reference):
                return False
        return True

    def _is_meant_by(self, reference: str) -> bool:
        if reference in self.full_urls or reference.startswith("#"):
            return True
        if reference in self.others:
            return False
        named = type_and_id(reference)
        if named is None:
            return True
        return named[0] == "Patient" and (self.id is None or named[1] == self.id)


def patient_ids(resources: Iterable[Resource]) -> tuple[str, ...]:
    """The ids of all Patients of a collection, in order: whom one may ask about."""
    ids = (
        resource.id or _of_urn(resource.full_url)
        for resource in resources
        if resource.type == "Patient"
    )
    return tuple(dict.fromkeys(patient_id for patient_id in ids if patient_id))


def bare_id(patient_id: str) -> str:
    """The id of ``1`` and of ``Patient/1``: clients send either in their context."""
    named = type_and_id(patient_id)
    return named[1] if named else patient_id


def _is_named(patient: Resource, patient_id: str | None) -> bool:
    if patient_id is None:
        return True
    return patient_id in (patient.id, _of_urn(patient.full_url))


def _of_urn(full_url: str | None) -> str | None:
    if full_url is None or not full_url.startswith("urn:"):
        return None
    return full_url.rpartition(":")[2]
