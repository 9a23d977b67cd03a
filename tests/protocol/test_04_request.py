"""Section 4: the request."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_hooks import CdsHooksError, decode_json, parse_request
from cds_hooks.bundles import unwrap
from cds_hooks.errors import (
    BodyNotJson,
    NeededDataAbsent,
    RequestNotConformant,
    UnsupportedFhirVersion,
)
from cds_hooks.fhir_versions import (
    EPIC_FHIR_VERSION,
    FhirVersion,
    require_fhir_version,
    stated_version,
)
from tests.protocol.examples import (
    ABSENT,
    AUTHORIZATION,
    CONTEXT,
    PATIENT_VIEW,
    bundle,
    call,
    changed,
    parsed,
)
from tests.protocol.test_01_json import JSON_VALUES


def refused(payload: object) -> RequestNotConformant:
    with pytest.raises(RequestNotConformant) as caught:
        parsed(payload)
    return caught.value


@pytest.mark.parametrize("payload", [[], "x", 1, None, True, [PATIENT_VIEW]])
def test_R_01_a_body_that_is_no_object_is_refused(payload: object) -> None:
    assert "JSON object" in refused(payload).message


def test_R_01_a_request_is_read_into_typed_parts() -> None:
    request = parsed(call(encounterId="89284"))
    assert request.hook == "patient-view"
    assert request.context.user_id == "Practitioner/example"
    assert request.context.patient_id == "1288992"
    assert request.context.encounter_id == "89284"
    assert request.fhir_server == "https://ehr.example.org/fhir"
    assert request.fhir_authorization is not None
    assert request.fhir_authorization.expires_in == 300
    assert request.prefetch is None
    assert request.remarks == ()


@pytest.mark.parametrize("hook", [ABSENT, None, 1, "", ["patient-view"]])
def test_R_02_a_missing_or_malformed_hook_is_refused(hook: object) -> None:
    assert refused(changed(PATIENT_VIEW, hook=hook)).expression == ("hook",)


@pytest.mark.parametrize("hook", ["order-sign", "Patient-View", "unheard-of"])
def test_R_02_a_hook_not_registered_for_the_service_is_refused(hook: str) -> None:
    with pytest.raises(RequestNotConformant, match="only for: patient-view") as caught:
        parse_request(changed(PATIENT_VIEW, hook=hook), hooks=["patient-view"])
    assert caught.value.expression == ("hook",)


@pytest.mark.parametrize("value", [ABSENT, None, 1, "", "  ", {}])
def test_R_03_a_missing_or_malformed_hook_instance_is_refused(value: object) -> None:
    error = refused(changed(PATIENT_VIEW, hookInstance=value))
    assert error.expression == ("hookInstance",)


def test_R_03_the_same_call_twice_is_read_twice() -> None:
    assert parsed(PATIENT_VIEW) == parsed(PATIENT_VIEW)


@pytest.mark.parametrize("context", [ABSENT, None, [], "x", 1])
def test_R_04_a_missing_or_malformed_context_is_refused(context: object) -> None:
    assert refused(changed(PATIENT_VIEW, context=context)).expression == ("context",)


@pytest.mark.parametrize(
    "url",
    [
        "ehr.example.org/fhir",
        "ftp://ehr.example.org",
        "https://",
        "{{fhirServer}}",
        "https://a b",
        "https://[::1",
        "https://ehr.example.org:port/fhir",
        "https://ehr.example.org/\nfhir",
        "javascript:alert(1)",
        "",
        5,
        {},
    ],
)
def test_R_05_a_fhir_server_that_is_no_absolute_url_is_refused(url: object) -> None:
    assert refused(changed(PATIENT_VIEW, fhirServer=url)).expression == ("fhirServer",)


def test_R_05_a_trailing_slash_is_tolerated() -> None:
    payload = changed(PATIENT_VIEW, fhirServer="https://ehr.example.org/fhir/")
    assert parsed(payload).fhir_server == "https://ehr.example.org/fhir"


@pytest.mark.parametrize("value", [ABSENT, None])
def test_R_05_the_fhir_server_is_optional(value: object) -> None:
    payload = changed(PATIENT_VIEW, fhirServer=value, fhirAuthorization=value)
    assert parsed(payload).fhir_server is None


@pytest.mark.parametrize("value", [ABSENT, None])
def test_R_06_a_token_without_a_server_is_refused(value: object) -> None:
    error = refused(changed(PATIENT_VIEW, fhirServer=value))
    assert error.expression == ("fhirServer",)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("access_token", ABSENT),
        ("access_token", 1),
        ("access_token", "two words"),
        ("access_token", "a\r\nX-Injected: b"),
        ("token_type", ABSENT),
        ("token_type", "MAC"),
        ("expires_in", ABSENT),
        ("expires_in", "300"),
        ("expires_in", 1.5),
        ("expires_in", True),
        ("scope", ABSENT),
        ("scope", []),
        ("subject", ABSENT),
        ("subject", ""),
        ("patient", "Patient/1"),
        ("patient", 1),
    ],
)
def test_R_07_a_malformed_authorization_is_refused_naming_the_member(
    member: str, value: object
) -> None:
    authorization = changed(AUTHORIZATION, **{member: value})
    error = refused(changed(PATIENT_VIEW, fhirAuthorization=authorization))
    assert error.expression == (f"fhirAuthorization.{member}",)


@pytest.mark.parametrize("value", [[], "Bearer x", 1])
def test_R_07_an_authorization_that_is_no_object_is_refused(value: object) -> None:
    error = refused(changed(PATIENT_VIEW, fhirAuthorization=value))
    assert error.expression == ("fhirAuthorization",)


def test_R_07_the_patient_of_the_token_is_read() -> None:
    authorization = changed(AUTHORIZATION, patient="1288992", token_type="bearer")
    request = parsed(changed(PATIENT_VIEW, fhirAuthorization=authorization))
    assert request.fhir_authorization is not None
    assert request.fhir_authorization.patient == "1288992"
    assert request.fhir_authorization.token_type == "Bearer"


def test_R_07_an_empty_token_of_an_ehr_without_security_counts_as_none() -> None:
    authorization = changed(AUTHORIZATION, access_token="")
    request = parsed(changed(PATIENT_VIEW, fhirAuthorization=authorization))
    assert request.fhir_authorization is None
    assert request.remarks != ()


def test_R_08_a_patient_scope_without_patient_is_accepted_with_a_remark() -> None:
    authorization = changed(AUTHORIZATION, scope="patient/Observation.read")
    request = parsed(changed(PATIENT_VIEW, fhirAuthorization=authorization))
    assert request.fhir_authorization is not None
    assert any("scope" in remark for remark in request.remarks)


@pytest.mark.parametrize(
    "scope",
    ["user/Patient.read", "user/Patient.rs?category=x", "Patient.Read (R4)", "launch"],
)
def test_R_09_any_form_of_scope_is_accepted(scope: str) -> None:
    authorization = changed(AUTHORIZATION, scope=scope)
    request = parsed(changed(PATIENT_VIEW, fhirAuthorization=authorization))
    assert request.fhir_authorization is not None
    assert request.fhir_authorization.scope == scope


@pytest.mark.parametrize("value", [[], "x", 1, False])
def test_R_10_prefetch_that_is_no_object_is_refused(value: object) -> None:
    assert refused(changed(PATIENT_VIEW, prefetch=value)).expression == ("prefetch",)


@pytest.mark.parametrize("value", [None, {}, "text", [1], {"resourceType": "Basic"}])
def test_R_10_any_value_under_a_key_is_kept_as_it_came(value: object) -> None:
    request = parsed(changed(PATIENT_VIEW, prefetch={"patient": value}))
    assert request.prefetch == {"patient": value}


class Unreadable(dict[str, object]):
    """A prefetch value that must not be looked into while the request is parsed."""

    def __getitem__(self, key: str) -> object:
        raise AssertionError("looked into a prefetch value")

    get = items = values = keys = __iter__ = __len__ = __getitem__


def test_R_10_the_request_is_parsed_without_looking_into_prefetch_values() -> None:
    value = Unreadable(resourceType="Bundle")
    request = parsed({**PATIENT_VIEW, "prefetch": {"big": value}})
    assert request.prefetch is not None


def test_R_11_keys_nobody_advertised_are_ignored() -> None:
    request = parsed(changed(PATIENT_VIEW, prefetch={"-user": None, "x y": 1}))
    assert request.hook == "patient-view"


@pytest.mark.parametrize("value", [[], "x", 1])
def test_R_12_an_extension_that_is_no_object_is_ignored_with_a_remark(
    value: object,
) -> None:
    request = parsed(changed(PATIENT_VIEW, extension=value))
    assert request.extension == {}
    assert any("extension" in remark for remark in request.remarks)


def test_R_12_an_extension_is_kept_as_it_came() -> None:
    extension = {"com.example.note": {"a": [1]}}
    assert parsed(changed(PATIENT_VIEW, extension=extension)).extension == extension


def test_R_13_not_json_is_400_and_json_of_another_form_is_422() -> None:
    with pytest.raises(BodyNotJson) as not_json:
        decode_json(b'{"hook": ')
    with pytest.raises(RequestNotConformant) as not_conformant:
        parsed(decode_json(b"[]"))
    assert (not_json.value.status, not_conformant.value.status) == (400, 422)


@pytest.mark.parametrize("body", [b"", b"   ", b"\xef\xbb\xbf", b"\r\n"])
def test_R_13_an_empty_body_says_so(body: bytes) -> None:
    with pytest.raises(BodyNotJson, match="empty"):
        decode_json(body)


@pytest.mark.parametrize(
    "value",
    ["Patient/1288992", "", " ", "1|2", "a/b", "é", "..", "x" * 513, 7, ["1"], {}],
)
@pytest.mark.parametrize("field", ["patientId", "encounterId"])
def test_R_15_an_id_that_is_no_bare_fhir_id_is_refused(
    field: str, value: object
) -> None:
    assert refused(call(**{field: value})).expression == (f"context.{field}",)


def test_R_15_a_patient_reference_is_refused_saying_what_to_send() -> None:
    error = refused(call(patientId="Patient/1288992"))
    assert "bare id" in error.message
    assert "1288992" not in error.message


@pytest.mark.parametrize(
    "value", ["example", "Practitioner/", "/x", "practitioner/x", "A/b/c", 1, ["A/b"]]
)
def test_R_15_a_user_that_is_no_reference_is_refused(value: object) -> None:
    assert refused(call(userId=value)).expression == ("context.userId",)


@pytest.mark.parametrize("value", ["MedicationRequest", {"a": 1}, [1], ["x"], [None]])
def test_R_15_selections_that_are_no_references_are_refused(value: object) -> None:
    error = refused(call("order-select", selections=value, draftOrders=bundle()))
    [where] = error.expression
    assert where.startswith("context.selections")


ONLY_R4 = [FhirVersion.R4]


@pytest.mark.parametrize(
    ("stated", "version"),
    [
        ("R4", FhirVersion.R4),
        ("4.0.1", FhirVersion.R4),
        ("4.3.0", FhirVersion.R4),
        ("STU3", FhirVersion.STU3),
        ("dstu2", FhirVersion.DSTU2),
        ("1.0.2", FhirVersion.DSTU2),
        ("5.0.0", FhirVersion.R5),
        ("7", None),
        (4, None),
    ],
)
def test_R_16_the_version_that_epic_states_is_read(
    stated: object, version: FhirVersion | None
) -> None:
    assert stated_version({EPIC_FHIR_VERSION: stated}) == version


def test_R_16_a_request_of_an_unsupported_version_is_refused() -> None:
    request = parsed(changed(PATIENT_VIEW, extension={EPIC_FHIR_VERSION: "STU3"}))
    with pytest.raises(UnsupportedFhirVersion, match="FHIR STU3"):
        require_fhir_version(request, ONLY_R4)
    require_fhir_version(request, [FhirVersion.R4, FhirVersion.STU3])


def test_R_16_a_request_that_shows_no_version_passes() -> None:
    require_fhir_version(parsed(PATIENT_VIEW), ONLY_R4)


@pytest.mark.parametrize(
    "resource",
    [
        {"resourceType": "ServiceRequest", "status": 7, "unheardOf": []},
        {"resourceType": "Teapot"},
        {"resourceType": "MedicationRequest", "dosageInstruction": "one a day"},
    ],
)
def test_R_17_a_resource_that_is_not_strict_fhir_does_not_fail_the_call(
    resource: dict[str, object],
) -> None:
    request = parsed(call("order-sign", draftOrders=bundle(resource)))
    assert request.context.resources == (resource,)


def test_R_18_a_resource_that_stands_for_its_entry_is_read() -> None:
    order = {"resourceType": "ServiceRequest", "id": "s1"}
    drafts = {"resourceType": "Bundle", "entry": [order]}
    assert parsed(call("order-sign", draftOrders=drafts)).context.resources == (order,)


def test_R_18_one_bad_entry_of_a_bundle_does_not_cost_the_others() -> None:
    good = {"resourceType": "ServiceRequest", "id": "s1"}
    drafts = {
        "resourceType": "Bundle",
        "entry": [None, {"resource": {"id": "no type"}}, {}, {"resource": good}, 7],
    }
    context = parsed(call("order-sign", draftOrders=drafts)).context
    assert context.resources == (good,)
    assert context.unreadable == 4


@pytest.mark.parametrize("entry", [None, [], {}, "x", 5])
def test_R_18_a_bundle_without_type_and_with_any_entry_is_read(entry: object) -> None:
    drafts = {"resourceType": "Bundle", "entry": entry}
    assert parsed(call("order-sign", draftOrders=drafts)).context.resources == ()


@given(JSON_VALUES)
def test_R_18_no_value_whatever_breaks_the_reading_of_resources(value: object) -> None:
    unwrap(value)
    unwrap({"resourceType": "Bundle", "entry": value})
    unwrap({"resourceType": "Bundle", "entry": [{"resource": value, "search": value}]})


def test_R_19_a_configuration_in_the_extension_is_never_required() -> None:
    extension = {"davinci-crd.configuration": {"unheard-of": True}}
    assert parsed(changed(PATIENT_VIEW, extension=extension)).extension == extension


def test_R_20_a_user_at_the_root_stands_in_for_a_missing_user_id() -> None:
    payload = changed(call(userId=ABSENT), user="Practitioner/1234")
    assert parsed(payload).context.user_id == "Practitioner/1234"


def test_R_20_a_user_in_the_context_comes_before_one_at_the_root() -> None:
    payload = changed(PATIENT_VIEW, user="Practitioner/1234")
    assert parsed(payload).context.user_id == "Practitioner/example"


@given(
    st.dictionaries(
        st.sampled_from(
            ["hook", "hookInstance", "context", "prefetch", "fhirServer", "extension"]
        ),
        JSON_VALUES,
    ),
    st.dictionaries(
        st.sampled_from(["userId", "patientId", "draftOrders", "selections"]),
        JSON_VALUES,
    ),
)
def test_R_13_no_payload_whatever_raises_anything_but_our_errors(
    members: dict[str, object], context: dict[str, object]
) -> None:
    for payload in (
        members,
        changed(PATIENT_VIEW, **members),
        changed(PATIENT_VIEW, hook="order-select", context={**CONTEXT, **context}),
    ):
        try:
            parsed(payload)
        except CdsHooksError as error:
            assert error.status in (412, 422)


def test_R_13_no_error_repeats_a_value_of_the_request() -> None:
    marker = "Zebulon"
    spoilt = [
        changed(PATIENT_VIEW, hook=marker),
        changed(PATIENT_VIEW, hookInstance=[marker]),
        changed(PATIENT_VIEW, fhirServer=marker),
        changed(PATIENT_VIEW, fhirAuthorization=marker),
        changed(PATIENT_VIEW, prefetch=[marker]),
        changed(PATIENT_VIEW, context=marker),
        call(patientId=f"Patient/{marker}"),
        call(userId=marker),
        call(encounterId={marker: marker}),
        call("order-select", selections=[marker], draftOrders=bundle()),
        call("order-sign", draftOrders=marker),
    ]
    for payload in spoilt:
        try:
            parsed(payload)
        except (RequestNotConformant, NeededDataAbsent) as error:
            assert marker not in json.dumps([error.message, *error.expression])
        else:
            pytest.fail("was accepted")
