"""The queries of a call: our own, and the pages that follow on what the client sent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cds_hooks.hooks import HookContext
from cds_hooks.prefetch_templates import expand
from service.fhir_server.server_address import AddressRefused, ServerAddress
from service.reads import Read


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """What is asked for: the resource ``id`` of a type, or the matches of a search.

    ``url`` is absolute. ``resource`` is None for a page that follows on a Bundle of
    the client's: then any type may come.
    """

    url: str
    resource: str | None = None
    id: str | None = None

    @property
    def is_later_page(self) -> bool:
        """Whether the first page is not among the answer."""
        return self.resource is None


def queries_of(
    reads: Iterable[Read],
    context: HookContext,
    *,
    server: ServerAddress,
    page_size: int,
) -> Mapping[str, Query]:
    """The query of each read, by its key.

    A read whose template names what ``context`` does not have, such as the encounter
    outside of one, has none: without that filter it would ask for everything (T-14).
    """
    queries = {}
    for read in reads:
        relative = expand(read.template, context)
        if relative is not None:
            queries[read.key] = _query(read.resource, relative, server, page_size)
    return queries


def _query(
    resource: str, relative: str, server: ServerAddress, page_size: int
) -> Query:
    path, is_search, parameters = relative.partition("?")
    if not is_search:
        return Query(
            url=f"{server.url}/{path}",
            resource=resource,
            id=path.removeprefix(f"{resource}/"),
        )
    if "_count=" not in parameters:
        # The template leaves the size of a page to the client; fewer are sooner read.
        parameters += f"&_count={page_size}"
    return Query(url=f"{server.url}/{path}?{parameters}", resource=resource)


def following_page(link: str, server: ServerAddress) -> Query | None:
    """The query for a page the client's Bundle leads to; None if it leads elsewhere."""
    try:
        return Query(url=server.page(link, found_at=f"{server.url}/"))
    except AddressRefused:
        return None
