"""`b12-cds clients`: who may call the service, and what each of them may do."""

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from service.clients import load_clients
from service.commands.outcome import CommandError
from service.commands.printed_clients import clients_as_json, clients_as_text
from service.settings import read_settings
from service.trial_keys import TrialKeys


EXAMPLE = Path(__file__).with_name("clients.example.toml")
CLIENTS_FILE = "clients.toml"
KEY_SET_FILE = "trial.jwks.json"
PRIVATE_KEY_FILE = "trial.private.pem"
TRIAL_ISSUER = "https://trial.example.org"

EXAMPLES = """\
examples:
  b12-cds clients new --out config
  b12-cds clients check config/clients.toml
  b12-cds clients check --json
  b12-cds clients token --key config/trial.private.pem \\
    --aud http://127.0.0.1:8080/cds-services/b12-patient-view
"""


def add_to(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> None:
    """Add the command's arguments."""
    clients = commands.add_parser(
        "clients",
        help="check or begin the file of trusted CDS clients",
        description="The file named by B12_CLIENTS_FILE says who may call the service.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parts = clients.add_subparsers(title="what to do", dest="part", required=True)
    _add_check(_part(parts, "check", check, "show what each client may do"))
    _add_new(_part(parts, "new", new, "write an example, and a key pair for tests"))
    _add_token(_part(parts, "token", token, "make a token with the key pair for tests"))


def check(arguments: argparse.Namespace) -> int:
    """Print what each client of the file may do."""
    settings = read_settings(clients_file=arguments.file)
    if settings.clients_file is None:
        raise CommandError("name a clients file, or set B12_CLIENTS_FILE")
    clients = load_clients(settings.clients_file, development=settings.is_loopback)
    shown = clients_as_json if arguments.json else clients_as_text
    sys.stdout.write(shown(clients, settings.profile))
    return 0


def new(arguments: argparse.Namespace) -> int:
    """Write the example and the key pair into a folder."""
    folder = Path(arguments.out)
    keys = TrialKeys.new()
    contents = {
        PRIVATE_KEY_FILE: keys.private_pem(),
        KEY_SET_FILE: keys.key_set().encode(),
        CLIENTS_FILE: EXAMPLE.read_bytes(),
    }
    for name in contents:
        if (folder / name).exists():
            raise CommandError(
                f"{folder / name} is there already; name another folder with --out"
            )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            _write_new(folder / name, content, private=name == PRIVATE_KEY_FILE)
    except OSError as fault:
        raise CommandError(f"cannot write into {folder}: {fault.strerror}") from None
    sys.stdout.write(
        f"{folder / CLIENTS_FILE}: an example to edit; set B12_CLIENTS_FILE to it\n"
        f"{folder / KEY_SET_FILE}: public key of its client for trying out\n"
        f"{folder / PRIVATE_KEY_FILE}: private key; whoever has it is let in\n"
    )
    return 0


def token(arguments: argparse.Namespace) -> int:
    """Print a token for one call."""
    try:
        keys = TrialKeys.read(Path(arguments.key).read_bytes())
    except OSError as fault:
        raise CommandError(f"{arguments.key}: {fault.strerror}") from None
    except (ValueError, TypeError):
        raise CommandError(
            f"{arguments.key}: is no private key as `b12-cds clients new` writes it"
        ) from None
    made = keys.token(
        issuer=arguments.iss,
        audience=arguments.aud,
        tenant=arguments.tenant,
        now=int(time.time()),
    )
    sys.stdout.write(f"{made}\n")
    return 0


def _part(
    parts: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    run: Callable[[argparse.Namespace], int],
    summary: str,
) -> argparse.ArgumentParser:
    """The parser of one subcommand."""
    lines = EXAMPLES.replace("\\\n    ", "").splitlines()
    own = [line for line in lines if f"clients {name} " in line]
    part = parts.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog="\n".join(["examples:", *own]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    part.set_defaults(run=run)
    return part


def _add_check(part: argparse.ArgumentParser) -> None:
    part.add_argument(
        "file", nargs="?", help="clients file (default: B12_CLIENTS_FILE)"
    )
    part.add_argument("--json", action="store_true", help="print JSON for machines")


def _add_new(part: argparse.ArgumentParser) -> None:
    part.add_argument(
        "--out", metavar="DIR", default=".", help="folder to write into (default: .)"
    )


def _add_token(part: argparse.ArgumentParser) -> None:
    part.add_argument("--key", required=True, help="private key, a PEM file")
    part.add_argument("--aud", required=True, help="URL that the token is made for")
    part.add_argument(
        "--iss", default=TRIAL_ISSUER, help=f"issuer (default: {TRIAL_ISSUER})"
    )
    part.add_argument("--tenant", help="tenant (default: none)")


def _write_new(path: Path, content: bytes, *, private: bool) -> None:
    """Write a file that was not there; a `private` one is never readable by others."""
    mode = 0o600 if private else 0o644
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
