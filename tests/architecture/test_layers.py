"""Each layer imports only what its place in the design allows.

cds_hooks/         the protocol: knows nothing of the service
service/clinical/  meaning: pure functions of (record, knowledge, today)
service/fhir/      FHIR in: reads resources into the record's words
service/           the service: joins the parts, and is the one place with Flask
"""

import ast

import pytest

from tests.architecture.sources import Module, is_within, modules


WEB = frozenset({"flask", "werkzeug", "gunicorn"})
NETWORK = frozenset({"requests", "urllib3", "http", "socket", "urllib.request"})
STORE = frozenset({"sqlalchemy", "alembic", "psycopg", "sqlite3"})
FHIR_MODELS = frozenset({"fhir", "fhir_core"})
OUTSIDE_WORLD = frozenset(
    {"os", "io", "pathlib", "shutil", "tempfile", "subprocess", "logging", "structlog"}
)

CLOCK_MODULES = frozenset({"time"})
CLOCK_QUESTIONS = frozenset({"now", "utcnow", "today"})

# The last one opens no connection: it takes over those that came in.
SOCKETS_ALLOWED_IN = (
    "service/fhir_server/",
    "service/key_fetching.py",
    "service/incoming.py",
)
WEB_ALLOWED_IN = ("service/app.py", "service/routes", "service/web", "service/gunicorn")


def forbidden_imports(module: Module, packages: frozenset[str]) -> list[str]:
    return sorted(name for name in module.imports() if is_within(name, packages))


def questions_to_the_clock(module: Module) -> list[str]:
    """Calls such as ``date.today()`` and ``datetime.now(...)``, with their lines."""
    return [
        f"line {node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute)
        and node.attr in CLOCK_QUESTIONS
        and ast.unparse(node.value).split(".")[-1] in {"date", "datetime"}
    ]


@pytest.mark.parametrize("module", modules("cds_hooks"), ids=str)
def test_the_protocol_imports_nothing_of_the_service(module: Module) -> None:
    assert forbidden_imports(module, frozenset({"service"})) == []


@pytest.mark.parametrize("module", modules("cds_hooks"), ids=str)
def test_the_protocol_is_independent_of_any_web_framework(module: Module) -> None:
    assert forbidden_imports(module, WEB) == []


@pytest.mark.parametrize("module", modules("service/clinical"), ids=str)
def test_meaning_knows_no_web_no_network_no_store_and_no_fhir_model(
    module: Module,
) -> None:
    assert forbidden_imports(module, WEB | NETWORK | STORE | FHIR_MODELS) == []


@pytest.mark.parametrize("module", modules("service/clinical"), ids=str)
def test_meaning_touches_nothing_outside_itself(module: Module) -> None:
    assert forbidden_imports(module, OUTSIDE_WORLD | {"cds_hooks"}) == []


@pytest.mark.parametrize("module", modules("service/clinical"), ids=str)
def test_meaning_imports_no_other_layer_of_the_service(module: Module) -> None:
    of_the_service = forbidden_imports(module, frozenset({"service"}))
    assert [
        name
        for name in of_the_service
        if not is_within(name, frozenset({"service.clinical"})) and name != "service"
    ] == []


@pytest.mark.parametrize("module", modules("service/clinical"), ids=str)
def test_only_the_shape_of_the_knowledge_uses_pydantic(module: Module) -> None:
    if module.path == "service/clinical/knowledge.py":
        return
    assert forbidden_imports(module, frozenset({"pydantic", "pydantic_settings"})) == []


@pytest.mark.parametrize("module", modules("service/clinical"), ids=str)
def test_meaning_never_asks_what_day_it_is(module: Module) -> None:
    assert forbidden_imports(module, CLOCK_MODULES) == []
    assert questions_to_the_clock(module) == []


@pytest.mark.parametrize("module", modules("service"), ids=str)
def test_flask_is_spoken_only_where_requests_come_in(module: Module) -> None:
    if module.path.startswith(WEB_ALLOWED_IN):
        return
    assert forbidden_imports(module, WEB) == []


@pytest.mark.parametrize("module", modules("service"), ids=str)
def test_fhir_models_stay_in_the_layer_that_reads_fhir(module: Module) -> None:
    if module.path.startswith("service/fhir/"):
        return
    assert forbidden_imports(module, FHIR_MODELS) == []


@pytest.mark.parametrize("module", modules("service"), ids=str)
def test_connections_are_opened_in_two_places_only(module: Module) -> None:
    if module.path.startswith(SOCKETS_ALLOWED_IN):
        return
    assert forbidden_imports(module, NETWORK) == []


@pytest.mark.parametrize("module", modules("service/fhir"), ids=str)
def test_reading_fhir_does_not_depend_on_the_protocol_s_routes_or_the_app(
    module: Module,
) -> None:
    joined = frozenset({"service.app", "service.routes", "service.command_line"})
    assert forbidden_imports(module, joined) == []


@pytest.mark.parametrize("module", modules("service"), ids=str)
def test_the_database_is_spoken_in_the_store_only(module: Module) -> None:
    if module.path.startswith("service/store/"):
        return
    assert forbidden_imports(module, STORE) == []


def test_knowledge_holds_data_and_no_python() -> None:
    assert [str(module) for module in modules("service/knowledge")] == []


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("import flask", "flask"),
        ("from flask import request", "flask.request"),
        ("from ..fhir import read", "service.fhir.read"),
        ("from . import record", "service.clinical.record"),
        ("def f():\n    import flask.views", "flask.views"),
    ],
)
def test_the_layer_tests_see_every_form_of_import(line: str, name: str) -> None:
    module = Module(path="service/clinical/example.py", tree=ast.parse(line))
    assert name in module.imports()


@pytest.mark.parametrize(
    "line",
    [
        "date.today()",
        "datetime.now(UTC)",
        "datetime.datetime.utcnow()",
        "x = date.today",
    ],
)
def test_the_layer_tests_see_a_question_to_the_clock(line: str) -> None:
    module = Module(path="service/clinical/example.py", tree=ast.parse(line))
    assert questions_to_the_clock(module)


def test_a_day_passed_in_as_an_argument_is_no_question_to_the_clock() -> None:
    line = "age = dates.age_on(born, today=evaluation.today)"
    module = Module(path="service/clinical/example.py", tree=ast.parse(line))
    assert questions_to_the_clock(module) == []
