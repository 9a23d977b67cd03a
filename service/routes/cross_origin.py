"""CORS: which web pages may call the service from a browser.

Without authentication, that is in development on a loopback address, any page may: the
public CDS Hooks Sandbox is such a page. With it, those whose origin the entry of a
client names. A preflight carries no token and a refused one tells of no client; then
the origins of all clients count, and else those of the client that is calling.
"""

from flask import Flask, Response, g, request


METHODS = "GET, HEAD, POST, OPTIONS"
# By name: "*" does not cover Authorization (Fetch standard).
REQUEST_HEADERS = "Authorization, Content-Type"
EXPOSED_HEADERS = "Allow, Retry-After, WWW-Authenticate, X-Correlation-Id"
PREFLIGHT_SECONDS = 600


def allow_origins(app: Flask, origins: frozenset[str] | None) -> None:
    """Add the CORS headers to every answer of `app`, whatever its status.

    `origins` are those of all clients; None allows any.
    """

    def add_headers(answer: Response) -> Response:
        answer.vary.add("Origin")
        if request.method == "OPTIONS" and answer.status_code == 200:
            # Flask's own answer, which has an empty body of type text/html.
            answer.status_code = 204
            del answer.headers["Content-Type"]
        origin = request.headers.get("Origin")
        if origin and (origins is None or origin in _origins_here(origins)):
            _allow(origin, answer)
        return answer

    app.after_request(add_headers)


def _origins_here(origins: frozenset[str]) -> frozenset[str]:
    return g.client.cors_origins if "client" in g else origins


def _allow(origin: str, answer: Response) -> None:
    headers = answer.headers
    headers["Access-Control-Allow-Origin"] = origin
    headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
    if request.method != "OPTIONS":
        return
    headers["Access-Control-Allow-Methods"] = METHODS
    headers["Access-Control-Allow-Headers"] = REQUEST_HEADERS
    headers["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
    # Chromium asks this of a public page that calls a service on the own machine.
    if request.headers.get("Access-Control-Request-Private-Network") == "true":
        headers["Access-Control-Allow-Private-Network"] = "true"
