"""One GET to a FHIR server: bytes of a 200 answer, or the reason there are none."""

import logging
import ssl
import threading
from contextlib import suppress
from pathlib import Path

import requests
from urllib3 import Timeout
from urllib3.exceptions import DecodeError, HTTPError, ReadTimeoutError

from service.fhir_server.answers import Reason, Unreadable
from service.fhir_server.connections import CheckedAdapter
from service.fhir_server.deadline import Deadline
from service.fhir_server.dialling import Dialler


_PIECE = 64 * 1024

_REASONS = {
    401: Reason.NOT_AUTHORISED,
    403: Reason.NOT_AUTHORISED,
    404: Reason.NOT_FOUND,
    410: Reason.NOT_FOUND,
    429: Reason.TOO_MANY_REQUESTS,
}
_REASONS_BY_CLASS = {
    3: Reason.REDIRECTED,
    4: Reason.QUERY_REFUSED,
    5: Reason.SERVER_ERROR,
}

# Whatever it logs quotes addresses, which hold the patient's id.
logging.getLogger("urllib3").setLevel(logging.CRITICAL + 1)


class Allowance:
    """Bytes that the answers of one call may still take, once decompressed."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._lock = threading.Lock()

    def take(self, size: int) -> None:
        """Use up ``size`` bytes. Raises Unreadable when there are not so many."""
        with self._lock:
            self._left -= size
            if self._left < 0:
                raise Unreadable(Reason.TOO_LARGE)


class Transport:
    """Connections to FHIR servers, kept open and used again by all calls.

    An adapter alone, without a `requests.Session` around it: that would keep cookies
    from one patient to the next, follow redirects, and take proxies and passwords from
    the environment.
    """

    def __init__(
        self,
        dialler: Dialler,
        *,
        connections: int,
        authorities: Path | None = None,
    ) -> None:
        """``authorities`` is a PEM file of those to trust besides the public ones.

        Raises OSError for a file that cannot be read as such.
        """
        self._adapter = CheckedAdapter(
            dialler, _tls_context(authorities), connections=connections
        )

    def get(
        self,
        url: str,
        *,
        deadline: Deadline,
        allowance: Allowance,
        token: str | None = None,
        accept: str = "application/fhir+json",
    ) -> bytes:
        """The body that ``url`` answers with. Raises Unreadable.

        A redirect is not followed. A connection that breaks before any answer is tried
        once more: servers close idle ones at the moment they are used again.
        """
        headers = {
            "Accept": accept,
            "Accept-Encoding": "gzip",
            "User-Agent": "b12-cds",
        }
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        request = requests.Request("GET", url, headers=headers).prepare()
        try:
            response = self._sent(request, deadline)
        except requests.ConnectionError:
            response = self._sent_again(request, deadline)
        with response:
            return _body(response, allowance)

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._adapter.close()

    def _sent_again(
        self, request: requests.PreparedRequest, deadline: Deadline
    ) -> requests.Response:
        try:
            return self._sent(request, deadline)
        except requests.ConnectionError:
            raise Unreadable(Reason.CONNECTION_FAILED) from None

    def _sent(
        self, request: requests.PreparedRequest, deadline: Deadline
    ) -> requests.Response:
        """The answer to ``request``, its body not read yet.

        Raises Unreadable, and requests.ConnectionError for a connection that breaks.
        """
        left = deadline.left
        if not left:
            raise Unreadable(Reason.TIMEOUT)
        try:
            return self._adapter.send(
                request,
                stream=True,
                timeout=Timeout(total=left),  # type: ignore[arg-type]  # requests takes it
            )
        except requests.Timeout:
            raise Unreadable(Reason.TIMEOUT) from None
        except requests.ConnectionError:
            raise
        except (requests.RequestException, HTTPError):
            raise Unreadable(Reason.NOT_FHIR) from None


def _body(response: requests.Response, allowance: Allowance) -> bytes:
    """The whole decompressed body of a 200 answer. Raises Unreadable."""
    try:
        if response.status_code != requests.codes.ok:
            _leave_usable(response)
            raise Unreadable(_reason(response.status_code))
        pieces = []
        while piece := response.raw.read(_PIECE, decode_content=True):
            allowance.take(len(piece))
            pieces.append(piece)
    except ReadTimeoutError:
        raise Unreadable(Reason.TIMEOUT) from None
    except DecodeError:
        raise Unreadable(Reason.NOT_FHIR) from None
    except HTTPError:
        raise Unreadable(Reason.CONNECTION_FAILED) from None
    return b"".join(pieces)


def _leave_usable(response: requests.Response) -> None:
    """Read a short body to its end, so that its connection can be used again."""
    with suppress(HTTPError):
        response.raw.read(_PIECE, decode_content=False)


def _reason(status: int) -> Reason:
    return _REASONS.get(status, _REASONS_BY_CLASS.get(status // 100, Reason.NOT_FHIR))


def _tls_context(authorities: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=requests.utils.DEFAULT_CA_BUNDLE_PATH)
    if authorities is not None:
        context.load_verify_locations(cafile=authorities)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
