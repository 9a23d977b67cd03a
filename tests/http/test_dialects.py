"""Each client is answered in the dialect that the clients file gives it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from cds_hooks.conformance import violations
from cds_hooks.dialects import Dialect
from tests.attacks.doors import PUBLIC_URL, live
from tests.clients.files import client, written
from tests.http.patients import Json, bundle, folic_acid, metformin, prefetch, request
from tests.http.servers import serving
from tests.protocol.tokens import ISSUER, bearer, token


PATIENT_VIEW = "/cds-services/b12-patient-view"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with a tenant for each dialect."""
    folder: Path = tmp_path_factory.mktemp("dialects")
    tenants = [
        client(name=dialect.name, tenants=[dialect.name], dialect=dialect.value)
        for dialect in Dialect
    ]
    with serving(
        auth="required",
        base_url=PUBLIC_URL,
        clients_file=written(folder, *tenants),
        database_url=f"sqlite:///{folder / 'store.sqlite3'}",
    ) as url:
        yield url


def cards(url: str, dialect: Dialect) -> list[Json]:
    """The two cards of a patient with cramps on metformin and folic acid."""
    made = bearer(token(live(iss=ISSUER, tenant=dialect.name)))
    medicines = bundle(metformin(), folic_acid(5))
    answer = requests.post(
        f"{url}{PATIENT_VIEW}",
        json=request(prefetch=prefetch(medicationRequests=medicines)),
        headers={"Authorization": made},
        timeout=30,
    )
    assert answer.status_code == 200
    assert violations(answer.json()) == []
    found: list[Json] = answer.json()["cards"]
    assert len(found) == 2
    return found


def behaviors(found: list[Json]) -> set[str]:
    return {card["selectionBehavior"] for card in found if "suggestions" in card}


@pytest.mark.parametrize("dialect", Dialect)
def test_V_01_the_advice_is_the_same_in_every_dialect(
    guarded: str, dialect: Dialect
) -> None:
    said = [
        (card["summary"], card["indicator"], card["detail"])
        for card in cards(guarded, dialect)
    ]
    assert said == [
        (card["summary"], card["indicator"], card["detail"])
        for card in cards(guarded, Dialect.V2_0)
    ]


def test_C_02_a_1_0_client_may_choose_one_suggestion(guarded: str) -> None:
    for dialect in (Dialect.V1_0, Dialect.V1_0_CLOSED):
        assert behaviors(cards(guarded, dialect)) == {"at-most-one"}


def test_C_02_an_epic_client_may_choose_any(guarded: str) -> None:
    assert behaviors(cards(guarded, Dialect.EPIC)) == {"any"}


def test_V_03_a_closed_schema_knows_every_member_it_gets(guarded: str) -> None:
    known = {
        "summary",
        "detail",
        "indicator",
        "source",
        "suggestions",
        "selectionBehavior",
        "links",
    }
    for card in cards(guarded, Dialect.V1_0_CLOSED):
        assert set(card) <= known
        assert set(card["source"]) <= {"label", "url", "icon"}
        for suggestion in card.get("suggestions", []):
            assert set(suggestion) == {"label", "uuid", "actions"}


def test_V_04_an_epic_client_can_report_on_everything_it_shows(guarded: str) -> None:
    for card in cards(guarded, Dialect.EPIC):
        assert card["uuid"]
        assert card["source"]["topic"]["code"].isalnum()
        for suggestion in card.get("suggestions", []):
            assert suggestion["uuid"]
            assert len(suggestion["actions"]) == 1
