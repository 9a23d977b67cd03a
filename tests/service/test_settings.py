"""Settings: from the environment, strictly, with messages that name the variable."""

from collections.abc import Iterator
from datetime import date

import pytest

from service.settings import (
    Settings,
    SettingsError,
    read_settings,
    refuse_exposure,
    variable_of,
)


@pytest.fixture(autouse=True)
def environment() -> Iterator[pytest.MonkeyPatch]:
    """An environment without any setting of ours."""
    with pytest.MonkeyPatch.context() as patch:
        for field in Settings.model_fields:
            patch.delenv(variable_of(field), raising=False)
        yield patch


def refusal(**given: object) -> str:
    with pytest.raises(SettingsError) as refused:
        read_settings(**given)
    return str(refused.value)


def exposure(**given: object) -> str | None:
    """Why the service does not start with these settings, or None if it does."""
    try:
        refuse_exposure(read_settings(**given))
    except SettingsError as refused:
        return str(refused)
    return None


def test_with_nothing_set_it_serves_this_machine_only() -> None:
    settings = read_settings()
    assert settings.host == "127.0.0.1"
    assert settings.public_url == "http://127.0.0.1:8080"
    assert settings.profile == "us"
    assert settings.as_of is None
    assert not settings.authenticates
    assert exposure() is None


def test_a_setting_comes_from_its_variable(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("B12_PROFILE", "uk")
    environment.setenv("B12_AS_OF", "2025-06-30")
    environment.setenv("PORT", "9000")
    settings = read_settings()
    assert settings.profile == "uk"
    assert settings.as_of == date(2025, 6, 30)
    assert settings.port == 9000


def test_an_option_of_a_command_wins_over_its_variable(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("B12_PROFILE", "uk")
    environment.setenv("HOST", "127.0.0.2")
    assert read_settings(profile="us", host="127.0.0.1").profile == "us"
    assert read_settings(profile="us", host="127.0.0.1").host == "127.0.0.1"
    assert read_settings(profile=None, host=None).profile == "uk"
    assert read_settings(profile=None, host=None).host == "127.0.0.2"


def test_an_empty_variable_is_no_setting(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("B12_PROFILE", "")
    assert read_settings().profile == "us"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("B12_PROFILE", "de"),
        ("B12_AS_OF", "30.6.2025"),
        ("B12_BASE_URL", "not a url"),
        ("B12_FHIR_DEADLINE_SECONDS", "0"),
        ("B12_MAX_BODY_BYTES", "1023"),
        ("B12_WORKERS", "0"),
        ("PORT", "65536"),
    ],
)
def test_a_wrong_value_names_its_variable_and_what_it_is_for(
    environment: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    environment.setenv(variable, value)
    message = refusal()
    assert message.startswith(f"{variable}: ")
    field = next(
        name for name in Settings.model_fields if variable_of(name) == variable
    )
    assert str(Settings.model_fields[field].description) in message


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("B12_MAX_BODY_BYTES", "1024"),
        ("B12_WORKERS", "1"),
        ("PORT", "65535"),
        ("PORT", "0"),
    ],
)
def test_a_value_at_its_limit_is_taken(
    environment: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    environment.setenv(variable, value)
    read_settings()


def test_a_misspelt_variable_stops_the_start_with_a_hint(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("B12_PROFLE", "uk")
    assert refusal() == "B12_PROFLE is not a setting; did you mean B12_PROFILE?"


def test_an_unlike_variable_gets_no_misleading_hint(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("B12_XYZZY", "1")
    assert "did you mean" not in refusal()


@pytest.mark.parametrize(
    "variable",
    [
        "B12_CDS_SERVICE_HOST",
        "B12_CDS_SERVICE_PORT",
        "B12_CDS_SERVICE_PORT_HTTP",
        "B12_CDS_PORT",
        "B12_CDS_PORT_8080_TCP",
        "B12_CDS_PORT_8080_TCP_ADDR",
    ],
)
def test_what_kubernetes_sets_for_a_service_of_our_name_is_no_setting(
    environment: pytest.MonkeyPatch, variable: str
) -> None:
    environment.setenv(variable, "tcp://10.0.0.1:8080")
    read_settings()


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost"]
)
def test_on_a_loopback_address_nobody_needs_to_authenticate(host: str) -> None:
    assert not read_settings(host=host).authenticates
    assert exposure(host=host) is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "ehr.example"])  # noqa: S104 - never listened on
def test_on_any_other_address_strangers_are_not_answered(host: str) -> None:
    assert read_settings(host=host).authenticates
    assert "B12_CLIENTS_FILE" in str(exposure(host=host))
    assert "B12_AUTH" in str(exposure(host=host, auth="off"))


def test_the_public_address_is_the_one_that_is_set() -> None:
    settings = read_settings(base_url="https://cds.example.org/b12/")
    assert settings.public_url == "https://cds.example.org/b12"


def test_an_ipv6_address_stands_in_brackets_in_the_public_address() -> None:
    assert read_settings(host="::1").public_url == "http://[::1]:8080"
