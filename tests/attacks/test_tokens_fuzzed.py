"""Whatever comes in a token, the answer is who is calling or a refusal: no crash."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cds_hooks.key_sets import KeySetUnusable, parse_key_set
from cds_hooks.token_refusals import Reason
from tests.protocol.tokens import (
    NOW,
    authenticator,
    bearer,
    claims,
    encoded,
    issuer,
    jwk,
    key_set,
    refusal,
    token,
)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
NEAR_NOW = st.integers(NOW - 4000, NOW + 4000)
CODED = {reason.value for reason in Reason} | {None}


@given(st.text() | st.text(alphabet="Bearer eyJ.-_=,\t\r\n", max_size=60))
def test_any_text_in_the_header_is_refused(header: str) -> None:
    assert refusal(header) in CODED - {None}


@given(st.binary(), st.binary(), st.binary())
def test_any_three_parts_are_refused(first: bytes, second: bytes, third: bytes) -> None:
    made = ".".join(encoded(part) for part in (first, second, third))
    assert refusal(bearer(made)) in CODED - {None}


@given(
    st.dictionaries(
        st.sampled_from(["alg", "typ", "kid", "jku", "crit", "b64", "cty", "zip"]), JSON
    )
)
def test_any_header_is_refused_or_known(members: dict[str, Any]) -> None:
    members.pop("alg", None)
    made = token(
        **{name: value for name, value in members.items() if value is not None}
    )
    assert refusal(bearer(made)) in CODED


@given(
    st.dictionaries(
        st.sampled_from(["iss", "aud", "exp", "iat", "nbf", "jti", "tenant", "sub"]),
        JSON | NEAR_NOW,
    )
)
@example({"exp": float("inf")})
@example({"nbf": 1e308})
def test_any_claims_truly_signed_are_refused_or_accepted(
    changes: dict[str, Any],
) -> None:
    assert refusal(bearer(token(claims(**changes)))) in CODED


@given(NEAR_NOW, NEAR_NOW, st.none() | NEAR_NOW)
def test_a_token_is_accepted_exactly_while_its_times_allow(
    iat: int, exp: int, nbf: int | None
) -> None:
    begins = iat if nbf is None else max(iat, nbf)
    allowed = begins <= NOW + 60 and NOW < exp + 60 and 0 < exp - iat <= 3600
    times = {"iat": iat, "exp": exp, **({} if nbf is None else {"nbf": nbf})}
    assert (refusal(bearer(token(claims(**times)))) is None) == allowed


@given(st.binary() | JSON.map(lambda value: key_set({"keys": value})))
def test_any_bytes_are_a_key_set_or_none(data: bytes) -> None:
    try:
        parse_key_set(data)
    except KeySetUnusable:
        pass


@given(
    st.dictionaries(
        st.sampled_from(
            ["kty", "crv", "x", "y", "n", "e", "use", "key_ops", "alg", "kid"]
        ),
        JSON
        | st.sampled_from(["EC", "RSA", "OKP", "P-256", "P-384", "Ed25519", "AQAB"]),
    ),
    st.sampled_from(["ES384", "RS256", "EdDSA"]),
)
def test_any_entry_of_a_key_set_is_a_key_or_left_out(
    changes: dict[str, Any], kind: str
) -> None:
    entry = {**jwk(kind), **changes}
    try:
        parsed = parse_key_set(key_set(entry, jwk("ES256", "other")))
    except KeySetUnusable:
        return
    assert "other" in parsed.keys or entry.get("kid") == "other"


@pytest.mark.parametrize("kind", ["ES384", "RS384", "ES256", "RS256", "EdDSA"])
def test_what_is_fuzzed_is_accepted_when_nothing_is_changed(kind: str) -> None:
    checked_by = authenticator(issuer(jwk(kind)))
    assert refusal(bearer(token(alg=kind)), checked_by) is None
