"""`b12-cds feedback`: acceptance and override reasons, for people and for machines."""

import csv
import io
import json
import os
import subprocess
import sys
import uuid
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from service.command_line import main
from service.store import NewFeedback, open_store
from tests.http.test_serve import environment


B12_CDS = Path(sys.executable).with_name("b12-cds")
OURS = "https://b12-cds.example/fhir/CodeSystem/override-reason"
KEY = Fernet.generate_key()
COMMENT = "already on 1 mg a day \x1b[31m"


def entry(day: str, outcome: str, **changes: object) -> NewFeedback:
    members: dict[str, object] = {
        "entry_key": uuid.uuid4().hex * 2,
        "service": "b12-patient-view",
        "client": "example-hospital",
        "card": uuid.uuid4(),
        "card_key": "b12-screen",
        "indicator": "info",
        "outcome": outcome,
        "outcome_at": datetime.fromisoformat(f"{day}T09:00:00").replace(tzinfo=UTC),
    }
    return NewFeedback(**members | changes)  # type: ignore[arg-type]  # built by name


def reason(code: str) -> dict[str, object]:
    return {"reason_system": OURS, "reason_code": code}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """In March one accepted card; in June 12 screens, 2 urgent ones, 1 unknown."""
    file = tmp_path_factory.mktemp("feedback") / "store.sqlite3"
    opened = open_store(f"sqlite:///{file}")
    june = "2025-06-10"
    opened.record_feedback(
        [
            entry("2025-03-01", "accepted"),
            entry(june, "accepted"),
            *(entry(june, "overridden", **reason("already-treated")) for _ in range(9)),
            entry(june, "overridden", **reason("patient-declines")),
            entry(
                june,
                "overridden",
                encrypted_comment=Fernet(KEY).encrypt(COMMENT.encode()),
            ),
            entry(june, "accepted", card_key="b12-urgent", indicator="critical"),
            entry(june, "accepted", card_key="b12-urgent", indicator="critical"),
            entry(june, "accepted", card=None, card_key=None, indicator=None),
        ]
    )
    opened.close()
    return f"sqlite:///{file}"


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What the command printed."""

    stdout: str
    stderr: str


def run(store: str | None, *arguments: str, code: int = 0, **settings: str) -> Ran:
    """The command in this process, in an environment of nothing but `settings`."""
    given = ["feedback", *arguments]
    if store is not None:
        given += ["--database-url", store]
    stdout, stderr = io.StringIO(), io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        redirect_stdout(stdout),
        redirect_stderr(stderr),
        pytest.raises(SystemExit) as ended,
    ):
        for name in [name for name in os.environ if name.startswith("B12_")]:
            patch.delenv(name)
        for name, value in {"B12_AS_OF": "2025-06-30", **settings}.items():
            patch.setenv(name, value)
        main(given)
    assert ended.value.code == code, stderr.getvalue()
    return Ran(stdout=stdout.getvalue(), stderr=stderr.getvalue())


def lines_of(table: str) -> list[list[str]]:
    return [line.split() for line in table.splitlines() if line.strip()]


def test_the_table_shows_acceptance_for_each_card_and_indicator(store: str) -> None:
    lines = lines_of(run(store).stdout)
    screen = next(line for line in lines if line[0] == "b12-screen")
    assert screen[:6] == ["b12-screen", "info", "2", "11", "15", "%"]
    urgent = next(line for line in lines if line[0] == "b12-urgent")
    assert urgent == ["b12-urgent", "critical", "2", "0", "100", "%"]


def test_the_table_shows_reasons_and_totals_and_what_is_unmatched(store: str) -> None:
    shown = run(store).stdout
    assert "9 × already-treated" in shown
    assert "1 × patient-declines" in shown
    assert "1 × no coded reason" in shown
    lines = lines_of(shown)
    assert ["all", "cards", "4", "11", "27", "%"] in [line[:6] for line in lines]
    assert ["unmatched", "1", "0", "100", "%"] in lines


def test_since_leaves_out_what_was_before(store: str) -> None:
    shown = json.loads(run(store, "--since", "2025-06-01", "--format", "json").stdout)
    assert shown["since"] == "2025-06-01"
    screen = shown["cards"][0]
    assert (screen["key"], screen["accepted"], screen["overridden"]) == (
        "b12-screen",
        1,
        11,
    )
    assert screen["acceptance"] == 0.0833
    assert screen["reasons"][0] == {
        "system": OURS,
        "code": "already-treated",
        "cards": 9,
    }


def test_json_has_totals_and_the_unmatched(store: str) -> None:
    shown = json.loads(run(store, "--format", "json").stdout)
    assert [card["key"] for card in shown["cards"]] == ["b12-screen", "b12-urgent"]
    assert (shown["total"]["accepted"], shown["total"]["overridden"]) == (4, 11)
    assert shown["unmatched"]["accepted"] == 1


def test_csv_has_one_row_for_each_way_of_answering(store: str) -> None:
    shown = run(store, "--since", "2025-06-01", "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(shown)))
    assert rows[0] == {
        "card": "b12-screen",
        "indicator": "info",
        "outcome": "accepted",
        "reason_system": "",
        "reason_code": "",
        "cards": "1",
    }
    assert {row["reason_code"]: row["cards"] for row in rows[1:4]} == {
        "already-treated": "9",
        "patient-declines": "1",
        "": "1",
    }
    assert sum(int(row["cards"]) for row in rows) == 12 + 2 + 1


def test_a_screen_that_is_rarely_accepted_is_pointed_out(store: str) -> None:
    # In the three months before 30 June 2025: 1 of 12.
    said = "accepted in 1 of 12 answered cards (8.3 %) in the last 3 months"
    assert said in " ".join(run(store).stdout.split())
    (hint,) = json.loads(run(store, "--format", "json").stdout)["hints"]
    assert said in hint


def test_a_screen_that_was_answered_long_ago_is_not_pointed_out(store: str) -> None:
    shown = run(store, "--format", "json", B12_AS_OF="2025-10-01").stdout
    assert json.loads(shown)["hints"] == []


def test_comments_are_shown_to_those_who_have_the_key(store: str) -> None:
    shown = run(
        store, "--comments", "--format", "json", B12_COMMENT_KEY=KEY.decode()
    ).stdout
    (comment,) = json.loads(shown)
    assert comment["comment"] == COMMENT
    assert comment["card"] == "b12-screen"


def test_a_comment_cannot_steer_the_terminal(store: str) -> None:
    shown = run(store, "--comments", B12_COMMENT_KEY=KEY.decode()).stdout
    assert "\x1b" not in shown
    assert "already" in shown


def test_a_comment_is_no_formula_in_a_spreadsheet(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    opened = open_store(url)
    comment = Fernet(KEY).encrypt(b"=HYPERLINK(0)")
    opened.record_feedback(
        [entry("2025-06-10", "overridden", encrypted_comment=comment)]
    )
    opened.close()
    arguments = ("--comments", "--format", "csv")
    shown = run(url, *arguments, B12_COMMENT_KEY=KEY.decode()).stdout
    assert shown.splitlines()[1].endswith(",'=HYPERLINK(0)")


def test_without_the_key_no_comment_is_shown(store: str) -> None:
    said = run(store, "--comments", code=2).stderr
    assert "B12_COMMENT_KEY" in said
    other = Fernet.generate_key().decode()
    shown = run(store, "--comments", "--format", "csv", B12_COMMENT_KEY=other).stdout
    assert "encrypted with a key that B12_COMMENT_KEY does not have" in shown


def test_without_comments_asked_for_none_is_shown(store: str) -> None:
    for form in ("table", "json", "csv"):
        shown = run(store, "--format", form, B12_COMMENT_KEY=KEY.decode()).stdout
        assert "already on" not in shown


def test_an_empty_store_says_so(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    open_store(url).close()
    assert run(url, "--since", "2025-06-01").stdout == (
        "No feedback since 2025-06-01.\n"
    )
    assert json.loads(run(url, "--format", "json").stdout)["cards"] == []
    assert len(run(url, "--format", "csv").stdout.splitlines()) == 1


def test_where_there_is_no_store_none_is_made(tmp_path: Path) -> None:
    file = tmp_path / "store.sqlite3"
    said = run(f"sqlite:///{file}", code=2).stderr
    assert "there is no store" in said
    assert not file.exists()


def test_a_day_that_is_none_is_refused(store: str) -> None:
    said = run(store, "--since", "yesterday", code=2).stderr
    assert "'yesterday' is no day such as 2025-04-01" in said


def test_the_store_is_taken_from_the_settings_where_none_is_named(store: str) -> None:
    shown = run(None, "--format", "json", B12_DATABASE_URL=store).stdout
    assert json.loads(shown)["total"]["accepted"] == 4


def test_it_is_a_command_of_the_program(store: str) -> None:
    done = subprocess.run(
        [B12_CDS, "feedback", "--database-url", store],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0
    assert "b12-screen" in done.stdout
