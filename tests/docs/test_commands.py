"""The commands that documents name exist, and each explains itself with examples."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.documents import code_blocks, read


B12_CDS = Path(sys.executable).with_name("b12-cds")


def help_of(*command: str) -> str:
    shown = subprocess.run(
        [B12_CDS, *command, "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        env={"COLUMNS": "88", "NO_COLOR": "1", "PATH": "/usr/bin:/bin"},
    )
    assert shown.returncode == 0, shown.stderr
    return shown.stdout


def commands() -> list[str]:
    listed = re.search(r"\{([\w,-]+)\}", help_of())
    assert listed, "b12-cds --help lists no commands"
    return listed[1].split(",")


def test_the_help_of_every_command_shows_an_example() -> None:
    for command in commands():
        assert re.search(rf"^\s+.*b12-cds {command}\b", help_of(command), re.MULTILINE)
        assert "xample" in help_of(command), command


@pytest.mark.parametrize("document", ["README.md", "DEVELOPERS.md"])
def test_every_make_target_that_a_document_names_exists(document: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    shell = "\n".join(code_blocks(document, "sh"))
    in_text = re.findall(r"`make ([a-z-]+)", read(document))
    named = set(in_text) | set(re.findall(r"^make ([a-z-]+)", shell, re.MULTILINE))
    assert named, document
    assert named <= targets


def test_every_target_of_the_makefile_explains_itself_in_one_line() -> None:
    makefile = read("Makefile")
    phony = set(re.findall(r"^\.PHONY: ([a-z-]+)$", makefile, re.MULTILINE))
    explained = set(re.findall(r"^([a-z-]+):.* ## \S", makefile, re.MULTILINE))
    parts_of_check = {"format-check", "lint", "types"}
    assert phony - parts_of_check == explained
