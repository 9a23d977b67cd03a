"""The Patient: age, sex, and whether the person has died."""

from service.clinical.record import Patient, ResourceRef, Sex
from service.fhir.elements import Elements
from service.fhir.reading import IMPLAUSIBLE_DATE, Reading


_SEXES = {sex.value: sex for sex in Sex}
_LONGEST_LIFE_IN_YEARS = 130


def read_patient(elements: Elements, source: ResourceRef, reading: Reading) -> Patient:
    """The person; a birth date to come or 130 years ago is none, and is reported."""
    birth = reading.day(elements, "birthDate", source)
    if birth is not None:
        age = reading.today.year - birth.first.year
        if reading.is_to_come(birth) or age > _LONGEST_LIFE_IN_YEARS:
            reading.cannot_read(source, "Patient.birthDate", IMPLAUSIBLE_DATE)
            birth = None
    return Patient(
        source=source,
        birth=birth,
        sex=_SEXES.get(elements.get("gender", ""), Sex.UNKNOWN),
        deceased=(
            elements.get("deceasedBoolean") is True or "deceasedDateTime" in elements
        ),
    )
