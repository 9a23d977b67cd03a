"""Card uuids by which a card is known again, without any record of it.

A card must be answerable by its uuid (feedback tells nothing else), but writing down
every card shown would put a write on every call and a list of calls in the store. So
the uuid itself says which kind of card it was, to those who know the secret:

    80 bits   random: unguessable, and unique over all cards ever shown
    42 bits   the first bits of HMAC-SHA256(secret, random | card key | indicator)
     6 bits   version 4 and variant, as RFC 9562 wants them

To know a card again, try every key and indicator: there are some dozens, and feedback
is rare. Nothing about keys is kept by number, so adding, dropping or reordering rules
changes no card's meaning. To anybody else the whole is as random as any version 4.

A uuid that is not ours is taken for ours once in 10^11 times. With 10^8 cards shown,
two share their random part with a chance of about 4 in 10^9.
"""

import hmac
import re
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from cds_hooks.cards import CARD_UUID, Indicator


RANDOM_BITS = 80
MARK_BITS = 42
LOW_BITS = 62
"""Of a UUID, after the variant."""

_URN = re.compile(r"^urn:uuid:", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardKind:
    """What a uuid says of its card."""

    key: str
    indicator: Indicator


class CardUuids:
    """Gives out card uuids and knows them again.

    `secret` is the same for all replicas, and for as long as feedback may come;
    `keys` are those of the cards that can be known again.
    """

    def __init__(self, secret: bytes, keys: Iterable[str]) -> None:
        self._secret = secret
        self._kinds = tuple(
            CardKind(key=key, indicator=indicator)
            for key in sorted(keys)
            for indicator in Indicator
        )

    def issue(self, key: str, indicator: Indicator) -> str:
        """A fresh uuid for a card of this kind, bare and in lower case (M-05, M-06)."""
        random = secrets.token_bytes(RANDOM_BITS // 8)
        return _spread(random, self._mark(random, key, indicator))

    def kind_of(self, card: uuid.UUID) -> CardKind | None:
        """The kind of card that has this uuid, or None when it is not ours."""
        random, mark = _gather(card)
        return next(
            (
                kind
                for kind in self._kinds
                if self._mark(random, kind.key, kind.indicator) == mark
            ),
            None,
        )

    def _mark(self, random: bytes, key: str, indicator: Indicator) -> int:
        message = random + f"{key}|{indicator}".encode()
        whole = hmac.digest(self._secret, message, "sha256")
        return int.from_bytes(whole, "big") >> (256 - MARK_BITS)


def read_card_uuid(text: str) -> uuid.UUID | None:
    """`text` as a UUID, in whatever case and with or without its URN prefix."""
    bare = _URN.sub("", text.strip()).lower()
    return uuid.UUID(bare) if CARD_UUID.fullmatch(bare) else None


def _spread(random: bytes, mark: int) -> str:
    """The 122 free bits of a UUID, around its version and variant."""
    free = int.from_bytes(random, "big") << MARK_BITS | mark
    high, low = divmod(free, 1 << LOW_BITS)
    start, middle = divmod(high, 1 << 12)
    return str(uuid.UUID(int=start << 80 | 4 << 76 | middle << 64 | 0b10 << 62 | low))


def _gather(card: uuid.UUID) -> tuple[bytes, int]:
    """The opposite of `_spread`; version and variant fall away."""
    start, middle = card.int >> 80, card.int >> 64 & 0xFFF
    free = (start << 12 | middle) << LOW_BITS | card.int & (1 << LOW_BITS) - 1
    random, mark = divmod(free, 1 << MARK_BITS)
    return random.to_bytes(RANDOM_BITS // 8, "big"), mark
