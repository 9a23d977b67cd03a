"""A chart under construction: resources of one patient, dated from one day."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any


Resource = dict[str, Any]


class Chart:
    """Collects the resources of a vignette's patient and numbers them."""

    def __init__(self, as_of: date, patient_id: str = "p1") -> None:
        self.as_of = as_of
        self.patient_id = patient_id
        self.resources: list[Resource] = []
        self._counts: dict[str, int] = defaultdict(int)

    def day(self, days_ago: int) -> str:
        """The date so many days before the day of evaluation."""
        return (self.as_of - timedelta(days=days_ago)).isoformat()

    def birth_date(self, age: int) -> str:
        """A birth date that makes the patient this old, the birthday just passed."""
        return self.as_of.replace(year=self.as_of.year - age, day=1).isoformat()

    def add(self, resource_type: str, **elements: Any) -> Resource:
        """Add a resource with an id, and the patient as its subject."""
        self._counts[resource_type] += 1
        resource = {
            "resourceType": resource_type,
            "id": f"{resource_type.lower()}-{self._counts[resource_type]}",
            "subject": {"reference": f"Patient/{self.patient_id}"},
            **elements,
        }
        self.resources.append(resource)
        return resource

    def add_patient(self, age: int, sex: str) -> None:
        """Add the patient."""
        self.resources.append(
            {
                "resourceType": "Patient",
                "id": self.patient_id,
                "gender": {"F": "female", "M": "male"}[sex],
                "birthDate": self.birth_date(age),
            }
        )
