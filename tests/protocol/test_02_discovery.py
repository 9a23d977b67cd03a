"""Section 2: what a server says about its services."""

import json

import pytest

from cds_hooks import (
    HOOKS,
    Missing,
    ServiceDescription,
    discovery_document,
    encode_json,
    state_of,
)
from tests.protocol.examples import PATIENT_VIEW, changed, parsed


GIVEN = {
    "id": "greeting",
    "hook": "patient-view",
    "title": "Greeting",
    "description": "Greets the patient.",
}


def service(**members: object) -> ServiceDescription:
    return ServiceDescription(**{**GIVEN, **members})


def test_D_02_services_is_an_array_in_the_order_given() -> None:
    document = discovery_document([service(id="z"), service(id="a")])
    assert [entry["id"] for entry in document["services"]] == ["z", "a"]


def test_D_03_a_host_without_services_sends_an_empty_array() -> None:
    assert encode_json(discovery_document([])) == b'{"services":[]}'


@pytest.mark.parametrize("hook", ["", "  "])
def test_D_04_a_service_without_hook_is_refused(hook: str) -> None:
    with pytest.raises(ValueError, match="hook"):
        service(hook=hook)


def test_D_05_a_service_without_description_is_refused() -> None:
    with pytest.raises(ValueError, match="description"):
        service(description=" ")


@pytest.mark.parametrize("name", ["", "a b", "a/b", "a?b", "é", "..", "%41", "a#b"])
def test_D_06_an_id_that_is_not_one_url_segment_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"D-0"):
        service(id=name)


def test_D_07_the_title_is_sent() -> None:
    assert service().to_json()["title"] == "Greeting"


def test_D_08_prefetch_is_left_out_when_there_is_nothing_to_prefetch() -> None:
    assert "prefetch" not in service().to_json()


@pytest.mark.parametrize("key", ["", " patient", "patient ", "a  b"])
def test_D_08_a_prefetch_key_with_stray_blanks_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="prefetch key"):
        service(prefetch={key: "Patient/{{context.patientId}}"})


def test_D_08_an_empty_template_is_refused() -> None:
    with pytest.raises(ValueError, match="T-01"):
        service(prefetch={"patient": ""})


def test_D_08_templates_cannot_be_changed_once_described() -> None:
    templates = {"patient": "Patient/{{context.patientId}}"}
    described = service(prefetch=templates)
    templates["extra"] = "Patient/{{context.patientId}}"
    assert list(described.prefetch) == ["patient"]
    with pytest.raises(TypeError):
        described.prefetch["extra"] = ""


def test_D_09_usage_requirements_are_sent() -> None:
    entry = service(usage_requirements="Needs FHIR R4.").to_json()
    assert entry["usageRequirements"] == "Needs FHIR R4."


def test_D_09_blank_usage_requirements_are_refused() -> None:
    with pytest.raises(ValueError, match="usage_requirements"):
        service(usage_requirements=" ")


@pytest.mark.parametrize("version", ["2.0", "STU2", "v2.0.1", "2.0.1 "])
def test_D_10_a_version_that_is_not_semantic_is_refused(version: str) -> None:
    with pytest.raises(ValueError, match="D-10"):
        service(version=version)


@pytest.mark.parametrize("version", ["2.0.1", "3.0.0-ballot"])
def test_D_10_a_semantic_version_is_sent(version: str) -> None:
    assert service(version=version).to_json()["version"] == version


@pytest.mark.parametrize("hook", sorted(HOOKS))
def test_D_11_the_hook_version_equals_the_published_one(hook: str) -> None:
    published = HOOKS[hook].hook_version
    entry = service(hook=hook, hook_version=published).to_json()
    assert entry["hookVersion"] == published
    with pytest.raises(ValueError, match="D-11"):
        service(hook=hook, hook_version="9.9")


def test_D_12_two_versions_of_a_hook_need_two_ids() -> None:
    own = {"hook": "org.example.admission", "id": "admission"}
    versions = [service(**own, hook_version=version) for version in ("1.0", "2.0")]
    with pytest.raises(ValueError, match="listed twice"):
        discovery_document(versions)
    separate = [
        service(**{**own, "id": f"admission-{version}"}, hook_version=version)
        for version in ("1.0", "2.0")
    ]
    assert len(discovery_document(separate)["services"]) == 2


def test_D_13_one_id_may_serve_several_hooks() -> None:
    document = discovery_document([service(), service(hook="order-sign")])
    hooks = [entry["hook"] for entry in document["services"]]
    assert hooks == ["patient-view", "order-sign"]


def test_D_13_one_id_twice_for_the_same_hook_is_refused() -> None:
    with pytest.raises(ValueError, match="D-13"):
        discovery_document([service(), service(title="Another")])


@pytest.mark.parametrize("key", ["note", "", "org example.note"])
def test_D_14_an_extension_key_without_reverse_dns_style_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="D-14"):
        service(extension={key: 1})


def test_D_14_an_extension_is_sent_as_an_object() -> None:
    entry = service(extension={"org.example.note": "x"}).to_json()
    assert entry["extension"] == {"org.example.note": "x"}


def test_D_15_prefetch_keys_keep_their_order_down_to_the_bytes() -> None:
    read = "Patient/{{context.patientId}}"
    templates = dict.fromkeys(("zebra", "apple", "mango"), read)
    sent = encode_json(discovery_document([service(prefetch=templates)]))
    [entry] = json.loads(sent)["services"]
    assert list(entry["prefetch"]) == ["zebra", "apple", "mango"]


def test_D_20_what_is_missing_renamed_or_extra_in_prefetch_is_no_fault() -> None:
    prefetch = {"-user": {"resourceType": "Practitioner", "id": "x"}, "Renamed": None}
    call = parsed(changed(PATIENT_VIEW, prefetch=prefetch))
    assert isinstance(state_of(call.prefetch, "patient"), Missing)


def test_D_22_a_closed_1_0_schema_gets_only_the_five_members_it_knows() -> None:
    entry = service(prefetch={"patient": "Patient/{{context.patientId}}"}).to_json()
    assert sorted(entry) == ["description", "hook", "id", "prefetch", "title"]
