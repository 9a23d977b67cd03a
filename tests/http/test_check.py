"""`b12-cds check`: cards and reasons for a file, for people and for machines."""

import contextlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from service.command_line import main
from tests.http.patients import (
    Json,
    bundle,
    cramps,
    metformin,
    patient,
    prefetch,
    request,
    without,
)


@dataclass(frozen=True, kw_only=True)
class Done:
    """How a command ended and what it wrote."""

    returncode: int
    stdout: str
    stderr: str


def check(file: Path, *options: str) -> Done:
    """The command within this process, which spares loading it for each test."""
    out, err = io.StringIO(), io.StringIO()
    arguments = ["check", str(file), "--as-of", "2025-06-30", *options]
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.raises(SystemExit) as ended,
    ):
        main(arguments)
    code = ended.value.code
    assert isinstance(code, int)
    return Done(returncode=code, stdout=out.getvalue(), stderr=err.getvalue())


def checked(tmp_path: Path, payload: object, *options: str) -> tuple[int, Any]:
    """Exit code and JSON for a file with ``payload``."""
    file = tmp_path / "file.json"
    file.write_text(json.dumps(payload), encoding="utf-8")
    done = check(file, "--json", *options)
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def keys(answer: Json) -> list[str]:
    return [
        f"{card['source']['topic']['code']}:{card['indicator']}"
        for card in answer["cards"]
    ]


def test_a_request_gives_its_cards_and_the_reasons(tmp_path: Path) -> None:
    code, answer = checked(tmp_path, request())
    assert code == 0
    assert answer["patient"] == "p1"
    assert answer["status"] == 200
    assert keys(answer) == ["b12-screen:info"]
    assert {fact["name"] for fact in answer["trace"]["found"]} == {
        "cramps",
        "metformin",
    }
    assert "vegan" in answer["trace"]["lookedForAndAbsent"]
    assert {rule["key"] for rule in answer["trace"]["rules"]} >= {"b12-screen"}


@pytest.mark.parametrize(
    "payload",
    [
        bundle(patient(), cramps(), metformin()),
        [patient(), cramps(), metformin()],
        {
            "resourceType": "Bundle",
            "entry": [
                {"resource": patient()},
                {"resource": bundle(cramps(), metformin())},
            ],
        },
    ],
    ids=["Bundle", "list", "Bundle in a Bundle"],
)
def test_a_collection_is_all_there_is_to_know(payload: object, tmp_path: Path) -> None:
    code, answer = checked(tmp_path, payload)
    assert code == 0
    assert keys(answer) == ["b12-screen:info"]
    assert answer["trace"]["notConsidered"] == []


def test_one_resource_may_stand_alone(tmp_path: Path) -> None:
    code, answer = checked(tmp_path, patient())
    assert (code, answer["cards"]) == (0, [])
    assert answer["trace"]["gate"] == "no muscle cramps on record"


def test_each_patient_of_a_collection_is_looked_at(tmp_path: Path) -> None:
    other = {"reference": "Patient/p2"}
    payload = bundle(
        patient(),
        patient(id="p2"),
        cramps(),
        metformin(),
        cramps(id="c2", subject=other),
    )
    code, answer = checked(tmp_path, payload)
    assert code == 0
    first, second = answer["answers"]
    assert (first["patient"], keys(first)) == ("p1", ["b12-screen:info"])
    assert (second["patient"], keys(second)) == ("p2", [])


def test_what_cannot_be_told_has_an_exit_code_of_its_own(tmp_path: Path) -> None:
    conditions_only = {"patient": patient(), "conditions": bundle(cramps())}
    code, answer = checked(tmp_path, request(prefetch=conditions_only))
    assert code == 1
    assert answer["status"] == 412
    assert "medicationRequests" in answer["missing"]
    assert answer["cards"] == []


def test_the_profile_can_be_chosen(tmp_path: Path) -> None:
    young = prefetch(patient=patient(birthDate="2008-06-01"))
    _, in_us = checked(tmp_path, request(prefetch=young), "--profile", "us")
    _, in_uk = checked(tmp_path, request(prefetch=young), "--profile", "uk")
    assert keys(in_us) == []
    assert keys(in_uk) == ["b12-screen:info"]


def test_the_moment_of_a_collection_can_be_chosen(tmp_path: Path) -> None:
    statin = metformin(id="s1", medicationCodeableConcept={"text": "Simvastatin 40 mg"})
    payload = bundle(patient(), cramps(), statin)
    _, on_view = checked(tmp_path, payload)
    _, on_signing = checked(tmp_path, payload, "--hook", "order-sign")
    assert keys(on_view) == ["cramp-differential:info"]
    assert keys(on_signing) == []


def test_a_person_reads_cards_facts_rules_and_what_is_missing(tmp_path: Path) -> None:
    file = tmp_path / "file.json"
    unreadable = metformin(id="m2", authoredOn="last spring")
    sent = prefetch(medicationRequests=bundle(metformin(), unreadable))
    file.write_text(json.dumps(request(prefetch=without(sent, "procedures"))))
    done = check(file)
    assert done.returncode == 0
    assert done.stderr == ""
    for words in (
        "Patient p1, evaluated for 2025-06-30, profile us",
        "info: Muscle cramps with metformin",
        "Condition/c1",
        "Looked for and absent",
        "b12-treatment-gap",
        "Not supplied, in whole or in part",
        "procedures",
        "Could not be read",
        "MedicationRequest.authoredOn",
    ):
        assert words in done.stdout, words


def test_words_of_the_chart_are_no_markup_of_the_terminal(tmp_path: Path) -> None:
    file = tmp_path / "file.json"
    named = cramps()
    named["code"] = {**named["code"], "text": "[red]Cramp[/red] :boom:"}
    file.write_text(json.dumps(request(prefetch=prefetch(conditions=bundle(named)))))
    done = check(file)
    assert done.returncode == 0
    assert "cramps: [red]Cramp[/red] :boom:" in done.stdout


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"{", "not valid JSON"),
        (b"{}", "neither a CDS Hooks request nor FHIR resources"),
        (b'{"hook": "patient-view"}', "hookInstance"),
        (b'{"hook": "no-such-hook"}', "patient-view"),
    ],
)
def test_a_file_that_cannot_be_used_is_said_to_be_so(
    content: bytes, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "file.json"
    file.write_bytes(content)
    done = check(file)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    done = check(tmp_path / "none.json")
    assert done.returncode == 2
    assert "No such file" in done.stderr


def test_a_wrong_day_is_named_as_the_setting_it_is(tmp_path: Path) -> None:
    file = tmp_path / "file.json"
    file.write_text("{}")
    done = check(file, "--as-of", "30/06/2025")
    assert done.returncode == 2
    assert "B12_AS_OF" in done.stderr
