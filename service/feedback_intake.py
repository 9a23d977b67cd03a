"""Feedback on its way into the store: what of it is kept, and in what form.

Kept are what the user did with which kind of card, when, and for which coded reason.
Not kept: a card id that is no UUID, displays, extensions, a code that has not the form
of one, and comments unless they are encrypted. All those are text of the client's,
which may name a patient.
"""

import hmac
import json
import re
from dataclasses import dataclass

from cds_hooks.feedback import FeedbackBatch, FeedbackEntry, OverrideReason
from service.card_uuids import CardUuids, read_card_uuid
from service.comments import CommentCipher
from service.store import NewFeedback, Store
from service.store.tables import LONGEST_CODE, LONGEST_SYSTEM


# Starts with a letter or digit, so that no spreadsheet takes it for a formula.
_CODE = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._:/-]{{0,{LONGEST_CODE - 1}}}")
_SYSTEM = re.compile(r"(?:https?://|urn:)[!-~]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of one feedback message."""

    stored: int
    repeated: int
    unmatched: int
    batch: FeedbackBatch

    def counts(self) -> dict[str, int]:
        """Numbers alone, for the log."""
        return {
            "stored": self.stored,
            "repeated": self.repeated,
            "unmatched": self.unmatched,
            "rejected": len(self.batch.rejected),
        }

    def as_json(self) -> dict[str, object]:
        """For the client: the numbers, and what is wrong with each rejected entry."""
        told: dict[str, object] = {
            "stored": self.stored,
            "repeated": self.repeated,
            "unmatched": self.unmatched,
        }
        if self.batch.rejected:
            told["rejected"] = [
                {
                    "index": each.index,
                    "message": each.message,
                    "expression": list(each.expression),
                }
                for each in self.batch.rejected
            ]
        return told


class FeedbackIntake:
    """Takes feedback in: recognises the cards, and stores what may be kept.

    `secret` makes what identifies an entry unreadable: without it, nobody who has the
    store can try out which comment or id an entry was made of.
    """

    def __init__(
        self,
        *,
        store: Store,
        card_uuids: CardUuids,
        cipher: CommentCipher,
        secret: bytes,
    ) -> None:
        self._store = store
        self._card_uuids = card_uuids
        self._cipher = cipher
        self._secret = secret

    def take(
        self, batch: FeedbackBatch, *, service: str, client: str | None
    ) -> Receipt:
        """Store the entries of `batch` that are new; durable on return.

        Entries count once however often they are sent, by whatever worker or replica
        they are taken in (F-10). Raises StoreUnavailable, and then stored none.
        """
        entries = [self._kept(entry, service, client) for entry in batch.entries]
        taken = self._store.record_feedback(entries)
        return Receipt(
            stored=taken.stored,
            repeated=taken.repeated,
            unmatched=sum(entry.card_key is None for entry in entries),
            batch=batch,
        )

    def _kept(
        self, entry: FeedbackEntry, service: str, client: str | None
    ) -> NewFeedback:
        card = read_card_uuid(entry.card)
        kind = self._card_uuids.kind_of(card) if card else None
        reason = entry.override_reason
        accepted = map(read_card_uuid, entry.accepted_suggestions)
        return NewFeedback(
            entry_key=self._entry_key(entry, service, client),
            service=service,
            client=client,
            card=card,
            card_key=kind.key if kind else None,
            indicator=kind.indicator.value if kind else None,
            outcome=entry.outcome.value,
            outcome_at=entry.outcome_timestamp,
            accepted_suggestions=tuple(str(each) for each in accepted if each),
            reason_system=_system(reason),
            reason_code=_code(reason),
            encrypted_comment=self._cipher.encrypt(
                reason.user_comment if reason else None
            ),
        )

    def _entry_key(self, entry: FeedbackEntry, service: str, client: str | None) -> str:
        said = json.dumps([service, client, entry.idempotency_key])
        return hmac.digest(self._secret, said.encode(), "sha256").hex()


OTHER = "other"
"""Stands for a reason whose code has not the form of a code."""


def _code(reason: OverrideReason | None) -> str | None:
    if reason is None or reason.code is None:
        return None
    return reason.code if _CODE.fullmatch(reason.code) else OTHER


def _system(reason: OverrideReason | None) -> str | None:
    if reason is None or reason.system is None or _code(reason) == OTHER:
        return None
    fits = len(reason.system) <= LONGEST_SYSTEM and _SYSTEM.fullmatch(reason.system)
    return reason.system if fits else None
