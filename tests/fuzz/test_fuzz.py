"""A short run of the fuzzing, the same every time; `make fuzz` makes the long one."""

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings

from tests.fuzz.targets import TARGETS, Finding, put, service


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return service()


@pytest.mark.parametrize("target", TARGETS)
def test_whatever_is_sent_is_answered_as_described(
    client: FlaskClient, target: str
) -> None:
    answered = set()

    @settings(
        max_examples=150,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(body=TARGETS[target])
    def send(body: bytes) -> None:
        answered.add(put(client, body))

    send()
    assert {200, 422} & answered
    assert len(answered) > 1


def test_a_wrong_answer_is_a_finding() -> None:
    class Broken:
        def post(self, path: str, data: bytes) -> "Broken":
            return self

        status_code = 500

    with pytest.raises(Finding, match="status 500"):
        put(Broken(), b"{}")  # type: ignore[arg-type]  # as much of a client as is used
