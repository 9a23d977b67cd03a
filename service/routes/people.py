"""Pages for people: the start page, what the service knows, the API description."""

from pathlib import Path

from flask import Blueprint, Response, render_template

from service.about import About
from service.catalogue import SERVICES, SPECIFICATION_VERSION


CONTENT_SECURITY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'"
)


def people_routes(about: About, public_url: str, openapi: Path) -> Blueprint:
    """Routes of the pages; they show nothing of any patient."""
    routes = Blueprint("people", __name__)
    description = openapi.read_bytes()
    frame = {
        "version": about.version,
        "specification_version": SPECIFICATION_VERSION,
        "profile": about.knowledge.profile,
        "knowledge_version": about.knowledge.version,
    }

    @routes.get("/")
    def start() -> str:
        return render_template(
            "start.html",
            services=SERVICES,
            discovery_url=f"{public_url}/cds-services",
            discovery_path="cds-services",
            **frame,
        )

    @routes.get("/about", endpoint="about")
    def about_page() -> str:
        return render_template("about.html", about=about, **frame)

    @routes.get("/docs")
    def reference() -> str:
        return render_template("docs.html", **frame)

    @routes.get("/openapi.yaml")
    def api_description() -> Response:
        return Response(description, mimetype="application/yaml")

    @routes.after_request
    def guard(answer: Response) -> Response:
        answer.headers["Content-Security-Policy"] = CONTENT_SECURITY
        answer.headers["Referrer-Policy"] = "no-referrer"
        return answer

    return routes
