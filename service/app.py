"""The application: the only place where its parts are joined."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Self

import structlog
from flask import Flask

from service.about import About, about_knowledge
from service.admission import Admission, by_token, everybody
from service.advice import Adviser
from service.card_uuids import CardUuids
from service.catalogue import describe_services
from service.clients import Clients, load_clients
from service.clinical.knowledge import ProfileName
from service.comments import CommentCipher
from service.fast_decode import FastDecoder
from service.feedback_intake import FeedbackIntake
from service.fhir_readers import FhirReaders, transport_for
from service.key_fetching import KeyFetcher
from service.knowledge_files import load_knowledge, load_terminology
from service.limits import RequestLimits
from service.logs import configure_logs
from service.metrics import Metrics
from service.routes.access_log import log_requests
from service.routes.authentication import ClientAuthentication
from service.routes.cross_origin import allow_origins
from service.routes.errors import answer_errors
from service.routes.feedback import feedback_routes
from service.routes.measurement import measure_requests, measurement_routes
from service.routes.operations import operation_routes
from service.routes.overload import refuse_when_late
from service.routes.people import people_routes
from service.routes.protocol import protocol_routes
from service.settings import Settings, read_settings, refuse_exposure
from service.shared_secret import key_for, shared_secret
from service.store import Store, open_store


WEB = Path(__file__).resolve().parent / "web"

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """What the application is joined from, loaded once."""

    settings: Settings
    clients: Clients
    store: Store
    secret: bytes
    card_uuids: CardUuids
    advisers: Mapping[ProfileName, Adviser]
    decoder: FastDecoder
    about: About

    @classmethod
    def load(cls, settings: Settings) -> Self:
        """Load them. Raises SettingsError, KnowledgeError and StoreError."""
        terminology = load_terminology()
        clients = load_trusted_clients(settings)
        knowledge_of = {
            profile: load_knowledge(profile, terminology=terminology)
            for profile in clients.profiles(settings.profile)
        }
        store = open_store(settings.database_url)
        secret = shared_secret(settings, store)
        card_uuids = CardUuids(
            key_for("card uuids", secret),
            {key for each in knowledge_of.values() for key in each.rules},
        )
        advisers = {
            profile: Adviser.of(
                each, terminology, settings.public_url, card_uuids.issue
            )
            for profile, each in knowledge_of.items()
        }
        adviser = advisers[settings.profile]
        return cls(
            settings=settings,
            clients=clients,
            store=store,
            secret=secret,
            card_uuids=card_uuids,
            advisers=advisers,
            decoder=FastDecoder(
                adviser.terminology,
                {read.key: read.resource for read in adviser.reads},
            ),
            about=about_knowledge(knowledge_of[settings.profile], terminology),
        )


def create_app(settings: Settings | None = None) -> Flask:
    """The WSGI application for ``settings``, by default those of the environment.

    Raises SettingsError or KnowledgeError when it must not start.
    """
    settings = settings or read_settings()
    refuse_exposure(settings)
    configure_logs(settings.log_level)
    parts = Parts.load(settings)
    app = bare_app(settings)
    metrics = Metrics()
    watch(app, parts, metrics)
    offer(app, parts, metrics)
    say_ready(parts)
    # Workers are forked from this process, and no two may share a connection.
    parts.store.close()
    return app


def bare_app(settings: Settings) -> Flask:
    """Flask without any route of ours."""
    app = Flask(
        "service",
        root_path=str(WEB),
        template_folder="templates",
        static_folder="static",
        static_url_path="/static",
    )
    # One more than we read: what Werkzeug cuts off there is seen to be too long.
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes + 1
    # No redirects: a preflight cannot follow one.
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    return app


def watch(app: Flask, parts: Parts, metrics: Metrics) -> None:
    """What happens around every request: counts, log, other origins, errors."""
    settings, about = parts.settings, parts.about
    metrics.describe_knowledge(
        about.knowledge.version,
        settings.profile,
        {
            "unverified": len(about.unverified),
            "awaiting-signature": len(about.awaiting_signature),
        },
    )
    measure_requests(app, metrics)
    log_requests(app)
    allow_origins(app, parts.clients.cors_origins if settings.authenticates else None)
    refuse_when_late(app, settings.max_wait_seconds)
    answer_errors(app)


def offer(app: Flask, parts: Parts, metrics: Metrics) -> None:
    """The routes."""
    settings = parts.settings
    limits = RequestLimits.of(settings)
    authentication = ClientAuthentication(
        admission(settings, parts.clients, parts.store), settings.public_url
    )
    app.register_blueprint(
        protocol_routes(
            parts.advisers,
            describe_services(parts.advisers[settings.profile].reads),
            clock(settings),
            authentication,
            FhirReaders.of(settings, parts.clients).reader_for,
            parts.decoder.decode,
            limits,
            open_discovery=settings.auth_discovery == "open",
            strict_output=settings.strict_output,
        )
    )
    intake = FeedbackIntake(
        store=parts.store,
        card_uuids=parts.card_uuids,
        cipher=CommentCipher.of(settings),
        secret=key_for("feedback entries", parts.secret),
    )
    app.register_blueprint(feedback_routes(intake, authentication, limits))
    app.register_blueprint(
        operation_routes(parts.about.knowledge.version, parts.store.is_reachable)
    )
    app.register_blueprint(measurement_routes(metrics))
    app.register_blueprint(
        people_routes(parts.about, settings.public_url, WEB / "openapi.yaml")
    )


def say_ready(parts: Parts) -> None:
    """The start-up line: what is served, and how much of it awaits a signature."""
    settings, about = parts.settings, parts.about
    log.info(
        "ready",
        profile=settings.profile,
        knowledge=about.knowledge.version,
        as_of=str(settings.as_of) if settings.as_of else None,
        authenticates=settings.authenticates,
        clients=[entry.name for entry in parts.clients.entries],
        unverified_facts=len(about.unverified),
        awaiting_signature=len(about.awaiting_signature),
        comments=settings.feedback_comments,
    )


def load_trusted_clients(settings: Settings) -> Clients:
    """The clients of the file that is set, or none. Raises ClientsFileError."""
    if settings.clients_file is None:
        return Clients()
    return load_clients(settings.clients_file, development=settings.is_loopback)


def admission(settings: Settings, clients: Clients, store: Store) -> Admission:
    """Who is let in: those of `clients` that prove it, or in development everybody."""
    if not settings.authenticates:
        return everybody(settings.profile, clients)
    return by_token(
        clients,
        store,
        KeyFetcher(transport_for(settings)),
        default_profile=settings.profile,
        max_lifetime=settings.token_lifetime_seconds,
    )


def clock(settings: Settings) -> Callable[[], date]:
    """What day it is: the one set, else the current one, UTC."""
    if settings.as_of is not None:
        fixed = settings.as_of
        return lambda: fixed
    return lambda: datetime.now(UTC).date()
