"""Feedback is stored once each, all of a batch or none, and counted by card."""

import threading
import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import SQLAlchemyError

from service.store import Store, Taken, open_store
from tests.store.entries import (
    CARD,
    OTHER_CARD,
    at,
    entry,
    only,
    outcomes,
    overridden,
)


def test_an_empty_store_counts_nothing(store: Store) -> None:
    assert list(store.outcome_counts()) == []


def test_an_entry_comes_back_as_it_was_stored(store: Store) -> None:
    assert store.record_feedback([entry()]) == Taken(stored=1, repeated=0)
    count = only(store.outcome_counts())
    assert (count.card_key, count.indicator) == ("b12-screen", "info")
    assert (count.outcome, count.cards) == ("accepted", 1)
    assert (count.reason_system, count.reason_code) == (None, None)


def test_no_entry_is_no_fault(store: Store) -> None:
    assert store.record_feedback([]) == Taken(stored=0, repeated=0)


def test_the_same_entry_sent_again_is_stored_once(store: Store) -> None:
    sent = entry()
    store.record_feedback([sent])
    assert store.record_feedback([sent]) == Taken(stored=0, repeated=1)
    assert outcomes(store) == {"accepted": 1}


def test_the_same_entry_twice_in_one_batch_is_stored_once(store: Store) -> None:
    sent = entry()
    assert store.record_feedback([sent, sent]) == Taken(stored=1, repeated=1)
    assert outcomes(store) == {"accepted": 1}


def test_a_batch_of_old_and_new_entries_adds_the_new_ones(store: Store) -> None:
    old, new = entry(card=CARD), entry(card=OTHER_CARD)
    store.record_feedback([old])
    assert store.record_feedback([new, old]) == Taken(stored=1, repeated=1)
    assert outcomes(store) == {"accepted": 2}


def test_a_batch_of_two_thousand_entries_is_stored_whole(store: Store) -> None:
    batch = [entry(card=uuid.uuid4()) for _ in range(2_000)]
    assert store.record_feedback(batch) == Taken(stored=2_000, repeated=0)
    assert outcomes(store) == {"accepted": 2_000}


def test_a_batch_with_an_entry_that_cannot_be_stored_stores_none(store: Store) -> None:
    # No parsed entry looks like this; it stands for a fault half way.
    impossible = entry(outcome=None)
    with pytest.raises(SQLAlchemyError):
        store.record_feedback([entry(), impossible])
    assert outcomes(store) == {}


def test_a_card_overridden_and_then_accepted_is_accepted(store: Store) -> None:
    store.record_feedback([overridden(outcome_at=at(9))])
    store.record_feedback([entry(outcome_at=at(10))])
    assert outcomes(store) == {"accepted": 1}


def test_a_card_accepted_and_then_overridden_is_overridden(store: Store) -> None:
    store.record_feedback([entry(outcome_at=at(9)), overridden(outcome_at=at(10))])
    assert outcomes(store) == {"overridden": 1}


def test_messages_that_arrive_late_do_not_undo_what_the_user_did_last(
    store: Store,
) -> None:
    store.record_feedback([entry(outcome_at=at(10))])
    store.record_feedback([overridden(outcome_at=at(9))])
    assert outcomes(store) == {"accepted": 1}


def test_of_two_outcomes_at_one_moment_the_one_stored_last_counts(
    store: Store,
) -> None:
    store.record_feedback([overridden(outcome_at=at(9))])
    store.record_feedback([entry(outcome_at=at(9))])
    assert outcomes(store) == {"accepted": 1}


def test_what_is_no_uuid_is_unmatched_and_each_counts_by_itself(store: Store) -> None:
    unknown = {"card": None, "card_key": None, "indicator": None}
    store.record_feedback([entry(**unknown), entry(**unknown)])
    count = only(store.outcome_counts())
    assert (count.card_key, count.indicator, count.cards) == (None, None, 2)


def test_reasons_are_counted_apart(store: Store) -> None:
    store.record_feedback(
        [
            overridden(card=CARD, reason_system="urn:x", reason_code="declined"),
            overridden(card=OTHER_CARD, reason_system="urn:x", reason_code="treated"),
        ]
    )
    found = {count.reason_code: count.cards for count in store.outcome_counts()}
    assert found == {"declined": 1, "treated": 1}


@pytest.mark.parametrize(
    ("outcome_at", "counted"),
    [
        (at(0) - timedelta(microseconds=1), 0),
        (at(0), 1),
        (at(0) + timedelta(microseconds=1), 1),
    ],
    ids=["just before", "at the first moment", "just after"],
)
def test_counting_starts_with_the_first_moment_asked_for(
    store: Store, outcome_at: datetime, counted: int
) -> None:
    store.record_feedback([entry(outcome_at=outcome_at)])
    assert sum(count.cards for count in store.outcome_counts(at(0))) == counted


def test_moments_are_compared_in_utc_whatever_zone_they_were_told_in(
    store: Store,
) -> None:
    # 01:30 on the 30th in Berlin is still the 29th in UTC.
    berlin = timezone(timedelta(hours=2))
    told = datetime(2025, 6, 30, 1, 30, tzinfo=berlin)
    store.record_feedback([entry(outcome_at=told)])
    assert list(store.outcome_counts(at(0, day=30))) == []
    assert only(store.outcome_counts(at(0, day=29))).cards == 1


@pytest.mark.parametrize("year", [1, 9999])
def test_a_client_s_clock_may_be_as_wrong_as_it_likes(store: Store, year: int) -> None:
    moment = datetime(year, 1, 1, tzinfo=UTC)
    store.record_feedback([overridden(outcome_at=moment, encrypted_comment=b"x")])
    (comment,) = store.comments()
    assert comment.outcome_at == moment


def test_a_moment_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(SQLAlchemyError, match="time zone"):
        store.record_feedback([entry(outcome_at=datetime(2025, 6, 30))])


def test_comments_come_back_oldest_first_and_only_where_there_is_one(
    store: Store,
) -> None:
    store.record_feedback(
        [
            overridden(outcome_at=at(11), encrypted_comment=b"second"),
            overridden(outcome_at=at(10), encrypted_comment=b"first"),
            overridden(outcome_at=at(9)),
        ]
    )
    found = [comment.encrypted_comment for comment in store.comments()]
    assert found == [b"first", b"second"]
    assert [each.encrypted_comment for each in store.comments(at(11))] == [b"second"]


def test_twenty_writers_at_once_lose_and_double_nothing(database_url: str) -> None:
    store = open_store(database_url)
    shared = [entry(card=uuid.uuid4()) for _ in range(10)]
    taken: list[Taken] = []

    def send(own: uuid.UUID) -> None:
        # Every second writer has the shared entries in the opposite order.
        order = shared if own.int % 2 else shared[::-1]
        taken.append(store.record_feedback([*order, entry(card=own)]))

    writers = [threading.Thread(target=send, args=[uuid.uuid4()]) for _ in range(20)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=60)

    assert len(taken) == 20
    assert sum(each.stored for each in taken) == 30
    assert sum(each.repeated for each in taken) == 190
    assert outcomes(store) == {"accepted": 30}
    store.close()
