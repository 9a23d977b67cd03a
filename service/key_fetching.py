"""Getting a key set from the address on file for an issuer (JWT-05).

The address is the operator's own; nothing that a caller sends comes near it. Still its
answer is bounded, and it cannot send us elsewhere.
"""

import time

import requests
import structlog
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError

from cds_hooks.key_sets import KeySet, KeySetUnusable, parse_key_set


SILENCE_SECONDS = 2.0
"""For connecting, and between two pieces of the answer."""
DEADLINE_SECONDS = 4.0
"""For the body as a whole: a clinician waits."""
MAX_BYTES = 256 * 1024
"""A key takes about 500."""
_PIECE_BYTES = 16 * 1024

log = structlog.get_logger()


class _NoCredentials(AuthBase):
    """Keeps passwords of a .netrc file from being sent along."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


def fetch_key_set(url: str) -> KeySet:
    """The key set at `url`, as it is now. Raises KeySetUnusable; says why in the log.

    The first byte of the answer may take longer than the deadline when a server sends
    its headers drop by drop; a worker's own time limit ends that.
    """
    try:
        key_set = parse_key_set(_body(url))
    except (requests.RequestException, HTTPError, KeySetUnusable) as fault:
        # The text of a transport fault may hold much; its type says enough.
        why = str(fault) if isinstance(fault, KeySetUnusable) else type(fault).__name__
        log.warning("key set not fetched", url=url, why=why)
        raise KeySetUnusable(why) from None
    log.info(
        "key set fetched",
        url=url,
        keys=len(key_set.keys),
        unusable=list(key_set.unusable),
    )
    return key_set


def _body(url: str) -> bytes:
    deadline = time.monotonic() + DEADLINE_SECONDS
    with requests.get(
        url,
        headers={"Accept": "application/json", "Accept-Encoding": "identity"},
        auth=_NoCredentials(),
        timeout=SILENCE_SECONDS,
        allow_redirects=False,
        stream=True,
    ) as answer:
        if answer.status_code != requests.codes.ok:
            raise KeySetUnusable(f"the answer has status {answer.status_code}")
        body = bytearray()
        # As sent: what claims to be compressed is not unpacked, and so no JSON.
        while piece := answer.raw.read1(_PIECE_BYTES):
            body += piece
            if len(body) > MAX_BYTES:
                raise KeySetUnusable(f"the answer has more than {MAX_BYTES} bytes")
            if time.monotonic() > deadline:
                raise KeySetUnusable(f"it takes more than {DEADLINE_SECONDS:g} seconds")
        return bytes(body)
