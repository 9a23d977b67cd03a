"""The CDS Hooks endpoints: discovery and the services."""

from collections.abc import Callable, Mapping
from datetime import date

import structlog
from flask import Blueprint, Response, g, request

from cds_hooks.dialects import serialise
from cds_hooks.discovery import ServiceDescription, discovery_document
from cds_hooks.errors import (
    BodyNotJson,
    BodyTooLarge,
    UnknownService,
    UnsupportedMedia,
)
from cds_hooks.request import parse_request
from service.advice import Adviser
from service.catalogue import SERVICE_BY_ID
from service.clients import Client
from service.clinical.knowledge import ProfileName
from service.gather import FhirReader
from service.limits import RequestLimits
from service.output_check import fit_to_send
from service.routes.authentication import ClientAuthentication
from service.routes.errors import BROKEN_OFF, TOO_LARGE
from service.routes.json_answers import json_answer


log = structlog.get_logger()


def protocol_routes(
    advisers: Mapping[ProfileName, Adviser],
    services: tuple[ServiceDescription, ...],
    today: Callable[[], date],
    authentication: ClientAuthentication,
    reader_for: Callable[[Client], FhirReader],
    decode: Callable[[bytes | bytearray], object],
    limits: RequestLimits,
    *,
    open_discovery: bool,
    strict_output: bool,
) -> Blueprint:
    """Routes under ``/cds-services``; ``today`` gives the day to evaluate for.

    Each profile that a client follows has its adviser; ``reader_for`` gives what reads
    from the FHIR servers that a client may name, ``decode`` the JSON value in a body.
    ``strict_output`` answers 500 instead
    of leaving out a faulty part of a card.
    """
    routes = Blueprint("protocol", __name__)
    document = discovery_document(services)

    @routes.get("/cds-services")
    @routes.get("/cds-services/")
    def discovery() -> Response:
        if not open_discovery:
            authentication.of_discovery()
        return json_answer(document)

    # A discovery URL typed with a trailing slash leads clients to the second path.
    @routes.post("/cds-services/<service_id>")
    @routes.post("/cds-services//<service_id>")
    def call(service_id: str) -> Response:
        offered = SERVICE_BY_ID.get(service_id)
        if offered is None:
            raise UnknownService()
        # Before the body: what strangers send is not read.
        client = authentication.of_call(service_id)
        hook_request = parse_request(
            decode(read_body(limits)), hooks=(offered.hook.name,)
        )
        adviser = advisers[client.profile]
        advice = adviser.advise(
            hook_request,
            moment=offered.moment,
            today=today(),
            reader=reader_for(client),
        )
        g.log_fields = {"service": service_id, **advice.log_fields()}
        response = serialise(advice.response, client.dialect)
        return json_answer(fit_to_send(response, strict=strict_output))

    return routes


def read_body(limits: RequestLimits) -> bytes | bytearray:
    """The whole body, whatever its content type says (J-12), if it keeps to ``limits``.

    Raises BodyNotJson when the client went away in mid-body, since servers hand over
    what came before without an error; and BodyTooLarge for a chunked body that reaches
    the limit given to Werkzeug, since Werkzeug cuts it off there without one, as for
    one that exceeds ``limits``.
    """
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise UnsupportedMedia("Send the body without a Content-Encoding.")
    most, length = request.max_content_length, request.content_length
    if most is not None and length is not None and length >= most:
        raise BodyTooLarge(TOO_LARGE)
    body = _received(length)
    if most is not None and len(body) >= most:
        raise BodyTooLarge(TOO_LARGE)
    if length is not None and len(body) < length:
        raise BodyNotJson(BROKEN_OFF)
    limits.check(body)
    return body


def _received(length: int | None) -> bytes | bytearray:
    """What arrives of a body of ``length`` bytes; None where no length was sent.

    One of known length is received where it stays: every copy of a large one costs as
    much as decoding a good part of it.
    """
    if length is None:
        return request.get_data(cache=False)
    body = bytearray(length)
    try:
        received = request.environ["wsgi.input"].readinto(body)
    except OSError:
        raise BodyNotJson(BROKEN_OFF) from None
    del body[received:]
    return body
