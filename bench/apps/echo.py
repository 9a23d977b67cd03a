"""The measure of all: decode the body with the standard `json` module, and no more."""

import json

from flask import Flask, Response, request

from bench.apps.card import CONSTANT_CARD


app = Flask(__name__)


@app.post("/cds-services/<service_id>")
def call(service_id: str) -> Response:
    """The constant card."""
    json.loads(request.get_data(cache=False))
    return Response(CONSTANT_CARD, mimetype="application/json")
