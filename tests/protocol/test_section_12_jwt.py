"""Section 12.2: how a client proves by a token who it is."""

import base64
import json
from typing import Any

import pytest

from cds_hooks.client_authentication import Caller
from cds_hooks.errors import NotAuthenticated, operation_outcome
from cds_hooks.signed_tokens import MAX_TOKEN_LENGTH, read_token
from cds_hooks.token_refusals import Reason, TokenRefused
from tests.protocol.tokens import (
    ISSUER,
    NOW,
    PUBLIC_URL,
    SERVICE,
    authenticator,
    bearer,
    claims,
    issuer,
    jwk,
    key_of,
    refusal,
    token,
)


HOUR = 3600


def test_an_honest_token_says_who_is_calling() -> None:
    caller = authenticator().authenticate(bearer(token()), audiences=(SERVICE,))
    assert caller == Caller(issuer=ISSUER, tenant=None)


# JWT-01: one header, one scheme, one token


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
def test_JWT_01_the_scheme_is_bearer_in_any_case(scheme: str) -> None:
    assert refusal(f"{scheme} {token()}") is None


def test_JWT_01_without_a_header_nobody_is_let_in() -> None:
    assert refusal(None) == "absent"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "{token}",
        "Basic {token}",
        "BearerX {token}",
        "Bearer\t{token}",
        " Bearer {token}",
        "Bearer {token} ",
        "Bearer {token} {token}",
        "Bearer {token},Bearer {token}",
        "Bearer {token}, Bearer {token}",
        "Bearer {token}\n",
        "Bearer a.b",
        "Bearer a.b.c.d",
        "Bearer a..c",
        "Bearer .b.c",
        "Bearer a.b.",
        "Bearer é.b.c",
    ],
)
def test_JWT_01_a_header_of_another_form_is_refused(header: str) -> None:
    assert refusal(header.replace("{token}", token())) == "header-form"


def test_JWT_01_the_longest_token_is_taken_and_a_longer_one_is_not() -> None:
    def of_length(length: int) -> str:
        # Three bytes of JSON make four characters.
        missing = length - len(token(claims(pad="")))
        return token(claims(pad="x" * -(-missing * 3 // 4)))

    longest = of_length(MAX_TOKEN_LENGTH - 3)
    assert len(longest) <= MAX_TOKEN_LENGTH
    assert refusal(bearer(longest)) is None
    assert refusal(bearer(of_length(MAX_TOKEN_LENGTH + 1))) == "too-long"


# JWT-02: the algorithm is on our list


@pytest.mark.parametrize("alg", ["ES384", "RS384", "ES256", "RS256", "EdDSA"])
def test_JWT_02_every_algorithm_on_the_list_is_accepted(alg: str) -> None:
    checked_by = authenticator(issuer(jwk(alg)))
    assert refusal(bearer(token(alg=alg)), checked_by) is None


@pytest.mark.parametrize(
    "alg",
    [
        *("none", "None", "", "HS256", "HS384", "HS512", "PS384", "RS512", "ES512"),
        *("ES256K", "es384", "ES384 ", 384, None, ["ES384"], {"ES384": 1}, True),
    ],
)
def test_JWT_02_any_other_algorithm_is_refused_before_a_key_is_looked_for(
    alg: Any,
) -> None:
    header = {"alg": alg, "typ": "JWT", "kid": "ES384-key"}
    with pytest.raises(TokenRefused) as refused:
        read_token(bearer(forged(header)))
    assert refused.value.reason is Reason.ALGORITHM


def test_JWT_02_an_issuer_s_own_list_may_be_shorter() -> None:
    checked_by = authenticator(issuer(jwk("ES256"), algorithms=frozenset({"ES384"})))
    assert refusal(bearer(token(alg="ES256")), checked_by) == "algorithm"


# JWT-03: type, key id, extensions


@pytest.mark.parametrize("typ", [None, "", "jwt", "at+jwt", "JWT ", 1, ["JWT"]])
def test_JWT_03_the_type_is_JWT(typ: Any) -> None:
    assert refusal(bearer(token(typ=typ))) == "type"


@pytest.mark.parametrize("kid", [None, "", 7, ["ES384-key"], {"a": 1}, True])
def test_JWT_03_the_key_id_is_a_string_and_not_empty(kid: Any) -> None:
    assert refusal(bearer(token(kid=kid))) == "key-id"


@pytest.mark.parametrize(
    "kid", ["a+b/c==", "Schlüssel", "../x", " ", "'; --", "\u0000"]
)
def test_JWT_03_a_key_id_is_compared_as_it_is(kid: str) -> None:
    checked_by = authenticator(issuer(jwk("ES384", kid)))
    assert refusal(bearer(token(kid=kid)), checked_by) is None
    assert refusal(bearer(token(kid=f"{kid}.")), checked_by) == "unknown-key"


@pytest.mark.parametrize("crit", [["exp"], ["b64"], [], "exp", {}, [1], False])
def test_JWT_03_an_extension_that_must_be_understood_is_not(crit: Any) -> None:
    assert refusal(bearer(token(crit=crit))) == "critical-extension"


# JWT-04: the issuer is on the list


@pytest.mark.parametrize(
    "iss",
    [
        "https://stranger.example.org",
        f"{ISSUER}/",
        ISSUER.upper(),
        f" {ISSUER}",
        ISSUER.replace("https", "http"),
    ],
)
def test_JWT_04_an_issuer_that_is_not_on_the_list_is_refused(iss: str) -> None:
    assert refusal(bearer(token(claims(iss=iss)))) == "unknown-issuer"


def test_JWT_04_one_trusted_issuer_cannot_speak_for_another() -> None:
    other = issuer(jwk("ES384", "ES384-key", owner="other"), issuer="https://other.org")
    impostor = token(claims(), key=key_of("ES384", "other"))
    assert refusal(bearer(impostor), authenticator(issuer(), other)) == "signature"


# JWT-07: the key fits the algorithm


@pytest.mark.parametrize(
    ("alg", "kind"),
    [
        ("ES384", "ES256"),
        ("ES256", "ES384"),
        ("RS384", "ES384"),
        ("ES384", "RS384"),
        ("EdDSA", "ES384"),
        ("RS256", "EdDSA"),
    ],
)
def test_JWT_07_a_key_of_another_kind_does_not_fit(alg: str, kind: str) -> None:
    checked_by = authenticator(issuer(jwk(kind, "k")))
    assert refusal(bearer(token(alg=alg, kid="k")), checked_by) == "key-unfit"


def test_JWT_07_a_key_that_names_its_algorithm_is_for_no_other() -> None:
    only_rs384 = {**jwk("RS384", "k"), "alg": "RS384"}
    signed = token(alg="RS256", key=key_of("RS384"), kid="k")
    assert refusal(bearer(signed), authenticator(issuer(only_rs384))) == "key-unfit"
    signed = token(alg="RS384", kid="k")
    assert refusal(bearer(signed), authenticator(issuer(only_rs384))) is None


@pytest.mark.parametrize(
    "members",
    [
        {"use": "enc"},
        {"use": ""},
        {"use": None},
        {"use": ["sig"]},
        {"key_ops": ["sign"]},
        {"key_ops": []},
        {"key_ops": "verify"},
        {"alg": "ES256"},
        {"alg": ""},
        {"alg": ["ES384"]},
        {"kty": "RSA"},
        {"kty": "oct"},
        {"kty": ["EC"]},
        {"crv": "P-256"},
        {"crv": "P-521"},
        {"crv": {"P-384": 1}},
        {"x": "AAAA"},
        {"x": 7},
        {"y": None},
        {"d": "c2VjcmV0"},
    ],
    ids=str,
)
def test_JWT_07_a_key_that_is_not_for_verifying_verifies_nothing(
    members: dict[str, Any],
) -> None:
    unfit = {**jwk("ES384"), **members}
    assert refusal(bearer(token()), authenticator(issuer(unfit))) == "unknown-key"


@pytest.mark.parametrize(
    "members", [{"use": "sig"}, {"key_ops": ["verify"]}, {"alg": "ES384"}], ids=str
)
def test_JWT_07_a_key_may_say_that_it_is_for_verifying(
    members: dict[str, Any],
) -> None:
    fit = {**jwk("ES384"), **members, "x5t": "ignored"}
    assert refusal(bearer(token()), authenticator(issuer(fit))) is None


def test_JWT_07_an_RSA_key_of_1024_bits_verifies_nothing() -> None:
    signed = token(alg="RS256", key=key_of("RS1024"), kid="weak")
    checked_by = authenticator(issuer(jwk("RS1024", "weak")))
    assert refusal(bearer(signed), checked_by) == "unknown-key"


def test_JWT_07_of_two_keys_with_one_id_neither_is_meant() -> None:
    twice = issuer(jwk("ES384", "k"), jwk("ES256", "k"), jwk("RS256", "other"))
    assert refusal(bearer(token(kid="k")), authenticator(twice)) == "unknown-key"
    signed = token(alg="RS256", kid="other")
    assert refusal(bearer(signed), authenticator(twice)) is None


# JWT-08: the signature


def test_JWT_08_a_signature_by_another_key_is_refused() -> None:
    assert refusal(bearer(token(key=key_of("ES384", "thief")))) == "signature"


@pytest.mark.parametrize("part", [0, 1, 2])
def test_JWT_08_no_part_can_be_changed_after_signing(part: int) -> None:
    honest, other = token().split("."), token(claims(jti="other"), x="y").split(".")
    honest[part] = other[part]
    assert refusal(bearer(".".join(honest))) == "signature"


# JWT-09: every claim is there and of its type


@pytest.mark.parametrize("name", ["aud", "iat", "exp", "jti", "iss"])
def test_JWT_09_each_claim_must_be_there(name: str) -> None:
    without = {key: value for key, value in claims().items() if key != name}
    assert refusal(bearer(token(without))) == "claims"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("iss", value) for value in ([ISSUER], {}, 7, "", None, True)],
        *[("aud", value) for value in ([], {}, 7, "", None, [7], [SERVICE, 7], [""])],
        *[("exp", value) for value in (str(NOW + 60), True, None, [], "")],
        *[("iat", value) for value in (str(NOW), True, False, None, {})],
        *[("jti", value) for value in ("", 7, None, ["x"], {}, False)],
        *[("nbf", value) for value in (str(NOW), True, None, [])],
        *[("tenant", value) for value in ("", 7, None, ["x"])],
    ],
)
def test_JWT_09_a_claim_of_another_type_is_refused(name: str, value: Any) -> None:
    made = claims(**{name: value})
    expected = "audience" if value == [] and name == "aud" else "claims"
    assert refusal(bearer(token(made))) == expected


def test_JWT_09_times_may_have_fractions() -> None:
    assert refusal(bearer(token(claims(iat=NOW - 0.5, exp=NOW + 299.25)))) is None


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b"\xff",
        b'{"exp": NaN}',
        b'{"exp": 1e999}',
        b'{"exp": ' + b"9" * 3000 + b"}",
        b'{"iss": "a", "iss": "b"}',
        b'{"iss": "\\ud800"}',
        b"[" * 2000 + b"]" * 2000,
    ],
    ids=range(12),
)
def test_JWT_09_claims_that_are_no_json_object_are_refused(payload: bytes) -> None:
    made = token(payload)
    expected = "not-decodable" if payload else "header-form"
    assert refusal(bearer(made)) == expected


# JWT-10: made for this endpoint


@pytest.mark.parametrize("aud", [SERVICE, [SERVICE], ["https://other.org", SERVICE]])
def test_JWT_10_the_audience_is_the_URL_called_alone_or_in_a_list(aud: Any) -> None:
    assert refusal(bearer(token(claims(aud=aud)))) is None


@pytest.mark.parametrize(
    "aud",
    [
        f"{SERVICE}/",
        f"{SERVICE}/feedback",
        f"{SERVICE}x",
        f"{SERVICE}?",
        f"{SERVICE}#",
        SERVICE[:-1],
        PUBLIC_URL,
        f"{PUBLIC_URL}/",
        f"{PUBLIC_URL}/cds-services",
        "/cds-services/greeting",
        SERVICE.upper(),
        SERVICE.replace("https", "http"),
        SERVICE.replace(".org", ".org:443"),
        f" {SERVICE}",
        "*",
    ],
)
def test_JWT_10_no_other_spelling_of_the_URL_will_do(aud: str) -> None:
    assert refusal(bearer(token(claims(aud=aud)))) == "audience"


def test_JWT_10_an_audience_agreed_with_the_issuer_will_do() -> None:
    agreed = authenticator(issuer(audiences=frozenset({"our-cds"})))
    assert refusal(bearer(token(claims(aud="our-cds"))), agreed) is None
    assert refusal(bearer(token(claims(aud="our-cds")))) == "audience"


# JWT-11: now


@pytest.mark.parametrize(
    ("exp", "expected"),
    [(NOW + 1, None), (NOW, None), (NOW - 59, None), (NOW - 60, "expired")],
)
def test_JWT_11_a_token_expires_with_sixty_seconds_of_leeway(
    exp: int, expected: str | None
) -> None:
    assert refusal(bearer(token(claims(iat=NOW - 300, exp=exp)))) == expected


@pytest.mark.parametrize("name", ["iat", "nbf"])
@pytest.mark.parametrize(
    ("at", "expected"), [(NOW, None), (NOW + 60, None), (NOW + 61, "not-yet-valid")]
)
def test_JWT_11_a_token_begins_with_sixty_seconds_of_leeway(
    name: str, at: int, expected: str | None
) -> None:
    assert refusal(bearer(token(claims(**{name: at})))) == expected


def test_JWT_11_the_times_of_known_clients_are_accepted() -> None:
    epic = claims(iat=NOW, nbf=NOW - 300, exp=NOW + 900)
    sandbox = claims(iat=NOW, exp=NOW + 300)
    assert refusal(bearer(token(epic))) is None
    assert refusal(bearer(token(sandbox))) is None


# JWT-12: not for too long


@pytest.mark.parametrize(
    ("lifetime", "expected"),
    [
        (HOUR - 1, None),
        (HOUR, None),
        (HOUR + 1, "lifetime"),
        (3650 * 86_400, "lifetime"),
    ],
)
def test_JWT_12_a_token_lives_for_an_hour_at_most(
    lifetime: int, expected: str | None
) -> None:
    assert refusal(bearer(token(claims(iat=NOW, exp=NOW + lifetime)))) == expected


def test_JWT_12_a_token_does_not_end_before_it_begins() -> None:
    assert refusal(bearer(token(claims(iat=NOW + 30, exp=NOW + 30)))) == "lifetime"


def test_JWT_12_the_cap_can_be_taken_off() -> None:
    made = bearer(token(claims(iat=NOW, exp=NOW + 100 * HOUR)))
    assert refusal(made, authenticator(max_lifetime=None)) is None


# JWT-13: of a tenant we know


@pytest.mark.parametrize(
    ("tenants", "tenant", "expected"),
    [
        ({"north", "south"}, {"tenant": "north"}, None),
        ({"north", "south"}, {"tenant": "east"}, "tenant"),
        ({"north", "south"}, {"tenant": "North"}, "tenant"),
        ({"north", "south"}, {}, "tenant"),
        (set(), {}, None),
        (set(), {"tenant": "north"}, "tenant"),
    ],
)
def test_JWT_13_the_tenant_is_on_the_list_or_absent_where_there_is_none(
    tenants: set[str], tenant: dict[str, str], expected: str | None
) -> None:
    checked_by = authenticator(issuer(tenants=frozenset(tenants)))
    assert refusal(bearer(token(claims(**tenant))), checked_by) == expected


# JWT-14: `sub`


@pytest.mark.parametrize("sub", ["client_id", 7, None, []])
def test_JWT_14_a_subject_is_ignored(sub: Any) -> None:
    assert refusal(bearer(token(claims(sub=sub)))) is None


# JWT-15: used once


def test_JWT_15_a_token_is_good_for_one_call() -> None:
    checked_by = authenticator()
    made = bearer(token())
    assert refusal(made, checked_by) is None
    assert refusal(made, checked_by) == "replayed"


def test_JWT_15_two_issuers_may_choose_the_same_id() -> None:
    other = issuer(issuer="https://other.org")
    checked_by = authenticator(issuer(), other)
    assert refusal(bearer(token()), checked_by) is None
    made = token(claims(iss="https://other.org"))
    assert refusal(bearer(made), checked_by) is None


def test_JWT_15_the_id_is_any_string() -> None:
    checked_by = authenticator()
    for jti in ("0" * 64, "ü", " ", "x" * 1000, "'; DROP TABLE used_token"):
        assert refusal(bearer(token(claims(jti=jti))), checked_by) is None


@pytest.mark.parametrize(
    "spoilt",
    [
        token(key=key_of("ES384", "thief")),
        token(claims(aud="https://other.org")),
        token(claims(exp=NOW - 60, iat=NOW - 100)),
        token(claims(iat=NOW + 61)),
        token(claims(exp=NOW + 9999)),
        token(claims(tenant="stranger")),
        token(claims(iss="https://stranger.org")),
        token(kid="unknown"),
        token(typ="jwt"),
    ],
    ids=range(9),
)
def test_JWT_15_what_is_refused_does_not_use_up_the_id(spoilt: str) -> None:
    checked_by = authenticator()
    assert refusal(bearer(spoilt), checked_by) is not None
    assert refusal(bearer(token()), checked_by) is None


def test_JWT_15_the_id_is_kept_until_nobody_accepts_the_token() -> None:
    kept: list[tuple[str, str, float]] = []

    def remember(*pair: Any) -> bool:
        kept.append(pair)
        return True

    refusal(bearer(token()), authenticator(remember=remember))
    assert kept == [(ISSUER, claims()["jti"], claims()["exp"] + 60)]


def test_JWT_15_when_nothing_can_be_remembered_nobody_is_let_in() -> None:
    class MemoryLost(Exception):
        pass

    def remember(*pair: Any) -> bool:
        raise MemoryLost

    with pytest.raises(MemoryLost):
        refusal(bearer(token()), authenticator(remember=remember))


# JWT-16 and JWT-17: nothing is said, little is logged


def test_JWT_16_the_answer_gives_no_reason() -> None:
    assert operation_outcome(NotAuthenticated()) == {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": "error",
                "code": "login",
                "details": {"text": "Authentication failed."},
            }
        ],
    }
    assert NotAuthenticated().headers == {"WWW-Authenticate": "Bearer"}


def test_JWT_17_a_refusal_and_a_token_show_nothing_of_the_token() -> None:
    made = token(claims(name="Maria Muster"))
    taken_apart = read_token(bearer(made))
    with pytest.raises(TokenRefused) as refused:
        authenticator().authenticate(bearer(made), audiences=("elsewhere",))
    shown = f"{taken_apart!r} {taken_apart} {refused.value!r} {vars(refused.value)}"
    assert "Maria" not in shown
    assert claims()["jti"] not in shown
    assert all(part not in shown for part in made.split("."))


def test_JWT_17_a_replay_is_known_by_a_hash_of_its_id() -> None:
    checked_by = authenticator()
    refusal(bearer(token()), checked_by)
    with pytest.raises(TokenRefused) as refused:
        checked_by.authenticate(bearer(token()), audiences=(SERVICE,))
    assert refused.value.issuer == ISSUER
    assert refused.value.token_hash is not None
    assert len(refused.value.token_hash) == 16


def test_JWT_18_a_token_for_a_FHIR_server_is_no_proof_of_who_calls() -> None:
    access_token = token(
        claims(aud="https://ehr.example.org/fhir", scope="user/*.read")
    )
    assert refusal(bearer(access_token)) == "audience"


# VEC-01: the specification's own example (HL7/cds-hooks, input/pagecontent/index.md)


SPECIFIED_KEY = {
    "kty": "EC",
    "use": "sig",
    "crv": "P-384",
    "kid": "example-kid",
    "x": "46SDH7Znh821wblCBglA61sNE9ZrHYKKt3qRtRTmSXyOI_FIGBLWrWa0GPUkDCEk",
    "y": "XMcRuuoGW7CXjQdy-F5i3FeBE0x9hPLdeFdSoDd3ELmx404tLX0VRRcqzAsPhXcI",
    "alg": "ES384",
}
SPECIFIED_TOKEN = (
    "eyJhbGciOiJFUzM4NCIsInR5cCI6IkpXVCIsImtpZCI6ImV4YW1wbGUta2lkIiwiamt1IjoiaHR0cHM6"
    "Ly9maGlyLWVoci5leGFtcGxlLmNvbS9qd2tfdXJpIn0.eyJpc3MiOiJodHRwczovL2ZoaXItZWhyLmV4"
    "YW1wbGUuY29tLyIsImF1ZCI6Imh0dHBzOi8vY2RzLmV4YW1wbGUub3JnL2Nkcy1zZXJ2aWNlcy9zb21l"
    "LXNlcnZpY2UiLCJleHAiOjE0MjI1Njg4NjAsImlhdCI6MTMxMTI4MDk3MCwianRpIjoiZWUyMmIwMjEt"
    "ZTFiNy00NjExLWJhNWItOGVlYzZhMzNhYzFlIiwidGVuYW50IjoiMmRkZDZjM2EtOGU5YS00NGM2LWEz"
    "MDUtNTIxMTFhZDMwMmEyIn0.d1WfLjGRKlcWB94l9do4cM8REXeYJLL6SGUBO8VHZhfM8mwKYP70EMxJ"
    "67War4TQblEpaQrp11wx5p7oPFm2ETYgCicS84vXWEIYTdjooZdooCSDf2L8-i4awdoUwiEb"
)
SPECIFIED_SERVICE = "https://cds.example.org/cds-services/some-service"
SPECIFIED_EXPIRY = 1_422_568_860


def of_the_specification(now: int, **changes: Any) -> Any:
    return authenticator(
        issuer(
            SPECIFIED_KEY,
            issuer="https://fhir-ehr.example.com/",
            tenants=frozenset({"2ddd6c3a-8e9a-44c6-a305-52111ad302a2"}),
        ),
        clock=lambda: now,
        **{"max_lifetime": None, **changes},
    )


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (SPECIFIED_EXPIRY - 1, None),
        (SPECIFIED_EXPIRY + 59, None),
        (SPECIFIED_EXPIRY + 60, "expired"),
        (NOW, "expired"),
    ],
)
def test_VEC_01_the_specified_token_is_valid_until_it_expires(
    now: int, expected: str | None
) -> None:
    found = refusal(
        bearer(SPECIFIED_TOKEN), of_the_specification(now), (SPECIFIED_SERVICE,)
    )
    assert found == expected


def test_VEC_01_the_specified_token_lives_too_long_for_the_cap() -> None:
    checked_by = of_the_specification(SPECIFIED_EXPIRY - 1, max_lifetime=HOUR)
    found = refusal(bearer(SPECIFIED_TOKEN), checked_by, (SPECIFIED_SERVICE,))
    assert found == "lifetime"


def test_VEC_01_the_specified_token_is_not_for_the_URL_with_a_slash() -> None:
    checked_by = of_the_specification(SPECIFIED_EXPIRY - 1)
    found = refusal(bearer(SPECIFIED_TOKEN), checked_by, (f"{SPECIFIED_SERVICE}/",))
    assert found == "audience"


def forged(header: object) -> str:
    """A token with this header and a signature that means nothing."""
    parts = [json.dumps(part).encode() for part in (header, claims())]
    return ".".join(
        base64.urlsafe_b64encode(part).rstrip(b"=").decode()
        for part in (*parts, b"signature")
    )
