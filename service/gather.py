"""What a call supplies: the resources, and which kinds of data did not come.

A client may send our prefetch keys, rename them, add others or send none (EHRs are
often configured by hand and never read discovery). A value under a foreign key counts
for what it holds; an empty one for what its search or its name says it is about. What
is missing, and the pages that follow on what was sent, are asked of a `FhirReader`;
what is then still missing is said, not assumed to be normal.
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
from cds_hooks.prefetch_templates import fillable
from cds_hooks.request import HookRequest
from service.clinical.record import DataKind
from service.fhir.bundles import Resource, resources_of
from service.fhir_server.answers import Answer, Fetched
from service.fhir_version import refuse_unreadable, require_readable_request
from service.foreign_keys import reads_answered_by
from service.reads import Read


class FhirReader(Protocol):
    """Where data comes from that the client did not prefetch."""

    def fetch(
        self,
        reads: Collection[Read],
        request: HookRequest,
        *,
        next_pages: Mapping[str, str],
        known: Collection[Resource],
    ) -> Fetched:
        """What the client's FHIR server has for ``reads`` and on ``next_pages``.

        ``next_pages`` are links, by prefetch key, to what follows on the Bundles sent;
        ``known`` is what is there already. What is not asked for has no answer.
        """


class PrefetchOnly:
    """The reader for calls whose FHIR server is not to be asked."""

    def fetch(
        self,
        reads: Collection[Read],
        request: HookRequest,
        *,
        next_pages: Mapping[str, str],
        known: Collection[Resource],
    ) -> Fetched:
        """Nothing, of any read."""
        return Fetched()


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
    """What is known of each read so far, filled key by key.

    ``cut_off`` are reads of which some came and the rest has to be asked for anew;
    ``next_pages`` the links, by prefetch key, by which the rest of others can be had,
    and ``paged`` the reads they belong to.
    """

    resources: list[Resource] = field(default_factory=list)
    arrived: set[str] = field(default_factory=set)
    incomplete: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    cut_off: set[str] = field(default_factory=set)
    next_pages: dict[str, str] = field(default_factory=dict)
    paged: dict[str, set[str]] = field(default_factory=dict)

    def add_prefetched(
        self, key: str, value: object, state: PrefetchState, reads: Collection[Read]
    ) -> None:
        """Count ``value``, in state ``state``, as the client's answer to ``reads``."""
        self._add(value, state, reads)
        if not isinstance(state, Supplied) or state.complete:
            return
        if state.unreadable or state.failure:
            return  # the rest would fail again
        keys = {read.key for read in reads}
        if len(state.next_links) == 1:
            self.next_pages[key] = state.next_links[0]
            self.paged[key] = keys
        else:
            self.cut_off |= keys

    def add_fetched(self, fetched: Fetched, published: Mapping[str, Read]) -> None:
        """Count what the FHIR server had."""
        for key, answer in fetched.reads.items():
            if answer.content is not None:
                self.incomplete.discard(key)
                self._add_answer(answer, (published[key],))
        for key, answer in fetched.pages.items():
            if answer.reason is None:
                self.incomplete -= self.paged[key]
            self._add_answer(answer, [published[each] for each in self.paged[key]])
        for answer in fetched.medications:
            self._add_answer(answer, ())

    def _add_answer(self, answer: Answer, reads: Collection[Read]) -> None:
        if answer.content is None:
            return
        self._add(answer.content, read_prefetch_value(answer.content), reads)
        if answer.reason is not None:
            self.incomplete |= {read.key for read in reads}

    def _add(
        self, value: object, state: PrefetchState, reads: Collection[Read]
    ) -> None:
        keys = {read.key for read in reads}
        match state:
            case Supplied():
                self.resources.extend(resources_of(value))
                self.arrived |= keys
                if not state.complete:
                    self.incomplete |= keys
            case KnownEmpty():
                # There is a patient, whatever the client says of it (P-16).
                self.arrived |= {r.key for r in reads if not _must_exist(r)}
            case Unavailable():
                self.failed |= keys
            case Missing():
                pass


def _must_exist(read: Read) -> bool:
    """Whether ``read`` names the one resource that every call is about."""
    return read.kind is DataKind.PATIENT


def gather(
    request: HookRequest, reads: Collection[Read], reader: FhirReader
) -> Gathered:
    """The data of ``request``, completed by ``reader`` where it can be.

    Raises RequestNotConformant when the Patient supplied is not the patient of the
    context (P-01): advice on the wrong chart is worse than none; and
    UnsupportedFhirVersion for resources of a version that is not read (HK-08).
    """
    require_readable_request(request)
    # What cannot be asked for here, such as the encounter of a call outside any
    # encounter, is not missing.
    can_be_asked = fillable((read.template for read in reads), request.context)
    asked = [read for read in reads if read.template in can_be_asked]
    published = {read.key: read for read in reads}
    in_hand = tuple(_in_hand(request))
    found = _Found()
    prefetch = request.prefetch or {}
    for key, value in prefetch.items():
        state = state_of(prefetch, key)
        found.add_prefetched(key, value, state, _answered(key, value, state, published))
    refuse_unreadable(found.resources, "prefetch")
    _check_patient(found.resources, request.context.patient_id)
    prefetched = len(found.resources)
    fetched = reader.fetch(
        [
            read
            for read in asked
            if read.key in found.cut_off or read.key not in found.arrived | found.failed
        ],
        request,
        next_pages=found.next_pages,
        known=(*in_hand, *found.resources),
    )
    found.add_fetched(fetched, published)
    refuse_unreadable(found.resources[prefetched:], "fhirServer")
    return Gathered(
        resources=(*in_hand, *found.resources),
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
    """The resources of the hook's own context fields that the user is busy with.

    Where order-select names selections, a medicine drafted earlier and not selected now
    is left out: it was looked at when it was selected, and will be when it is signed
    (HK-09). Drafted tests always count, since they are on their way.
    """
    selected = {
        (each.get("resourceType"), each.get("id")) for each in request.context.selected
    }
    for value in request.context.received.values():
        for resource in resources_of(value, in_hand=True):
            is_in_focus = not selected or (resource.type, resource.id) in selected
            if resource.type and (is_in_focus or resource.type != "MedicationRequest"):
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
