"""A fault of the service: a 500 with a number, and silence about everything else."""

import json
import re
import sys
import uuid
from pathlib import Path

import pytest
from flask import Flask

from cds_hooks.errors import OutputNotConformant
from service.logs import configure_logs
from service.routes.errors import answer_errors


SECRET = "Zzmarkerzz"


@pytest.fixture
def broken(capsys: pytest.CaptureFixture[str]) -> Flask:
    """An application whose routes fail with the secret in every message."""
    configure_logs("info")
    app = Flask("broken")
    answer_errors(app)

    @app.get("/unforeseen/<secret>")
    def unforeseen(secret: str) -> str:
        name_of_patient = secret
        try:
            raise KeyError(name_of_patient)
        except KeyError as fault:
            raise ValueError(f"cannot read {name_of_patient}") from fault

    @app.get("/output/<secret>")
    def output(secret: str) -> str:
        raise OutputNotConformant(f"K-01: {secret} is too long")

    return app


@pytest.mark.parametrize("route", ["unforeseen", "output"])
def test_H_12_the_answer_has_a_correlation_id_and_nothing_of_the_patient(
    broken: Flask, route: str
) -> None:
    answer = broken.test_client().get(f"/{route}/{SECRET}")
    assert answer.status_code == 500
    assert answer.mimetype == "application/json"
    assert SECRET not in answer.get_data(as_text=True)
    (issue,) = answer.get_json()["issue"]
    assert issue["severity"] == "fatal"
    correlation = answer.headers["X-Correlation-Id"]
    assert correlation in issue["diagnostics"]
    assert str(uuid.UUID(correlation)) == correlation


def test_the_log_has_kind_and_place_of_the_fault_and_no_message(
    broken: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = broken.test_client().get(f"/unforeseen/{SECRET}")
    printed = capsys.readouterr()
    assert SECRET not in printed.out + printed.err
    line = json.loads(printed.err)
    assert line["correlation_id"] == answer.headers["X-Correlation-Id"]
    assert line["fault"] == "ValueError"
    assert line["caused_by"] == ["KeyError"]
    assert re.search(r"tests/http/test_faults\.py:\d+ unforeseen", line["at"][-1])


def test_a_log_that_cannot_be_written_takes_nothing_of_the_patient_elsewhere(
    broken: Flask,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    closed = (tmp_path / "log").open("w")
    closed.close()
    monkeypatch.setattr(sys, "stderr", closed)
    answer = broken.test_client().get(f"/unforeseen/{SECRET}")
    assert answer.status_code == 500
    assert SECRET not in answer.get_data(as_text=True)
    assert SECRET not in caplog.text
