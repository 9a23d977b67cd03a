"""What leaves is held to the protocol once more, whatever made it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from cds_hooks.cards import Card
from cds_hooks.errors import OutputNotConformant
from service.app import create_app
from service.cards import CardWriter
from service.output_check import fit_to_send
from service.settings import Settings
from tests.http.patients import request
from tests.http.servers import TODAY


CARD = {
    "summary": "A sentence of advice",
    "indicator": "info",
    "source": {"label": "Guideline"},
}
BAD_LINK = {"label": "More", "url": "javascript:alert(1)", "type": "absolute"}


def test_a_conformant_response_is_sent_as_it_is() -> None:
    response = {"cards": [CARD]}
    assert fit_to_send(response, strict=True) is response
    assert fit_to_send(response, strict=False) is response


def test_in_production_a_faulty_optional_part_is_dropped_and_logged() -> None:
    with capture_logs() as lines:
        sent = fit_to_send({"cards": [{**CARD, "links": [BAD_LINK]}]}, strict=False)
    assert sent == {"cards": [CARD]}
    (line,) = lines
    assert line["log_level"] == "error"
    assert line["dropped"] == [
        "L-03 at cards[0].links[0]: url must be an absolute http(s) URL"
    ]
    assert "javascript" not in json.dumps(line)


def test_in_tests_any_fault_is_ours_to_mend() -> None:
    with pytest.raises(OutputNotConformant, match="L-03"):
        fit_to_send({"cards": [{**CARD, "links": [BAD_LINK]}]}, strict=True)


@pytest.mark.parametrize("strict", [True, False])
def test_K_01_a_summary_of_140_characters_never_leaves(strict: bool) -> None:
    with pytest.raises(OutputNotConformant, match="K-01"):
        fit_to_send({"cards": [{**CARD, "summary": "x" * 140}]}, strict=strict)


@contextmanager
def writing(member: str, value: object, *, strict: bool) -> Iterator[FlaskClient]:
    """The service, with a fault in what writes its cards."""
    write = CardWriter.write

    def write_wrongly(self: CardWriter, *given: Any) -> Card:
        card = write(self, *given)
        # Cards check themselves when they are made: only later can they be spoilt.
        object.__setattr__(card, member, value)
        return card

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CardWriter, "write", write_wrongly)
        app = create_app(Settings(as_of=TODAY, strict_output=strict))
        yield app.test_client()


def called(client: FlaskClient) -> Any:
    return client.post("/cds-services/b12-patient-view", json=request())


def test_a_card_with_a_faulty_uuid_is_sent_without_it() -> None:
    with writing("uuid", "not-a-uuid", strict=False) as client:
        answer = called(client)
    assert answer.status_code == 200
    (card,) = answer.get_json()["cards"]
    assert "uuid" not in card
    assert card["summary"]


def test_the_same_fault_is_a_500_in_tests() -> None:
    with writing("uuid", "not-a-uuid", strict=True) as client:
        answer = called(client)
    assert answer.status_code == 500
    assert "cards" not in answer.get_json()


@pytest.mark.parametrize("strict", [True, False])
def test_E_03_a_card_without_its_summary_is_a_500_and_no_silence(strict: bool) -> None:
    with writing("summary", "", strict=strict) as client:
        answer = called(client)
    assert answer.status_code == 500
    assert "cards" not in answer.get_json()


def test_the_tests_of_this_project_are_strict() -> None:
    assert Settings().strict_output is True
    assert Settings.model_fields["strict_output"].default is False


def test_CORS_04_a_page_can_read_that_the_service_failed() -> None:
    with writing("summary", "", strict=True) as client:
        answer = client.post(
            "/cds-services/b12-patient-view",
            json=request(),
            headers={"Origin": "https://ehr.example.org"},
        )
    assert answer.status_code == 500
    allowed = answer.headers["Access-Control-Allow-Origin"]
    assert allowed == "https://ehr.example.org"
