"""A dead FHIR server costs later calls nothing."""

import time

import pytest

from service.fhir_server.answers import Reason
from service.fhir_server.breaker import CircuitBreaker
from service.fhir_server.reader import CallLimits
from tests.fhir_server.calls import (
    CONDITIONS,
    DEVELOPMENT,
    PATIENT,
    fetch,
    fhir_servers,
    request_to,
)
from tests.fhir_server.fhir_test_server import (
    Fault,
    FhirTestServer,
    body,
    closing,
    hanging,
    status,
)


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(failures=3, pause=30, clock=clock)


def test_a_server_is_left_alone_after_so_many_failures_in_a_row(
    breaker: CircuitBreaker,
) -> None:
    for _ in range(2):
        breaker.failed("ehr")
        assert breaker.admits("ehr")
    breaker.failed("ehr")
    assert not breaker.admits("ehr")


def test_an_answer_in_between_starts_the_count_anew(breaker: CircuitBreaker) -> None:
    for told in ("failed", "failed", "answered", "failed", "failed"):
        getattr(breaker, told)("ehr")
    assert breaker.admits("ehr")


def test_one_server_s_trouble_is_not_another_s(breaker: CircuitBreaker) -> None:
    for _ in range(3):
        breaker.failed("ehr")
    assert breaker.admits("another")


def test_after_the_pause_one_call_tries_and_the_others_wait(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    for _ in range(3):
        breaker.failed("ehr")
    clock.now += 29.9
    assert not breaker.admits("ehr")
    clock.now += 0.1
    assert [breaker.admits("ehr") for _ in range(3)] == [True, False, False]


def test_a_trial_that_is_answered_ends_the_pause(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    for _ in range(3):
        breaker.failed("ehr")
    clock.now += 30
    assert breaker.admits("ehr")
    breaker.answered("ehr")
    assert breaker.admits("ehr")
    breaker.failed("ehr")
    assert breaker.admits("ehr")


def test_a_trial_that_fails_starts_the_next_pause(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    for _ in range(3):
        breaker.failed("ehr")
    clock.now += 30
    assert breaker.admits("ehr")
    clock.now += 2
    breaker.failed("ehr")
    clock.now += 29.9
    assert not breaker.admits("ehr")
    clock.now += 0.1
    assert breaker.admits("ehr")


def test_a_trial_nobody_heard_of_again_does_not_close_the_server_for_ever(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    for _ in range(3):
        breaker.failed("ehr")
    clock.now += 30
    assert breaker.admits("ehr")
    clock.now += 30
    assert breaker.admits("ehr")


@pytest.mark.parametrize("fault", [status(500), status(503), status(429), closing])
def test_a_server_that_answers_nothing_is_not_called_a_third_time(
    fhir: FhirTestServer, fault: Fault
) -> None:
    fhir.faults = {"Patient": fault, "Condition": fault}
    with fhir_servers(limits=CallLimits(seconds=10), failures=2) as servers:
        reader = servers.reader(DEVELOPMENT)
        reasons = []
        for _ in range(3):
            seen = len(fhir.seen)
            fetched = fetch(reader, request_to(fhir.base_url), [PATIENT, CONDITIONS])
            reasons.append({answer.reason for answer in fetched.all_answers()})
    assert Reason.SERVER_PAUSED not in reasons[0] | reasons[1]
    assert reasons[2] == {Reason.SERVER_PAUSED}
    assert len(fhir.seen) == seen


def test_a_server_that_hangs_costs_a_later_call_nothing(fhir: FhirTestServer) -> None:
    fhir.faults["Patient"] = hanging
    with fhir_servers(limits=CallLimits(seconds=0.4), failures=1) as servers:
        reader = servers.reader(DEVELOPMENT)
        fetch(reader, request_to(fhir.base_url), [PATIENT])
        begun = time.monotonic()
        fetched = fetch(reader, request_to(fhir.base_url), [PATIENT])
        assert time.monotonic() - begun < 0.4
    assert fetched.reads["patient"].reason == Reason.SERVER_PAUSED
    assert len(fhir.seen) == 1


@pytest.mark.parametrize(
    "fault", [status(401), status(403), status(404), status(400), body(b"<html>")]
)
def test_a_server_that_refuses_is_at_work(fhir: FhirTestServer, fault: Fault) -> None:
    fhir.faults["Patient"] = fault
    with fhir_servers(limits=CallLimits(seconds=10), failures=1) as servers:
        reader = servers.reader(DEVELOPMENT)
        for _ in range(3):
            fetch(reader, request_to(fhir.base_url), [PATIENT])
    assert len(fhir.seen) == 3


def test_a_server_that_answers_some_of_a_call_is_at_work(fhir: FhirTestServer) -> None:
    fhir.faults["Condition"] = status(500)
    with fhir_servers(limits=CallLimits(seconds=10), failures=1) as servers:
        reader = servers.reader(DEVELOPMENT)
        for _ in range(3):
            fetch(reader, request_to(fhir.base_url), [PATIENT, CONDITIONS])
    assert len(fhir.seen) == 6
