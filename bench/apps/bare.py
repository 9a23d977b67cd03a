"""Flask with one route that does nothing: what starting costs at least."""

from flask import Flask


app = Flask(__name__)


@app.post("/cds-services/<service_id>")
def call(service_id: str) -> str:
    """Nothing."""
    return "{}"
