"""Clients files for tests, with the keys they name beside them."""

import json
from pathlib import Path
from typing import Any

from service.clients import Clients, load_clients
from tests.protocol.tokens import ISSUER, jwk, key_set


CLIENT: dict[str, Any] = {
    "name": "Mercy",
    "iss": ISSUER,
    "jwks_file": "mercy.jwks.json",
}


def written(folder: Path, *clients: dict[str, Any]) -> Path:
    """The path of a clients file with these tables; the default key set is there."""
    (folder / "mercy.jwks.json").write_bytes(key_set(jwk("ES384")))
    path = folder / "clients.toml"
    # JSON's strings, lists and quoted keys are TOML's too.
    path.write_text(
        "".join(
            "[[client]]\n"
            + "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())
            for table in clients
        )
    )
    return path


def client(**changes: Any) -> dict[str, Any]:
    """A client with its keys on file; a change to None leaves the key out."""
    return {
        key: value for key, value in {**CLIENT, **changes}.items() if value is not None
    }


def loaded(
    folder: Path, *clients: dict[str, Any], development: bool = False
) -> Clients:
    """The clients of a file with these tables."""
    return load_clients(written(folder, *clients), development=development)
