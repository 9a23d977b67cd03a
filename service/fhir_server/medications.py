"""Medications that orders and statements refer to without a word about the medicine."""

from collections.abc import Iterable, Iterator

from cds_hooks.fhir_references import is_fhir_id
from service.fhir.bundles import Json, Resource
from service.fhir.references import reference_of, type_and_id
from service.fhir_server.queries import Query
from service.fhir_server.server_address import AddressRefused, ServerAddress


_MEDICINES = frozenset(
    {
        "MedicationRequest",
        "MedicationStatement",
        "MedicationDispense",
        "MedicationAdministration",
    }
)
_IDS_IN_A_QUERY = 50
_MOST_IDS = 200


class MedicationLookup:
    """Which Medications of ``server`` are still to be asked for, during one call."""

    def __init__(self, server: ServerAddress, resources: Iterable[Resource]) -> None:
        """``resources`` are in hand already."""
        self._server = server
        self._known = {
            resource.id for resource in resources if resource.type == "Medication"
        }
        self._asked = 0

    def queries(self, resources: Iterable[Resource]) -> Iterator[Query]:
        """Queries for the Medications that ``resources`` leave unnamed; each once."""
        found = list(resources)
        self._known.update(one.id for one in found if one.type == "Medication")
        ids = [
            id_
            for resource in found
            if resource.type in _MEDICINES and (id_ := self._unnamed(resource.content))
        ]
        wanted = list(dict.fromkeys(id_ for id_ in ids if id_ not in self._known))
        wanted = wanted[: _MOST_IDS - self._asked]
        self._asked += len(wanted)
        self._known.update(wanted)
        for start in range(0, len(wanted), _IDS_IN_A_QUERY):
            some = wanted[start : start + _IDS_IN_A_QUERY]
            yield Query(
                url=f"{self._server.url}/Medication?_id={','.join(some)}"
                f"&_count={_IDS_IN_A_QUERY}",
                resource="Medication",
            )

    def _unnamed(self, content: Json) -> str | None:
        """The id of a Medication on the server that nothing else names."""
        concept = content.get("medicationCodeableConcept")
        reference = content.get("medicationReference")
        medication = content.get("medication")
        if isinstance(medication, dict):  # as R5 has it
            concept = concept or medication.get("concept")
            reference = reference or medication.get("reference")
        text = reference_of(reference)
        if concept or text is None or _has_words(reference):
            return None
        named = type_and_id(text)
        if named is None or named[0] != "Medication" or not self._is_here(text):
            return None
        return named[1] if is_fhir_id(named[1]) else None

    def _is_here(self, reference: str) -> bool:
        """Whether a relative or absolute reference is to a resource of the server."""
        if reference.startswith("Medication/"):
            return True
        try:
            return self._server.covers(ServerAddress.parse(reference))
        except AddressRefused:
            return False


def _has_words(reference: object) -> bool:
    if isinstance(reference, list):
        reference = reference[0] if reference else None
    return isinstance(reference, dict) and bool(
        reference.get("display") or reference.get("identifier")
    )
