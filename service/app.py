"""The application: the only place where its parts are joined."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import structlog
from flask import Flask

from service.about import about_knowledge
from service.advice import Adviser
from service.catalogue import describe_services
from service.gather import PrefetchOnly
from service.knowledge_files import load_knowledge, load_terminology
from service.logs import configure_logs
from service.routes.access_log import log_requests
from service.routes.cross_origin import allow_origins
from service.routes.errors import answer_errors
from service.routes.operations import operation_routes
from service.routes.people import people_routes
from service.routes.protocol import protocol_routes
from service.settings import Settings, read_settings, refuse_exposure


WEB = Path(__file__).resolve().parent / "web"

log = structlog.get_logger()


def create_app(settings: Settings | None = None) -> Flask:
    """The WSGI application for ``settings``, by default those of the environment.

    Raises SettingsError or KnowledgeError when it must not start.
    """
    settings = settings or read_settings()
    refuse_exposure(settings)
    configure_logs(settings.log_level)
    terminology = load_terminology()
    knowledge = load_knowledge(settings.profile, terminology=terminology)
    adviser = Adviser.of(knowledge, terminology, settings.public_url, PrefetchOnly())
    about = about_knowledge(knowledge, terminology)

    app = Flask(
        "service",
        root_path=str(WEB),
        template_folder="templates",
        static_folder="static",
        static_url_path="/static",
    )
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    # No redirects: a preflight cannot follow one.
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False

    log_requests(app)
    allow_origins(app, any_origin=not settings.authenticates)
    answer_errors(app)
    services = describe_services(adviser.reads)
    app.register_blueprint(protocol_routes(adviser, services, clock(settings)))
    app.register_blueprint(operation_routes(knowledge.version))
    app.register_blueprint(
        people_routes(about, settings.public_url, WEB / "openapi.yaml")
    )
    log.info(
        "ready",
        profile=settings.profile,
        knowledge=knowledge.version,
        as_of=str(settings.as_of) if settings.as_of else None,
        authenticates=settings.authenticates,
        unverified_facts=len(about.unverified),
        awaiting_signature=len(about.awaiting_signature),
    )
    return app


def clock(settings: Settings) -> Callable[[], date]:
    """What day it is: the one set, else the current one, UTC."""
    if settings.as_of is not None:
        fixed = settings.as_of
        return lambda: fixed
    return lambda: datetime.now(UTC).date()
