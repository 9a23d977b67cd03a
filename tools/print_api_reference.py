"""Print the API reference for people, ``/docs``, from ``openapi.yaml``.

``make reference`` writes ``service/web/templates/docs.html``; a test fails when it
is not what would be printed. It is printed beforehand so that the service neither
parses YAML at its start nor fetches a viewer from elsewhere.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt


ROOT = Path(__file__).resolve().parents[1]
DESCRIPTION = ROOT / "openapi.yaml"
PAGE = ROOT / "service" / "web" / "templates" / "docs.html"
METHODS = ("get", "post")
Json = Mapping[str, Any]

_markdown = MarkdownIt("commonmark", {"html": False})


def printed_page(description: Json) -> str:
    """The page, as a Jinja template in the frame of the other pages."""
    body = "\n".join(_body(description))
    return (
        '{% extends "frame.html" %}\n'
        "{% block title %}b12-cds: API reference{% endblock %}\n"
        "{% block heading %}API reference{% endblock %}\n"
        "{% block subheading %}Every address of the service, with examples"
        "{% endblock %}\n"
        "{% block main %}\n"
        f"{{% raw %}}\n{body}\n{{% endraw %}}\n"
        "{% endblock %}\n"
    )


def _body(description: Json) -> Iterator[str]:
    yield _prose(description["info"]["description"])
    for tag in description["tags"]:
        yield f"<h2>{escape(tag['name'])}</h2>"
        yield f"<p>{escape(tag['description'])}</p>"
        for path, item in description["paths"].items():
            for method in METHODS:
                operation = item.get(method)
                if operation and tag["name"] in operation["tags"]:
                    yield from _operation(description, path, method, item, operation)


def _operation(
    description: Json, path: str, method: str, item: Json, operation: Json
) -> Iterator[str]:
    yield f'<section id="{escape(operation["operationId"])}">'
    yield f"<h3><code>{method.upper()} {escape(path)}</code></h3>"
    yield f"<p><strong>{escape(operation['summary'])}.</strong></p>"
    if "description" in operation:
        yield _prose(operation["description"])
    for parameter in (*item.get("parameters", ()), *operation.get("parameters", ())):
        found = _resolved(description, parameter)
        yield (
            f"<p><code>{escape(found['name'])}</code>: "
            f"{_markdown.renderInline(found['description'])}</p>"
        )
    body = operation.get("requestBody")
    if body:
        yield from _examples(description, "Request", body)
    yield '<div class="table"><table>'
    yield '<thead><tr><th scope="col">Status</th>'
    yield '<th scope="col">Meaning</th></tr></thead>'
    yield "<tbody>"
    for status, answer in operation["responses"].items():
        meaning = _resolved(description, answer)["description"]
        yield (
            f'<tr><th scope="row" class="whole">{escape(status)}</th>'
            f"<td>{_prose(meaning)}</td></tr>"
        )
    yield "</tbody></table></div>"
    for status, answer in operation["responses"].items():
        found = _resolved(description, answer)
        yield from _examples(description, f"Answer {status}", found)
    yield "</section>"


def _examples(description: Json, title: str, holder: Json) -> Iterator[str]:
    for media_type, content in holder.get("content", {}).items():
        for name, example in content.get("examples", {}).items():
            found = _resolved(description, example)
            label = found.get("summary", name)
            yield f"<details><summary>{escape(title)}, "
            yield f"<code>{escape(media_type)}</code>: {escape(label)}</summary>"
            yield f"<pre>{escape(_shown(found['value']))}</pre></details>"


def _shown(value: object) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def _resolved(description: Json, part: Json) -> Json:
    """``part``, or what its ``$ref`` names in the same document."""
    if "$ref" not in part:
        return part
    found: Any = description
    for step in part["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return _resolved(description, found)


def _prose(markdown: str) -> str:
    return str(_markdown.render(markdown)).strip()


def main() -> None:
    """Write the page."""
    description = yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8"))
    PAGE.write_text(printed_page(description), encoding="utf-8")
    sys.stdout.write(f"printed {PAGE.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
