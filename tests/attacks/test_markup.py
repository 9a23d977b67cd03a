"""Words of a chart that would be markup on a card: rendered, they are only words.

Each attack stands in every text of a chart, for one patient after the other and by the
guidance of either country, and goes through the service. What comes back is rendered by
clients of the unwise kind, that let raw HTML through and link bare addresses.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from markdown_it import MarkdownIt

from tests.attacks.doors import Door, running
from tests.conftest import ROOT
from tests.http.patients import bundle, cramps, metformin, prefetch
from tests.http.patients import request as request_of


Json = dict[str, Any]

FIXTURES = (
    "borderline-b12 cramps-as-reason-for-the-visit folic-acid-being-ordered"
    " gastric-bypass-on-b12 low-potassium-on-metformin metformin-in-words-only"
    " metformin-with-tingling pernicious-anaemia-untreated seventeen-in-the-uk vegan"
).split()
"""Situations that between them have cards of every kind of text."""

WORDS = frozenset("display text valueString onsetString family given title".split())
"""Members that hold words; of others it depends what they hold whether there is a
card."""

OWN_TAGS = {f"<{end}{tag}>" for tag in ("p", "strong", "ul", "li") for end in ("", "/")}
"""What a card is made of. None has an attribute, so none leads anywhere."""

ATTACKS = {
    "script": "<script>alert(1)</script>",
    "image_with_script": "<img src=x onerror=alert(1)>",
    "svg": "<svg/onload=alert(1)>",
    "frame": "</p><iframe src=//evil.com></iframe>",
    "comment": "<!-- ",
    "processing_instruction": "<?php x ?>",
    "character_data": "<![CDATA[x]]>",
    "entities": "&lt;img src=x onerror=alert(1)&gt;",
    "numeric_entities": "&#60;b&#62;&#x3c;i&#x3e;",
    "broken_entity": "&",
    "link": "[more](https://evil.com)",
    "script_link": "[more](javascript:alert(1))",
    "data_link": "[more](data:text/html;base64,PHNjcmlwdD4=)",
    "link_with_title": '[more](<https://evil.com> "Guideline")',
    "reference_link": "[more][x]\n\n[x]: https://evil.com",
    "short_reference_link": "[x]\n[x]: javascript:alert(1)",
    "image": "![x](https://evil.com/pixel.png)",
    "automatic_link": "<https://evil.com>",
    "automatic_mail": "<mail@evil.com>",
    "bare_address": "https://evil.com/login",
    "bare_address_in_capitals": "HTTPS://EVIL.EXAMPLE",
    "bare_name": "www.evil.com",
    "bare_host": "evil.com/x (evil.co.uk) //evil.com //localhost",
    "bare_mail": "mail@evil.com",
    "other_schemes": "ftp://evil.com mailto:x@evil.com xmpp:x@evil.com",
    "footnote": "[^1]\n\n[^1]: evil",
    "emphasis": "**bold** __bold__ *it* _it_ ***both***",
    "strike": "~~gone~~ ~gone~",
    "code": "`code` ``co`de``",
    "fence": "```\ncode\n```",
    "tilde_fence": "~~~\ncode\n~~~",
    "indented": "\n\n    code",
    "heading": "\n\n# Stop all medicines\n\n",
    "heading_at_once": "# Stop",
    "underlined_heading": "\nStop\n====\n",
    "second_underlined_heading": "\nStop\n----\n",
    "rule": "\n\n---\n\n***\n\n___\n\n",
    "quotation": "\n\n> quoted",
    "item": "\n- item\n+ item\n* item",
    "numbered_item": "\n1. item\n2) item",
    "item_at_once": "- item",
    "task": "- [x] done",
    "table": "\n\na | b\n--|--\n1 | 2\n\n",
    "hard_break": "one  \ntwo\\\nthree",
    "backslash": "\\",
    "many_backslashes": "\\\\\\*x\\\\*",
    "other_line_breaks": "one\u2028# two\u2029# three\x85# four\x0b# five\x0c# six",
    "direction": "\u202e)elpmaxe.live//:sptth(]erom[\u202c",
    "invisible": "h\u200bttps://evil\u2060.example [a\ufeff](javascript:1)",
    "full_width": "\uff1cscript\uff1e",
    "mention": "@everyone #1 :smile: $x$",
    "mathematics": "$$\\href{javascript:alert(1)}{x}$$",
    "no_end": "[",
    "long": "[x](" * 60,
}


RENDERERS = [
    MarkdownIt("gfm-like", {"html": True, "linkify": True}),
    MarkdownIt("commonmark", {"html": True}),
]


@pytest.fixture(scope="module", params=["us", "uk"])
def door(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Door]:
    """The service with two workers, by the guidance of either country."""
    settings = {
        "B12_AUTH": "off",
        "B12_CLIENTS_FILE": "",
        "B12_BASE_URL": "",
        "B12_PROFILE": request.param,
    }
    with running(tmp_path_factory.mktemp("markup"), **settings) as opened:
        yield opened


@pytest.fixture(scope="module")
def plain(door: Door) -> dict[str, dict[str, str]]:
    """The details of all situations with words that are only words."""
    return {name: details(door, situation(name, "plain words")) for name in FIXTURES}


def situation(name: str, words: str) -> Json:
    """The call of a fixture with `words` in all its texts."""
    sent = json.loads((ROOT / "fixtures" / name / "request.json").read_text())
    made: Json = with_words(sent, words)
    return made


def details(door: Door, sent: Json) -> dict[str, str]:
    """The details of the cards for a call, by the key of the card."""
    answer = requests.post(
        f"{door.url}/cds-services/b12-{sent['hook']}", json=sent, timeout=60
    )
    assert answer.status_code == 200, answer.text
    return {
        card["source"]["topic"]["code"]: card["detail"]
        for card in answer.json()["cards"]
    }


def with_words(value: Any, words: str, name: str = "") -> Any:
    """`value` with `words` before and behind every text of a member in `WORDS`."""
    if isinstance(value, dict):
        return {key: with_words(each, words, key) for key, each in value.items()}
    if isinstance(value, list):
        return [with_words(each, words, name) for each in value]
    if isinstance(value, str) and name in WORDS:
        return f"{words} {value} {words}"
    return value


def tags(markdown: str, renderer: MarkdownIt) -> Counter[str]:
    """What the renderer makes of `markdown`, besides words."""
    return Counter(re.findall(r"<[^>]*>?", renderer.render(markdown)))


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_M_03_no_text_of_a_chart_is_markup_on_a_card(
    door: Door, plain: dict[str, dict[str, str]], attack: str
) -> None:
    compared = 0
    for name in FIXTURES:
        for key, detail in details(door, situation(name, attack)).items():
            for renderer in RENDERERS:
                found = tags(detail, renderer)
                assert found.keys() <= OWN_TAGS, detail
                if key in plain[name]:
                    assert found == tags(plain[name][key], renderer), detail
                    compared += 1
    assert compared >= 2 * len(FIXTURES)


def named(words: str) -> Json:
    """A chart whose resources have `words` for ids."""
    return {
        "conditions": bundle(cramps(id=words)),
        "medicationRequests": bundle(metformin(id=words)),
    }


def unreadable(words: str) -> Json:
    """A chart with `words` for whatever is no text, beside what makes a card."""
    dosage = {"text": words, "timing": {"code": words}}
    return {
        "conditions": bundle(
            cramps(),
            cramps(id="c2", onsetDateTime=words),
            cramps(id="c3", clinicalStatus={"coding": [{"code": words}]}),
            {"resourceType": words, "id": words},
        ),
        "medicationRequests": bundle(
            metformin(),
            metformin(id="m2", authoredOn=words, dosageInstruction=[dosage]),
            metformin(id="m3", status=words),
        ),
        "laboratory": bundle(
            b12_result(unit=words), b12_result(code=words, comparator=words)
        ),
    }


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
@pytest.mark.parametrize("chart", [named, unreadable])
def test_M_03_nothing_that_is_no_text_is_markup_on_a_card_either(
    door: Door, chart: Callable[[str], Json], attack: str
) -> None:
    found = details(door, request_of(prefetch=prefetch(**chart(attack))))
    assert found
    for detail in found.values():
        for renderer in RENDERERS:
            assert tags(detail, renderer).keys() <= OWN_TAGS, detail


def b12_result(value: float = 180, **quantity: Any) -> Json:
    return {
        "resourceType": "Observation",
        "id": "b12",
        "status": "final",
        "subject": {"reference": "Patient/p1"},
        "code": {"coding": [{"system": "http://loinc.org", "code": "2132-9"}]},
        "effectiveDateTime": "2025-06-01",
        "valueQuantity": {"value": value, "unit": "pg/mL", **quantity},
    }


@pytest.mark.parametrize(
    ("markdown", "tag"),
    [
        ("https://evil.com", '<a href="https://evil.com">'),
        ("<img src=x>", "<img src=x>"),
        ("- a\n\n# b", "<h1>"),
        ("a\n\n|b|\n|-|\n|c|", "<table>"),
    ],
)
def test_what_is_not_made_inert_would_be_seen(markdown: str, tag: str) -> None:
    assert tag in tags(markdown, RENDERERS[0])
    assert tag not in OWN_TAGS
