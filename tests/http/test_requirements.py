"""Requirements that only a running service can hold, named by their ids."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from service.clients import load_clients
from service.knowledge_files import load_terminology
from service.reads import load_reads
from service.settings import Settings, SettingsError, refuse_exposure
from tests.attacks.doors import PUBLIC_URL, SERVICE_ID, live
from tests.clients.files import client, written
from tests.conftest import ROOT
from tests.fhir_server.fhir_test_server import hanging, running
from tests.http.patients import (
    Json,
    bundle,
    context,
    cramps,
    folic_acid,
    keys_shown,
    metformin,
    patient,
    prefetch,
    request,
    without,
)
from tests.http.servers import serving
from tests.protocol.tokens import ISSUER, bearer, token


DISCOVERY = "/cds-services"
PATIENT_VIEW = "/cds-services/b12-patient-view"


def call(base_url: str, **changes: Any) -> requests.Response:
    return requests.post(
        f"{base_url}{PATIENT_VIEW}", json=request(**changes), timeout=30
    )


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service that asks for a token everywhere, for discovery too."""
    folder = tmp_path_factory.mktemp("guarded")
    with serving(
        auth="required",
        auth_discovery="required",
        base_url=PUBLIC_URL,
        clients_file=written(folder, client(tenants=["north"])),
        database_url=f"sqlite:///{folder / 'store.sqlite3'}",
    ) as url:
        yield url


# 1. JSON and transport


@pytest.mark.parametrize("auth", ["off", None])
def test_J_02_where_others_can_reach_it_plain_http_is_not_offered(
    auth: str | None, tmp_path: Path
) -> None:
    for address in ("http://cds.example.org", None):
        settings = Settings(
            host="0.0.0.0",  # noqa: S104 - the case in question
            auth=auth,
            base_url=address,
            clients_file=written(tmp_path, client()),
        )
        with pytest.raises(SettingsError):
            refuse_exposure(settings)


ONE_FAULT_EACH: dict[int, tuple[str, str, dict[str, Any]]] = {
    400: ("POST", PATIENT_VIEW, {"data": b"{"}),
    404: ("GET", "/nowhere", {}),
    405: ("GET", PATIENT_VIEW, {}),
    412: ("POST", PATIENT_VIEW, {"json": request(prefetch={})}),
    413: ("POST", PATIENT_VIEW, {"data": b" " * (10 * 1024 * 1024 + 1)}),
    415: ("POST", PATIENT_VIEW, {"headers": {"Content-Encoding": "br"}}),
    422: ("POST", PATIENT_VIEW, {"json": {}}),
}


@pytest.mark.parametrize("status", ONE_FAULT_EACH)
def test_J_13_a_refusal_is_json_and_never_a_web_page(
    base_url: str, status: int
) -> None:
    method, path, sent = ONE_FAULT_EACH[status]
    answer = requests.request(method, f"{base_url}{path}", **sent, timeout=30)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["resourceType"] == "OperationOutcome"


def test_J_13_an_unauthenticated_call_is_answered_in_json(guarded: str) -> None:
    answer = call(guarded)
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", DISCOVERY, None),
        ("POST", PATIENT_VIEW, request()),
        ("POST", PATIENT_VIEW, {}),
        ("POST", f"{PATIENT_VIEW}/feedback", {"feedback": []}),
    ],
)
def test_J_11_answers_are_of_type_application_json(
    base_url: str, method: str, path: str, body: Json | None
) -> None:
    answer = requests.request(method, f"{base_url}{path}", json=body, timeout=30)
    assert answer.headers["Content-Type"] == "application/json"
    answer.content.decode("utf-8")


# 2. Discovery


def test_D_01_discovery_is_the_same_json_object_every_time(base_url: str) -> None:
    first, second = (
        requests.get(f"{base_url}{DISCOVERY}", timeout=30) for _ in range(2)
    )
    assert first.status_code == 200
    assert list(first.json()) == ["services"]
    assert first.content == second.content


def test_D_16_discovery_may_be_refused(guarded: str) -> None:
    answer = requests.get(f"{guarded}{DISCOVERY}", timeout=30)
    assert answer.status_code == 401


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_D_17_discovery_has_no_other_method(base_url: str, method: str) -> None:
    answer = requests.request(method, f"{base_url}{DISCOVERY}", timeout=30)
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize(
    "authorization", [None, "Bearer not.a.token", "Basic dTpw", "Bearer"]
)
def test_D_18_open_discovery_does_not_look_at_tokens(
    base_url: str, authorization: str | None
) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    answer = requests.get(f"{base_url}{DISCOVERY}", headers=headers, timeout=30)
    assert answer.status_code == 200


def test_D_18_guarded_discovery_asks_for_a_token_made_for_it(guarded: str) -> None:
    claims = {"tenant": "north", "aud": f"{PUBLIC_URL}/cds-services"}
    for made, status in ((claims, 200), ({**claims, "aud": PUBLIC_URL}, 401)):
        answer = requests.get(
            f"{guarded}{DISCOVERY}",
            headers={"Authorization": bearer(token(live(**made)))},
            timeout=30,
        )
        assert answer.status_code == status


# 3. Prefetch


def test_T_19_observations_are_asked_for_by_what_is_read_of_them() -> None:
    reads = load_reads(load_terminology())
    assert all(read.why for read in reads)
    observations = [read for read in reads if read.resource == "Observation"]
    assert observations
    for read in observations:
        assert "code=" in read.template or "category=" in read.template, read.key


# 4. Request and 9. statuses


def test_R_14_a_service_that_there_is_not_is_404_whatever_is_sent(
    base_url: str,
) -> None:
    for body in (b"{", b"", json.dumps(request()).encode()):
        answer = requests.post(f"{base_url}/cds-services/none", data=body, timeout=30)
        assert answer.status_code == 404


def test_H_01_success_is_200_with_an_object(base_url: str) -> None:
    for answer in (
        requests.get(f"{base_url}{DISCOVERY}", timeout=30),
        call(base_url),
        requests.post(
            f"{base_url}{PATIENT_VIEW}/feedback", json={"feedback": []}, timeout=30
        ),
    ):
        assert answer.status_code == 200
        assert isinstance(answer.json(), dict)


def test_H_07_a_tenant_that_is_not_served_is_told_nothing(guarded: str) -> None:
    answers = {}
    for tenant in ("south", "north"):
        made = bearer(token(live(iss=ISSUER, tenant=tenant)))
        answers[tenant] = requests.post(
            f"{guarded}/cds-services/{SERVICE_ID}",
            json=request(),
            headers={"Authorization": made},
            timeout=30,
        )
    assert answers["north"].status_code == 200
    assert answers["south"].status_code == 401
    assert answers["south"].headers["WWW-Authenticate"] == "Bearer"
    assert "south" not in answers["south"].text


@pytest.mark.parametrize("member", ["resourceType", "id"])
@pytest.mark.parametrize("value", [["Condition", "c1"], {"a": 1}, 7, None])
def test_R_17_a_type_or_id_of_another_form_is_no_fault_of_ours(
    base_url: str, member: str, value: object
) -> None:
    odd = {**cramps(), member: value}
    dropped = metformin(id="m2", medicationCodeableConcept={"text": "Amlodipine"})
    sent = prefetch(
        conditions=bundle(cramps(), odd),
        medicationRequests=bundle(metformin(), dropped),
    )
    answer = call(base_url, prefetch=sent)
    assert answer.status_code == 200
    in_hand = context(draftOrders=bundle({**metformin(), member: value}))
    answer = requests.post(
        f"{base_url}/cds-services/b12-order-sign",
        json=request("order-sign", context=in_hand, prefetch=sent),
        timeout=30,
    )
    assert answer.status_code in (200, 422)


# 5. and 6. Both ways by which data comes


CHART = [patient(), cramps(), metformin(), folic_acid(5)]


def by_prefetch() -> Json:
    return prefetch(medicationRequests=bundle(metformin(), folic_acid(5)))


def test_P_14_prefetch_alone_and_the_fhir_server_alone_give_the_same_cards(
    base_url: str,
) -> None:
    prefetched = call(base_url, prefetch=by_prefetch())
    with running() as server:
        server.resources = CHART
        fetched = call(base_url, prefetch=None, fhirServer=server.base_url)
        assert {"Condition", "MedicationRequest", "Patient"} <= set(server.types_seen())
    assert len(keys_shown(prefetched)) == 2
    assert keys_shown(fetched) == keys_shown(prefetched)


def test_P_14_a_server_beside_a_complete_prefetch_changes_nothing(
    base_url: str,
) -> None:
    complete = {
        service["hook"]: dict.fromkeys(service["prefetch"])
        for service in requests.get(f"{base_url}{DISCOVERY}", timeout=30).json()[
            "services"
        ]
    }["patient-view"]
    with running() as server:
        answer = call(
            base_url,
            prefetch={**complete, **by_prefetch()},
            fhirServer=server.base_url,
        )
        assert server.seen == []
    assert keys_shown(answer) == keys_shown(call(base_url, prefetch=by_prefetch()))


FAILED = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "forbidden"}],
}


def test_P_13_a_failed_search_for_results_is_not_taken_for_no_result(
    base_url: str,
) -> None:
    (unknown,) = call(base_url, prefetch=prefetch(laboratory=FAILED)).json()["cards"]
    assert "Not considered" in unknown["detail"]
    assert "laboratory" in unknown["detail"]
    (none_there,) = call(base_url, prefetch=prefetch(laboratory=None)).json()["cards"]
    assert "laboratory" not in none_there["detail"]


def test_P_11_without_results_and_without_a_risk_nobody_can_tell(
    base_url: str,
) -> None:
    sent = prefetch(medicationRequests=None, laboratory=FAILED)
    answer = call(base_url, prefetch=sent)
    assert answer.status_code == 412
    assert answer.json()["issue"][0]["expression"] == ["prefetch.laboratory"]


def test_P_16_a_patient_said_not_to_exist_is_read_from_the_server(
    base_url: str,
) -> None:
    with running() as server:
        server.resources = [patient()]
        answer = call(
            base_url, prefetch=prefetch(patient=None), fhirServer=server.base_url
        )
    assert keys_shown(answer) == ["b12-screen:info"]


def test_A_09_a_server_that_hangs_does_not_hold_the_answer_up(base_url: str) -> None:
    with running() as server:
        server.faults = {"Condition": hanging}
        began = time.monotonic()
        answer = call(
            base_url,
            prefetch=without(prefetch(), "conditions"),
            fhirServer=server.base_url,
        )
        took = time.monotonic() - began
    assert answer.status_code == 412
    assert took < 5


def test_A_11_drafts_are_not_looked_for_on_the_server(base_url: str) -> None:
    draft = folic_acid(5, id="only-a-draft", status="draft")
    with running() as server:
        server.resources = CHART
        answer = requests.post(
            f"{base_url}/cds-services/b12-order-sign",
            json=request(
                "order-sign",
                prefetch=None,
                context=context(draftOrders=bundle(draft)),
                fhirServer=server.base_url,
            ),
            timeout=30,
        )
        asked = [f"{seen.path}?{seen.query}" for seen in server.seen]
    assert "folate-caution:warning" in keys_shown(answer)
    assert asked
    assert not [query for query in asked if "only-a-draft" in query]


# 10. Feedback


def test_F_01_every_service_takes_feedback(base_url: str) -> None:
    services = requests.get(f"{base_url}{DISCOVERY}", timeout=30).json()["services"]
    for service in services:
        answer = requests.post(
            f"{base_url}{DISCOVERY}/{service['id']}/feedback",
            json={"feedback": []},
            timeout=30,
        )
        assert answer.status_code == 200


def test_F_02_feedback_is_posted_below_the_service_and_nowhere_else(
    base_url: str,
) -> None:
    entry = {
        "card": "4e0a3a1e-3283-4575-ab82-028d55fe2719",
        "outcome": "overridden",
        "outcomeTimestamp": "2025-06-30T00:00:00Z",
    }
    for path, status in (
        (f"{PATIENT_VIEW}/feedback", 200),
        ("/cds-services/feedback", 404),
        ("/feedback", 404),
        (f"{PATIENT_VIEW}/analytics/uuid", 404),
    ):
        answer = requests.post(
            f"{base_url}{path}", json={"feedback": [entry]}, timeout=30
        )
        assert answer.status_code == status, path


def test_F_12_feedback_needs_the_token_that_a_call_needs(guarded: str) -> None:
    answer = requests.post(
        f"{guarded}{PATIENT_VIEW}/feedback", json={"feedback": []}, timeout=30
    )
    assert answer.status_code == 401


def test_H_14_what_is_stored_is_counted_in_the_200(base_url: str) -> None:
    (card,) = call(base_url).json()["cards"]
    entry = {
        "card": card["uuid"],
        "outcome": "overridden",
        "outcomeTimestamp": "2025-06-30T00:00:00Z",
    }
    answer = requests.post(
        f"{base_url}{PATIENT_VIEW}/feedback", json={"feedback": [entry]}, timeout=30
    )
    assert answer.status_code == 200
    assert answer.json()["stored"] == 1


# 12. Security and stale advice


def test_SEC_04_what_the_service_can_do_is_told_to_people() -> None:
    guide = (ROOT / "docs" / "integrators-guide.md").read_text()
    for subject in ("actionSelectionBehavior", "systemActions", "prefetch", "STU3"):
        assert subject in guide


def test_JWT_19_known_clients_can_be_told_to_the_service(tmp_path: Path) -> None:
    """The issuers that vendors document are ordinary entries of the clients file."""
    file = written(
        tmp_path,
        client(
            name="Sandbox",
            iss="https://sandbox.cds-hooks.org",
            jwks_file=None,
            jku="https://sandbox.cds-hooks.org/.well-known/jwks.json",
            algorithms=["ES384"],
        ),
        client(
            name="Cerner",
            iss="https://cds-hooks.cerner.com",
            jwks_file=None,
            jku="https://authorization.cerner.com/jwk",
        ),
        client(
            name="Epic",
            iss="https://epic.example.org/FHIR/R4",
            audiences=["b12-cds at Example Hospital"],
            algorithms=["RS384"],
            dialect="epic",
        ),
    )
    found = load_clients(file, development=False)
    assert [entry.name for entry in found.entries] == ["Sandbox", "Cerner", "Epic"]


def test_ST_01_advice_of_one_hook_is_not_replaced_by_another(base_url: str) -> None:
    services = requests.get(f"{base_url}{DISCOVERY}", timeout=30).json()["services"]
    ids = [service["id"] for service in services]
    assert len(set(ids)) == len(ids)


# 16. Vectors


def test_VEC_07_an_http_server_is_read_in_development_and_left_alone_otherwise(
    base_url: str, guarded: str
) -> None:
    statuses = {}
    for url in (base_url, guarded):
        made = bearer(token(live(iss=ISSUER, tenant="north")))
        with running() as server:
            server.resources = CHART
            answer = requests.post(
                f"{url}{PATIENT_VIEW}",
                json=request(prefetch=None, fhirServer=server.base_url),
                headers={"Authorization": made},
                timeout=30,
            )
            statuses[url] = answer.status_code, bool(server.seen)
    assert statuses == {base_url: (200, True), guarded: (412, False)}


PUBLISHED_FEEDBACK = [
    {
        "card": "4e0a3a1e-3283-4575-ab82-028d55fe2719",
        "outcome": "accepted",
        "acceptedSuggestions": [{"id": "e56e1945-20b3-4393-8503-a1a20fd73152"}],
        "outcomeTimestamp": "2020-12-11T00:00:00Z",
    },
    {
        "card": "9368d37b-283f-44a0-93ea-547cebab93ed",
        "outcome": "overridden",
        "overrideReason": {
            "reason": {"code": "d7ecf885", "system": "https://example.org/reasons"}
        },
        "outcomeTimestamp": "2020-12-11T00:00:00Z",
    },
    {
        "card": "f6b95768-b1c8-40cf-ac3f-33c04a1ea6bd",
        "outcome": "overridden",
        "outcomeTimestamp": "2020-12-11T00:00:00Z",
    },
    {
        "card": "123456",
        "outcome": "overridden",
        "overrideReasons": {
            "extension": {"com.epic.cdshooks.feedback.overrideReason.id": "1"}
        },
        "outcomeTimestamp": "2020-12-11T00:00:00Z",
    },
]


@pytest.mark.parametrize("entry", PUBLISHED_FEEDBACK)
def test_VEC_08_published_feedback_is_stored(base_url: str, entry: Json) -> None:
    answer = requests.post(
        f"{base_url}{PATIENT_VIEW}/feedback", json={"feedback": [entry]}, timeout=30
    )
    assert answer.status_code == 200
    assert sum(answer.json().values()) >= 1
