"""The clients of a file, as people and as machines read them."""

import json
from collections.abc import Collection, Iterable, Mapping

from service.clients import ClientEntry, Clients
from service.clinical.knowledge import ProfileName


LABEL_WIDTH = 14


def clients_as_text(clients: Clients, default_profile: ProfileName) -> str:
    """What each client may do, a paragraph for each."""
    paragraphs = [
        "\n".join(
            [
                entry.name,
                *(
                    f"  {label:<{LABEL_WIDTH}}{words}"
                    for label, words in _said(entry, clients, default_profile)
                ),
            ]
        )
        for entry in clients.entries
    ]
    return "\n\n".join(paragraphs) + "\n"


def clients_as_json(clients: Clients, default_profile: ProfileName) -> str:
    """The same for machines: every key with its value in force."""
    described = [
        _described(entry, clients, default_profile) for entry in clients.entries
    ]
    return json.dumps({"clients": described}, ensure_ascii=False, indent=2) + "\n"


def _said(
    entry: ClientEntry, clients: Clients, default_profile: ProfileName
) -> Iterable[tuple[str, str]]:
    profile = entry.profile or default_profile
    yield "proves itself", f"by tokens of {entry.iss}, {_listed(entry.algorithms)}"
    yield "keys", _keys(entry, clients)
    yield "tenants", _listed(entry.tenants) or "none: its tokens name none"
    also = f", or {_listed(entry.audiences)}" if entry.audiences else ""
    yield "tokens for", f"the URL it calls{also}"
    yield "FHIR servers", _listed(entry.fhir_servers) or "none: only what it sends"
    yield "web pages", _listed(entry.cors_origins) or "none"
    yield "is answered", f"in CDS Hooks {entry.dialect}, by the profile {profile}"


def _keys(entry: ClientEntry, clients: Clients) -> str:
    if entry.jwks_file is None:
        return f"fetched from {entry.jku}"
    keys = clients.key_sets[entry.jwks_file].keys.values()
    named = (f"{key.key_id} ({_listed(key.algorithms)})" for key in keys)
    return f"in {entry.jwks_file}: {', '.join(sorted(named))}"


def _described(
    entry: ClientEntry, clients: Clients, default_profile: ProfileName
) -> Mapping[str, object]:
    given = entry.model_dump(mode="json", exclude_none=True)
    described: dict[str, object] = {
        key: sorted(value) if isinstance(value, list) else value
        for key, value in given.items()
    }
    described["profile"] = entry.profile or default_profile
    if entry.jwks_file is not None:
        described["keys"] = {
            key.key_id: sorted(key.algorithms)
            for key in clients.key_sets[entry.jwks_file].keys.values()
        }
    return described


def _listed(words: Collection[str]) -> str:
    return ", ".join(sorted(words))
