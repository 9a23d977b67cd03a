"""Reading the project's own Markdown."""

import re
from pathlib import Path


ROOT = Path(__file__).resolve().parents[2]

FENCE = re.compile(
    r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)


def read(name: str) -> str:
    """A document by its path from the top of the checkout."""
    return (ROOT / name).read_text(encoding="utf-8")


def code_blocks(name: str, language: str) -> list[str]:
    """The fenced blocks of one language, in their order."""
    return [
        found["text"]
        for found in FENCE.finditer(read(name))
        if found["language"] == language
    ]
