"""Reading from a client's FHIR server what its prefetch did not give.

All queries of a call go out at once and share one deadline; the call ends at it,
whatever the server does. Medications that an answer refers to are asked for as soon as
that answer is there.
"""

from collections.abc import Collection, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

import structlog

from cds_hooks.request import HookRequest
from service.fhir.bundles import Resource, resources_of
from service.fhir_server.answers import Answer, Fetched, Reason, Unreadable
from service.fhir_server.breaker import CircuitBreaker
from service.fhir_server.deadline import Deadline
from service.fhir_server.medications import MedicationLookup
from service.fhir_server.pages import Reading, read_pages
from service.fhir_server.policy import CallPolicy
from service.fhir_server.queries import Query, following_page, queries_of
from service.fhir_server.server_address import ServerAddress
from service.fhir_server.transport import Allowance, Transport
from service.reads import Read


log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True, slots=True)
class CallLimits:
    """What the reads of one call may take together.

    ``max_bytes`` counts answers as decompressed; ``max_pages`` are those of one query.
    ``page_size`` is asked of searches that name none; a server may give less.
    """

    seconds: float = 2.0
    max_bytes: int = 20 * 1024 * 1024
    max_pages: int = 10
    page_size: int = 200


class FhirServers:
    """The FHIR servers of all clients, as one process reaches them.

    Made once for a process; may be made before it forks, since threads and connections
    begin with the first call. ``threads`` bounds the queries under way at once, those
    included that a silent server still holds up after their call has ended.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        breaker: CircuitBreaker,
        limits: CallLimits,
        threads: int,
    ) -> None:
        self.transport = transport
        self.breaker = breaker
        self.limits = limits
        self.threads = ThreadPoolExecutor(threads, "fhir-read")

    def reader(self, policy: CallPolicy) -> "ServerReader":
        """The reader for calls of a client under ``policy``."""
        return ServerReader(servers=self, policy=policy)

    def close(self) -> None:
        """Close all connections, once the queries under way have ended."""
        self.threads.shutdown()
        self.transport.close()


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerReader:
    """Reads from the FHIR server that a request names, as far as ``policy`` allows."""

    servers: FhirServers
    policy: CallPolicy

    def fetch(
        self,
        reads: Collection[Read],
        request: HookRequest,
        *,
        next_pages: Mapping[str, str],
        known: Collection[Resource],
    ) -> Fetched:
        """What the FHIR server has for ``reads``, and on ``next_pages``.

        ``next_pages`` are links, by prefetch key, to what follows on the Bundles that
        the client sent; ``known`` are the resources there already. A read whose
        template the request cannot fill has no answer, and nothing has one if the
        request names no server. Where nothing is left to ask, no call is made.
        """
        if request.fhir_server is None:
            return Fetched()
        try:
            call = self._call(request, request.fhir_server)
        except Unreadable as fault:
            unread = Answer(reason=fault.reason)
            fetched = Fetched(
                reads={read.key: unread for read in reads},
                pages=dict.fromkeys(next_pages, unread),
            )
        else:
            fetched = call.fetch(
                queries_of(
                    reads,
                    request.context,
                    server=call.server,
                    page_size=self.servers.limits.page_size,
                ),
                next_pages,
                known,
            )
        _log_unread(fetched)
        return fetched

    def _call(self, request: HookRequest, url: str) -> "_Call":
        """A call to the server at ``url``. Raises Unreadable where none may be made."""
        authorization = request.fhir_authorization
        server = self.policy.admitted(url, has_token=authorization is not None)
        seconds = self.servers.limits.seconds
        if authorization is not None:
            # From receipt of the request, which was a moment ago.
            seconds = min(seconds, authorization.expires_in)
        if seconds <= 0:
            raise Unreadable(Reason.TOKEN_EXPIRED)
        return _Call(
            servers=self.servers,
            server=server,
            token=authorization.access_token if authorization else None,
            deadline=Deadline.after(seconds),
            allowance=Allowance(self.servers.limits.max_bytes),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Call:
    """The reads of one call: one server, one token, one deadline."""

    servers: FhirServers
    server: ServerAddress
    token: str | None = field(repr=False)
    deadline: Deadline
    allowance: Allowance

    def fetch(
        self,
        queries: Mapping[str, Query],
        next_pages: Mapping[str, str],
        known: Collection[Resource],
    ) -> Fetched:
        """The answers to ``queries``, and all that is fetched along with them."""
        lookup = MedicationLookup(self.server, known)
        reads = {key: Reading(query=query) for key, query in queries.items()}
        pages = {key: self._following(link) for key, link in next_pages.items()}
        medications = [Reading(query=query) for query in lookup.queries(known)]
        wanted = [
            reading
            for reading in (*reads.values(), *pages.values(), *medications)
            if not reading.is_through
        ]
        if wanted and self.servers.breaker.admits(self.server):
            medications += self._read_all(wanted, lookup)
            self._tell_breaker(wanted)
        else:
            for reading in wanted:
                reading.end(Reason.SERVER_PAUSED)
        return Fetched(
            reads={key: reading.answer() for key, reading in reads.items()},
            pages={key: reading.answer() for key, reading in pages.items()},
            medications=tuple(reading.answer() for reading in medications),
        )

    def _following(self, link: str) -> Reading:
        query = following_page(link, self.server)
        reading = Reading(query=query or Query(url=""))
        if query is None:
            reading.end(Reason.NEXT_PAGE_ELSEWHERE)
        return reading

    def _read_all(
        self, wanted: Collection[Reading], lookup: MedicationLookup
    ) -> list[Reading]:
        """Read in parallel until all are through or the deadline has come.

        Gives the readings of Medications that turned out to be wanted besides.
        """
        medications: list[Reading] = []
        pending = {self._begun(reading): reading for reading in wanted}
        while pending and (left := self.deadline.left):
            done, _ = wait(pending, timeout=left, return_when=FIRST_COMPLETED)
            for future in done:
                future.result()  # raises what is a fault of ours
                content = pending.pop(future).answer().content
                for query in lookup.queries(resources_of(content)):
                    medications.append(Reading(query=query))
                    pending[self._begun(medications[-1])] = medications[-1]
        for future in pending:
            future.cancel()
        return medications

    def _begun(self, reading: Reading) -> Future[None]:
        return self.servers.threads.submit(
            read_pages,
            reading,
            self._get,
            server=self.server,
            max_pages=self.servers.limits.max_pages,
        )

    def _get(self, url: str) -> bytes:
        return self.servers.transport.get(
            url, token=self.token, deadline=self.deadline, allowance=self.allowance
        )

    def _tell_breaker(self, readings: Collection[Reading]) -> None:
        """A call counts as failed where the server was at work for none of it."""
        answers = [reading.answer() for reading in readings]
        if all(
            answer.content is None and answer.reason and answer.reason.is_server_fault
            for answer in answers
        ):
            self.servers.breaker.failed(self.server)
        else:
            self.servers.breaker.answered(self.server)


def _log_unread(fetched: Fetched) -> None:
    """One line on what could not be read: our own keys and reasons, nothing else."""
    reasons = [answer.reason for answer in fetched.all_answers() if answer.reason]
    if reasons:
        log.warning(
            "fhir_server_not_read_in_full",
            reads={
                key: answer.reason
                for key, answer in fetched.reads.items()
                if answer.reason
            },
            following_pages=sorted(
                answer.reason for answer in fetched.pages.values() if answer.reason
            ),
            medications=sorted(
                answer.reason for answer in fetched.medications if answer.reason
            ),
        )
