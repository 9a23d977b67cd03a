"""Section 3: the prefetch templates a service publishes, and the same queries."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_hooks import HOOKS, HookContext, expand
from cds_hooks.expressions import parse_expression
from cds_hooks.prefetch_templates import expand_extended
from cds_hooks.template_lint import template_faults
from tests.protocol.examples import bundle


TODAY = date(2024, 9, 13)

PATIENT = "Patient/{{context.patientId}}"
CONDITIONS = "Condition?patient={{context.patientId}}"


def context(**members: object) -> HookContext:
    given: dict[str, object] = {
        "hook": "patient-view",
        "patient_id": "1288992",
        "user_id": "Practitioner/example",
    }
    return HookContext(**{**given, **members})


def faults(template: str, hook: str = "patient-view", **options: bool) -> list[str]:
    return template_faults({"key": template}, HOOKS[hook], **options)


def extended(template: str, **members: object) -> str | None:
    prefetched = members.pop("prefetched", {})
    return expand_extended(
        template,
        context(**members),
        today=TODAY,
        prefetched=prefetched,
    )


@pytest.mark.parametrize(
    "template",
    [
        PATIENT,
        CONDITIONS,
        "{{context.userId}}",
        "Practitioner/{{userPractitionerId}}",
        "Observation?patient={{context.patientId}}&code=http://loinc.org|2345-7",
    ],
)
def test_T_01_a_relative_read_or_type_search_passes(template: str) -> None:
    assert faults(template) == []


@pytest.mark.parametrize(
    "template",
    [
        "https://ehr.example.org/Patient/{{context.patientId}}",
        "/Patient/{{context.patientId}}",
        "Patient",
        "Patient/{{context.patientId}}/$everything",
        "patient?_id={{context.patientId}}",
        "Patient/{{context.patientId}}?_elements=id",
        "?patient={{context.patientId}}",
    ],
)
def test_T_01_anything_else_is_found_before_start(template: str) -> None:
    assert any("T-01" in fault for fault in faults(template))


@pytest.mark.parametrize("template", ["Patient/{context.patientId}", "Patient/$1"])
def test_T_02_tokens_have_two_braces(template: str) -> None:
    assert faults(template) != []


@pytest.mark.parametrize(
    "token", ["patientId", "user", "Patient.id", "context.unheardOf", "context", ""]
)
def test_T_03_other_tokens_than_context_fields_and_user_ids_are_found(
    token: str,
) -> None:
    assert faults("Patient/{{" + token + "}}") != []


@pytest.mark.parametrize("field", ["draftOrders", "selections", "draftOrders.entry"])
def test_T_04_a_plain_template_uses_only_first_level_string_fields(field: str) -> None:
    assert faults("Patient?_id={{context." + field + "}}", "order-select") != []


@pytest.mark.parametrize("hook", sorted(HOOKS))
def test_T_04_every_field_marked_as_token_can_be_used(hook: str) -> None:
    for field in HOOKS[hook].fields:
        found = faults("Basic?subject={{context." + field.name + "}}", hook)
        assert (found == []) == field.token, field.name


@pytest.mark.parametrize(
    ("user", "token", "expanded"),
    [
        ("Practitioner/a", "userPractitionerId", "Basic/a"),
        ("PractitionerRole/a", "userPractitionerRoleId", "Basic/a"),
        ("Patient/a", "userPatientId", "Basic/a"),
        ("RelatedPerson/a", "userRelatedPersonId", "Basic/a"),
        ("Patient/a", "userPractitionerId", None),
        (None, "userPractitionerId", None),
    ],
)
def test_T_05_a_user_token_is_the_bare_id_of_a_user_of_that_type(
    user: str | None, token: str, expanded: str | None
) -> None:
    template = "Basic/{{" + token + "}}"
    assert expand(template, context(user_id=user)) == expanded
    assert extended(template, user_id=user) == expanded


def test_T_06_the_user_id_alone_is_a_whole_read() -> None:
    assert expand("{{context.userId}}", context()) == "Practitioner/example"


@pytest.mark.parametrize(
    "query",
    [
        "date=ge2020-01-01",
        "date=lt2020",
        "category=laboratory",
        "code:in=http://example.org/ValueSet/x",
        "_count=50",
        "_sort=-date",
        "code=netherlands",
    ],
)
def test_T_07_the_recommended_query_features_pass(query: str) -> None:
    assert faults(f"{CONDITIONS}&{query}") == []


@pytest.mark.parametrize(
    "query",
    [
        "code:not=x",
        "name:exact=x",
        "date=ne2020",
        "date=sa2020-01-01",
        "date=ap2020",
        "_include=Observation:subject",
        "_revinclude=Provenance:target",
        "_elements=id",
        "_has:Observation:patient:code=1",
        "subject.name=x",
        "flag",
        "code=",
    ],
)
def test_T_07_features_that_clients_need_not_have_are_found(query: str) -> None:
    assert any("T-07" in fault for fault in faults(f"{CONDITIONS}&{query}"))


def test_T_08_only_maxresults_caps_the_total_and_only_new_clients_know_it() -> None:
    template = f"{CONDITIONS}&_maxresults=1"
    assert faults(template) != []
    assert faults(template, extended=True) == []


def test_T_09_sort_is_written_as_fhir_has_it() -> None:
    assert faults(f"{CONDITIONS}&_sort=-date") == []
    assert faults(f"{CONDITIONS}&sort:desc=date") != []


@pytest.mark.parametrize(
    ("token", "day"),
    [
        ("today()", "2024-09-13"),
        ("today() - 90 days", "2024-06-15"),
        ("today() + 1 days", "2024-09-14"),
        ("today()-366 days", "2023-09-13"),
        ("today() - 0 days", "2024-09-13"),
    ],
)
def test_T_10_days_from_today_become_a_date(token: str, day: str) -> None:
    template = "Observation?date=ge{{" + token + "}}"
    assert extended(template) == f"Observation?date=ge{day}"
    assert faults(template, extended=True) == []


@pytest.mark.parametrize("token", ["today() - 3 months", "today() - 90", "now()"])
def test_T_10_other_units_than_days_are_refused(token: str) -> None:
    assert faults("Observation?date=ge{{" + token + "}}", extended=True) != []


def test_T_10_relative_dates_need_an_extended_template() -> None:
    assert faults("Observation?date=ge{{today()}}") != []


@pytest.mark.parametrize(
    "token",
    [
        "context.draftOrders.entry.resource.where(status='draft').id",
        "context.draftOrders.entry[0].id",
        "context.draftOrders.entry.first()",
        "Patient.id",
        "context",
        "userPractitionerId.id",
        "userUnknownId",
        "context.a || context.b",
    ],
)
def test_T_11_other_fhirpath_than_the_permitted_part_is_refused(token: str) -> None:
    with pytest.raises(ValueError, match=r"is not|is none of"):
        parse_expression(token)
    assert faults("Basic?x={{" + token + "}}", "order-sign", extended=True) != []


def test_T_11_selectors_are_joined_with_a_bar() -> None:
    token = "context.patientId | context.encounterId"
    received = {"patientId": "1", "encounterId": "2"}
    assert extended("Basic?x={{" + token + "}}", received=received) == "Basic?x=1,2"


@pytest.mark.parametrize("type_name", ["Reference", "dateTime", "string", "Coding"])
def test_T_12_of_type_takes_resource_types_only(type_name: str) -> None:
    token = f"context.draftOrders.entry.resource.ofType({type_name}).id"
    found = faults("Basic?_id={{" + token + "}}", "order-sign", extended=True)
    assert any("FHIR resource type" in fault for fault in found)


def test_T_13_a_variable_names_an_earlier_key() -> None:
    templates = {"patient": PATIENT, "doctor": "Basic?_id={{%patient.id}}"}
    assert template_faults(templates, HOOKS["patient-view"], extended=True) == []


@pytest.mark.parametrize(
    "templates",
    [
        {"doctor": "Basic?_id={{%patient.id}}", "patient": PATIENT},
        {"a": "Basic?_id={{%a.id}}"},
        {"a": "Basic?_id={{%b.id}}", "b": "Basic?_id={{%a.id}}"},
        {"a": "Basic?_id={{%unheardOf.id}}"},
    ],
    ids=["later", "itself", "each other", "none"],
)
def test_T_13_later_keys_and_cycles_are_found_before_start(
    templates: dict[str, str],
) -> None:
    found = template_faults(templates, HOOKS["patient-view"], extended=True)
    assert any("T-13" in fault for fault in found)


DRAFTS = bundle(
    {
        "resourceType": "MedicationRequest",
        "id": "r1",
        "medicationReference": {"reference": "Medication/m1"},
    },
    {
        "resourceType": "MedicationRequest",
        "id": "r2",
        "medicationReference": {"reference": "Medication/m2"},
    },
    {
        "resourceType": "MedicationRequest",
        "id": "r3",
        "medicationReference": {"reference": "Medication/m1"},
    },
    {"resourceType": "ServiceRequest", "id": "s1"},
)
MEDICATIONS = (
    "Medication?_id={{context.draftOrders.entry.resource.ofType(MedicationRequest)"
    ".medication.resolve().ofType(Medication).id}}"
)


def test_T_03_an_extended_template_names_fields_of_the_hook_only() -> None:
    token = "context.draftOrders.entry.resource.id"
    assert faults("Basic?_id={{" + token + "}}", "order-sign", extended=True) == []
    [fault] = faults("Basic?_id={{" + token + "}}", "patient-view", extended=True)
    assert "no field draftOrders" in fault


def test_T_11_a_path_into_what_is_no_object_finds_nothing() -> None:
    token = "context.patientId.name"
    received = {"patientId": "1"}
    assert extended("Basic?x={{" + token + "}}", received=received) is None


def test_T_14_several_values_become_a_comma_list_without_repeats() -> None:
    received = {"draftOrders": DRAFTS}
    assert extended(MEDICATIONS, received=received) == "Medication?_id=m1,m2"


@pytest.mark.parametrize("drafts", [bundle(), bundle({"resourceType": "Task"}), None])
def test_T_14_an_empty_result_skips_the_query_instead_of_asking_for_everything(
    drafts: object,
) -> None:
    assert extended(MEDICATIONS, received={"draftOrders": drafts}) is None


@pytest.mark.parametrize("prefetched", [{}, {"patient": None}])
def test_T_14_an_earlier_key_without_data_skips_the_query(
    prefetched: dict[str, object],
) -> None:
    template = "Basic?_id={{%patient.id}}"
    assert extended(template, prefetched=prefetched) is None


def test_T_14_a_plain_token_without_value_skips_the_query() -> None:
    template = "Encounter?_id={{context.encounterId}}"
    assert expand(template, context()) is None
    assert expand(template, context(encounter_id="89284")) == "Encounter?_id=89284"


def test_T_14_several_values_are_no_read() -> None:
    template = MEDICATIONS.replace("?_id=", "/")
    assert extended(template, received={"draftOrders": DRAFTS}) is None


def test_T_15_an_element_is_found_under_its_name_with_type() -> None:
    patient = {"resourceType": "Patient", "deceasedBoolean": False, "multipleBirthX": 1}
    prefetched = {"patient": patient}
    query = "Basic?x={{%patient.deceased}}"
    assert extended(query, prefetched=prefetched) == "Basic?x=false"
    query = "Basic?x={{%patient.multipleBirth}}"
    assert extended(query, prefetched=prefetched) is None


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("Practitioner/d1", "Practitioner?_id=d1"),
        ("Practitioner/d1/_history/3", "Practitioner?_id=d1"),
        ("Organization/o1", None),
        ("#contained", None),
        ("urn:uuid:0a1b", None),
    ],
)
def test_T_16_a_reference_is_resolved_by_its_text(
    reference: str, found: str | None
) -> None:
    patient = {"generalPractitioner": [{"reference": reference}]}
    template = (
        "Practitioner?_id={{%patient.generalPractitioner.resolve()"
        ".ofType(Practitioner).id}}"
    )
    assert extended(template, prefetched={"patient": patient}) == found


def test_T_17_the_service_makes_the_same_query_itself() -> None:
    template = (
        "Observation?patient={{context.patientId}}&encounter={{context.encounterId}}"
    )
    expanded = expand(template, context(encounter_id="enc-1"))
    assert expanded == "Observation?patient=1288992&encounter=enc-1"


@pytest.mark.parametrize(
    "value",
    ["1&_count=1", "1/../2", "..", "1?x", "a b", "1%2f", "1#", "é", "1|2", "", "a,b"],
)
def test_T_18_a_value_that_is_no_id_fills_no_token(value: str) -> None:
    assert expand(PATIENT, context(patient_id=value)) is None
    assert extended(PATIENT, received={"patientId": value}) is None


@given(st.text() | st.from_regex(r"[A-Z][a-z]{1,4}/[a-z]{1,3}", fullmatch=True))
def test_T_18_no_value_whatever_adds_a_parameter_or_a_segment(value: str) -> None:
    for expanded in (
        expand(PATIENT, context(patient_id=value)),
        extended(PATIENT, received={"patientId": value}),
    ):
        if expanded is not None:
            assert not set(expanded.removeprefix("Patient/")) & set("/?&#=|, ")


def test_T_18_every_token_of_a_template_is_filled_or_none_is() -> None:
    template = "Basic/{{context.encounterId}}-{{context.patientId}}"
    assert expand(template, context()) is None
