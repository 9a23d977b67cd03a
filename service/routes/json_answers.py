"""JSON bodies: UTF-8, members in the order given, nothing that is not RFC 8259."""

import json

from flask import Response


def json_answer(value: object, *, status: int = 200) -> Response:
    """`value` as a response nobody may store.

    The order of members is kept: prefetch templates may build on earlier ones (D-15).
    NaN and infinities raise ValueError instead of being sent (J-08).
    """
    body = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    answer = Response(body, status=status, mimetype="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer
