"""What a card carries, as a client receives it."""

import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from fhir.resources.R4B.servicerequest import ServiceRequest
from markdown_it import MarkdownIt

from tests.http.patients import (
    Json,
    bundle,
    cramps,
    metformin,
    patient,
    prefetch,
    request,
)


EVIDENCE = "example.b12-cds.evidence"


def answer_to(base_url: str, body: Json) -> Json:
    path = f"/cds-services/b12-{body['hook']}"
    answer = requests.post(f"{base_url}{path}", json=body, timeout=30)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return dict(answer.json())


def card_for(base_url: str, **changes: Any) -> Json:
    """The one card for a patient with cramps on metformin, changed as said."""
    (card,) = answer_to(base_url, request(**changes))["cards"]
    return dict(card)


def orders(card: Json) -> list[Json]:
    return [
        action["resource"]
        for suggestion in card["suggestions"]
        for action in suggestion["actions"]
    ]


def test_the_summary_names_the_cramps_and_the_risk(base_url: str) -> None:
    summary = card_for(base_url)["summary"]
    assert "cramps" in summary.lower()
    assert "metformin" in summary.lower()
    assert len(summary) < 140


def test_S_04_the_source_says_who_speaks_with_an_icon_and_the_kind_of_card(
    base_url: str,
) -> None:
    source = card_for(base_url)["source"]
    assert source["label"].startswith("B12 and muscle cramps advisor")
    assert source["topic"]["code"] == "b12-screen"
    assert source["topic"]["system"]
    assert source["url"].startswith("https://")
    icon = requests.get(base_url + urlsplit(source["icon"]).path, timeout=30)
    assert icon.headers["Content-Type"] == "image/png"


def test_S_03_the_icon_is_an_opaque_png_of_100_by_100(base_url: str) -> None:
    image = requests.get(f"{base_url}/static/icon.png", timeout=30).content
    assert image[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(image[16:20], "big") == 100
    assert int.from_bytes(image[20:24], "big") == 100
    truecolour_without_alpha = 2
    assert image[25] == truecolour_without_alpha


def test_each_fact_stands_in_the_detail_with_its_date_and_resource(
    base_url: str,
) -> None:
    detail = card_for(base_url)["detail"]
    assert re.search(r"^- Cramp, since 2025-05-01 \(Condition/c1\)$", detail, re.M)
    assert re.search(
        r"^- Metformin .*, since 2022-11-01 \(MedicationRequest/m1\)$", detail, re.M
    )


def test_the_detail_has_at_most_twelve_lines_before_more(base_url: str) -> None:
    conditions = bundle(*(cramps(id=f"c{number}") for number in range(30)))
    for sent in (prefetch(), prefetch(conditions=conditions)):
        before, _, after = card_for(base_url, prefetch=sent)["detail"].partition(
            "**More**"
        )
        assert len([line for line in before.splitlines() if line.strip()]) <= 12
        assert after.strip()


def test_the_same_cramp_recorded_ten_times_is_one_line(base_url: str) -> None:
    conditions = bundle(*(cramps(id=f"c{number}") for number in range(10)))
    detail = card_for(base_url, prefetch=prefetch(conditions=conditions))["detail"]
    assert detail.count("- Cramp, since 2025-05-01") == 1
    assert "(Condition/c0, Condition/c1, Condition/c2, +7)" in detail


def test_no_number_of_different_cramps_hides_the_risk_factor(base_url: str) -> None:
    days = [f"2025-05-{day:02}" for day in range(1, 20)]
    conditions = bundle(*(cramps(id=f"c{day}", onsetDateTime=day) for day in days))
    detail = card_for(base_url, prefetch=prefetch(conditions=conditions))["detail"]
    before, _, after = detail.partition("**More**")
    assert "MedicationRequest/m1" in before
    assert before.count("- Cramp, since") + after.count("- Cramp, since") == len(days)


def test_M_02_the_detail_is_markdown_with_lists_and_without_html(base_url: str) -> None:
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(
        card_for(base_url)["detail"]
    )
    kinds = {token.type for token in tokens}
    assert "bullet_list_open" in kinds
    assert "html_block" not in kinds
    assert "table_open" not in kinds


@pytest.mark.parametrize(
    "text",
    [
        "<img src=x onerror=alert(1)>",
        "[click](javascript:alert(1))",
        "![x](https://evil.example/x.png)",
        "https://evil.example/",
        "cramp\n\n# Heading\n\n- item",
        "`code` **bold** | table |",
    ],
)
def test_M_03_words_of_the_chart_do_nothing_in_the_detail(
    base_url: str, text: str
) -> None:
    named = cramps()
    named["code"] = {**named["code"], "text": text}
    card = card_for(base_url, prefetch=prefetch(conditions=bundle(named)))
    usual = card_for(base_url)
    markdown = MarkdownIt("commonmark")

    def structure(detail: str) -> list[str]:
        return [token.type for token in markdown.parse(detail)]

    assert structure(card["detail"]) == structure(usual["detail"])
    rendered = markdown.render(card["detail"])
    assert "<img" not in rendered
    assert "<a " not in rendered
    assert "<code" not in rendered


def test_X_03_the_suggested_orders_are_valid_fhir_for_this_patient(
    base_url: str,
) -> None:
    context = {
        "userId": "Practitioner/u1",
        "patientId": "p1",
        "encounterId": "e1",
    }
    card = card_for(base_url, context=context)
    assert card["selectionBehavior"] == "any"
    assert len(orders(card)) == 3
    for order in orders(card):
        ServiceRequest.model_validate_json(json.dumps(order))
        assert order["status"] == "draft"
        assert order["intent"] == "proposal"
        assert order["subject"] == {"reference": "Patient/p1"}
        assert order["encounter"] == {"reference": "Encounter/e1"}
        assert order["requester"] == {"reference": "Practitioner/u1"}
        assert order["reasonReference"] == [{"reference": "Condition/c1"}]
        assert order["authoredOn"] == "2025-06-30"
        assert order["code"]["coding"][0]["system"] == "http://loinc.org"


def test_every_suggestion_can_be_taken_by_itself(base_url: str) -> None:
    suggestions = card_for(base_url)["suggestions"]
    assert [len(suggestion["actions"]) for suggestion in suggestions] == [1, 1, 1]
    assert [suggestion.get("isRecommended") for suggestion in suggestions] == [
        True,
        None,
        None,
    ]


@pytest.mark.parametrize("user", ["Patient/p1", "RelatedPerson/r1"])
def test_only_a_clinician_is_named_as_requester(base_url: str, user: str) -> None:
    card = card_for(base_url, context={"userId": user, "patientId": "p1"})
    assert all("requester" not in order for order in orders(card))


def test_a_cramp_without_an_id_is_named_as_reason_in_words(base_url: str) -> None:
    anonymous = cramps()
    del anonymous["id"]
    card = card_for(base_url, prefetch=prefetch(conditions=bundle(anonymous)))
    for order in orders(card):
        assert "reasonReference" not in order
        assert order["reasonCode"][0]["text"]
        ServiceRequest.model_validate_json(json.dumps(order))


def test_the_extension_holds_the_same_facts_for_machines(base_url: str) -> None:
    evidence = card_for(base_url)["extension"][EVIDENCE]
    assert evidence["facts"] == [
        {"name": "cramps", "date": "2025-05-01", "resources": ["Condition/c1"]},
        {
            "name": "metformin",
            "date": "2022-11-01",
            "resources": ["MedicationRequest/m1"],
        },
    ]
    assert evidence["evaluatedFor"] == "2025-06-30"
    assert evidence["profile"] == "us"


def test_P_13_what_was_not_sent_is_named_on_the_card(base_url: str) -> None:
    sent = {key: prefetch()[key] for key in ("patient", "conditions")}
    card = card_for(
        base_url, prefetch={**sent, "medicationRequests": bundle(metformin())}
    )
    assert "procedures" in card["extension"][EVIDENCE]["notConsidered"]
    assert re.search(r"[Nn]ot considered.*procedures", card["detail"])


def test_what_could_not_be_read_is_named_on_the_card(base_url: str) -> None:
    unreadable = metformin(id="m2", authoredOn="last spring")
    medicines = bundle(metformin(), unreadable)
    card = card_for(base_url, prefetch=prefetch(medicationRequests=medicines))
    assert {
        "resource": "MedicationRequest/m2",
        "element": "MedicationRequest.authoredOn",
    } in card["extension"][EVIDENCE]["unread"]
    assert re.search(r"not be read.*MedicationRequest/m2", card["detail"])


def test_K_08_every_override_reason_has_code_system_and_display(base_url: str) -> None:
    reasons = card_for(base_url)["overrideReasons"]
    assert reasons
    for reason in reasons:
        assert reason.keys() == {"code", "system", "display"}


def test_links_lead_to_sources_on_the_web(base_url: str) -> None:
    links = card_for(base_url)["links"]
    assert 1 <= len(links) <= 4
    assert {link["type"] for link in links} == {"absolute"}
    assert all(link["url"].startswith("https://") for link in links)


def test_K_11_uuids_are_never_used_twice(base_url: str) -> None:
    found = [
        uuid
        for _ in range(3)
        for card in [card_for(base_url)]
        for uuid in [card["uuid"], *(each["uuid"] for each in card["suggestions"])]
    ]
    assert len(set(found)) == len(found) == 12


def test_J_03_nothing_in_an_answer_is_null_or_empty(base_url: str) -> None:
    def empties(value: object, path: str) -> list[str]:
        if value in (None, "", [], {}):
            return [path]
        members = (
            value.items()
            if isinstance(value, dict)
            else enumerate(value)
            if isinstance(value, list)
            else ()
        )
        return [
            each for name, item in members for each in empties(item, f"{path}.{name}")
        ]

    assert empties(answer_to(base_url, request()), "") == []


def test_H_02_nothing_to_say_is_exactly_an_empty_list(base_url: str) -> None:
    hay_fever = cramps(code={"text": "Hay fever"})
    for sent in (
        {"conditions": bundle(hay_fever)},
        prefetch(conditions=bundle(hay_fever)),
        prefetch(patient=patient(deceasedBoolean=True)),
    ):
        assert answer_to(base_url, request(prefetch=sent)) == {"cards": []}
