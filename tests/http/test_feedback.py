"""POST /cds-services/{id}/feedback: what is stored, what is told, what is not kept."""

import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from cryptography.fernet import Fernet

from service.store import connect_store, database
from tests.http.feedback_messages import (
    FEEDBACK,
    PATIENT_VIEW,
    accepted,
    all_bytes,
    overridden,
    send,
    shown_card,
    stored,
)
from tests.http.patients import Json, request
from tests.http.servers import serving
from tests.postgresql import Cluster


# As it would stand in a comment, an id or a text of a client.
MARKER = "Zzmarkerzz"


@dataclass(frozen=True, kw_only=True)
class Served:
    """A running service and its store."""

    base_url: str
    database_url: str
    folder: Path


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    database_url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    with serving(database_url=database_url) as base_url:
        yield Served(base_url=base_url, database_url=database_url, folder=tmp_path)


def issue_of(answer: requests.Response) -> Json:
    assert answer.headers["Content-Type"] == "application/json"
    (issue,) = answer.json()["issue"]
    return dict(issue)


def test_an_accepted_card_is_stored_as_what_it_was(served: Served) -> None:
    card = shown_card(served.base_url)
    answer = send(served.base_url, accepted(card["uuid"]))
    assert answer.status_code == 200
    assert answer.json() == {"stored": 1, "repeated": 0, "unmatched": 0}
    assert answer.headers["Cache-Control"] == "no-store"
    (count,) = connect_store(served.database_url).outcome_counts()
    assert count.card_key == card["source"]["topic"]["code"] == "b12-screen"
    assert count.indicator == card["indicator"] == "info"
    assert count.outcome == "accepted"


def test_an_overridden_card_is_stored_with_its_coded_reason(served: Served) -> None:
    card = shown_card(served.base_url)
    offered = next(
        reason
        for reason in card["overrideReasons"]
        if reason["code"] == "already-treated"
    )
    send(served.base_url, overridden(card["uuid"], overrideReason={"reason": offered}))
    (count,) = connect_store(served.database_url).outcome_counts()
    assert (count.outcome, count.card_key) == ("overridden", "b12-screen")
    assert (count.reason_system, count.reason_code) == (
        offered["system"],
        "already-treated",
    )


def test_F_10_the_same_message_sent_again_counts_once(served: Served) -> None:
    entry = accepted(shown_card(served.base_url)["uuid"])
    send(served.base_url, entry)
    again = send(served.base_url, entry)
    assert again.status_code == 200
    assert again.json() == {"stored": 0, "repeated": 1, "unmatched": 0}
    assert stored(served.database_url) == {("b12-screen", "accepted"): 1}


def test_the_same_moment_written_in_another_way_is_the_same_message(
    served: Served,
) -> None:
    entry = accepted(outcomeTimestamp="2025-06-30T10:00:00Z")
    send(served.base_url, entry)
    again = entry | {
        "card": entry["card"].upper(),
        "outcomeTimestamp": "2025-06-30T12:00:00.000+02:00",
    }
    assert send(served.base_url, again).json()["repeated"] == 1


def test_F_10_a_card_overridden_and_later_accepted_is_accepted(served: Served) -> None:
    card = shown_card(served.base_url)["uuid"]
    assert send(served.base_url, overridden(card)).json()["stored"] == 1
    assert send(served.base_url, accepted(card)).json()["stored"] == 1
    assert stored(served.database_url) == {("b12-screen", "accepted"): 1}


@pytest.mark.parametrize("card", ["123456", "no uuid", "0", "⌘"])
def test_F_04_a_card_that_is_no_uuid_is_stored_as_unmatched(
    served: Served, card: str
) -> None:
    answer = send(served.base_url, accepted(card))
    assert answer.status_code == 200
    assert answer.json() == {"stored": 1, "repeated": 0, "unmatched": 1}
    assert stored(served.database_url) == {(None, "accepted"): 1}


def test_F_04_a_uuid_that_we_did_not_give_out_is_stored_as_unmatched(
    served: Served,
) -> None:
    assert send(served.base_url, accepted()).json()["unmatched"] == 1
    assert stored(served.database_url) == {(None, "accepted"): 1}


def test_F_14_many_entries_of_several_cards_come_in_one_message(served: Served) -> None:
    ours = [shown_card(served.base_url)["uuid"] for _ in range(3)]
    batch = [accepted(ours[0]), overridden(ours[1]), overridden(ours[2])]
    batch += [accepted() for _ in range(50)]
    answer = send(served.base_url, *batch)
    assert answer.json() == {"stored": 53, "repeated": 0, "unmatched": 50}
    assert stored(served.database_url) == {
        ("b12-screen", "accepted"): 1,
        ("b12-screen", "overridden"): 2,
        (None, "accepted"): 50,
    }


def test_F_13_the_form_that_epic_documents_is_stored(served: Served) -> None:
    reason = {
        "extension": {
            "com.epic.cdshooks.feedback.overrideReason.id": "4",
            "com.epic.cdshooks.feedback.overrideReason.title": "Not now",
        },
        "userComment": f"{MARKER} next visit",
    }
    entry = {
        "card": "123456",
        "outcome": "overridden",
        "overrideReasons": reason,
        "outcomeTimestamp": "2025-06-30T09:00:00Z",
    }
    assert send(served.base_url, entry).status_code == 200
    assert stored(served.database_url) == {(None, "overridden"): 1}


def test_F_08_the_form_that_the_sandbox_sends_is_stored(served: Served) -> None:
    entry = overridden(
        overrideReason={
            "reason": {"code": "already-treated"},
            "userComment": "seen last week",
        },
        outcomeTimestamp="2026-11-20T22:30:32.713Z",
    )
    assert send(served.base_url, entry).json()["stored"] == 1


def test_F_15_one_bad_entry_does_not_lose_the_good_ones(served: Served) -> None:
    answer = send(
        served.base_url, accepted(), accepted(outcome="ignored"), overridden()
    )
    assert answer.status_code == 200
    told = answer.json()
    assert told["stored"] == 2
    (rejected,) = told["rejected"]
    assert rejected["index"] == 1
    assert rejected["expression"] == ["feedback[1].outcome"]
    assert sum(stored(served.database_url).values()) == 2


def test_F_15_when_no_entry_can_be_used_the_answer_is_422_and_names_the_fields(
    served: Served,
) -> None:
    answer = send(served.base_url, accepted(outcomeTimestamp="yesterday"), 7)
    assert answer.status_code == 422
    issue = issue_of(answer)
    assert issue["expression"] == ["feedback[0].outcomeTimestamp", "feedback[1]"]
    assert "yesterday" not in answer.text
    assert stored(served.database_url) == {}


def test_F_18_no_entries_at_all_is_no_fault(served: Served) -> None:
    answer = send(served.base_url)
    assert answer.status_code == 200
    assert answer.json() == {"stored": 0, "repeated": 0, "unmatched": 0}


def test_an_entry_without_its_envelope_is_422(served: Served) -> None:
    answer = requests.post(f"{served.base_url}{FEEDBACK}", json=accepted(), timeout=30)
    assert answer.status_code == 422
    assert issue_of(answer)["expression"] == ["feedback"]


@pytest.mark.parametrize("body", [b"", b"{", b"feedback"])
def test_a_body_that_is_not_json_is_400(served: Served, body: bytes) -> None:
    answer = requests.post(f"{served.base_url}{FEEDBACK}", data=body, timeout=30)
    assert answer.status_code == 400


def test_H_08_feedback_to_a_service_that_there_is_not_is_404(served: Served) -> None:
    answer = requests.post(
        f"{served.base_url}/cds-services/other/feedback",
        json={"feedback": [accepted()]},
        timeout=30,
    )
    assert answer.status_code == 404
    assert stored(served.database_url) == {}


def test_reading_feedback_back_is_not_offered(served: Served) -> None:
    answer = requests.get(f"{served.base_url}{FEEDBACK}", timeout=30)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "OPTIONS, POST"


def test_a_web_page_may_send_feedback_after_asking(served: Served) -> None:
    origin = "https://sandbox.example"
    asked = requests.options(
        f"{served.base_url}{FEEDBACK}",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        },
        timeout=30,
    )
    assert asked.status_code == 204
    assert asked.headers["Access-Control-Allow-Origin"] == origin
    sent = requests.post(
        f"{served.base_url}{FEEDBACK}",
        json={"feedback": []},
        headers={"Origin": origin},
        timeout=30,
    )
    assert sent.headers["Access-Control-Allow-Origin"] == origin


def test_a_client_whose_base_url_ends_with_a_slash_is_heard(served: Served) -> None:
    answer = requests.post(
        f"{served.base_url}/cds-services//b12-patient-view/feedback",
        json={"feedback": [accepted()]},
        timeout=30,
    )
    assert answer.json()["stored"] == 1


def everything_marked() -> Json:
    """An entry with the marker wherever a client may put a text of its own."""
    reason = {"code": f"{MARKER} code", "system": MARKER, "display": MARKER}
    return overridden(
        MARKER,
        acceptedSuggestions=[{"id": MARKER}],
        overrideReason={
            "reason": reason,
            "userComment": MARKER,
            "extension": {"x": MARKER},
        },
        extension={"y": MARKER},
        unknown=MARKER,
    )


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({}, id="comments dropped"),
        pytest.param(
            {
                "feedback_comments": "encrypted",
                "comment_key": Fernet.generate_key().decode(),
            },
            id="comments encrypted",
        ),
    ],
)
def test_F_16_no_text_of_the_client_gets_into_the_store_the_log_or_the_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], settings: dict[str, str]
) -> None:
    database_url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    with serving(database_url=database_url, **settings) as base_url:
        answer = send(base_url, everything_marked(), {"card": MARKER})
        refused = send(base_url, {"card": MARKER, "outcome": MARKER})
    assert answer.json()["stored"] == 1
    assert refused.status_code == 422
    assert MARKER not in answer.text + refused.text
    assert MARKER.encode() not in all_bytes(tmp_path)
    assert MARKER not in "".join(capsys.readouterr())
    (count,) = connect_store(database_url).outcome_counts()
    assert (count.reason_code, count.reason_system) == ("other", None)


def test_a_comment_is_kept_only_where_the_operator_wants_it(tmp_path: Path) -> None:
    database_url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    key = Fernet.generate_key()
    entry = overridden(overrideReason={"userComment": f"{MARKER} told me so"})
    with serving(database_url=database_url) as base_url:
        send(base_url, entry)
    assert list(connect_store(database_url).comments()) == []
    with serving(
        database_url=database_url,
        feedback_comments="encrypted",
        comment_key=key.decode(),
    ) as base_url:
        send(base_url, entry | {"outcomeTimestamp": "2025-06-30T11:00:00Z"})
    (comment,) = connect_store(database_url).comments()
    assert Fernet(key).decrypt(comment.encrypted_comment) == (
        f"{MARKER} told me so".encode()
    )


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "STATEMENT_MS", 200)


@pytest.mark.usefixtures("impatient")
def test_while_the_store_is_down_feedback_is_503_and_taken_in_later(
    tmp_path: Path,
) -> None:
    database_url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    with serving(database_url=database_url) as base_url:
        entry = accepted(shown_card(base_url)["uuid"])
        other = sqlite3.connect(tmp_path / "store.sqlite3", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        answer = send(base_url, entry)
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert issue_of(answer)["code"] == "transient"
        other.execute("ROLLBACK")
        other.close()
        assert send(base_url, entry).json()["stored"] == 1
    assert stored(database_url) == {("b12-screen", "accepted"): 1}


def test_while_the_store_is_gone_advice_is_given_and_the_service_is_not_ready(
    served: Served,
) -> None:
    assert requests.get(f"{served.base_url}/readyz", timeout=30).status_code == 200
    for file in served.folder.iterdir():
        file.unlink()
    ready = requests.get(f"{served.base_url}/readyz", timeout=30)
    healthy = requests.get(f"{served.base_url}/healthz", timeout=30)
    advised = requests.post(
        f"{served.base_url}{PATIENT_VIEW}", json=request(), timeout=30
    )
    assert (healthy.status_code, advised.status_code) == (200, 200)
    assert len(advised.json()["cards"]) == 1
    assert ready.status_code == 503
    assert int(ready.headers["Retry-After"]) > 0
    assert issue_of(ready)["code"] == "transient"
    assert send(served.base_url, accepted()).status_code == 503


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A store of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.sqlite3'}"
    cluster: Cluster = request.getfixturevalue("postgresql")
    return cluster.new_database()


def test_a_card_shown_by_one_replica_is_known_to_another(database_url: str) -> None:
    with (
        serving(database_url=database_url) as one,
        serving(database_url=database_url) as other,
    ):
        entry = accepted(shown_card(one)["uuid"])
        assert send(other, entry).json() == {
            "stored": 1,
            "repeated": 0,
            "unmatched": 0,
        }
        assert send(one, entry).json()["repeated"] == 1
    assert stored(database_url) == {("b12-screen", "accepted"): 1}


def test_a_secret_that_is_set_knows_cards_across_separate_stores(
    tmp_path: Path,
) -> None:
    urls = [f"sqlite:///{tmp_path / name}" for name in ("a.sqlite3", "b.sqlite3")]
    secret = "a long enough secret for all replicas"
    with (
        serving(database_url=urls[0], secret=secret) as one,
        serving(database_url=urls[1], secret=secret) as other,
    ):
        card = shown_card(one)["uuid"]
        assert send(other, accepted(card)).json()["unmatched"] == 0


def test_twenty_messages_at_once_are_all_stored(database_url: str) -> None:
    answers: list[requests.Response] = []
    shared = accepted()
    with serving(database_url=database_url) as base_url:
        own = [accepted(shown_card(base_url)["uuid"]) for _ in range(20)]
        senders = [
            threading.Thread(
                target=lambda entry: answers.append(send(base_url, shared, entry)),
                args=[entry],
            )
            for entry in own
        ]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join(timeout=60)
    assert [answer.status_code for answer in answers] == [200] * 20
    assert sum(answer.json()["stored"] for answer in answers) == 21
    assert sum(answer.json()["repeated"] for answer in answers) == 19
    assert stored(database_url) == {
        ("b12-screen", "accepted"): 20,
        (None, "accepted"): 1,
    }
