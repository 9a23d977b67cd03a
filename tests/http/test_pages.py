"""The pages for people, and what a platform asks."""

import re
from html.parser import HTMLParser

import pytest
import requests

from service.knowledge_files import awaiting_signature, load_knowledge, unverified_facts


PAGES = ["/", "/about"]


class Page(HTMLParser):
    """The tags of a page and the addresses it mentions."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def values(self, tag: str, attribute: str) -> list[str]:
        return [
            value
            for name, attributes in self.tags
            if name == tag and (value := attributes.get(attribute)) is not None
        ]


def page(base_url: str, path: str) -> Page:
    answer = requests.get(f"{base_url}{path}", timeout=30)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    return Page(answer.text)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_nothing_from_elsewhere(base_url: str, path: str) -> None:
    shown = page(base_url, path)
    loaded = shown.values("img", "src") + shown.values("link", "href")
    assert loaded
    for address in loaded:
        assert address.startswith("/static/")
        assert requests.get(base_url + address, timeout=30).status_code == 200
    assert "script" not in {tag for tag, _ in shown.tags}
    policy = requests.get(f"{base_url}{path}", timeout=30).headers
    assert "default-src 'none'" in policy["Content-Security-Policy"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_can_be_used_without_seeing_it(base_url: str, path: str) -> None:
    shown = page(base_url, path)
    assert shown.values("html", "lang") == ["en"]
    assert shown.values("a", "href")[0] == "#main", "the first link skips to the text"
    assert shown.values("main", "id") == ["main"]
    assert len([tag for tag, _ in shown.tags if tag == "h1"]) == 1
    images = [attributes for tag, attributes in shown.tags if tag == "img"]
    assert all("alt" in attributes for attributes in images)
    tables = [tag for tag, _ in shown.tags if tag == "table"]
    captions = [tag for tag, _ in shown.tags if tag == "caption"]
    assert len(tables) == len(captions)
    assert all(scope in ("row", "col") for scope in shown.values("th", "scope"))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_says_that_this_is_no_medical_device(base_url: str, path: str) -> None:
    assert "Not a medical device without local sign-off" in page(base_url, path).text


@pytest.mark.parametrize("path", PAGES)
def test_every_link_within_the_service_leads_somewhere(
    base_url: str, path: str
) -> None:
    shown = page(base_url, path)
    within = [
        href for href in shown.values("a", "href") if not re.match(r"https?:|#", href)
    ]
    assert within
    for href in within:
        address = f"{base_url}/{href.lstrip('/')}"
        assert requests.get(address, timeout=30).status_code == 200, href


def test_the_start_page_gives_the_address_to_paste_into_the_sandbox(
    base_url: str,
) -> None:
    text = page(base_url, "/").text
    assert "https://sandbox.cds-hooks.org/" in text
    assert re.search(r"<code[^>]*>http://127\.0\.0\.1:\d+/cds-services</code>", text)


def test_about_lists_what_is_unverified_and_unsigned(base_url: str) -> None:
    text = page(base_url, "/about").text
    knowledge = load_knowledge("us")
    for entry in (*unverified_facts(knowledge), *awaiting_signature(knowledge)):
        assert f"<li>{entry}</li>" in text


def test_about_lists_every_rule_source_and_code_list(base_url: str) -> None:
    text = page(base_url, "/about").text
    knowledge = load_knowledge("us")
    for key, rule in knowledge.rules.items():
        assert f"<code>{key}</code>" in text
        assert str(rule.review.review_by) in text
    for key in knowledge.references:
        assert f'<th scope="row">{key}</th>' in text
    assert "<code>cramp-trigger</code>" in text


def test_the_probes_answer(base_url: str) -> None:
    health = requests.get(f"{base_url}/healthz", timeout=30)
    assert (health.status_code, health.json()) == (200, {"status": "up"})
    ready = requests.get(f"{base_url}/readyz", timeout=30)
    assert ready.status_code == 200
    assert ready.json()["knowledge"] == load_knowledge("us").version
