"""What is fuzzed: the whole way from the bytes of a call to its answer, in one process.

Two kinds of input. *Bytes* are calls spoilt as text: cut, doubled, with pieces of other
calls and of JSON that nobody should send. *Charts* are calls that are JSON, with parts
of the chart spoilt. Both are made from the requests of ``fixtures/``.
"""

import json
from collections.abc import Mapping
from typing import Any

from flask.testing import FlaskClient
from hypothesis import strategies as st

from service.app import create_app
from service.settings import Settings
from tests.contract.spoilt import FIXTURES, spoilt_requests
from tests.speed.two_paths import fast_answer, plain_answer


BODIES = [json.dumps(each, separators=(",", ":")).encode() for each in FIXTURES]
PIECES = [
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b"\\",
    b"\\u0000",
    b"\\ud83d",
    b"\x00",
    b"\xff",
    b"\xef\xbb\xbf",
    b"NaN",
    b"-Infinity",
    b"1e400",
    b"9" * 200,
    b"null",
    b"true",
    b'{"resourceType":"Bundle","entry":[{"resource":',
    b'"entry":[{}],',
    b"[" * 300,
    b'{"a":' * 300,
    b",",
    b"/*",
    "İ‮".encode(),
]
MOST_CHANGES = 5
DESCRIBED = {200, 400, 412, 413, 422}
"""What openapi.yaml says of a call that reaches the service without authentication."""


class Finding(AssertionError):
    """The service did what it must not do."""


@st.composite
def spoilt_bodies(draw: st.DrawFn) -> bytes:
    """The text of a call, with changes that know nothing of its meaning."""
    body = draw(st.sampled_from(BODIES))
    for _ in range(draw(st.integers(1, MOST_CHANGES))):
        start = draw(st.integers(0, len(body)))
        end = min(start + draw(st.integers(0, 40)), len(body))
        other = draw(st.sampled_from(BODIES))
        at = draw(st.integers(0, len(other)))
        middle = draw(
            st.sampled_from([b"", body[start:end] * 2, other[at : at + 60], *PIECES])
            | st.binary(max_size=8)
        )
        body = body[:start] + middle + body[end:]
    return body


@st.composite
def spoilt_charts(draw: st.DrawFn) -> bytes:
    """A call that is JSON, with parts of the chart spoilt."""
    return json.dumps(draw(spoilt_requests())).encode()


TARGETS: Mapping[str, st.SearchStrategy[bytes]] = {
    "bytes": spoilt_bodies(),
    "charts": spoilt_charts(),
}


def service() -> FlaskClient:
    """The application, held to every rule of its output."""
    settings = Settings(as_of="2025-06-30", strict_output=True, log_level="error")
    app = create_app(settings)
    return app.test_client()


def put(client: FlaskClient, body: bytes) -> int:
    """Call the service with ``body``, and give the status. Raises Finding.

    It must be a described one, with a body of its form; and reading everything must
    come to the same as reading only what matters.
    """
    hook = _hook(body)
    answer = client.post(f"/cds-services/b12-{hook}", data=body)
    if answer.status_code not in DESCRIBED:
        raise Finding(f"status {answer.status_code}")
    content = answer.get_json()
    is_right = (
        "cards" in content
        if answer.status_code == 200
        else (content.get("resourceType") == "OperationOutcome")
    )
    if not is_right:
        raise Finding(f"the body of a {answer.status_code} is none")
    if answer.status_code in (200, 412) and fast_answer(body, hook) != plain_answer(
        body, hook
    ):
        raise Finding("the fast path and the plain one differ")
    return int(answer.status_code)


_HOOKS = frozenset(each["hook"] for each in FIXTURES)


def _hook(body: bytes) -> str:
    try:
        payload: Any = json.loads(body)
        named = payload["hook"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return "patient-view"
    return named if isinstance(named, str) and named in _HOOKS else "patient-view"
