"""``/docs``: the API reference for people is what ``openapi.yaml`` says today."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from flask.testing import FlaskClient

from service.app import create_app
from service.settings import Settings


@pytest.fixture(scope="module")
def printer() -> ModuleType:
    """The program that prints the page."""
    path = Path(__file__).resolve().parents[2] / "tools" / "print_api_reference.py"
    spec = importlib.util.spec_from_file_location("print_api_reference", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def description(printer: ModuleType) -> Any:
    """``openapi.yaml``, read."""
    return yaml.safe_load(printer.DESCRIPTION.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A client of the application itself."""
    store = tmp_path_factory.mktemp("store") / "store.sqlite3"
    return create_app(Settings(database_url=f"sqlite:///{store}")).test_client()


def test_the_page_is_printed_from_the_description_of_today(
    printer: ModuleType, description: Any
) -> None:
    printed = printer.printed_page(description)
    assert printer.PAGE.read_text(encoding="utf-8") == printed, "run `make reference`"


def test_every_operation_is_on_the_page(client: FlaskClient, description: Any) -> None:
    page = client.get("/docs").get_data(as_text=True)
    for path, item in description["paths"].items():
        for method in ("get", "post"):
            if method in item:
                assert f"<code>{method.upper()} {path}</code>" in page
                assert item[method]["summary"] in page


def test_the_page_needs_nothing_from_elsewhere(client: FlaskClient) -> None:
    answer = client.get("/docs")
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    page = answer.get_data(as_text=True)
    assert "<script" not in page
    assert 'src="http' not in page
