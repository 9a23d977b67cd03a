"""The users' comments, for those who have the key."""

import csv
import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import date

from service.commands.feedback_report import start_of
from service.commands.outcome import CommandError
from service.comments import CommentCipher, comment_keys
from service.settings import Settings
from service.store import Store, StoredComment


NOT_DECRYPTED = "(encrypted with a key that B12_COMMENT_KEY does not have)"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadComment:
    """One comment in clear; exists only on its way to standard output."""

    time: str
    card: str
    indicator: str
    outcome: str
    reason_code: str
    comment: str


COLUMNS = tuple(field.name for field in fields(ReadComment))


def print_comments(
    store: Store, settings: Settings, since: date | None, form: str
) -> None:
    """Print the comments from `since` on; raises CommandError without a key."""
    keys = comment_keys(settings)
    if not keys:
        raise CommandError("--comments needs B12_COMMENT_KEY, to decrypt them with")
    cipher = CommentCipher(keys)
    comments = [_read(each, cipher) for each in store.comments(start_of(since))]
    if form == "json":
        rows = [asdict(comment) for comment in comments]
        sys.stdout.write(json.dumps(rows, indent=2, ensure_ascii=False) + "\n")
    elif form == "csv":
        _print_csv(comments)
    else:
        # Late: what draws on a terminal is not needed for machines.
        from service.commands.printed_feedback import print_comment_table

        print_comment_table(comments)


def _read(stored: StoredComment, cipher: CommentCipher) -> ReadComment:
    words = cipher.decrypt(stored.encrypted_comment)
    return ReadComment(
        time=stored.outcome_at.isoformat(timespec="seconds"),
        card=stored.card_key or "unmatched",
        indicator=stored.indicator or "",
        outcome=stored.outcome,
        reason_code=stored.reason_code or "",
        comment=NOT_DECRYPTED if words is None else words,
    )


def _print_csv(comments: Iterable[ReadComment]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    for comment in comments:
        writer.writerow(map(_no_formula, asdict(comment).values()))


def _no_formula(text: str) -> str:
    """`text` so that no spreadsheet takes a user's words for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
