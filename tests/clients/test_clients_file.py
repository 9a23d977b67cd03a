"""The clients file is read strictly, and says what is wrong where."""

from pathlib import Path
from typing import Any

import pytest

from cds_hooks.dialects import Dialect
from service.clients import Client, ClientsFileError, load_clients
from tests.clients.files import client, loaded, written
from tests.protocol.tokens import ISSUER, jwk, key_set


def fault(folder: Path, *clients: dict[str, Any], development: bool = False) -> str:
    with pytest.raises(ClientsFileError) as refused:
        loaded(folder, *clients, development=development)
    return str(refused.value)


def test_three_keys_are_enough_for_a_client(tmp_path: Path) -> None:
    clients = loaded(tmp_path, client())
    assert clients.of(ISSUER, None).client("us") == Client(
        name="Mercy", dialect=Dialect.V2_0, profile="us"
    )


def test_a_client_with_every_key(tmp_path: Path) -> None:
    clients = loaded(
        tmp_path,
        client(
            jwks_file=None,
            jku="https://ehr.example.org/jwks.json",
            tenants=["north"],
            audiences=["our-cds"],
            fhir_servers=["https://FHIR.example.org:443/r4/"],
            cors_origins=["https://ehr.example.org", "https://ehr.example.org:8443"],
            dialect="epic",
            profile="uk",
            algorithms=["RS384"],
        ),
    )
    assert clients.of(ISSUER, "north").client("us") == Client(
        name="Mercy",
        dialect=Dialect.EPIC,
        profile="uk",
        fhir_servers=frozenset({"https://fhir.example.org/r4"}),
        cors_origins=frozenset(
            {"https://ehr.example.org", "https://ehr.example.org:8443"}
        ),
    )


@pytest.mark.parametrize(
    ("key", "near"),
    [("fhir_server", "fhir_servers"), ("iis", "iss"), ("tenant", "tenants")],
)
def test_a_misspelt_key_is_named_with_the_nearest_one(
    tmp_path: Path, key: str, near: str
) -> None:
    said = fault(tmp_path, client(**{key: "x"}))
    assert f'clients.toml: client "Mercy": {key} is not a known key;' in said
    assert f"did you mean {near!r}?" in said


@pytest.mark.parametrize("key", ["name", "iss"])
def test_a_missing_key_is_named(tmp_path: Path, key: str) -> None:
    label = "client 1" if key == "name" else 'client "Mercy"'
    assert f"clients.toml: {label}: {key} is missing" == fault(
        tmp_path, client(**{key: None})
    )


@pytest.mark.parametrize("sources", [{}, {"jku": "https://e.org/k", "jwks_file": "m"}])
def test_keys_come_from_one_place(tmp_path: Path, sources: dict[str, str]) -> None:
    changes = {"jwks_file": None, **sources}
    assert "give one of the two" in fault(tmp_path, client(**changes))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", ""),
        ("name", 7),
        ("iss", ""),
        ("iss", ["a"]),
        ("tenants", "north"),
        ("tenants", [""]),
        ("tenants", [7]),
        ("algorithms", []),
        ("algorithms", ["HS256"]),
        ("algorithms", ["none"]),
        ("dialect", "3.0"),
        ("profile", "de"),
    ],
)
def test_a_wrong_value_is_named_by_its_key(
    tmp_path: Path, key: str, value: object
) -> None:
    label = "client 1" if (key, value) == ("name", 7) else 'client "'
    said = fault(tmp_path, client(**{key: value}))
    assert said.startswith(f"clients.toml: {label}") or value == ""
    assert f": {key}: " in said


@pytest.mark.parametrize(
    "address",
    [
        "http://fhir.example.org",
        "ftp://fhir.example.org",
        "fhir.example.org/r4",
        "//fhir.example.org",
        "https://",
        "https:///r4",
        "https://user@fhir.example.org",
        "https://user:pass@fhir.example.org",
        "https://fhir.example.org#x",
        "https://fhir.example.org#",
        "https://fhir.example.org:99999",
        "https://fhir.example.org:0",
        "https://fhir.example.org:x",
        "https://fhir.example.org\\@evil.org",
        "https://fhir.example.org /r4",
        "https://f\u0456ir.example.org",
        "https://fhir..example.org",
        "https://-fhir.example.org",
        "https://[::1",
        "https://*.example.org",
        "javascript:alert(1)",
        "file:///etc/passwd",
    ],
)
@pytest.mark.parametrize("key", ["jku", "fhir_servers", "cors_origins"])
def test_an_address_that_may_be_misread_is_refused(
    tmp_path: Path, key: str, address: str
) -> None:
    changes: dict[str, Any] = {key: address if key == "jku" else [address]}
    if key == "jku":
        changes["jwks_file"] = None
    assert f'clients.toml: client "Mercy": {key}: ' in fault(
        tmp_path, client(**changes)
    )


@pytest.mark.parametrize("tail", ["?x=1", "?", "/a/../b", "/a%2fb", "//a"])
def test_a_base_url_has_one_reading(tmp_path: Path, tail: str) -> None:
    address = f"https://fhir.example.org{tail}"
    assert "fhir_servers: " in fault(tmp_path, client(fhir_servers=[address]))


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "null",
        "https://a.org/",
        "https://A.org",
        "https://a.org:443",
        "https://a/x",
    ],
)
def test_an_origin_is_written_as_browsers_send_it(tmp_path: Path, origin: str) -> None:
    assert "cors_origins: " in fault(tmp_path, client(cors_origins=[origin]))


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8090", "localhost:8090", "[::1]:8090", "127.9.9.9"]
)
def test_only_in_development_may_an_address_be_http_and_then_only_on_this_machine(
    tmp_path: Path, host: str
) -> None:
    server = client(fhir_servers=[f"http://{host}"])
    assert "begins with https://" in fault(tmp_path, server)
    clients = loaded(tmp_path, server, development=True)
    assert clients.fhir_servers == {f"http://{host}"}
    other = client(fhir_servers=["http://10.0.0.1", "http://localhost.evil.org"])
    assert "begins with https://" in fault(tmp_path, other, development=True)


def test_every_fault_of_the_file_is_named_at_once(tmp_path: Path) -> None:
    said = fault(tmp_path, client(dialect="x", profile="y"), client(name="B", iss=""))
    assert said.count("clients.toml: ") == 3


def test_a_file_that_is_not_there_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ClientsFileError, match="b12-cds clients new"):
        load_clients(tmp_path / "none.toml", development=False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names no client"),
        ("client = []", "names no client"),
        ("[client]\nname = 'x'", "names no client"),
        ("[[clients]]\nname = 'x'", "did you mean 'client'"),
        ("[[client]", "is not TOML"),
        ("\x00", "is not TOML"),
    ],
)
def test_a_file_of_another_form_is_refused(
    tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "clients.toml"
    path.write_text(text)
    with pytest.raises(ClientsFileError, match=said):
        load_clients(path, development=False)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        (b"<xml>", "not valid JSON"),
        (key_set(), "holds no key"),
        (key_set(jwk("ES384"), jwk("RS1024")), "key 2: an RSA key has 2048"),
        (key_set({**jwk("ES384"), "d": "x"}), "key 1: holds a private"),
        (key_set({"kty": "oct", "kid": "k", "k": "c2VjcmV0"}), "private or shared"),
        (key_set(jwk("ES384", "k"), jwk("ES256", "k")), "same kid"),
    ],
    ids=range(7),
)
def test_a_key_file_is_of_use_in_every_entry(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    if content is not None:
        (tmp_path / "own.json").write_bytes(content)
    whole = fault(tmp_path, client(jwks_file="own.json"))
    assert whole.startswith('clients.toml: client "Mercy": jwks_file: own.json: ')
    assert said in whole


def test_two_clients_cannot_have_one_name(tmp_path: Path) -> None:
    said = fault(tmp_path, client(), client(iss="https://other.org"))
    assert said == 'clients.toml: client "Mercy": another client has the same name'


def test_clients_of_one_issuer_are_told_apart_by_tenant(tmp_path: Path) -> None:
    north = client(name="North", tenants=["n", "nn"], profile="uk")
    south = client(name="South", tenants=["s"])
    clients = loaded(tmp_path, north, south)
    assert clients.of(ISSUER, "nn").name == "North"
    assert clients.of(ISSUER, "s").name == "South"
    (trusted,) = clients.trusted_issuers(lambda url: pytest.fail(url)).values()
    assert trusted.tenants == {"n", "nn", "s"}
    assert clients.profiles("us") == {"uk", "us"}


@pytest.mark.parametrize(
    ("north", "south", "said"),
    [
        ({}, {}, "each needs tenants"),
        ({"tenants": ["n"]}, {}, "each needs tenants"),
        ({"tenants": ["n"]}, {"tenants": ["n"]}, "and a tenant"),
        (
            {"tenants": ["n"]},
            {"tenants": ["s"], "audiences": ["x"]},
            "must be the same",
        ),
        (
            {"tenants": ["n"]},
            {"tenants": ["s"], "jwks_file": None, "jku": "https://e.org/k"},
            "must be the same",
        ),
    ],
)
def test_clients_of_one_issuer_that_cannot_be_told_apart_are_refused(
    tmp_path: Path, north: dict[str, Any], south: dict[str, Any], said: str
) -> None:
    found = fault(tmp_path, client(name="N", **north), client(name="S", **south))
    assert said in found


def test_key_files_are_looked_for_beside_the_clients_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, client())
    monkeypatch.chdir("/")
    assert load_clients(path, development=False).key_sets["mercy.jwks.json"].keys
