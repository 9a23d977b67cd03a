"""Section 11: the context of every hook, in every published generation."""

from dataclasses import replace

import pytest

from cds_hooks import HOOKS, HookContext, ServiceDescription, parse_request
from cds_hooks.errors import (
    InternalFault,
    NeededDataAbsent,
    RequestNotConformant,
    UnsupportedFhirVersion,
)
from cds_hooks.fhir_versions import FhirVersion, require_fhir_version
from cds_hooks.hooks import ContextField, FieldKind, Hook
from cds_hooks.published_hooks import PATIENT
from tests.protocol.examples import ABSENT, bundle, call, parsed


ORDER = {"resourceType": "ServiceRequest", "id": "s1"}
MEDICATION_REQUEST = {"resourceType": "MedicationRequest", "id": "m1"}
CONDITION = {"resourceType": "Condition", "id": "c1"}
APPOINTMENT = {"resourceType": "Appointment", "id": "a1", "status": "proposed"}
ALLERGY = {"resourceType": "AllergyIntolerance", "id": "ai1"}
TASK = {"resourceType": "Task", "id": "t1"}

COMPLETE: dict[str, dict[str, object]] = {
    "patient-view": {},
    "order-select": {
        "selections": ["ServiceRequest/s1"],
        "draftOrders": bundle(ORDER),
    },
    "order-sign": {"draftOrders": bundle(ORDER)},
    "order-dispatch": {
        "userId": ABSENT,
        "dispatchedOrders": ["ServiceRequest/s1"],
        "performer": "Organization/o1",
    },
    "encounter-start": {"encounterId": "89284"},
    "encounter-discharge": {"encounterId": "89284"},
    "appointment-book": {"appointments": bundle(APPOINTMENT)},
    "problem-list-item-create": {"conditions": bundle(CONDITION)},
    "medication-refill": {"medications": bundle(MEDICATION_REQUEST)},
    "allergyintolerance-create": {"allergyIntolerance": ALLERGY},
    "medication-verify": {"medication": MEDICATION_REQUEST},
    "medication-prescribe": {"medications": bundle(MEDICATION_REQUEST)},
    "order-review": {"orders": bundle(ORDER)},
}
"""The smallest complete context of every hook, beside user and patient."""


def context(hook: str, **changes: object) -> HookContext:
    return parsed(call(hook, **{**COMPLETE[hook], **changes})).context


def test_HK_01_every_hook_of_the_library_is_known() -> None:
    assert sorted(HOOKS) == sorted(COMPLETE)
    assert [name for name, hook in HOOKS.items() if hook.deprecated] == [
        "medication-prescribe",
        "order-review",
    ]


@pytest.mark.parametrize("hook", sorted(COMPLETE))
def test_HK_01_the_smallest_complete_context_is_accepted(hook: str) -> None:
    request = parsed(call(hook, **COMPLETE[hook]))
    assert request.context.hook == hook
    assert request.context.patient_id == "1288992"
    assert request.remarks == ()


REQUIRED = [
    (hook.name, field.name)
    for hook in HOOKS.values()
    for field in hook.fields
    if field.required and field.kind is not FieldKind.RESOURCES
]
OPTIONAL = [
    (hook.name, field.name)
    for hook in HOOKS.values()
    for field in hook.fields
    if not field.required
]


@pytest.mark.parametrize("value", [ABSENT, None])
@pytest.mark.parametrize(("hook", "field"), REQUIRED)
def test_HK_01_a_missing_required_field_is_refused_by_name(
    hook: str, field: str, value: object
) -> None:
    with pytest.raises(RequestNotConformant, match="is required") as refused:
        context(hook, **{field: value})
    assert refused.value.expression == (f"context.{field}",)


@pytest.mark.parametrize("value", [ABSENT, None])
@pytest.mark.parametrize(("hook", "field"), OPTIONAL)
def test_HK_01_an_optional_field_may_be_absent_or_null(
    hook: str, field: str, value: object
) -> None:
    assert context(hook, **{field: value}).patient_id == "1288992"


def test_HK_01_what_is_optional_is_what_the_hook_pages_say() -> None:
    required = {hook: [f for h, f in REQUIRED if h == hook] for hook in COMPLETE}
    assert required["patient-view"] == ["userId", "patientId"]
    assert required["encounter-start"] == ["userId", "patientId", "encounterId"]
    assert required["encounter-discharge"] == ["userId", "patientId", "encounterId"]
    assert required["medication-refill"] == ["patientId"]
    assert required["order-dispatch"] == ["patientId", "dispatchedOrders", "performer"]
    assert required["order-select"] == ["userId", "patientId", "selections"]


WRONG_TYPES = [1, True, [], {}, ["x"]]


@pytest.mark.parametrize("value", WRONG_TYPES)
@pytest.mark.parametrize("field", ["userId", "patientId", "encounterId"])
def test_HK_01_a_field_of_another_json_type_is_refused(
    field: str, value: object
) -> None:
    with pytest.raises(RequestNotConformant) as refused:
        context("patient-view", **{field: value})
    assert refused.value.expression == (f"context.{field}",)


RESOURCE_FIELDS = [
    (hook.name, name)
    for hook in HOOKS.values()
    for field in hook.fields
    if field.kind is FieldKind.RESOURCES
    for name in (field.name, *field.aliases)
]


def without_own_resources(hook: str) -> dict[str, object]:
    return {name: ABSENT for owner, name in RESOURCE_FIELDS if owner == hook}


@pytest.mark.parametrize("value", [7, "x", {}, True, ["x"], {"id": "1"}, [None]])
@pytest.mark.parametrize(("hook", "field"), RESOURCE_FIELDS)
def test_HK_01_a_resource_field_that_holds_no_resource_is_refused(
    hook: str, field: str, value: object
) -> None:
    with pytest.raises(RequestNotConformant, match="FHIR resources") as refused:
        context(hook, **{**without_own_resources(hook), field: value})
    assert refused.value.expression == (f"context.{field}",)


@pytest.mark.parametrize("orders", ["dispatchedOrders", "dispatched-orders", "order"])
@pytest.mark.parametrize("tasks", ["fulfillmentTasks", "fulfillment-tasks", "task"])
def test_HK_02_order_dispatch_is_read_in_all_its_forms(orders: str, tasks: str) -> None:
    references: object = (
        "ServiceRequest/s1" if orders == "order" else ["ServiceRequest/s1"]
    )
    found = context(
        "order-dispatch",
        **{
            "dispatchedOrders": ABSENT,
            orders: references,
            tasks: TASK if tasks == "task" else [TASK],
        },
    )
    assert found.dispatched_orders == ("ServiceRequest/s1",)
    assert found.performer == "Organization/o1"
    assert found.resources == (TASK,)
    assert found.user_id is None


@pytest.mark.parametrize(
    "value",
    [bundle(APPOINTMENT), [APPOINTMENT], APPOINTMENT, [{"resource": APPOINTMENT}]],
    ids=["Bundle", "array", "resource", "wrapped"],
)
def test_HK_03_appointments_are_read_from_bundle_and_array(value: object) -> None:
    assert context("appointment-book", appointments=value).resources == (APPOINTMENT,)


@pytest.mark.parametrize(
    "given",
    [
        {"allergyIntolerance": ALLERGY},
        {"allergyIntolerance": {"resource": ALLERGY}},
        {"allergyIntolerances": bundle(ALLERGY)},
    ],
)
def test_HK_04_an_allergy_is_read_in_all_its_forms(given: dict[str, object]) -> None:
    base = without_own_resources("allergyintolerance-create")
    found = context("allergyintolerance-create", **{**base, **given})
    assert found.resources == (ALLERGY,)


@pytest.mark.parametrize(
    "given",
    [
        {"medication": MEDICATION_REQUEST},
        {"order": MEDICATION_REQUEST},
        {"order": {"resource": MEDICATION_REQUEST}},
    ],
)
def test_HK_05_a_medication_to_verify_is_read_in_all_its_forms(
    given: dict[str, object],
) -> None:
    base = without_own_resources("medication-verify")
    assert context("medication-verify", **{**base, **given}).resources == (
        MEDICATION_REQUEST,
    )


def test_HK_06_draft_orders_may_hold_what_is_no_order() -> None:
    drug = {"resourceType": "Medication", "id": "d1"}
    teapot = {"resourceType": "Teapot"}
    found = context("order-sign", draftOrders=bundle(MEDICATION_REQUEST, drug, teapot))
    assert found.resources == (MEDICATION_REQUEST, drug, teapot)


def test_HK_07_selections_find_their_drafts_without_full_url() -> None:
    found = context(
        "order-select",
        selections=["MedicationRequest/m1", "ServiceRequest/absent"],
        draftOrders=bundle(ORDER, MEDICATION_REQUEST),
    )
    assert found.selections == ("MedicationRequest/m1", "ServiceRequest/absent")
    assert found.selected == (MEDICATION_REQUEST,)


def test_HK_07_the_same_id_of_another_type_is_not_selected() -> None:
    other = {"resourceType": "Task", "id": "s1"}
    found = context("order-select", draftOrders=bundle(other, ORDER))
    assert found.selected == (ORDER,)


def test_HK_08_dstu2_orders_are_read_and_can_be_refused_clearly() -> None:
    order = {"resourceType": "MedicationOrder", "id": "1"}
    request = parsed(call("order-sign", draftOrders=bundle(order)))
    with pytest.raises(UnsupportedFhirVersion, match="FHIR DSTU2") as refused:
        require_fhir_version(request, [FhirVersion.R4])
    assert refused.value.status == 422
    require_fhir_version(request, [FhirVersion.DSTU2])


def test_HK_08_a_dstu2_order_is_noticed_among_others() -> None:
    order = {"resourceType": "DiagnosticOrder", "id": "1"}
    request = parsed(call("order-sign", draftOrders=bundle(ORDER, order)))
    with pytest.raises(UnsupportedFhirVersion):
        require_fhir_version(request, [FhirVersion.R4])


def test_HK_09_an_order_without_details_is_accepted() -> None:
    bare = {"resourceType": "ServiceRequest"}
    assert context("order-select", draftOrders=bundle(bare)).resources == (bare,)


OWN_RESOURCES = [
    (hook.name, field.name)
    for hook in HOOKS.values()
    for field in hook.fields
    if field.kind is FieldKind.RESOURCES and field.required
]


@pytest.mark.parametrize("value", [ABSENT, None])
@pytest.mark.parametrize(("hook", "field"), OWN_RESOURCES)
def test_HK_10_a_stripped_payload_is_412_and_says_why(
    hook: str, field: str, value: object
) -> None:
    with pytest.raises(NeededDataAbsent, match="scopes") as absent:
        context(hook, **{**without_own_resources(hook), field: value})
    assert absent.value.status == 412
    assert absent.value.expression == (f"context.{field}",)


def test_HK_10_a_payload_stripped_of_selections_as_well_is_412() -> None:
    with pytest.raises(NeededDataAbsent):
        context("order-select", draftOrders=ABSENT, selections=ABSENT)


def test_HK_11_what_triggered_epic_can_be_read_from_the_extension() -> None:
    name = "com.epic.cdshooks.request.bpa-trigger-action"
    payload = {**call(), "extension": {name: "23"}}
    assert parsed(payload).extension[name] == "23"


@pytest.mark.parametrize("length", [64, 65, 200, 512])
def test_HK_12_ids_of_drafts_may_be_long(length: int) -> None:
    name = "e" * length
    order = {"resourceType": "ServiceRequest", "id": name}
    found = context(
        "order-select", selections=[f"ServiceRequest/{name}"], draftOrders=bundle(order)
    )
    assert found.selected == (order,)


def test_HK_13_a_hook_of_ones_own_has_a_reverse_dns_name_and_its_own_fields() -> None:
    own = Hook(
        name="org.example.admission",
        specification_version="2.0",
        hook_version="1.0",
        maturity=0,
        fields=(ContextField(name="patientId", kind=FieldKind.ID),),
    )
    request = parse_request(
        call(own.name, userId=ABSENT), hooks=[own.name], definitions={own.name: own}
    )
    assert request.context.hook == "org.example.admission"
    assert request.context.user_id is None


def test_HK_13_a_hook_name_without_dots_is_no_name_for_ones_own() -> None:
    with pytest.raises(ValueError, match="HK-13"):
        ServiceDescription(id="x", hook="admission", title="x", description="x")


def test_HK_13_a_hook_of_ones_own_may_have_optional_references() -> None:
    selections = ContextField(
        name="selections", kind=FieldKind.REFERENCES, required=False
    )
    own = replace(HOOKS["patient-view"], fields=(PATIENT, selections))
    definitions = {"patient-view": own}
    for value, read in ((ABSENT, ()), ("Task/1", ("Task/1",)), ([], ())):
        payload = call(selections=value)
        request = parse_request(
            payload, hooks=["patient-view"], definitions=definitions
        )
        assert request.context.selections == read


def test_HK_13_a_registered_hook_that_nobody_defined_is_our_fault() -> None:
    with pytest.raises(InternalFault, match="nowhere defined"):
        parse_request(call("org.example.x"), hooks=["org.example.x"])


@pytest.mark.parametrize("hook", ["patient-view", "order-sign", "appointment-book"])
@pytest.mark.parametrize(
    "user", ["Practitioner/1", "PractitionerRole/1", "Patient/1", "RelatedPerson/1"]
)
def test_HK_01_every_type_of_user_is_accepted_and_an_unusual_one_remarked_upon(
    hook: str, user: str
) -> None:
    request = parsed(call(hook, **{**COMPLETE[hook], "userId": user}))
    assert request.context.user_id == user
    listed = user.split("/")[0] in HOOKS[hook].user_types
    assert (request.remarks == ()) == listed


def test_HK_01_the_published_versions_are_those_of_the_metadata_tables() -> None:
    versions = {
        name: (hook.specification_version, hook.hook_version, hook.maturity)
        for name, hook in HOOKS.items()
    }
    assert versions == {
        "patient-view": ("1.0", "1.0", 5),
        "order-select": ("1.0", "1.0", 4),
        "order-sign": ("1.0", "1.0", 5),
        "order-dispatch": ("2.0", "1.1", 0),
        "encounter-start": ("1.0", "1.0", 1),
        "encounter-discharge": ("1.0", "1.0", 1),
        "appointment-book": ("1.0", "1.0", 1),
        "problem-list-item-create": ("1.0", "0.1.0", 1),
        "medication-refill": ("2.0", "0.1.0", 1),
        "allergyintolerance-create": ("1.0", "0.1.0", 1),
        "medication-verify": ("1.0", "0.1.0", 1),
        "medication-prescribe": ("1.0", "1.0", 2),
        "order-review": ("1.0", "1.0", 3),
    }
