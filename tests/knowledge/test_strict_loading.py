"""A mistake in a knowledge file stops the start and says what was meant."""

from pathlib import Path

import pytest

from service.knowledge_files import (
    KnowledgeError,
    TerminologySource,
    load_knowledge,
    load_terminology,
)
from tests.knowledge.conftest import Edit


SCREEN = "rules/b12-screen.toml"
FACTORS = '[vegan]\ncode = "RF-DIET"\n'

# file, what stands there, what is written instead, what the message must say
MISTAKES = [
    (
        "references.toml",
        "https://www.bmj.com/content",
        "https://www.bmj.com@evil.example/content",
        "references.toml: BMJ24: url: no host in link_hosts of cards.toml"
        " 'www.bmj.com@evil.example'",
    ),
    (
        "references.toml",
        "https://www.bmj.com/content",
        "https://bmj.com/content",
        "did you mean 'www.bmj.com'?",
    ),
    (
        "references.toml",
        "https://www.bmj.com/content",
        "http://www.bmj.com/content",
        "references.toml: BMJ24: url: 'http://www.bmj.com/content/385/bmj.q1019' is no"
        " https address",
    ),
    (
        "thresholds.toml",
        "[exposure.metformin]",
        "[exposure.metfromin]",
        "thresholds.toml: exposure.metfromin is not a known key; "
        "did you mean 'metformin'?",
    ),
    (
        "thresholds.toml",
        "[exposure.metformin]\nvalue = 120\n",
        "[exposure.metformin]\nvalu = 120\n",
        "thresholds.toml: exposure.metformin.valu is not a known key; "
        "did you mean 'value'?",
    ),
    (
        "thresholds.toml",
        "[exposure.metformin]\nvalue = 120\n",
        "[exposure.metformin]\n",
        "thresholds.toml: exposure.metformin.value is missing",
    ),
    (
        "thresholds.toml",
        "[exposure.metformin]\nvalue = 120\n",
        '[exposure.metformin]\nvalue = "long"\n',
        "thresholds.toml: exposure.metformin.value",
    ),
    (
        "thresholds.toml",
        'value = { us = 18, uk = 16 }\nunit = "a"',
        'value = { us = 18, uk = 16 }\nunit = "yearz"',
        "thresholds.toml: age.minimum: unit: no unit 'yearz'",
    ),
    (
        "thresholds.toml",
        "value = { us = 18, uk = 16 }",
        "value = { uk = 16 }",
        "a value is given for one profile, not us",
    ),
    (
        "risk_factors.toml",
        "[crohn]",
        "[chron]",
        "risk_factors.toml: chron is not a known key; did you mean 'crohn'?",
    ),
    (
        "risk_factors.toml",
        'concepts = ["rf-crohn"]',
        'concepts = ["rf-chron"]',
        "risk_factors.toml: crohn: concepts: no concept 'rf-chron'; "
        "did you mean 'rf-crohn'?",
    ),
    (
        "risk_factors.toml",
        FACTORS + 'strength = "S"',
        FACTORS + 'strength = "XL"',
        "risk_factors.toml: vegan.strength",
    ),
    (
        "risk_factors.toml",
        'sources = ["NICE", "AAFP17", "GBMC"]',
        'sources = ["NICE", "AAFP71"]',
        "risk_factors.toml: vegan: sources: no source 'AAFP71'; did you mean 'AAFP17'?",
    ),
    (
        "companions.toml",
        'concepts = ["sx-fatigue"]',
        'concepts = ["sx-fatige"]',
        "companions.toml: fatigue: concepts: no concept 'sx-fatige'; "
        "did you mean 'sx-fatigue'?",
    ),
    (
        "orders.toml",
        '[ck]\nlabel = "Order creatine kinase"',
        '[creatine]\nlabel = "Order creatine kinase"',
        "orders.toml: ck is missing",
    ),
    (
        "orders.toml",
        'text = "Creatine kinase, serum"\nsystem = "loinc"',
        'text = "Creatine kinase, serum"\nsystem = "lonic"',
        "orders.toml: ck: system: no system 'lonic'; did you mean 'loinc'?",
    ),
    (
        "profiles.toml",
        'deficiency.html"\nfirst_b12_test = "b12-total"',
        'deficiency.html"\nfirst_b12_test = "b12"',
        "orders.toml: b12 is missing",
    ),
    (
        "cards.toml",
        'what_to_do = "What to do"\n',
        "",
        "cards.toml: headings: what_to_do is missing",
    ),
    (
        "cards.toml",
        "could not be had: {kinds}.",
        "could not be had: {things}.",
        "cards.toml: not_considered must hold {kinds}",
    ),
    (
        SCREEN,
        "factors = ",
        "factor = ",
        "rules/b12-screen.toml: summaries.consider: no placeholder 'factors'; "
        "did you mean 'factor'?",
    ),
    (
        SCREEN,
        "and 9 more",
        "and 9 more, which makes it far too long",
        "rules/b12-screen.toml: summaries.consider can be 154 characters long",
    ),
    (
        SCREEN,
        'when = "hereditary"',
        'when = "heriditary"',
        "actions[4]: when: no note 'heriditary'; did you mean 'hereditary'?",
    ),
    (
        SCREEN,
        '"interferences.biotin"',
        '"interferences.biotine"',
        "rules/b12-screen.toml: more: 'interferences.biotine' is no known line; "
        "did you mean 'interferences.biotin'?",
    ),
    (
        SCREEN,
        'yields_to = ["b12-urgent",',
        'yields_to = ["b12-urgnet",',
        "rules/b12-screen.toml: yields_to: no rule 'b12-urgnet'; "
        "did you mean 'b12-urgent'?",
    ),
    (
        SCREEN,
        '"patient-declines"',
        '"patient-declined"',
        "override_reasons: no override reason 'patient-declined'; "
        "did you mean 'patient-declines'?",
    ),
    (
        SCREEN,
        'cannot_tell = "',
        'say_nothing = "It is no matter."\ncannot_tell = "',
        "rules/b12-screen.toml: give either cannot_tell or say_nothing",
    ),
    (
        SCREEN,
        "cannot_tell = ",
        "# ",
        "rules/b12-screen.toml: give either cannot_tell or say_nothing",
    ),
    (
        SCREEN,
        'owner = "b12-cds maintainers"',
        'owner = "b12-cds maintainers"\nchecked_by = "b12-cds maintainers"',
        "rules/b12-screen.toml: checked_by must be another than owner",
    ),
    (
        SCREEN,
        "review_by = 2027-11-20",
        "review_by = 2026-11-20",
        "rules/b12-screen.toml: review_by must come after reviewed",
    ),
    (
        SCREEN,
        'key = "b12-screen"',
        'key = "b12-scren"',
        "rules/b12-screen.toml: key is 'b12-scren', not the name of the file",
    ),
    (
        "rules/b12-urgent.toml",
        "on_order_hooks = true",
        'yields_to = ["b12-screen"]\non_order_hooks = true',
        "yields_to: b12-screen yields to this rule",
    ),
    (
        "override_reasons.toml",
        'code = "cause-known"',
        'code = "cause-is-known"',
        "override_reasons.toml: cause-known: code is 'cause-is-known'",
    ),
    (
        SCREEN,
        'consider = "Muscle cramps with {factors}: consider testing vitamin B12"\n'
        'test = "Muscle cramps with {factors}: test vitamin B12"\n',
        "",
        "rules/b12-screen.toml: summaries is empty",
    ),
    (
        SCREEN,
        "test first.",
        "test {test} first.",
        "rules/b12-screen.toml: more[3]: no placeholder 'test'",
    ),
    (
        SCREEN,
        '{ text = "A supplement relieves',
        '{ txt = "A supplement relieves',
        "rules/b12-screen.toml: more.2.txt is not a known key; did you mean 'text'?",
    ),
    (
        "about.toml",
        'version = "2026.11.0"',
        "version = 12:30:00",
        "a value of type time cannot be used",
    ),
    ("units.toml", '["pg/mL"]', '["pg/mL"', "units.toml is not TOML"),
]


@pytest.mark.parametrize(
    ("file", "old", "new", "said"), MISTAKES, ids=[said for *_, said in MISTAKES]
)
def test_a_mistake_is_refused_and_explained(
    copy: Path,
    edit: Edit,
    terminology: TerminologySource,
    file: str,
    old: str,
    new: str,
    said: str,
) -> None:
    edit(file, old, new)
    with pytest.raises(KnowledgeError) as refusal:
        load_knowledge("us", copy, terminology)
    assert said in str(refusal.value)


def test_a_rule_s_file_that_is_gone_is_missed(
    copy: Path, terminology: TerminologySource
) -> None:
    (copy / "rules" / "b12-screen.toml").unlink()
    with pytest.raises(KnowledgeError, match="rules: b12-screen is missing"):
        load_knowledge("us", copy, terminology)


def test_a_file_that_is_gone_is_named(
    copy: Path, terminology: TerminologySource
) -> None:
    (copy / "causes.toml").unlink()
    with pytest.raises(KnowledgeError, match=r"causes\.toml is missing"):
        load_knowledge("us", copy, terminology)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (
            "medication_names.toml",
            'names = ["colchicine"]',
            'name = ["colchicine"]',
            "med-colchicine.name is not a known key; did you mean 'names'?",
        ),
        (
            "medication_names.toml",
            'names = ["colchicine"]',
            'names = ["Colchicine"]',
            "'Colchicine' must be in lower case",
        ),
        (
            "medication_names.toml",
            'names = ["colchicine"]',
            'names = ["colchicine", "colchicine"]',
            "a word is listed twice",
        ),
        (
            "text_patterns.toml",
            r"any_of = ['\bvegan(?:s|ism)?\b']",
            r"any_of = ['\bvegan(?:s|ism?\b']",
            "is no pattern",
        ),
        (
            "systems.toml",
            'check_digit = "luhn"',
            'check_digit = "lunh"',
            "systems.toml: loinc.check_digit",
        ),
    ],
)
def test_a_mistake_in_codes_or_words_is_refused(
    copy: Path, edit: Edit, file: str, old: str, new: str, said: str
) -> None:
    edit(file, old, new)
    with pytest.raises(KnowledgeError) as refusal:
        load_terminology(copy)
    assert said in str(refusal.value)
