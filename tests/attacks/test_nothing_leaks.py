"""Everything is marked, everything goes wrong, and all output is searched.

One run of a service for whoever calls, and one that asks for tokens: each is called in
every way that is known to be refused, to fail or to crash, with a marker in every field
that a client or a FHIR server can fill, while it writes all the log it can. Then each
place is searched that somebody else than the caller can read.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
import requests
from cryptography.fernet import Fernet

from tests.attacks.doors import MULTI_TENANT_ISSUER, SERVICE_ID, clients_file, live
from tests.attacks.markers import (
    Markers,
    marked_headers,
    marked_request,
)
from tests.attacks.ordeal import (
    Ordeal,
    break_off,
    call_badly,
    call_well,
    call_with_fixtures,
    call_with_servers,
    call_without_http,
    crash,
    lose_the_store,
    ordeal,
    send_feedback,
)
from tests.fhir_server.fhir_test_server import running as running_fhir
from tests.http.patients import request
from tests.protocol.tokens import bearer, key_of, token


MAY_BE_LOGGED = {"issuer of a refused token", "tenant of a refused token"}
"""An operator may see who tried to get in (JWT-17: `iss`, `tenant` and `jti`; of the
last there is but a hash). Nothing else of any request is on this list."""

MAY_BE_STORED = {"accepted code", "accepted system"}
"""A coded reason for not following a card, which is what feedback is for."""

MAY_BE_ON_A_CARD = {
    *("patient id", "encounter id", "user id"),
    *("condition id", "condition text", "condition display", "observation id"),
    *("order id", "order text", "order display", "draft id"),
    "free text of a fixture",
}
"""What the chart says that is sent, to the caller that sent it."""

CARDS_EXPECTED = ("answered", "fixture", "wrong types", "planted")


@pytest.fixture(scope="module")
def open_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ordeal]:
    """What whoever calls can put the service through; comments are dropped."""
    folder = tmp_path_factory.mktemp("leaks")
    open_to_all = {"B12_AUTH": "off", "B12_CLIENTS_FILE": "", "B12_BASE_URL": ""}
    with ordeal(folder, **open_to_all) as run, running_fhir() as fhir:
        call_well(run)
        call_with_fixtures(run)
        call_badly(run)
        call_with_servers(run, fhir)
        crash(run)
        call_without_http(run)
        break_off(run)
        send_feedback(run, dict)
        lose_the_store(run, dict)
        run.reached.extend(repr(seen) for seen in fhir.seen)
        yield run


@pytest.fixture(scope="module")
def comment_key() -> str:
    """The operator's key for comments."""
    return Fernet.generate_key().decode()


@pytest.fixture(scope="module")
def guarded_run(
    tmp_path_factory: pytest.TempPathFactory, comment_key: str
) -> Iterator[Ordeal]:
    """What clients and strangers can; comments are encrypted."""
    folder = tmp_path_factory.mktemp("guarded")
    clients_file(folder)
    settings = {
        "B12_FEEDBACK_COMMENTS": "encrypted",
        "B12_COMMENT_KEY": comment_key,
        "B12_AUTH_DISCOVERY": "required",
    }
    with ordeal(folder, **settings) as run:
        marker = run.marker

        def honest() -> dict[str, str]:
            return {**marked_headers(marker), "Authorization": honest_token(marker)}

        run.call("answered", json=marked_request(marker), headers=honest())
        for made in refused_tokens(marker):
            headers = {**marked_headers(marker), "Authorization": made}
            run.call("401", json=marked_request(marker), headers=headers)
            run.call("401", "GET", "/cds-services", headers=headers)
        named = marked_request(marker, fhirServer=f"https://{marker('host')}.example")
        named["prefetch"] = {}
        run.call("412", json=named, headers=honest())
        send_feedback(run, honest)
        lose_the_store(run, honest)
        yield run


@pytest.fixture(params=["open", "guarded"])
def run(request: pytest.FixtureRequest) -> Ordeal:
    """Each of the two."""
    chosen: Ordeal = request.getfixturevalue(f"{request.param}_run")
    return chosen


def honest_token(marker: Markers) -> str:
    claims = live(sub=marker("sub"), **{marker("claim"): marker("unknown claim")})
    claims["jti"] += marker("jti")
    # Not looked at where the keys of an issuer are on file.
    return bearer(token(claims, jku=f"https://{marker('jku')}.example"))


def refused_tokens(marker: Markers) -> list[str]:
    free = {"sub": marker("sub"), "jti": marker("jti of a refused token")}
    stranger = live(iss=f"https://{marker('issuer of a refused token')}", **free)
    tenant = marker("tenant of a refused token")
    of_no_tenant = live(iss=MULTI_TENANT_ISSUER, tenant=tenant, **free)
    signed = token(live(**free))
    return [
        bearer(token(stranger)),
        bearer(token(of_no_tenant)),
        bearer(token(live(**free), kid=marker("kid"))),
        bearer(token(live(**free), key=key_of("ES384", "thief"))),
        bearer(token(live(**free), typ=marker("typ"))),
        bearer(token(live(**{**free, "aud": f"https://{marker('aud')}"}))),
        bearer(token(live(**{**free, "exp": marker("exp")}))),
        bearer(token(live(**{**free, "iss": [marker("list as issuer")]}))),
        bearer(token(live(**{**free, "jti": {"x": marker("object as jti")}}))),
        bearer(signed[:-8]),
        bearer(f"{signed}.{marker('fourth part of a token')}"),
        bearer(marker("no token")),
        f"Basic {marker('password')}",
    ]


ENDINGS = {
    "answered": {200},
    "answered at order-select": {200},
    "fixture": {200, 412},
    "page": {200},
    "400": {400},
    "404": {404},
    "405": {405},
    "412": {412},
    "413": {413},
    "415": {415},
    "422": {422},
    "wrong types": {200, 412, 422},
    "planted exception": {500},
    "planted warning": {200},
    "planted log": {200},
    "planted thread": {200},
    "planted unraisable": {200},
    "feedback": {200, 422},
    "store lost": {500, 503},
}


@pytest.mark.parametrize("name", ENDINGS)
def test_the_calls_end_as_they_are_meant_to(open_run: Ordeal, name: str) -> None:
    assert open_run.statuses(name) <= ENDINGS[name]


def test_tokens_are_refused_as_they_are_meant_to_be(guarded_run: Ordeal) -> None:
    assert guarded_run.statuses("answered") == {200}
    assert guarded_run.statuses("401") == {401}
    assert guarded_run.statuses("412") == {412}


def test_A_07_a_fhir_server_that_fails_is_missing_data(open_run: Ordeal) -> None:
    servers = [name for name in open_run.answers if name.startswith("FHIR server")]
    assert len(servers) > 15
    assert set().union(*map(open_run.statuses, servers)) == {412}
    reached = open_run.marker.found_in("".join(open_run.reached))
    assert {"access token", "patient id"} <= set(reached)


def test_no_answer_quotes_anything_but_a_patient_on_its_own_card(run: Ordeal) -> None:
    quoted = {}
    for name, answers in run.answers.items():
        for answer in answers:
            said = f"{answer.headers} {answer.reason} {answer.text}"
            found = set(run.marker.found_in(said))
            if answer.ok and name.startswith(CARDS_EXPECTED):
                found -= MAY_BE_ON_A_CARD
            if found:
                quoted[f"{name} {answer.status_code}"] = found
    assert quoted == {}


def test_nothing_of_a_request_is_in_the_log(run: Ordeal) -> None:
    assert set(run.marker.found_in(run.door.written())) <= MAY_BE_LOGGED


def test_every_line_of_the_log_is_one_of_ours(run: Ordeal) -> None:
    """Nothing is printed past the log, where nobody would look for it."""
    for line in run.door.written().splitlines():
        if not line.startswith("b12-cds: the page for people is "):
            assert {"event", "level", "timestamp"} <= json.loads(line).keys()


@pytest.mark.parametrize(
    "event",
    [
        "internal fault",
        "warning",
        "library",
        "fault in a thread",
        "fault in cleaning up",
    ],
)
def test_every_fault_that_was_planted_is_in_the_log_by_kind(
    open_run: Ordeal, event: str
) -> None:
    assert f'"event": "{event}"' in open_run.door.written()


def test_nothing_of_a_request_is_measured(run: Ordeal) -> None:
    measured = requests.get(f"{run.door.url}/metrics", timeout=60)
    assert "requests_total" in measured.text
    assert run.marker.found_in(measured.text) == []


def test_nothing_of_a_request_is_stored(run: Ordeal) -> None:
    stored = run.stored()
    assert SERVICE_ID.encode() in stored
    assert set(run.marker.found_in(stored)) == MAY_BE_STORED


def test_a_comment_is_stored_where_it_is_wanted_and_is_read_with_its_key_alone(
    open_run: Ordeal, guarded_run: Ordeal, comment_key: str
) -> None:
    assert comments(open_run) == set()
    kept = {Fernet(comment_key).decrypt(each) for each in comments(guarded_run)}
    assert kept == {guarded_run.marker("comment").encode()}


def comments(run: Ordeal) -> set[bytes]:
    with closing(sqlite3.connect(run.folder / "store.sqlite3")) as store:
        found = store.execute("SELECT encrypted_comment FROM feedback").fetchall()
    return {comment for (comment,) in found if comment is not None}


def test_no_later_answer_to_another_caller_has_anything_of_an_earlier_one(
    open_run: Ordeal, guarded_run: Ordeal
) -> None:
    """Whichever worker answers: each was asked many times before."""
    for _ in range(8):
        for run in (open_run, guarded_run):
            headers = {"Authorization": bearer(token(live()))}
            answer = requests.post(
                f"{run.door.url}/cds-services/{SERVICE_ID}",
                json=request(),
                headers=headers,
                timeout=60,
            )
            assert answer.json()["cards"]
            assert run.marker.found_in(answer.text) == []


@pytest.mark.parametrize("form", ["{}", "MK{}", "Basic {}", "%7B{}"])
def test_a_marker_would_be_found(form: str) -> None:
    marker = Markers()
    text = marker("a name")
    assert marker.found_in(form.format(text)) == ["a name"]
    assert marker.found_in(text.upper().encode()) == ["a name"]
    assert marker.found_in(bearer(token({"sub": form.format(text)}))) == ["a name"]
    assert marker.found_in(text.encode().hex()) == ["a name"]
    assert marker.found_in("nothing of it") == []
