"""Absolute http(s) URLs, as CDS Hooks wants them for servers, links and pictures."""

import re
from urllib.parse import urlsplit


_BLANK_OR_CONTROL = re.compile(r"[\s\x00-\x1f\x7f]")


def is_absolute_url(text: str) -> bool:
    """Whether `text` is an http(s) URL with a host; says nothing on whom to trust."""
    if _BLANK_OR_CONTROL.search(text):
        return False
    try:
        url = urlsplit(text)
        _ = url.port  # reading it is what checks it
    except ValueError:
        return False
    return url.scheme in ("http", "https") and bool(url.hostname)
