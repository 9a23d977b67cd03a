"""A card is known again by its uuid alone, and only by those who have the secret."""

import uuid
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_hooks.cards import CARD_UUID, Indicator
from service.card_uuids import CardKind, CardUuids, read_card_uuid


SECRET = b"a secret of the tests, 32 bytes."
KEYS = ["b12-screen", "b12-urgent", "cramp-differential"]

cards = CardUuids(SECRET, KEYS)


def kind_of(text: str, by: CardUuids = cards) -> CardKind | None:
    return by.kind_of(uuid.UUID(text))


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("indicator", list(Indicator))
def test_every_kind_of_card_is_known_again(key: str, indicator: Indicator) -> None:
    issued = cards.issue(key, indicator)
    assert kind_of(issued) == CardKind(key=key, indicator=indicator)


def test_a_uuid_is_bare_lower_case_and_of_version_4() -> None:
    issued = cards.issue("b12-screen", Indicator.INFO)
    assert CARD_UUID.fullmatch(issued)
    assert uuid.UUID(issued).version == 4
    assert uuid.UUID(issued).variant == uuid.RFC_4122


def test_no_two_cards_share_a_uuid() -> None:
    issued = {cards.issue("b12-screen", Indicator.INFO) for _ in range(20_000)}
    assert len(issued) == 20_000


def test_every_bit_but_version_and_variant_differs_from_card_to_card() -> None:
    """Of 2,000 cards each free bit is set in about half: none is fixed or skewed."""
    set_in: Counter[int] = Counter()
    for _ in range(2_000):
        issued = uuid.UUID(cards.issue("b12-screen", Indicator.INFO)).int
        set_in.update(bit for bit in range(128) if issued >> bit & 1)
    fixed = {bit for bit in range(128) if set_in[bit] in (0, 2_000)}
    assert fixed == VERSION_AND_VARIANT
    # Seven standard deviations: by chance once in more than 10^9 runs.
    assert all(
        abs(set_in[bit] - 1_000) < 7 * 22.4 for bit in range(128) if bit not in fixed
    )


def test_uuids_of_others_are_not_taken_for_ours() -> None:
    assert [kind_of(str(uuid.uuid4())) for _ in range(2_000)] == [None] * 2_000


VERSION_AND_VARIANT = {62, 63, 76, 77, 78, 79}
"""Bits of a UUID, counted from its end."""


@pytest.mark.parametrize("bit", sorted(set(range(128)) - VERSION_AND_VARIANT))
def test_a_uuid_with_one_bit_changed_is_not_ours(bit: int) -> None:
    issued = uuid.UUID(cards.issue("b12-screen", Indicator.INFO)).int
    assert cards.kind_of(uuid.UUID(int=issued ^ 1 << bit)) is None


def test_another_secret_knows_none_of_our_cards() -> None:
    others = CardUuids(b"another secret of 32 bytes......", KEYS)
    assert kind_of(cards.issue("b12-screen", Indicator.INFO), by=others) is None


def test_a_later_version_with_other_rules_in_another_order_knows_old_cards() -> None:
    later = CardUuids(SECRET, ["new-first", "cramp-differential", "b12-screen"])
    issued = cards.issue("b12-screen", Indicator.WARNING)
    assert kind_of(issued, by=later) == CardKind(
        key="b12-screen", indicator=Indicator.WARNING
    )


def test_a_card_whose_rule_is_gone_is_unmatched_and_not_another() -> None:
    later = CardUuids(SECRET, ["b12-screen"])
    assert kind_of(cards.issue("b12-urgent", Indicator.CRITICAL), by=later) is None


@given(st.sampled_from(KEYS), st.sampled_from(Indicator))
def test_a_card_is_known_however_the_client_writes_its_uuid(
    key: str, indicator: Indicator
) -> None:
    issued = cards.issue(key, indicator)
    for written in (issued, issued.upper(), f"urn:uuid:{issued}", f" {issued}\n"):
        read = read_card_uuid(written)
        assert read is not None, written
        assert cards.kind_of(read) == CardKind(key=key, indicator=indicator)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "123456",
        "not-a-uuid",
        "{7b0a3a52-2f0f-4c6e-9d0d-1f6a2b7c8d90}",
        "7b0a3a522f0f4c6e9d0d1f6a2b7c8d90",
        "7b0a3a52-2f0f-4c6e-9d0d-1f6a2b7c8d9",
        "7b0a3a52-2f0f-4c6e-9d0d-1f6a2b7c8d9g",
        "٧b0a3a52-2f0f-4c6e-9d0d-1f6a2b7c8d90",
    ],
)
def test_what_is_no_uuid_is_none(text: str) -> None:
    assert read_card_uuid(text) is None


@given(st.text())
def test_no_text_makes_reading_fail(text: str) -> None:
    read_card_uuid(text)
