"""From a request to its answer: gather, read, evaluate, decide, write cards.

No web framework comes in here; the routes and the command line ask alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Self

from cds_hooks.cards import HookResponse, Indicator, new_uuid
from cds_hooks.errors import NeededDataAbsent
from cds_hooks.request import HookRequest
from service.cards import CardContext, CardWriter, IssueUuid
from service.clinical.evaluate import Evaluation, evaluate
from service.clinical.exposures import Moment
from service.clinical.knowledge import Knowledge
from service.clinical.record import Record, ResourceRef
from service.dismissals import read_dismissals
from service.fhir.read import read_record
from service.fhir.terminology import Terminology
from service.fhir.units import Units
from service.gather import FhirReader, Gathered, PrefetchOnly, gather
from service.knowledge_files import TerminologySource
from service.reads import Read, load_reads
from service.suggested_orders import OrderSituation


PREFETCH_ONLY = PrefetchOnly()


@dataclass(frozen=True, kw_only=True, slots=True)
class Advice:
    """What the service has to say, and the evaluation it comes from.

    ``remarks`` tell what was tolerated or ignored in the request, free of its values.
    """

    evaluation: Evaluation
    response: HookResponse
    remarks: tuple[str, ...] = ()

    def log_fields(self) -> Mapping[str, object]:
        """What may be logged of it: keys and counts, nothing of the patient."""
        return {
            "cards": [
                f"{shown.key}:{shown.concern.indicator}"
                for shown in self.evaluation.shown
            ],
            "not_considered": sorted(self.evaluation.not_considered),
            "unread": [each.element for each in self.evaluation.unread],
            "remarks": list(self.remarks),
        }


def any_uuid(key: str, indicator: Indicator) -> str:
    """A uuid for a card that no feedback will come for."""
    return new_uuid()


@dataclass(frozen=True, kw_only=True)
class Adviser:
    """All that is needed to advise, loaded once: knowledge, terminology, texts."""

    knowledge: Knowledge
    terminology: Terminology
    units: Units
    reads: tuple[Read, ...]
    writer: CardWriter

    @classmethod
    def of(
        cls,
        knowledge: Knowledge,
        terminology: TerminologySource,
        public_url: str,
        issue_uuid: IssueUuid = any_uuid,
    ) -> Self:
        """The adviser with this knowledge; ``public_url`` is where its icon is served.

        ``issue_uuid`` names cards so that feedback can be told what they were; by
        default they are named at random. Raises KnowledgeError or ValueError for
        knowledge that does not fit together.
        """
        return cls(
            knowledge=knowledge,
            terminology=Terminology(terminology),
            units=Units(knowledge.units),
            reads=load_reads(terminology),
            writer=CardWriter(
                knowledge,
                public_url,
                systems={name: uris[0] for name, uris in terminology.systems.items()},
                issue_uuid=issue_uuid,
            ),
        )

    def advise(
        self,
        request: HookRequest,
        *,
        moment: Moment,
        today: date,
        reader: FhirReader = PREFETCH_ONLY,
    ) -> Advice:
        """The answer to ``request``, whose missing data ``reader`` is asked for.

        Raises NeededDataAbsent when data is missing that could have made the
        difference between silence and a card, and RequestNotConformant for data of
        another patient.
        """
        evaluation = self.evaluate(request, moment=moment, today=today, reader=reader)
        if keys := self.keys_needed_for(evaluation):
            raise NeededDataAbsent(keys=keys)
        dismissals = read_dismissals(request.extension, self.knowledge.rules, today)
        return replace(
            self.answer(evaluation, situation_of(request, today)),
            remarks=(*request.remarks, *dismissals.remarks),
        )

    def evaluate(
        self,
        request: HookRequest,
        *,
        moment: Moment,
        today: date,
        reader: FhirReader = PREFETCH_ONLY,
    ) -> Evaluation:
        """What the data of ``request`` and of the FHIR server come to."""
        gathered = gather(request, self.reads, reader)
        return evaluate(
            self.read(gathered, request.context.patient_id, today),
            self.knowledge,
            today,
            moment=moment,
            dismissed=read_dismissals(
                request.extension, self.knowledge.rules, today
            ).days,
        )

    def read(self, gathered: Gathered, patient_id: str | None, today: date) -> Record:
        """The record in what was gathered."""
        return read_record(
            gathered.resources,
            terminology=self.terminology,
            units=self.units,
            today=today,
            patient_id=patient_id,
            encounter_id=gathered.encounter,
            absent=gathered.absent,
            partial=gathered.partial,
        )

    def answer(self, evaluation: Evaluation, situation: OrderSituation) -> Advice:
        """``evaluation`` as cards, for the patient and user of ``situation``."""
        context = CardContext(
            situation=situation,
            reason=_cramp_resource(evaluation),
            not_considered=evaluation.not_considered,
            unread=evaluation.unread,
        )
        cards = tuple(
            self.writer.write(shown.key, shown.concern, context)
            for shown in evaluation.shown
        )
        return Advice(evaluation=evaluation, response=HookResponse(cards=cards))

    def keys_needed_for(self, evaluation: Evaluation) -> list[str]:
        """The prefetch keys without which silence would say nothing; often none."""
        if evaluation.undecided is None:
            return []
        missing = evaluation.undecided.missing
        return [read.key for read in self.reads if read.needed and read.kind in missing]


def situation_of(request: HookRequest, today: date) -> OrderSituation:
    """The situation in which ``request`` was made."""
    context = request.context
    return OrderSituation(
        patient_id=context.patient_id,
        today=today,
        encounter_id=context.encounter_id,
        user=context.user_id,
    )


def _cramp_resource(evaluation: Evaluation) -> ResourceRef | None:
    cramps = evaluation.case.cramps
    if cramps is None:
        return None
    return next((finding.item.source for finding in cramps.findings), None)
