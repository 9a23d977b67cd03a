"""Which rows of the conformance checklist the tests hold, read off their names.

`test_K_01_a_summary_of_140_characters_is_refused` holds K-01, `test_cds_resp_3_…`
the invariant cds-resp-3. The names are read from the source, so nothing has to run.
"""

import ast
import re
from collections import defaultdict
from pathlib import Path


TESTS = Path(__file__).resolve().parent.parent

_NAME = re.compile(
    r"test_(?:(?P<row>[A-Z]{1,4})_(?P<number>\d\d)"
    r"|(?P<invariant>cds_r|cds_resp|cds_fb|ord)_(?P<index>\d))_[a-zA-Z]"
)


def id_in(name: str) -> str | None:
    """The checklist id that the test called `name` holds, if it holds one."""
    match = _NAME.match(name)
    if match is None:
        return None
    if match["row"]:
        return f"{match['row']}-{match['number']}"
    return f"{match['invariant'].replace('_', '-')}-{match['index']}"


def held_ids(tests: Path = TESTS) -> dict[str, list[str]]:
    """Checklist id → the tests that hold it, as `folder/file.py::name`, sorted."""
    held: dict[str, list[str]] = defaultdict(list)
    for path in sorted(tests.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and (found := id_in(node.name)):
                where = path.relative_to(tests).as_posix()
                held[found].append(f"{where}::{node.name}")
    return {found: sorted(held[found]) for found in sorted(held)}
