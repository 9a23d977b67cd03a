"""The data asked for: searches that every client can fill, nothing needed left out."""

from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from cds_hooks.published_hooks import HOOKS
from cds_hooks.template_lint import template_faults
from service.clinical.record import DataKind
from service.knowledge_files import KnowledgeError, TerminologySource
from service.reads import load_reads
from tests.knowledge.conftest import Edit


HOOK_NAMES = ["patient-view", "order-select", "order-sign", "encounter-start"]


@pytest.mark.parametrize("hook", HOOK_NAMES)
def test_the_templates_are_fit_for_cds_hooks_2(
    hook: str, terminology: TerminologySource
) -> None:
    templates = {read.key: read.template for read in load_reads(terminology)}
    assert template_faults(templates, HOOKS[hook]) == []


def test_every_kind_of_data_is_asked_for(terminology: TerminologySource) -> None:
    reads = load_reads(terminology)
    assert {read.kind for read in reads} == set(DataKind)
    assert {read.kind for read in reads if read.carries_kind} == set(DataKind)


def test_these_five_are_needed(terminology: TerminologySource) -> None:
    assert [read.key for read in load_reads(terminology) if read.needed] == [
        "patient",
        "conditions",
        "procedures",
        "medicationRequests",
        "laboratory",
    ]


def test_a_parameter_is_used_once(terminology: TerminologySource) -> None:
    # The sandbox merges a repeated one into an OR.
    for read in load_reads(terminology):
        names = [name for name, _ in parse_qsl(urlsplit(read.template).query)]
        assert len(names) == len(set(names)), read.key


def test_a_template_fits_into_a_request_line(terminology: TerminologySource) -> None:
    assert max(len(read.template) for read in load_reads(terminology)) < 4_000


@pytest.mark.parametrize(
    ("key", "token"),
    [
        ("laboratory", "http://loinc.org|2132-9"),
        ("laboratory", "http://loinc.org|13964-2"),
        ("laboratory", "http://loinc.org|2823-3"),
        ("laboratory", "http://loinc.org|75626-2"),
        ("laboratory", "http://read.info/ctv3|XE2pf"),
        ("symptoms", "http://snomed.info/sct|55300003"),
        ("symptoms", "http://snomed.info/sct|1255165006"),
    ],
)
def test_a_search_names_the_codes_that_count(
    key: str, token: str, terminology: TerminologySource
) -> None:
    (read,) = (read for read in load_reads(terminology) if read.key == key)
    codes = dict(parse_qsl(urlsplit(read.template).query))["code"].split(",")
    assert token in codes
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('codes_of = ["lab-*"]', 'codes_of = ["lap-*"]', "no ValueSet 'lap-*'"),
        ('["loinc", "ctv3"]', '["lonic"]', "no system 'lonic'; did you mean 'loinc'?"),
        ('status = ["active", "draft"]', 'statu = ["active"]', "did you mean 'status'"),
        ('kind = "patient"', 'kind = "person"', "patient.kind"),
    ],
)
def test_a_mistake_is_refused_and_explained(
    copy: Path,
    edit: Edit,
    terminology: TerminologySource,
    old: str,
    new: str,
    said: str,
) -> None:
    edit("reads.toml", old, new)
    with pytest.raises(KnowledgeError) as refusal:
        load_reads(terminology, copy)
    assert "reads.toml" in str(refusal.value)
    assert said in str(refusal.value)
