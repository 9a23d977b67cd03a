"""A page of another origin uses the service as the CDS Hooks Sandbox does."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from playwright.sync_api import BrowserContext, Page, expect

from service.catalogue import SERVICES
from tests.attacks.doors import PUBLIC_URL, live
from tests.clients.files import client, written
from tests.fhir_server.fhir_test_server import running
from tests.http.feedback_messages import stored
from tests.http.patients import (
    Json,
    bundle,
    context,
    cramps,
    folic_acid,
    metformin,
    patient,
    prefetch,
    request,
    without,
)
from tests.http.servers import serving
from tests.protocol.tokens import token


pytestmark = pytest.mark.browser

SCREEN = "Muscle cramps with metformin: consider testing vitamin B12"


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    """The page, the service that it calls, and that service's store."""

    page: Page
    database_url: str

    def call(self, hook: str, **changes: Any) -> None:
        """Let the page call the service of ``hook`` and show the answer."""
        self.page.evaluate(
            "([id, request]) => call(id, request)",
            [f"b12-{hook}", request(hook, **changes)],
        )

    def summaries(self) -> list[str]:
        return self.page.locator("article h2").all_inner_texts()


@contextmanager
def sandbox(
    browser: BrowserContext, origin: str, folder: Path, **settings: Any
) -> Iterator[Sandbox]:
    database_url = f"sqlite:///{folder / 'store.sqlite3'}"
    with serving(database_url=database_url, **settings) as service:
        page = browser.new_page()
        page.expose_function("token", lambda path: token(live(aud=PUBLIC_URL + path)))
        page.expose_function(
            "markdown", MarkdownIt("commonmark", {"html": True}).render
        )
        page.goto(f"{origin}/sandbox.html?service={service}")
        yield Sandbox(page=page, database_url=database_url)
        page.close()


@pytest.fixture(params=["open to everybody", "with clients that authenticate"])
def at(
    request: pytest.FixtureRequest,
    browser: BrowserContext,
    page_origin: str,
    tmp_path: Path,
) -> Iterator[Sandbox]:
    """The sandbox at a service of each kind."""
    settings: dict[str, Any] = {}
    if request.param.startswith("with"):
        settings = {
            "auth": "required",
            "auth_discovery": "required",
            "base_url": PUBLIC_URL,
            "clients_file": written(tmp_path, client(cors_origins=[page_origin])),
        }
    with sandbox(browser, page_origin, tmp_path, **settings) as opened:
        yield opened


def sandbox_draft() -> Json:
    """A draft as the sandbox writes it: not valid FHIR."""
    draft = folic_acid(5, id="request-123", status="draft", authoredOn="2025-06-30")
    draft["category"] = {"coding": [{"code": "outpatient"}]}
    draft["reasonCode"] = {"coding": [{"code": "x"}]}
    return draft


def drafts(**members: Any) -> Json:
    entries = [{"resource": sandbox_draft()}]
    orders = {"resourceType": "Bundle", "entry": entries}
    return context(draftOrders=orders, **members)


def test_the_page_finds_the_services(at: Sandbox) -> None:
    at.page.evaluate("discover()")
    shown = at.page.locator("#services li").all_inner_texts()
    assert shown == [service.id for service in SERVICES]


def test_opening_a_chart_shows_the_card(at: Sandbox) -> None:
    at.call("patient-view")
    assert at.summaries() == [SCREEN]
    card = at.page.locator("article.info")
    expect(card.locator("cite")).to_contain_text("B12 and muscle cramps advisor")
    expect(card.locator(".detail li").first).to_contain_text("Cramp")
    expect(card.locator("button").first).to_have_text("Order vitamin B12")


def test_the_icon_loads_from_the_other_origin(at: Sandbox) -> None:
    at.call("patient-view")
    size = at.page.locator("article img").evaluate(
        "async (icon) => { await icon.decode(); return icon.naturalWidth; }"
    )
    assert size == 100


@pytest.mark.parametrize(
    ("hook", "members"),
    [
        ("order-select", {"selections": ["MedicationRequest/request-123"]}),
        ("order-sign", {}),
    ],
)
def test_an_order_being_written_is_cautioned_against(
    at: Sandbox, hook: str, members: Json
) -> None:
    at.call(hook, context=drafts(**members))
    assert len(at.summaries()) == 2
    expect(at.page.locator("article.warning h2")).to_contain_text("Folic acid")


def test_taking_a_suggestion_and_overriding_are_stored(at: Sandbox) -> None:
    at.call("patient-view")
    at.page.get_by_role("button", name="Order vitamin B12").click()
    expect(at.page.locator("#receipt")).to_have_text("stored 1")
    assert stored(at.database_url) == {("b12-screen", "accepted"): 1}
    at.page.locator("#receipt").evaluate("(receipt) => { receipt.textContent = '' }")
    at.call("patient-view")
    at.page.get_by_role("button", name="Override: Patient declines").click()
    expect(at.page.locator("#receipt")).to_have_text("stored 1")
    assert stored(at.database_url) == {
        ("b12-screen", "accepted"): 1,
        ("b12-screen", "overridden"): 1,
    }


def test_the_page_can_read_why_there_is_no_answer(at: Sandbox) -> None:
    at.call("patient-view", prefetch=without(prefetch(), "conditions"))
    assert at.summaries() == []
    expect(at.page.locator("#problem")).to_contain_text("412 Needed FHIR data")


def test_words_of_the_chart_do_nothing_in_the_page(at: Sandbox) -> None:
    hostile = "<img src=x onerror='window.taken = 1'><script>window.taken = 1</script>"
    named = metformin(medicationCodeableConcept={"text": f"Metformin {hostile}"})
    at.call("patient-view", prefetch=prefetch(medicationRequests=bundle(named)))
    expect(at.page.locator("article .detail")).to_contain_text("onerror")
    assert at.page.locator(".detail img, .detail script").count() == 0
    assert at.page.evaluate("window.taken") is None


def test_an_open_server_is_read_for_what_the_sandbox_does_not_send(
    browser: BrowserContext, page_origin: str, tmp_path: Path
) -> None:
    with sandbox(browser, page_origin, tmp_path) as opened, running() as server:
        server.resources = [patient(), cramps(), metformin()]
        opened.call("patient-view", prefetch=None, fhirServer=server.base_url)
        assert opened.summaries() == [SCREEN]


def test_a_page_that_no_client_named_is_stopped_by_the_browser(
    browser: BrowserContext, page_origin: str, tmp_path: Path
) -> None:
    clients = written(tmp_path, client(cors_origins=["https://ehr.example.org"]))
    settings = {"auth": "required", "base_url": PUBLIC_URL, "clients_file": clients}
    with sandbox(browser, page_origin, tmp_path, **settings) as opened:
        reached = opened.page.evaluate(
            "() => send('/cds-services').then(() => 'read', () => 'stopped')"
        )
    assert reached == "stopped"
