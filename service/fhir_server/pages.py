"""One query and the pages of its answer, within bounds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cds_hooks.bundles import next_links
from cds_hooks.decoding import decode_json
from cds_hooks.errors import CdsHooksError
from service.fhir_server.answers import Answer, Reason, Unreadable
from service.fhir_server.queries import Query
from service.fhir_server.server_address import AddressRefused, ServerAddress


Json = Mapping[str, Any]
Get = Callable[[str], bytes]


@dataclass(kw_only=True, slots=True)
class Reading:
    """A query being read. Others may look at it while it is filled."""

    query: Query
    content: Json | None = None
    entries: list[object] = field(default_factory=list)
    reason: Reason | None = None
    is_through: bool = False

    def end(self, reason: Reason | None = None) -> None:
        """Nothing more will be read, for ``reason`` if it was not all."""
        self.reason = reason
        self.is_through = True

    def answer(self) -> Answer:
        """What has been read up to now."""
        reason = self.reason
        if not self.is_through:
            reason = reason or Reason.TIMEOUT
        if self.content is None or self.content.get("resourceType") != "Bundle":
            return Answer(content=self.content, reason=reason)
        # All pages as one, without the links that led from each to the next. A total
        # says how many there are from the first page on, so not of later ones alone.
        left_out = {"link", "entry"} | (
            {"total"} if self.query.is_later_page else set()
        )
        whole = {
            name: self.content[name] for name in self.content if name not in left_out
        }
        return Answer(content={**whole, "entry": list(self.entries)}, reason=reason)


def read_pages(
    reading: Reading, get: Get, *, server: ServerAddress, max_pages: int
) -> None:
    """Fill ``reading`` with all pages that ``get`` brings.

    Ends with its reason where a page cannot be read, leads away from ``server``, comes
    a second time or is one too many.
    """
    try:
        _read_pages(reading, get, server, max_pages)
    except Unreadable as fault:
        reading.end(fault.reason)
    else:
        reading.end()


def _read_pages(
    reading: Reading, get: Get, server: ServerAddress, max_pages: int
) -> None:
    url: str | None = reading.query.url
    seen: set[str] = set()
    while url is not None:
        if url in seen or len(seen) == max_pages:
            raise Unreadable(Reason.TOO_MANY_PAGES)
        seen.add(url)
        page = _page(get(url), reading.query)
        entries = page.get("entry")
        if isinstance(entries, list):
            reading.entries.extend(entries)
        if reading.content is None:
            reading.content = page
        url = _next(page, url, server)


def _page(body: bytes, query: Query) -> Json:
    """The resource in ``body``, if it is what was asked for. Raises Unreadable."""
    try:
        page = decode_json(body)
    except CdsHooksError:
        raise Unreadable(Reason.NOT_FHIR) from None
    if not isinstance(page, dict) or not isinstance(page.get("resourceType"), str):
        raise Unreadable(Reason.NOT_FHIR)
    if page["resourceType"] == "OperationOutcome":
        raise Unreadable(Reason.OPERATION_OUTCOME)
    if not _is_asked_for(page, query):
        raise Unreadable(Reason.WRONG_RESOURCE)
    return page


def _is_asked_for(page: Json, query: Query) -> bool:
    if query.id is not None:
        return page["resourceType"] == query.resource and page.get("id") == query.id
    if page["resourceType"] != "Bundle":
        return False
    entries = page.get("entry")
    return all(
        _is_match_of(entry, query.resource)
        for entry in (entries if isinstance(entries, list) else ())
    )


def _is_match_of(entry: object, resource: str | None) -> bool:
    """Whether ``entry`` is of the type searched for, or belongs to no match.

    What cannot be read is left to those who read resources one by one.
    """
    found = entry.get("resource") if isinstance(entry, dict) else None
    if resource is None or not isinstance(found, dict):
        return True
    return found.get("resourceType") in (resource, "OperationOutcome", "Medication")


def _next(page: Json, url: str, server: ServerAddress) -> str | None:
    """The URL of the page after ``page``, or None after the last."""
    links = next_links(page)
    if not links:
        return None
    try:
        return server.page(links[0], found_at=url)
    except AddressRefused:
        raise Unreadable(Reason.NEXT_PAGE_ELSEWHERE) from None
