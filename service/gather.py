"""What a call supplies: the resources, and which kinds of data did not come.

A client may send our prefetch keys, rename them, add others or send none (EHRs are
often configured by hand and never read discovery). A value under a foreign key counts
for what it holds; an empty one for what its search or its name says it is about. What
is missing is asked of a `FhirReader`; what is then still missing is said, not assumed
to be normal.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from cds_hooks.errors import RequestNotConformant
from cds_hooks.prefetch import (
    KnownEmpty,
    Missing,
    PrefetchState,
    Supplied,
    Unavailable,
    read_prefetch_value,
    state_of,
)
from cds_hooks.request import HookRequest
from cds_hooks.templates import expand
from service.clinical.record import DataKind
from service.fhir.bundles import Resource, resources_of
from service.foreign_keys import reads_answered_by
from service.reads import Read


class FhirReader(Protocol):
    """Where data comes from that the client did not prefetch."""

    def fetch(
        self, reads: Collection[Read], request: HookRequest
    ) -> Mapping[str, object]:
        """What the client's FHIR server has for ``reads``: key → resource or Bundle.

        Keys that could not be read are left out; None means known to be empty.
        """


class PrefetchOnly:
    """The reader for calls whose FHIR server is not to be asked."""

    def fetch(
        self, reads: Collection[Read], request: HookRequest
    ) -> Mapping[str, object]:
        """Nothing, of any read."""
        return {}


@dataclass(frozen=True, kw_only=True, slots=True)
class Gathered:
    """All that one call supplies, in the order it came.

    ``absent`` kinds did not come at all, ``partial`` ones not whole. ``encounter`` is
    the bare id of the encounter the user is in.
    """

    resources: tuple[Resource, ...]
    absent: frozenset[DataKind]
    partial: frozenset[DataKind]
    encounter: str | None = None


@dataclass(kw_only=True, slots=True)
class _Found:
    """What is known of each read so far, filled key by key."""

    resources: list[Resource] = field(default_factory=list)
    arrived: set[str] = field(default_factory=set)
    incomplete: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)

    def add(self, value: object, state: PrefetchState, reads: Iterable[Read]) -> None:
        """Count ``value``, in state ``state``, as the answer to ``reads``."""
        keys = {read.key for read in reads}
        match state:
            case Supplied():
                self.resources.extend(resources_of(value))
                self.arrived |= keys
                if not state.complete:
                    self.incomplete |= keys
            case KnownEmpty():
                self.arrived |= keys
            case Unavailable():
                self.failed |= keys
            case Missing():
                pass


def gather(
    request: HookRequest, reads: Collection[Read], reader: FhirReader
) -> Gathered:
    """The data of ``request``, completed by ``reader`` where it can be.

    Raises RequestNotConformant when the Patient supplied is not the patient of the
    context (P-01): advice on the wrong chart is worse than none.
    """
    # What cannot be asked for here, such as the encounter of a call outside any
    # encounter, is not missing.
    asked = [read for read in reads if expand(read.template, request.context)]
    published = {read.key: read for read in reads}
    found = _Found()
    prefetch = request.prefetch or {}
    for key, value in prefetch.items():
        state = state_of(prefetch, key)
        found.add(value, state, _answered(key, value, state, published))
    _fetch_missing(found, request, asked, reader)
    _check_patient(found.resources, request.context.patient_id)
    return Gathered(
        resources=(*_in_hand(request), *found.resources),
        absent=frozenset(_absent(found, asked)),
        partial=frozenset(read.kind for read in asked if read.key in found.incomplete),
        encounter=request.context.encounter_id,
    )


def _answered(
    key: str, value: object, state: PrefetchState, published: Mapping[str, Read]
) -> Collection[Read]:
    """The reads that the value under ``key`` answers.

    Under a key of ours that is the read of that name, unless something else altogether
    was sent under it; then, as under any foreign key, the contents decide.
    """
    read = published.get(key)
    if read is None:
        return reads_answered_by(key, value, published.values())
    if isinstance(state, Supplied) and state.resources:
        types = {resource.get("resourceType") for resource in state.resources}
        if read.resource not in types:
            return reads_answered_by(key, value, published.values())
    return (read,)


def _fetch_missing(
    found: _Found, request: HookRequest, reads: Collection[Read], reader: FhirReader
) -> None:
    """Ask ``reader`` for what no key answered; what had failed would fail again."""
    missing = [read for read in reads if read.key not in found.arrived | found.failed]
    if not missing:
        return
    published = {read.key: read for read in reads}
    for key, value in reader.fetch(missing, request).items():
        found.add(value, read_prefetch_value(value), (published[key],))


def _absent(found: _Found, reads: Collection[Read]) -> Iterator[DataKind]:
    """Kinds of which no carrying read arrived.

    Several reads may carry one kind, as orders and statements carry medicines: one of
    those that suffice must have come.
    """
    carriers: dict[DataKind, set[str]] = defaultdict(set)
    for read in reads:
        if read.carries_kind:
            carriers[read.kind].add(read.key)
    for kind, keys in carriers.items():
        if not keys & found.arrived:
            yield kind


def _in_hand(request: HookRequest) -> Iterator[Resource]:
    """The resources of the hook's own context fields."""
    for value in request.context.received.values():
        for resource in resources_of(value, in_hand=True):
            if resource.type:
                yield resource


def _check_patient(resources: Iterable[Resource], patient_id: str) -> None:
    patients = {resource.id for resource in resources if resource.type == "Patient"} - {
        None
    }
    if patients and patient_id not in patients:
        raise RequestNotConformant(
            "The Patient resource supplied is not the patient of context.patientId.",
            expression=("prefetch.patient", "context.patientId"),
        )
