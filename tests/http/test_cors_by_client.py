"""CORS where clients authenticate: each client's pages, on every path and status."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.attacks.doors import PUBLIC_URL, SERVICE_ID, live
from tests.clients.files import client, written
from tests.http.patients import request
from tests.http.servers import serving
from tests.protocol.tokens import bearer, token


OURS = "https://ehr.example.org"
THEIRS = "https://other-ehr.example.org"
STRANGE = "https://stranger.example.org"
OTHER_ISSUER = "https://other-ehr.example.org/fhir"

PATHS = [
    "/cds-services",
    f"/cds-services/{SERVICE_ID}",
    f"/cds-services/{SERVICE_ID}/feedback",
]
CORS = "Access-Control-"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with two clients, each with web pages of its own."""
    folder: Path = tmp_path_factory.mktemp("guarded")
    file = written(
        folder,
        client(cors_origins=[OURS]),
        client(name="Other", iss=OTHER_ISSUER, cors_origins=[THEIRS]),
    )
    with serving(
        auth="required",
        base_url=PUBLIC_URL,
        clients_file=file,
        database_url=f"sqlite:///{folder / 'store.sqlite3'}",
    ) as url:
        yield url


def called(url: str, origin: str | None, **changes: object) -> requests.Response:
    """A call of the service with a fresh token of the first client."""
    headers = {"Authorization": bearer(token(live()))}
    if origin is not None:
        headers["Origin"] = origin
    sent: dict[str, Any] = {"json": request(), "headers": headers, **changes}
    return requests.post(f"{url}/cds-services/{SERVICE_ID}", **sent, timeout=20)


def cors(answer: requests.Response) -> dict[str, str]:
    return {name: answer.headers[name] for name in answer.headers if CORS in name}


def preflight(url: str, path: str, origin: str) -> requests.Response:
    return requests.options(
        f"{url}{path}",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        },
        allow_redirects=False,
        timeout=20,
    )


@pytest.mark.parametrize("origin", [OURS, THEIRS])
@pytest.mark.parametrize("path", PATHS)
def test_CORS_01_a_preflight_needs_no_token(
    guarded: str, path: str, origin: str
) -> None:
    answer = preflight(guarded, path, origin)
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == origin


@pytest.mark.parametrize("path", PATHS)
def test_CORS_02_a_preflight_allows_methods_and_headers_by_name(
    guarded: str, path: str
) -> None:
    allowed = cors(preflight(guarded, path, OURS))
    methods = allowed["Access-Control-Allow-Methods"].split(", ")
    assert {"GET", "POST", "OPTIONS"} <= set(methods)
    headers = allowed["Access-Control-Allow-Headers"].split(", ")
    assert {"Authorization", "Content-Type"} <= set(headers)


def test_CORS_03_the_client_s_own_origin_is_echoed(guarded: str) -> None:
    answer = called(guarded, OURS)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == OURS
    assert "Origin" in answer.headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_CORS_03_a_page_of_one_client_cannot_read_answers_to_another(
    guarded: str,
) -> None:
    answer = called(guarded, THEIRS)
    assert answer.status_code == 200
    assert cors(answer) == {}


@pytest.mark.parametrize(
    ("status", "changes"),
    [
        (400, {"json": None, "data": b"{"}),
        (412, {"json": request(prefetch={})}),
        (422, {"json": {}}),
        (401, {"headers": {"Origin": OURS}}),
        (401, {"headers": {"Origin": OURS, "Authorization": "Bearer a.b.c"}}),
    ],
)
def test_CORS_04_errors_can_be_read_by_the_page_that_caused_them(
    guarded: str, status: int, changes: dict[str, object]
) -> None:
    answer = called(guarded, OURS, **changes)
    assert answer.status_code == status
    assert answer.headers["Access-Control-Allow-Origin"] == OURS
    assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), (PATHS[1], 405)])
def test_CORS_04_the_headers_are_on_404_and_405(
    guarded: str, path: str, status: int
) -> None:
    answer = requests.get(f"{guarded}{path}", headers={"Origin": OURS}, timeout=20)
    assert answer.status_code == status
    assert answer.headers["Access-Control-Allow-Origin"] == OURS


@pytest.mark.parametrize(
    "origin",
    [
        STRANGE,
        "null",
        f"{OURS}.evil.example.org",
        f"{OURS}/",
        f"{OURS}:8443",
        OURS.replace("https", "http"),
        OURS.upper(),
        f"{OURS}, {STRANGE}",
        "",
        None,
    ],
)
def test_CORS_05_from_another_origin_or_none_the_answer_has_no_cors_headers(
    guarded: str, origin: str | None
) -> None:
    answer = called(guarded, origin)
    assert answer.status_code == 200
    assert cors(answer) == {}
    assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize("path", PATHS)
def test_CORS_05_a_preflight_of_a_stranger_allows_nothing(
    guarded: str, path: str
) -> None:
    assert cors(preflight(guarded, path, STRANGE)) == {}


def test_SEC_05_nobody_may_store_an_answer(guarded: str) -> None:
    for answer in (called(guarded, None), called(guarded, None, headers={})):
        assert answer.headers["Cache-Control"] == "no-store"
