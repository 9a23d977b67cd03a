"""The client that calls decides by which guidance and in which form it is answered."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.attacks.doors import PUBLIC_URL, SERVICE_ID, live
from tests.clients.files import client, written
from tests.http.patients import request
from tests.http.servers import serving
from tests.protocol.tokens import ISSUER, bearer, token


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service that follows the UK's guidance unless a client says otherwise."""
    folder: Path = tmp_path_factory.mktemp("guarded")
    file = written(
        folder,
        client(name="Default", tenants=["default"]),
        client(name="US", tenants=["us"], profile="us"),
        client(name="Old", tenants=["old"], profile="us", dialect="1.0"),
    )
    with serving(
        auth="required",
        profile="uk",
        base_url=PUBLIC_URL,
        clients_file=file,
        database_url=f"sqlite:///{folder / 'store.sqlite3'}",
    ) as url:
        yield url


def card_for(url: str, tenant: str) -> dict[str, Any]:
    """The first card about the same patient, as the client of ``tenant`` gets it."""
    answer = requests.post(
        f"{url}/cds-services/{SERVICE_ID}",
        json=request(),
        headers={"Authorization": bearer(token(live(iss=ISSUER, tenant=tenant)))},
        timeout=20,
    )
    assert answer.status_code == 200
    card: dict[str, Any] = answer.json()["cards"][0]
    return card


def test_a_client_is_advised_by_its_own_profile(guarded: str) -> None:
    assert "NICE" in card_for(guarded, "default")["source"]["label"]
    assert "AAFP" in card_for(guarded, "us")["source"]["label"]


def test_a_client_is_answered_in_its_own_dialect(guarded: str) -> None:
    assert card_for(guarded, "us")["selectionBehavior"] == "any"
    assert card_for(guarded, "old")["selectionBehavior"] == "at-most-one"
