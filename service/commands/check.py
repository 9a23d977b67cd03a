"""`b12-cds check`: what would be said about one file, and why."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cds_hooks.decoding import decode_json
from cds_hooks.dialects import serialise
from cds_hooks.errors import CdsHooksError
from cds_hooks.request import parse_request
from service.advice import Advice, Adviser, situation_of
from service.catalogue import SERVICES, OfferedService
from service.clinical.evaluate import Evaluation, evaluate
from service.clinical.trace import trace_of
from service.commands.outcome import CommandError
from service.fhir.bundles import resources_of
from service.fhir.subjects import patient_ids
from service.fhir_version import refuse_unreadable
from service.gather import Gathered
from service.knowledge_files import load_knowledge, load_terminology
from service.settings import Settings, read_settings
from service.suggested_orders import OrderSituation


CANNOT_TELL = 1

EXAMPLES = """\
examples:
  b12-cds check request.json
  b12-cds check patient-bundle.json --profile uk --as-of 2025-06-30
  b12-cds check patient-bundle.json --hook order-sign --json
  b12-cds check - < request.json

exit codes:
  0  answered: cards, or nothing to say
  1  cannot tell: data is missing (the service answers 412)
  2  the file or an option is wrong
"""

HOOKS = {service.hook.name: service for service in SERVICES}


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """The answer about one patient; ``keys`` are the prefetch keys it lacks."""

    patient: str | None
    advice: Advice
    keys: tuple[str, ...]

    def as_json(self) -> Mapping[str, object]:
        """For machines: the cards as sent, and the whole trace."""
        return {
            "patient": self.patient,
            "status": 412 if self.keys else 200,
            "missing": list(self.keys),
            **serialise(self.advice.response),
            "trace": trace_of(self.advice.evaluation),
        }


def add_to(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> None:
    """Add the command's arguments."""
    check = commands.add_parser(
        "check",
        help="show the cards for a file, and the reasons behind them",
        description="Read a CDS Hooks request, a FHIR Bundle, a resource or a list of"
        " resources, and show what the service would say and why. A Bundle is taken for"
        " all there is to know; each of its patients is looked at.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    check.add_argument("file", help="JSON file, or - for standard input")
    check.add_argument(
        "--profile", choices=["us", "uk"], help="guidance to follow (B12_PROFILE)"
    )
    check.add_argument(
        "--as-of", metavar="DATE", help="day to evaluate for, YYYY-MM-DD (B12_AS_OF)"
    )
    check.add_argument(
        "--hook",
        choices=sorted(HOOKS),
        default="patient-view",
        help="hook to play for a file that is no request (default: patient-view)",
    )
    check.add_argument("--json", action="store_true", help="print JSON for machines")
    check.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Check the file; see the exit codes in the help."""
    settings = read_settings(profile=arguments.profile, as_of=arguments.as_of)
    terminology = load_terminology()
    knowledge = load_knowledge(settings.profile, terminology=terminology)
    adviser = Adviser.of(knowledge, terminology, settings.public_url)
    payload = read_file(arguments.file)
    try:
        answers = list(check_payload(payload, adviser, HOOKS[arguments.hook], settings))
    except CdsHooksError as fault:
        raise CommandError(f"{arguments.file}: {fault.message}") from None
    if arguments.json:
        found = [answer.as_json() for answer in answers]
        value = found[0] if len(found) == 1 else {"answers": found}
        sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
    else:
        # Late: what draws on a terminal is not needed to print JSON.
        from service.commands.printed_check import print_checked

        for answer in answers:
            print_checked(answer)
    return CANNOT_TELL if any(answer.keys for answer in answers) else 0


def read_file(name: str) -> object:
    """The JSON in a file; raises CommandError."""
    try:
        body = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as fault:
        raise CommandError(f"{name}: {fault.strerror}") from None
    try:
        return decode_json(body)
    except CdsHooksError as fault:
        raise CommandError(f"{name}: {fault.message}") from None


def check_payload(
    payload: object, adviser: Adviser, offered: OfferedService, settings: Settings
) -> Iterator[Checked]:
    """The answer to a request, or one for each patient of a collection.

    Raises CdsHooksError for a request that is not conformant, CommandError for a file
    without any resource.
    """
    today = settings.as_of or datetime.now(UTC).date()
    if isinstance(payload, Mapping) and "hook" in payload:
        request = parse_request(payload, hooks=HOOKS)
        evaluation = adviser.evaluate(
            request, moment=HOOKS[request.hook].moment, today=today
        )
        situation = situation_of(request, today)
        yield _checked(adviser, evaluation, situation)
        return
    resources = resources_of(payload)
    if not resources:
        raise CommandError(
            "the file holds neither a CDS Hooks request nor FHIR resources"
        )
    refuse_unreadable(resources, "the file")
    whole = Gathered(resources=resources, absent=frozenset(), partial=frozenset())
    for patient_id in patient_ids(resources) or (None,):
        evaluation = evaluate(
            adviser.read(whole, patient_id, today),
            adviser.knowledge,
            today,
            moment=offered.moment,
        )
        situation = OrderSituation(patient_id=patient_id or "unknown", today=today)
        yield _checked(adviser, evaluation, situation)


def _checked(
    adviser: Adviser, evaluation: Evaluation, situation: OrderSituation
) -> Checked:
    return Checked(
        patient=situation.patient_id,
        advice=adviser.answer(evaluation, situation),
        keys=tuple(adviser.keys_needed_for(evaluation)),
    )
