"""`b12-cds feedback`: what clinicians made of the cards."""

import argparse
from datetime import date

from service.commands.outcome import CommandError
from service.settings import read_settings


EXAMPLES = """\
examples:
  b12-cds feedback
  b12-cds feedback --since 2025-04-01
  b12-cds feedback --format json
  b12-cds feedback --format csv > feedback.csv
  b12-cds feedback --database-url postgresql://b12@localhost/b12
  b12-cds feedback --comments

Every card counts once, with what was last said of it. Clients send nothing for a card
that was ignored, so acceptance is the share of the cards that were answered. Unmatched
are cards that are not ours, or were made before the service's secret was changed.
"""


def add_to(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> None:
    """Add the command's arguments."""
    feedback = commands.add_parser(
        "feedback",
        help="show how cards were accepted, and why they were overridden",
        description="Show acceptance and override reasons for each kind of card and"
        " indicator, and which of them to look at again.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    feedback.add_argument(
        "--since",
        metavar="DATE",
        type=_day,
        help="count what users did from this day on, YYYY-MM-DD in UTC",
    )
    feedback.add_argument(
        "--format",
        choices=["table", "json", "csv"],
        default="table",
        help="how to print it (default: table)",
    )
    feedback.add_argument(
        "--database-url", metavar="URL", help="the store to read (B12_DATABASE_URL)"
    )
    feedback.add_argument(
        "--comments",
        action="store_true",
        help="show the users' comments instead, decrypted with B12_COMMENT_KEY; they"
        " may name patients",
    )
    feedback.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print what the store has."""
    settings = read_settings(database_url=arguments.database_url)
    # Late: the other commands need no database.
    from service.commands.feedback_comments import print_comments
    from service.commands.feedback_report import print_report
    from service.store import StoreUnavailable, connect_store

    print_asked = print_comments if arguments.comments else print_report
    store = connect_store(settings.database_url)
    try:
        print_asked(store, settings, arguments.since, arguments.format)
    except StoreUnavailable:
        raise CommandError(
            "the store does not answer; its fault is in the line above"
        ) from None
    finally:
        store.close()
    return 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no day such as 2025-04-01"
        ) from None
