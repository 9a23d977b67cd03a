"""The command `b12-cds`.

Exit codes of every command: 0 done; 1 done, with the finding that the command's help
names; 2 wrong usage, setting, file or knowledge; 3 a fault of the program.
"""

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from service.commands import check, clients, feedback, serve
from service.commands.outcome import CommandError
from service.settings import SettingsError
from service.strict_toml import KnowledgeError


COMMANDS = (serve, check, clients, feedback)
"""Each module has ``add_to(subparsers)``, which names its ``run(arguments) -> int``."""

DESCRIPTION = """\
Looks for muscle cramps together with risk factors for vitamin B12 deficiency.
Decision support for clinicians; not a medical device without local sign-off.
"""

EXAMPLES = """\
examples:
  b12-cds serve
  b12-cds check request.json
  b12-cds check patient-bundle.json --profile uk --as-of 2025-06-30
  b12-cds clients new --out config
  b12-cds feedback --since 2025-04-01
"""


def parser() -> argparse.ArgumentParser:
    """The arguments of all commands."""
    top = argparse.ArgumentParser(
        prog="b12-cds",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(title="commands", dest="command", required=True)
    for command in COMMANDS:
        command.add_to(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command that ``arguments``, by default the process's own, name."""
    given = parser().parse_args(arguments)
    try:
        code = given.run(given)
    except (SettingsError, KnowledgeError, CommandError) as fault:
        sys.stderr.write(f"b12-cds: {fault}\n")
        code = 2
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)
