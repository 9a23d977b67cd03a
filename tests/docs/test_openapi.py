"""openapi.yaml is valid, tells the truth about the routes, and its examples hold."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from cds_hooks.errors import STATUS
from service import gunicorn_conf, gunicorn_worker
from service.app import create_app
from service.settings import Settings
from tests.docs.documents import ROOT, read


# HEAD and OPTIONS follow from the other methods (RFC 9110) and are not described.
DESCRIBED_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}

DESCRIPTION: dict[str, Any] = yaml.safe_load(read("openapi.yaml"))


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    store = tmp_path_factory.mktemp("store") / "store.sqlite"
    return create_app(Settings(database_url=f"sqlite:///{store}"))


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    """What a node is, or what its ``$ref`` within the description points to."""
    while "$ref" in node:
        found: Any = DESCRIPTION
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node


def as_described(path: str) -> str:
    """A Flask rule as OpenAPI writes it.

    A trailing or doubled slash is another spelling of the same address, answered for
    clients whose base URL ends with a slash; it is not described a second time.
    """
    path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path)
    return re.sub(r"/{2,}", "/", path).rstrip("/") or "/"


def routes(app: Flask) -> set[tuple[str, str]]:
    return {
        (method, as_described(rule.rule))
        for rule in app.url_map.iter_rules()
        # The style sheet and the icon of the pages are no part of the interface.
        if rule.endpoint != "static"
        for method in (rule.methods or set()) & DESCRIBED_METHODS
    }


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in DESCRIPTION["paths"].items():
        for method in item:
            if method.upper() in DESCRIBED_METHODS:
                yield method.upper(), path, item[method]


def with_unnamed_parameters(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


def test_the_description_is_valid_openapi_3_1() -> None:
    assert DESCRIPTION["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(DESCRIPTION).validate()


def test_every_route_is_described_and_every_description_is_a_route(app: Flask) -> None:
    described = {
        (method, with_unnamed_parameters(path)) for method, path, _ in operations()
    }
    assert described == {
        (method, with_unnamed_parameters(path)) for method, path in routes(app)
    }


def test_every_kind_of_refusal_is_described_where_services_are_called() -> None:
    call = DESCRIPTION["paths"]["/cds-services/{id}"]["post"]
    assert {int(status) for status in call["responses"]} == {200, *STATUS.values()}


def test_what_is_refused_before_any_operation_is_described_with_its_bounds() -> None:
    described = " ".join(DESCRIPTION["info"]["description"].split())
    for status in gunicorn_worker.STATUS.values():
        assert f" {status} " in described
    for longest in (
        gunicorn_conf.limit_request_field_size,
        gunicorn_conf.limit_request_line,
    ):
        assert f"beyond {longest:,} bytes" in described
    assert f"more than {gunicorn_conf.limit_request_fields} of them" in described


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [pytest.param(*each, id=f"{each[0]} {each[1]}") for each in operations()],
)
def test_every_answer_that_is_no_success_is_an_operation_outcome(
    method: str, path: str, operation: dict[str, Any]
) -> None:
    outcome = {"$ref": "#/components/schemas/OperationOutcome"}
    for status, response in operation["responses"].items():
        if not status.startswith("2"):
            content = resolved(response)["content"]
            assert content["application/json"]["schema"] == outcome, (path, status)


def media_types() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every body that is described, with its place."""
    for method, path, operation in operations():
        bodies = {"request": operation.get("requestBody", {"content": {}})}
        bodies |= operation["responses"]
        for name, body in bodies.items():
            for kind, media in resolved(body)["content"].items():
                yield f"{method} {path} {name} {kind}", media


def faults(value: Any, schema: dict[str, Any]) -> list[str]:
    """Where and how a value does not conform to a schema of the description."""
    # The components come along, because the schemas refer to them.
    validator = OAS31Validator(
        {**schema, "components": DESCRIPTION["components"]},
        format_checker=OAS31Validator.FORMAT_CHECKER,
    )
    return [
        f"{fault.json_path}: {fault.message}" for fault in validator.iter_errors(value)
    ]


def described_bodies() -> list[Any]:
    return [pytest.param(media, id=place) for place, media in media_types()]


@pytest.mark.parametrize("media", described_bodies())
def test_every_example_conforms_to_its_own_schema(media: dict[str, Any]) -> None:
    for name, example in media.get("examples", {}).items():
        assert faults(resolved(example)["value"], media["schema"]) == [], name


@pytest.mark.parametrize(
    "situation", sorted((ROOT / "fixtures").iterdir()), ids=lambda path: path.name
)
def test_every_fixture_and_its_answer_conform_to_the_description(
    app: Flask, situation: Path
) -> None:
    request = json.loads((situation / "request.json").read_bytes())
    call = DESCRIPTION["paths"]["/cds-services/{id}"]["post"]
    asked = resolved(call["requestBody"])["content"]["application/json"]["schema"]
    assert faults(request, asked) == []

    answer = app.test_client().post(
        f"/cds-services/b12-{request['hook']}", json=request
    )
    described = resolved(call["responses"][str(answer.status_code)])
    schema = described["content"]["application/json"]["schema"]
    assert faults(answer.get_json(), schema) == []


def test_discovery_conforms_to_the_description(app: Flask) -> None:
    answer = app.test_client().get("/cds-services").get_json()
    assert faults(answer, {"$ref": "#/components/schemas/Discovery"}) == []


@pytest.mark.parametrize("example", ["SuggestionAccepted", "CardOverridden"])
def test_the_feedback_shown_is_taken_and_its_receipt_conforms(
    app: Flask, example: str
) -> None:
    feedback = DESCRIPTION["components"]["examples"][example]["value"]
    answer = app.test_client().post(
        "/cds-services/b12-patient-view/feedback", json=feedback
    )
    assert answer.status_code == 200
    receipt = {"$ref": "#/components/schemas/FeedbackReceipt"}
    assert faults(answer.get_json(), receipt) == []


def test_every_operation_shows_an_example_of_each_of_its_answers() -> None:
    without = [
        place
        for place, media in media_types()
        if "examples" not in media and "fhir+json" not in place
    ]
    assert without == []


def test_the_service_serves_this_very_description(app: Flask) -> None:
    answer = app.test_client().get("/openapi.yaml")
    assert answer.status_code == 200
    assert answer.get_data() == Path(ROOT / "openapi.yaml").read_bytes()


def test_the_described_release_is_the_packaged_one() -> None:
    assert f'version = "{DESCRIPTION["info"]["version"]}"' in read("pyproject.toml")
