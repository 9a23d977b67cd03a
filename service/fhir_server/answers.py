"""What a read brought, and why it brought no more.

A `Reason` is all that is ever told of a failure: it holds no address, no query and
nothing of what the server sent.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Reason(StrEnum):
    """Why data could not be read, or not all of it."""

    SERVER_NOT_ALLOWED = "server-not-allowed"
    ADDRESS_NOT_ALLOWED = "address-not-allowed"
    NO_TOKEN = "no-token"  # noqa: S105  # says that there is none
    TOKEN_EXPIRED = "token-expired"  # noqa: S105  # says that it is of no use
    SERVER_PAUSED = "server-paused"
    UNKNOWN_HOST = "unknown-host"
    CONNECTION_FAILED = "connection-failed"
    CERTIFICATE = "certificate"
    TIMEOUT = "timeout"
    NOT_AUTHORISED = "not-authorised"
    NOT_FOUND = "not-found"
    QUERY_REFUSED = "query-refused"
    TOO_MANY_REQUESTS = "too-many-requests"
    SERVER_ERROR = "server-error"
    REDIRECTED = "redirected"
    NOT_FHIR = "not-fhir"
    OPERATION_OUTCOME = "operation-outcome"
    WRONG_RESOURCE = "wrong-resource"
    TOO_LARGE = "too-large"
    TOO_MANY_PAGES = "too-many-pages"
    NEXT_PAGE_ELSEWHERE = "next-page-elsewhere"

    @property
    def is_server_fault(self) -> bool:
        """Whether it means that the server is down or overloaded.

        A server that refuses, or does not know, is at work.
        """
        return self in _SERVER_FAULTS


_SERVER_FAULTS = frozenset(
    {
        Reason.UNKNOWN_HOST,
        Reason.CONNECTION_FAILED,
        Reason.CERTIFICATE,
        Reason.TIMEOUT,
        Reason.TOO_MANY_REQUESTS,
        Reason.SERVER_ERROR,
    }
)


class Unreadable(Exception):
    """A read ends here, for a reason that may be told to anyone."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What one read brought.

    ``content`` is a resource or a Bundle of all pages, None where nothing could be
    read. With a ``reason`` the content is incomplete, without one it is everything
    the server has.
    """

    content: object = None
    reason: Reason | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetched:
    """What one call brought.

    ``reads`` has an answer for each read asked for, by its key; ``pages`` what follows
    on Bundles the client began, by its key; ``medications`` what those refer to.
    """

    reads: Mapping[str, Answer] = field(default_factory=dict)
    pages: Mapping[str, Answer] = field(default_factory=dict)
    medications: tuple[Answer, ...] = ()

    def all_answers(self) -> Iterator[Answer]:
        """Every answer, of whatever sort."""
        yield from self.reads.values()
        yield from self.pages.values()
        yield from self.medications
