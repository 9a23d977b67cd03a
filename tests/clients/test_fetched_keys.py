"""Keys at an address: which one, how long they are kept, when they are fetched."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from cds_hooks.client_authentication import Authenticator
from cds_hooks.fetched_keys import (
    COOL_DOWN_SECONDS,
    FRESH_SECONDS,
    KEPT_SECONDS,
    FetchedKeys,
)
from service.key_fetching import KeyFetcher
from tests.clients.key_server import Answer, KeyServer, body
from tests.protocol.tokens import (
    authenticator,
    bearer,
    claims,
    issuer,
    jwk,
    key_of,
    key_set,
    refusal,
    token,
)


@dataclass
class Clock:
    """Seconds that pass when told to."""

    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def fetched(keys: KeyServer, clock: Clock, fetch: KeyFetcher) -> Authenticator:
    """Trusts one issuer, whose keys are on the key server."""
    source = FetchedKeys(keys.url, fetch, clock)
    return authenticator(issuer(keys=source))


def found(checked_by: Authenticator, jti: str, **header: str) -> str | None:
    """Why an honest token is refused, or None."""
    alg = header.pop("alg", "ES384")
    return refusal(bearer(token(claims(jti=jti), alg=alg, **header)), checked_by)


def test_JWT_05_keys_come_from_the_address_on_file(
    fetched: Authenticator, keys: KeyServer
) -> None:
    assert found(fetched, "with", jku=keys.url) is None
    assert found(fetched, "without") is None
    assert keys.count == 1


def test_JWT_05_an_address_that_is_not_on_file_is_never_asked(
    fetched: Authenticator, keys: KeyServer, elsewhere: KeyServer
) -> None:
    elsewhere.answer = body(key_set(jwk("ES384", owner="thief")))
    forged = token(key=key_of("ES384", "thief"), jku=elsewhere.url)
    assert refusal(bearer(forged), fetched) == "key-set-url"
    assert (keys.count, elsewhere.count) == (0, 0)


@pytest.mark.parametrize(
    "change",
    [
        lambda url: f"{url}?",
        lambda url: f"{url}#",
        lambda url: f"{url}/",
        lambda url: url.replace("http", "HTTP", 1),
        lambda url: url.replace("//", "//user@"),
        lambda url: url.replace("jwks", "%6Awks"),
        lambda url: url.replace("/jwks", "/x/../jwks"),
        lambda url: url.replace("127.0.0.1", "localhost"),
        lambda url: url.replace("127.0.0.1", "127.1"),
        lambda url: f" {url}",
        lambda url: "",
    ],
)
def test_JWT_05_the_address_is_compared_to_the_letter(
    fetched: Authenticator, keys: KeyServer, change: Callable[[str], str]
) -> None:
    assert found(fetched, "x", jku=change(keys.url)) == "key-set-url"
    assert keys.count == 0


def test_JWT_05_an_address_is_not_asked_where_keys_are_on_file(
    elsewhere: KeyServer,
) -> None:
    assert found(authenticator(), "x", jku=elsewhere.url) is None
    assert elsewhere.count == 0


def test_JWT_05_a_stranger_causes_no_fetch(
    fetched: Authenticator, keys: KeyServer
) -> None:
    stranger = token(claims(iss="https://stranger.example.org"), jku=keys.url)
    assert refusal(bearer(stranger), fetched) == "unknown-issuer"
    assert keys.count == 0


def test_JWT_06_keys_are_fetched_once_and_again_when_no_longer_fresh(
    fetched: Authenticator, keys: KeyServer, clock: Clock
) -> None:
    assert found(fetched, "1") is None
    clock.seconds += FRESH_SECONDS - 1
    assert found(fetched, "2") is None
    assert keys.count == 1
    clock.seconds += 1
    assert found(fetched, "3") is None
    assert keys.count == 2


def test_JWT_06_a_new_key_is_found_when_a_token_first_names_it(
    fetched: Authenticator, keys: KeyServer, clock: Clock
) -> None:
    assert found(fetched, "1") is None
    keys.answer = body(key_set(jwk("ES256")))
    clock.seconds += COOL_DOWN_SECONDS
    assert found(fetched, "2", alg="ES256") is None
    assert found(fetched, "3", alg="ES384") == "unknown-key"


def test_JWT_06_an_unknown_key_is_looked_for_once_in_a_cool_down(
    fetched: Authenticator, keys: KeyServer, clock: Clock
) -> None:
    assert found(fetched, "1") is None
    clock.seconds += COOL_DOWN_SECONDS
    for number in range(20):
        assert found(fetched, "x", kid=f"guess-{number}") == "unknown-key"
    assert keys.count == 2
    clock.seconds += COOL_DOWN_SECONDS - 1
    assert found(fetched, "x", kid="guess") == "unknown-key"
    assert keys.count == 2
    clock.seconds += 1
    assert found(fetched, "x", kid="guess") == "unknown-key"
    assert keys.count == 3


def test_JWT_06_a_withdrawn_key_is_refused_once_the_set_was_fetched_again(
    fetched: Authenticator, keys: KeyServer, clock: Clock
) -> None:
    assert found(fetched, "1") is None
    keys.answer = body(key_set())
    clock.seconds += FRESH_SECONDS
    assert found(fetched, "2") == "unknown-key"


@pytest.mark.parametrize("broken", [body(b"", status=500), body(b"<html>")])
def test_JWT_06_while_the_server_fails_the_keys_are_kept_for_an_hour(
    fetched: Authenticator, keys: KeyServer, clock: Clock, broken: Answer
) -> None:
    assert found(fetched, "1") is None
    keys.answer = broken
    clock.seconds += KEPT_SECONDS - 1
    assert found(fetched, "2") is None
    clock.seconds += 1
    assert found(fetched, "3") == "keys-unavailable"


def test_JWT_06_a_server_that_failed_is_left_alone_for_a_cool_down(
    fetched: Authenticator, keys: KeyServer, clock: Clock
) -> None:
    working = keys.answer
    keys.answer = body(b"", status=500)
    assert found(fetched, "1") == "keys-unavailable"
    keys.answer = working
    clock.seconds += COOL_DOWN_SECONDS - 1
    assert found(fetched, "1") == "keys-unavailable"
    assert keys.count == 1
    clock.seconds += 1
    assert found(fetched, "1") is None


def test_JWT_06_many_threads_at_once_ask_once(
    fetched: Authenticator, keys: KeyServer
) -> None:
    results: list[str | None] = []
    start = threading.Barrier(8)

    def call(number: int) -> None:
        start.wait()
        results.append(found(fetched, f"thread-{number}"))

    threads = [threading.Thread(target=call, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [None] * 8
    assert keys.count == 1
