"""What the answers to all situations of `fixtures/` have in common (section 7)."""

import json
from urllib.parse import urlsplit

import pytest
import requests

from service.knowledge_files import load_knowledge
from tests.conftest import ROOT
from tests.http.patients import Json


@pytest.fixture(scope="module")
def answers(base_url: str) -> list[Json]:
    """The answers with cards."""
    found = []
    for file in sorted((ROOT / "fixtures").glob("*/request.json")):
        body = json.loads(file.read_bytes())
        answer = requests.post(
            f"{base_url}/cds-services/b12-{body['hook']}", json=body, timeout=30
        )
        if answer.status_code == 200 and answer.json()["cards"]:
            found.append(answer.json())
    assert len(found) > 10
    return found


def cards_of(answers: list[Json]) -> list[Json]:
    return [card for answer in answers for card in answer["cards"]]


def actions_of(answers: list[Json]) -> list[Json]:
    return [
        action
        for card in cards_of(answers)
        for suggestion in card.get("suggestions", [])
        for action in suggestion["actions"]
    ]


def links_of(answers: list[Json]) -> list[Json]:
    return [link for card in cards_of(answers) for link in card.get("links", [])]


def test_G_06_no_action_depends_on_the_order_of_application(
    answers: list[Json],
) -> None:
    for card in cards_of(answers):
        for suggestion in card.get("suggestions", []):
            (action,) = suggestion["actions"]
            assert action["type"] == "create"
            assert "id" not in action["resource"]


def test_X_08_nothing_that_the_user_wrote_is_deleted(answers: list[Json]) -> None:
    assert {action["type"] for action in actions_of(answers)} == {"create"}


def test_X_10_nothing_is_done_without_the_user(answers: list[Json]) -> None:
    assert not [answer for answer in answers if "systemActions" in answer]


def test_L_05_no_link_hands_anything_of_the_call_on(answers: list[Json]) -> None:
    links = links_of(answers)
    assert links
    for link in links:
        assert link["type"] == "absolute"
        assert "appContext" not in link
        assert urlsplit(link["url"]).query == ""


def test_L_07_links_lead_to_hosts_that_a_client_can_register_beforehand(
    answers: list[Json],
) -> None:
    guide = (ROOT / "docs" / "integrators-guide.md").read_text()
    hosts = {
        urlsplit(reference.url).hostname
        for reference in load_knowledge("us").references.values()
        if reference.url is not None
    }
    assert {urlsplit(link["url"]).hostname for link in links_of(answers)} <= hosts
    assert sorted(host for host in hosts if f"`{host}`" not in guide) == []


def test_L_08_no_smart_app_is_launched_or_proposed(answers: list[Json]) -> None:
    assert {link["type"] for link in links_of(answers)} == {"absolute"}
    kinds = {action["resource"]["resourceType"] for action in actions_of(answers)}
    assert "Task" not in kinds


def test_M_07_override_reasons_are_of_one_published_system(
    answers: list[Json],
) -> None:
    reasons = [
        reason for card in cards_of(answers) for reason in card["overrideReasons"]
    ]
    assert reasons
    assert {reason["system"] for reason in reasons} == {
        "https://b12-cds.example/fhir/CodeSystem/override-reason"
    }


def test_V_05_what_a_crd_client_needs_of_a_card_every_client_gets(
    answers: list[Json],
) -> None:
    for card in cards_of(answers):
        assert card["source"]["topic"]["code"]
        assert card["source"]["topic"]["system"]
        for suggestion in card.get("suggestions", []):
            assert suggestion["uuid"]
        assert "](" not in card["detail"].replace("\\](", "")


def test_ST_02_a_card_stands_for_itself(answers: list[Json]) -> None:
    """No card speaks of another that may be gone from the screen."""
    for card in cards_of(answers):
        for phrase in ("previous card", "other card", "see above", "card below"):
            assert phrase not in card["detail"].lower()
