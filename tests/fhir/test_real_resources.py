"""Every file of a folder of real FHIR data is read without an exception."""

import json
from collections import Counter
from pathlib import Path

import pytest

from service.fhir.bundles import resources_of
from service.fhir.versions import unsupported_version
from tests.fhir.charts import chart


pytestmark = pytest.mark.shared_data

# What one may say of a real resource that matters; anything else is a defect here.
KNOWN_REASONS = {
    "a text, not a date",
    "about another patient",
    "dated after the day of evaluation",
    "does not fit FHIR R4",
    "not a date",
    "the age cannot be turned into a date",
    "the date is implausible",
    "the medicine it refers to was not supplied",
}


def test_every_file_that_parses_is_read(shared_data: Path) -> None:
    seen: Counter[str] = Counter()
    unread: Counter[tuple[str, str]] = Counter()
    for path in sorted(shared_data.rglob("*.json")):
        try:
            payload = json.loads(path.read_text(encoding="utf-8-sig"))
        except ValueError:
            seen["files that do not parse"] += 1
            continue
        prefetch = payload.get("prefetch") if isinstance(payload, dict) else None
        if isinstance(prefetch, dict):
            payload = list(prefetch.values())
        record, tally = chart(payload)
        dstu2 = any(unsupported_version(each.content) for each in resources_of(payload))
        seen["files"] += 1
        seen["files of DSTU2"] += dstu2
        seen["resources"] += tally.resources
        seen["resources read"] += tally.read
        seen["medicines"] += len(record.medications)
        seen["observations"] += len(record.observations)
        unread.update((each.element, each.reason) for each in record.unread)
    assert {reason for _, reason in unread} <= KNOWN_REASONS
    assert seen["files"] > 0
    assert 0 < seen["resources read"] < seen["resources"]
    assert sum(unread.values()) < seen["resources read"] / 20
