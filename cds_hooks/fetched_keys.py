"""Keys published at a URL: fetched when needed, kept for a while (JWT-05, JWT-06)."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from cds_hooks.key_sets import KeySet, KeySetUnusable, VerificationKey
from cds_hooks.token_refusals import Reason, TokenRefused


FRESH_SECONDS = 600.0
"""A key the issuer has withdrawn is trusted for no longer, while it can be reached."""
KEPT_SECONDS = 3600.0
"""Nor longer than this when it cannot."""
COOL_DOWN_SECONDS = 30.0
"""Between two fetches, whatever happens: anybody can name an unknown `kid`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Held:
    key_set: KeySet
    fetched_at: float


class FetchedKeys:
    """The key set at the one URL on file for an issuer; safe to share by threads.

    `fetch` gets a key set or raises KeySetUnusable; it must bound time and size and
    follow no redirect. `clock` is in seconds and never runs backwards.
    """

    def __init__(
        self, url: str, fetch: Callable[[str], KeySet], clock: Callable[[], float]
    ) -> None:
        self.url = url
        self._fetch = fetch
        self._clock = clock
        self._fetching = threading.Lock()
        self._held: _Held | None = None
        self._tried_at: float | None = None

    def key_named(
        self, key_id: str, *, announced_at: str | None
    ) -> VerificationKey | None:
        """The key with this `kid`; an unknown one is looked for once per cool-down.

        Raises TokenRefused when the token names another URL, character by character,
        and when there are no keys.
        """
        if announced_at is not None and announced_at != self.url:
            raise TokenRefused(Reason.KEY_SET_URL)
        key_set = self._kept(FRESH_SECONDS)
        if key_set is None or key_id not in key_set.keys:
            self._fetch_unless_just_tried()
            key_set = self._kept(KEPT_SECONDS)
        if key_set is None:
            raise TokenRefused(Reason.KEYS_UNAVAILABLE)
        return key_set.keys.get(key_id)

    def _kept(self, seconds: float) -> KeySet | None:
        """The key set held, unless it is as old as `seconds`."""
        held = self._held
        if held is None or self._clock() - held.fetched_at >= seconds:
            return None
        return held.key_set

    def _fetch_unless_just_tried(self) -> None:
        """Fetch the key set; one that cannot be had leaves the one held."""
        # Those who wait here find that somebody has just tried.
        with self._fetching:
            now = self._clock()
            if self._tried_at is not None and now - self._tried_at < COOL_DOWN_SECONDS:
                return
            self._tried_at = now
            try:
                key_set = self._fetch(self.url)
            except KeySetUnusable:
                return
            self._held = _Held(key_set=key_set, fetched_at=now)
