"""Forged, stolen and misused tokens: each gets the same bare 401 and burns no id."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from tests.attacks.doors import CALLED, MULTI_TENANT_ISSUER, PUBLIC_URL, Door, live, now
from tests.clients.key_server import KeyServer
from tests.protocol.tokens import bearer, by_hand, encoded, jwk, key_of, token


Payload = Mapping[str, Any]
Forgery = Callable[[dict[str, Any]], str]
"""From the claims of an honest token to what the attacker sends."""

ORDER_P384 = int(
    "ffffffffffffffffffffffffffffffffffffffffffffffff"
    "c7634d81f4372ddf581a0db248b0a77aecec196accc52973",
    16,
)
TEN_YEARS = 3650 * 86_400


def unsigned(signed: bytes) -> bytes:
    return b""


def header(**members: Any) -> dict[str, Any]:
    return {"alg": "ES384", "typ": "JWT", "kid": "ES384-key", **members}


def public_key(form: str) -> bytes:
    public = key_of("RS256").public_key()
    if form == "jwk":
        return json.dumps(jwk("RS256")).encode()
    encoding = getattr(serialization.Encoding, form)
    return public.public_bytes(
        encoding, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def hmac_with(secret: bytes, alg: str = "HS256", kid: str = "RS256-key") -> Forgery:
    digest = {"HS256": hashlib.sha256, "HS384": hashlib.sha384}[alg]
    return lambda payload: by_hand(
        header(alg=alg, kid=kid),
        payload,
        lambda signed: hmac.new(secret, signed, digest).digest(),
    )


def raw_signature(r: int, s: int) -> Forgery:
    signature = r.to_bytes(48) + s.to_bytes(48)
    return lambda payload: by_hand(header(), payload, lambda signed: signature)


def der_signature(payload: Payload) -> str:
    """The true signature, in the form TLS uses instead of that of JOSE."""
    key = key_of("ES384")
    return by_hand(
        header(), payload, lambda signed: key.sign(signed, ec.ECDSA(hashes.SHA384()))
    )


def pss_signature(payload: Payload) -> str:
    salted = padding.PSS(mgf=padding.MGF1(hashes.SHA384()), salt_length=48)
    return by_hand(
        header(alg="PS384", kid="RS384-key"),
        payload,
        lambda signed: key_of("RS384").sign(signed, salted, hashes.SHA384()),
    )


def changed_after_signing(payload: Payload) -> str:
    signed = token({**payload, "aud": "https://other.example.org"})
    first, _, signature = signed.split(".")
    return f"{first}.{encoded(payload)}.{signature}"


def relabelled(payload: Payload) -> str:
    """An RS256 token whose header then says RS384."""
    _, body, signature = token(payload, alg="RS256").split(".")
    return f"{encoded(header(alg='RS384', kid='RS384-key'))}.{body}.{signature}"


def not_canonical(payload: Payload) -> str:
    """The last character of the claims changed in bits that carry nothing."""
    while len(encoded(payload)) % 4 == 0:
        payload = {**payload, "pad": "x" * (len(payload.get("pad", "")) + 1)}
    first, body, signature = token(payload).split(".")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    twin = alphabet[alphabet.index(body[-1]) ^ 1]
    return f"{first}.{body[:-1]}{twin}.{signature}"


def json_serialised(payload: Payload) -> str:
    first, body, signature = token(payload).split(".")
    whole = {"protected": first, "payload": body, "signature": signature}
    return json.dumps(whole)


def with_claims(**changes: Any) -> Forgery:
    """Truly signed by the client's own key, but claiming this."""
    return lambda payload: token({**payload, **changes})


def with_times(**offsets: int) -> Forgery:
    return lambda payload: token(
        {**payload, **{name: now() + offset for name, offset in offsets.items()}}
    )


def without(name: str) -> Forgery:
    return lambda payload: token({k: v for k, v in payload.items() if k != name})


def with_header(**members: Any) -> Forgery:
    return lambda payload: token(payload, **members)


def by_thief(**members: Any) -> Forgery:
    """Signed by the attacker, who sends the key along in one way or another."""
    return lambda payload: token(payload, key=key_of("ES384", "thief"), **members)


def text(change: Callable[[str], str]) -> Forgery:
    """An honest token whose text was changed."""
    return lambda payload: change(token(payload))


def with_payload(change: Callable[[bytes], bytes]) -> Forgery:
    return lambda payload: token(change(json.dumps(payload).encode()))


def jwe_shaped(payload: Payload) -> str:
    return ".".join([token(payload), "aXY", "dGFn"])


ATTACKS: Mapping[str, Forgery] = {
    # No signature, or a secret that everybody knows
    "alg_none_without_signature": lambda payload: by_hand(
        header(alg="none"), payload, unsigned
    ),
    "alg_none_with_a_signature": lambda payload: by_hand(
        header(alg="none"), payload, lambda signed: b"x" * 96
    ),
    "alg_None_capitalised": lambda payload: by_hand(
        header(alg="None"), payload, lambda signed: b"x"
    ),
    "alg_left_out": lambda payload: by_hand(
        {"typ": "JWT", "kid": "ES384-key"}, payload, lambda signed: b"x" * 96
    ),
    "signature_empty": lambda payload: by_hand(header(), payload, unsigned),
    "HS256_with_the_public_key_in_PEM": hmac_with(public_key("PEM")),
    "HS256_with_the_public_key_in_DER": hmac_with(public_key("DER")),
    "HS256_with_the_public_JWK": hmac_with(public_key("jwk")),
    "HS384_with_an_empty_secret": hmac_with(b"", "HS384"),
    "HS256_with_the_key_id_as_secret": hmac_with(b"RS256-key"),
    # Algorithms and keys that do not belong together
    "RS256_token_under_the_id_of_an_EC_key": lambda payload: token(
        payload, alg="RS256", kid="ES384-key"
    ),
    "ES384_token_under_the_id_of_an_RSA_key": with_header(kid="RS384-key"),
    "ES256_signature_under_the_id_of_a_P384_key": lambda payload: token(
        payload, alg="ES256", kid="ES384-key"
    ),
    "EdDSA_token_under_the_id_of_an_EC_key": lambda payload: token(
        payload, alg="EdDSA", kid="ES384-key"
    ),
    "ES512_with_a_key_of_its_own": lambda payload: token(payload, alg="ES512"),
    "PS384_with_the_true_RSA_key": pss_signature,
    "alg_changed_after_signing": relabelled,
    "RSA_of_1024_bits": lambda payload: token(
        payload, alg="RS256", key=key_of("RS1024"), kid="RS1024-key"
    ),
    # Where the key is to come from
    "kid_with_path_traversal": with_header(kid="../../../../dev/null"),
    "kid_with_SQL": with_header(kid="' UNION SELECT 'key'; --"),
    "kid_with_a_NUL": with_header(kid="ES384-key\u0000"),
    "kid_empty": with_header(kid=""),
    "kid_left_out": with_header(kid=None),
    "kid_as_list": with_header(kid=["ES384-key"]),
    "kid_with_shell": with_header(kid="$(id)|`id`"),
    "key_in_the_header_jwk": by_thief(jwk=jwk("ES384", owner="thief")),
    "key_in_the_header_jwk_with_new_id": by_thief(
        jwk=jwk("ES384", "new", owner="thief"), kid="new"
    ),
    "certificate_in_the_header_x5c": by_thief(x5c=["MIIB"]),
    "crit_with_an_unknown_name": with_header(crit=["exp"]),
    "crit_empty": with_header(crit=[]),
    "payload_not_encoded_b64_false": with_header(b64=False),
    "payload_not_encoded_b64_false_and_critical": with_header(b64=False, crit=["b64"]),
    "typ_of_an_access_token": with_header(typ="at+jwt"),
    "typ_left_out": with_header(typ=None),
    # Signatures that are none
    "signed_by_a_stranger": by_thief(),
    "ECDSA_r_and_s_zero": raw_signature(0, 0),
    "ECDSA_r_and_s_one": raw_signature(1, 1),
    "ECDSA_r_zero": raw_signature(0, 1),
    "ECDSA_r_and_s_the_order_of_the_curve": raw_signature(ORDER_P384, ORDER_P384),
    "ECDSA_signature_in_DER": der_signature,
    "signature_cut_short": text(lambda made: made[:-4]),
    "signature_with_more_behind_it": text(lambda made: f"{made}AAAA"),
    "claims_changed_after_signing": changed_after_signing,
    # One token, several texts
    "padding_after_the_signature": text(lambda made: f"{made}="),
    "padding_in_every_part": text(lambda made: made.replace(".", "=.") + "="),
    "standard_base64_alphabet": text(
        lambda made: made.replace("-", "+").replace("_", "/") + "+"
    ),
    "last_character_not_canonical": not_canonical,
    "blank_inside": text(lambda made: made.replace(".", " .", 1)),
    "five_parts": jwe_shaped,
    "two_parts": text(lambda made: made.rpartition(".")[0]),
    "JSON_serialisation": json_serialised,
    "member_twice": with_payload(
        lambda body: body[:-1] + b', "iss": "https://stranger.example.org"}'
    ),
    "claims_in_UTF_16": with_payload(lambda body: body.decode().encode("utf-16")),
    "claims_not_UTF_8": with_payload(lambda body: body[:-1] + b', "x": "\xff"}'),
    "claims_with_half_a_surrogate_pair": with_payload(
        lambda body: body[:-1] + b', "x": "\\ud800"}'
    ),
    "claims_nested_a_thousand_deep": with_payload(
        lambda body: body[:-1] + b', "x": ' + b"[" * 1000 + b"]" * 1000 + b"}"
    ),
    "claims_as_list": with_payload(lambda body: b"[" + body + b"]"),
    "number_of_thousands_of_digits": with_payload(
        lambda body: body[:-1] + b', "x": ' + b"9" * 4500 + b"}"
    ),
    # Claims of another type
    "iss_as_list": lambda payload: token({**payload, "iss": [payload["iss"]]}),
    "iss_as_object": with_claims(iss={"a": 1}),
    "iss_unknown": with_claims(iss="https://stranger.example.org"),
    "iss_with_slash": lambda payload: token({**payload, "iss": f"{payload['iss']}/"}),
    "exp_true": with_claims(exp=True),
    "exp_as_text": with_claims(exp="4102444800"),
    "exp_NaN": with_claims(exp=float("nan")),
    "exp_infinite": with_payload(lambda body: body[:-1] + b', "nbf": 1e999}'),
    "exp_left_out": without("exp"),
    "iat_left_out": without("iat"),
    "iat_false": with_claims(iat=False),
    "jti_left_out": without("jti"),
    "jti_empty": with_claims(jti=""),
    "jti_as_list": with_claims(jti=["a"]),
    "jti_null": with_claims(jti=None),
    # Not now, or for too long
    "expired_beyond_leeway": with_times(iat=-400, exp=-61),
    "valid_for_ten_years": with_times(exp=TEN_YEARS),
    "issued_ten_years_ago": with_times(iat=-TEN_YEARS),
    "issued_tomorrow": with_times(iat=86_400, exp=86_700),
    "not_yet_begun": with_times(nbf=120),
    # Not for us
    "aud_left_out": without("aud"),
    "aud_empty_list": with_claims(aud=[]),
    "aud_with_slash": with_claims(aud=f"{CALLED}/"),
    "aud_longer": with_claims(aud=f"{CALLED}-and-more"),
    "aud_shorter": with_claims(aud=CALLED[:-1]),
    "aud_of_the_host": with_claims(aud=PUBLIC_URL),
    "aud_of_discovery": with_claims(aud=f"{PUBLIC_URL}/cds-services"),
    "aud_of_feedback": with_claims(aud=f"{CALLED}/feedback"),
    "aud_of_another_service": with_claims(aud=CALLED.replace("view", "sign")),
    "aud_in_capitals": with_claims(aud=CALLED.upper()),
    "aud_over_http": with_claims(aud=CALLED.replace("https", "http")),
    "aud_with_the_port_spelt_out": with_claims(aud=CALLED.replace(".org", ".org:443")),
    "access_token_for_a_FHIR_server": with_claims(
        aud="https://ehr.example.org/fhir", scope="system/*.read"
    ),
    # Tenants
    "tenant_where_there_is_none": with_claims(tenant="north"),
    "tenant_unknown": with_claims(iss=MULTI_TENANT_ISSUER, tenant="east"),
    "tenant_left_out": with_claims(iss=MULTI_TENANT_ISSUER),
    "tenants_both": with_claims(iss=MULTI_TENANT_ISSUER, tenant=["north", "south"]),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_JWT_16_a_forged_token_gets_a_bare_401_and_burns_no_id(
    door: Door, attack: str
) -> None:
    honest = live()
    answer = door.call(bearer(ATTACKS[attack](honest)))
    assert bare(answer) == BARE
    assert door.call(bearer(token(honest))).status_code == 200


BARE = (
    401,
    {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": "error",
                "code": "login",
                "details": {"text": "Authentication failed."},
            }
        ],
    },
    {
        "Cache-Control": "no-store",
        "Content-Type": "application/json",
        "Vary": "Origin",
        "WWW-Authenticate": "Bearer",
    },
)


def bare(answer: Any) -> tuple[int, object, dict[str, str]]:
    """What an attacker can learn from the answer."""
    of_the_connection = {"Date", "Server", "Connection", "Content-Length"}
    headers = {k: v for k, v in answer.headers.items() if k not in of_the_connection}
    return answer.status_code, answer.json(), headers


@pytest.mark.parametrize("name", ["jku", "x5u"])
def test_JWT_05_an_address_in_the_token_is_never_asked(
    door: Door, thief_keys: KeyServer, name: str
) -> None:
    for _ in range(3):
        forged = token(live(), key=key_of("ES384", "thief"), **{name: thief_keys.url})
        assert bare(door.call(bearer(forged))) == BARE
    assert thief_keys.count == 0


def test_the_twin_of_an_ECDSA_signature_is_no_second_token(door: Door) -> None:
    """With (r, s) also (r, n - s) is a signature; the id is the same."""
    payload = live()
    made = token(payload)
    assert door.call(bearer(made)).status_code == 200
    signed_part, _, signature = made.rpartition(".")
    octets = base64.urlsafe_b64decode(signature)
    s = int.from_bytes(octets[48:])
    twin = f"{signed_part}.{encoded(octets[:48] + (ORDER_P384 - s).to_bytes(48))}"
    assert twin != made
    assert bare(door.call(bearer(twin))) == BARE


def test_a_signature_made_anew_for_a_used_id_is_a_replay(door: Door) -> None:
    payload = live()
    assert door.call(bearer(token(payload))).status_code == 200
    assert bare(door.call(bearer(token(payload)))) == BARE
    another_key = token(payload, alg="RS384")
    assert bare(door.call(bearer(another_key))) == BARE


@pytest.mark.parametrize("alg", ["ES384", "RS384", "ES256", "RS256", "EdDSA"])
def test_what_is_attacked_is_open_to_honest_clients(door: Door, alg: str) -> None:
    assert door.call(bearer(token(live(), alg=alg))).status_code == 200


def test_JWT_13_each_tenant_of_an_issuer_is_let_in_as_itself(door: Door) -> None:
    for tenant, name in (("north", "North"), ("south", "South")):
        made = token(live(iss=MULTI_TENANT_ISSUER, tenant=tenant))
        assert door.call(bearer(made)).status_code == 200
        assert f'"client": "{name}"' in door.written()


def test_JWT_17_no_log_line_holds_a_token_its_id_or_a_foreign_claim(door: Door) -> None:
    payload = live(name="Maria-Muster-1970", sub="marker-of-subject")
    honest = token(payload)
    assert door.call(bearer(honest)).status_code == 200
    for forgery in ATTACKS.values():
        door.call(bearer(forgery(payload)))
    log = door.written()
    assert '"reason": "signature"' in log
    for secret in (*honest.split("."), payload["jti"], payload["name"], payload["sub"]):
        assert secret not in log


def test_the_reason_is_in_the_log_as_one_coded_word(door: Door) -> None:
    door.call(bearer(token(live(aud=f"{CALLED}/"))))
    last = [line for line in door.written().splitlines() if "not authenticated" in line]
    assert json.loads(last[-1])["reason"] == "audience"


def test_the_DER_signature_of_these_attacks_is_otherwise_true() -> None:
    signed_part, _, signature = der_signature(live()).rpartition(".")
    octets = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    r, s = decode_dss_signature(octets)
    assert 0 < r < ORDER_P384
    assert 0 < s < ORDER_P384
    public = key_of("ES384").public_key()
    public.verify(octets, signed_part.encode(), ec.ECDSA(hashes.SHA384()))
