"""Section 6: what the library itself promises about the client's token."""

from dataclasses import FrozenInstanceError

import pytest

from cds_hooks import operation_outcome
from cds_hooks.errors import RequestNotConformant
from tests.protocol.examples import AUTHORIZATION, PATIENT_VIEW, changed, parsed


TOKEN = AUTHORIZATION["access_token"]


def test_A_03_the_token_shows_in_no_representation_of_the_request() -> None:
    request = parsed(PATIENT_VIEW)
    assert request.fhir_authorization is not None
    assert request.fhir_authorization.access_token == TOKEN
    assert TOKEN not in f"{request!r} {request!s} {request.fhir_authorization!r}"


def test_A_03_the_token_shows_in_no_error() -> None:
    authorization = changed(AUTHORIZATION, subject=7)
    with pytest.raises(RequestNotConformant) as refused:
        parsed(changed(PATIENT_VIEW, fhirAuthorization=authorization))
    assert str(TOKEN) not in f"{refused.value!r} {operation_outcome(refused.value)}"


def test_A_04_the_life_of_the_token_is_known_in_seconds_from_receipt() -> None:
    request = parsed(PATIENT_VIEW)
    assert request.fhir_authorization is not None
    assert request.fhir_authorization.expires_in == 300


def test_A_03_a_request_cannot_be_changed_to_carry_another_token() -> None:
    authorization = parsed(PATIENT_VIEW).fhir_authorization
    with pytest.raises(FrozenInstanceError):
        authorization.access_token = "another"
