"""The product's own files, as the architecture tests look at them."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, kw_only=True, slots=True)
class Module:
    """One Python file: its path from the top of the checkout, and its syntax."""

    path: str
    tree: ast.Module

    def __str__(self) -> str:
        return self.path

    def imports(self) -> frozenset[str]:
        """Full names of all modules and names imported anywhere in the file.

        ``from a.b import c`` counts as ``a.b`` and as ``a.b.c``, since ``c`` may be
        a module; imports inside functions and under ``TYPE_CHECKING`` count too.
        """
        return frozenset(self._imports())

    def _imports(self) -> Iterator[str]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                origin = self._origin(node)
                yield origin
                yield from (f"{origin}.{alias.name}" for alias in node.names)

    def _origin(self, node: ast.ImportFrom) -> str:
        """The absolute name of the module that ``from … import`` names."""
        if not node.level:
            return node.module or ""
        package = Path(self.path).with_suffix("").parts[: -node.level]
        return ".".join([*package, *([node.module] if node.module else [])])


def is_within(name: str, packages: frozenset[str]) -> bool:
    """Whether a dotted name is one of the packages or lies inside one."""
    return any(
        name == package or name.startswith(f"{package}.") for package in packages
    )


def modules(folder: str) -> list[Module]:
    """Every Python file of a folder, at whatever depth."""
    return [
        Module(path=str(path.relative_to(ROOT)), tree=ast.parse(path.read_bytes()))
        for path in sorted((ROOT / folder).rglob("*.py"))
    ]


def committed_files(*folders: str) -> list[Path]:
    """Every file that git tracks or would add, within folders or everywhere."""
    tracked_or_new = ["-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(
        ["git", "ls-files", *tracked_or_new, "--", *folders],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    paths = (ROOT / name for name in listed.split("\0") if name)
    return [path for path in paths if path.is_file()]
