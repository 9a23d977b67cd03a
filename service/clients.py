"""The trusted CDS clients: who may call, and what each of them may do.

A TOML file with one `[[client]]` table for each, read strictly: a key that is not known
may be a permission that somebody believes to have withdrawn.
"""

import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from cds_hooks.client_authentication import TrustedIssuer
from cds_hooks.dialects import Dialect
from cds_hooks.key_sets import (
    AgreedKeys,
    KeySet,
    KeySetUnusable,
    KeySource,
    parse_key_set,
)
from service import addresses
from service.clinical.knowledge import ProfileName
from service.settings import SettingsError
from service.strict_toml import nearest


Algorithm = Literal["ES384", "RS384", "ES256", "RS256", "EdDSA"]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class ClientsFileError(SettingsError):
    """The clients file is wrong; the message names file, client and key."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Client:
    """What the system that is calling may do, and how it is answered.

    `fhir_servers` are base URLs without a trailing slash. `any_loopback_server` also
    lets it name any FHIR server on this machine, over http: development only.
    """

    name: str
    dialect: Dialect
    profile: ProfileName
    fhir_servers: frozenset[str] = frozenset()
    cors_origins: frozenset[str] = frozenset()
    any_loopback_server: bool = False


class ClientEntry(BaseModel):
    """One `[[client]]` of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Text
    iss: Text
    jwks_file: Text | None = None
    jku: Text | None = None
    tenants: frozenset[Text] = frozenset()
    audiences: frozenset[Text] = frozenset()
    fhir_servers: tuple[Text, ...] = ()
    cors_origins: tuple[Text, ...] = ()
    dialect: Dialect = Dialect.V2_0
    profile: ProfileName | None = None
    algorithms: frozenset[Algorithm] = Field(
        default=frozenset(get_args(Algorithm)), min_length=1
    )

    @field_validator("jku")
    @classmethod
    def _jku(cls, url: str | None, info: ValidationInfo) -> str | None:
        return url and addresses.key_set_url(url, development=_development(info))

    @field_validator("fhir_servers")
    @classmethod
    def _fhir_servers(
        cls, urls: tuple[str, ...], info: ValidationInfo
    ) -> tuple[str, ...]:
        return tuple(
            addresses.fhir_base_url(url, development=_development(info)) for url in urls
        )

    @field_validator("cors_origins")
    @classmethod
    def _cors_origins(
        cls, origins: tuple[str, ...], info: ValidationInfo
    ) -> tuple[str, ...]:
        return tuple(
            addresses.web_origin(origin, development=_development(info))
            for origin in origins
        )

    @model_validator(mode="after")
    def _has_one_source_of_keys(self) -> Self:
        if (self.jwks_file is None) == (self.jku is None):
            raise ValueError(
                "its keys come from jwks_file (a file) or jku (an https address): give"
                " one of the two"
            )
        return self

    @property
    def trust(self) -> tuple[object, ...]:
        """What clients with one issuer must have in common."""
        return self.jwks_file, self.jku, self.algorithms, self.audiences

    def client(self, default_profile: ProfileName) -> Client:
        """The client, which follows `default_profile` unless it names its own."""
        return Client(
            name=self.name,
            dialect=self.dialect,
            profile=self.profile or default_profile,
            fhir_servers=frozenset(self.fhir_servers),
            cors_origins=frozenset(self.cors_origins),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Clients:
    """The clients of one file. `key_sets` are those from files, by their name in it."""

    entries: tuple[ClientEntry, ...] = ()
    key_sets: Mapping[str, KeySet] = field(default_factory=dict)

    def of(self, issuer: str, tenant: str | None) -> ClientEntry:
        """The client that a verified token with these claims is of."""
        return next(
            entry
            for entry in self.entries
            if entry.iss == issuer and (not entry.tenants or tenant in entry.tenants)
        )

    def trusted_issuers(
        self, keys_at: Callable[[str], KeySource]
    ) -> Mapping[str, TrustedIssuer]:
        """The issuers by name; `keys_at` makes the source of the keys at a URL."""
        sources: dict[str, KeySource] = {}
        issuers = {}
        for issuer, entries in _by_issuer(self.entries).items():
            first = entries[0]
            if first.jwks_file is not None:
                keys: KeySource = AgreedKeys(key_set=self.key_sets[first.jwks_file])
            else:
                url = str(first.jku)
                keys = sources.setdefault(url, keys_at(url))
            issuers[issuer] = TrustedIssuer(
                issuer=issuer,
                keys=keys,
                algorithms=frozenset(first.algorithms),
                audiences=first.audiences,
                tenants=frozenset().union(*(entry.tenants for entry in entries)),
            )
        return issuers

    def profiles(self, default_profile: ProfileName) -> frozenset[ProfileName]:
        """Every profile that is followed for one of them, and the default."""
        return frozenset(entry.profile or default_profile for entry in self.entries) | {
            default_profile
        }

    @property
    def cors_origins(self) -> frozenset[str]:
        """The origins of all clients."""
        return frozenset(
            origin for entry in self.entries for origin in entry.cors_origins
        )

    @property
    def fhir_servers(self) -> frozenset[str]:
        """The FHIR servers of all clients."""
        return frozenset(
            server for entry in self.entries for server in entry.fhir_servers
        )


def load_clients(path: Path, *, development: bool) -> Clients:
    """The clients in the file at `path`; key files are looked for beside it.

    In `development` addresses may be http on a loopback host. Raises ClientsFileError
    with a line for each thing that is wrong.
    """
    faults: list[str] = []
    entries = []
    for place, table in enumerate(_tables(path), start=1):
        try:
            entries.append(
                ClientEntry.model_validate(table, context={"development": development})
            )
        except ValidationError as fault:
            faults += _explained(fault, _label(table, place))
    key_sets, key_faults = _key_sets(entries, path.parent)
    faults += [*key_faults, *_conflicts(entries)]
    if faults:
        raise ClientsFileError("\n".join(f"{path.name}: {fault}" for fault in faults))
    return Clients(entries=tuple(entries), key_sets=key_sets)


def _development(info: ValidationInfo) -> bool:
    return bool(info.context and info.context["development"])


def _tables(path: Path) -> list[Any]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise ClientsFileError(
            f"{path}: cannot be read ({fault.strerror}); `b12-cds clients new` writes"
            " an example"
        ) from None
    except ValueError as fault:
        raise ClientsFileError(f"{path.name}: is not TOML: {fault}") from None
    for key in document.keys() - {"client"}:
        raise ClientsFileError(
            f"{path.name}: {key} is not a known key{nearest(key, ['client'])}"
        )
    tables = document.get("client")
    if not isinstance(tables, list) or not tables:
        raise ClientsFileError(
            f"{path.name}: names no client; each has a table [[client]]"
        )
    return tables


def _label(table: object, place: int) -> str:
    name = table.get("name") if isinstance(table, dict) else None
    return f'client "{name}"' if isinstance(name, str) and name else f"client {place}"


def _explained(fault: ValidationError, label: str) -> Iterable[str]:
    for error in fault.errors(include_url=False, include_input=False):
        if not error["loc"]:
            yield f"{label}: {_said(error['msg'])}"
            continue
        key = str(error["loc"][0])
        if error["type"] == "extra_forbidden":
            hint = nearest(key, ClientEntry.model_fields)
            yield f"{label}: {key} is not a known key{hint}"
        elif error["type"] == "missing":
            yield f"{label}: {key} is missing"
        else:
            yield f"{label}: {key}: {_said(error['msg'])}"


def _said(message: str) -> str:
    return message.removeprefix("Value error, ")


def _key_sets(
    entries: Iterable[ClientEntry], folder: Path
) -> tuple[Mapping[str, KeySet], list[str]]:
    """The key sets on file by name, and what is wrong with them."""
    key_sets: dict[str, KeySet] = {}
    faults = []
    for entry in entries:
        if entry.jwks_file is None:
            continue
        try:
            key_sets[entry.jwks_file] = _key_set(folder / entry.jwks_file)
        except KeySetUnusable as fault:
            faults.append(
                f'client "{entry.name}": jwks_file: {entry.jwks_file}: {fault}'
            )
    return key_sets, faults


def _key_set(path: Path) -> KeySet:
    """The keys in a file, every one of which must be of use."""
    try:
        key_set = parse_key_set(path.read_bytes())
    except OSError as fault:
        raise KeySetUnusable(f"cannot be read ({fault.strerror})") from None
    if key_set.unusable:
        raise KeySetUnusable("; ".join(key_set.unusable))
    if not key_set.keys:
        raise KeySetUnusable("holds no key")
    return key_set


def _by_issuer(
    entries: Iterable[ClientEntry],
) -> Mapping[str, tuple[ClientEntry, ...]]:
    found: dict[str, list[ClientEntry]] = defaultdict(list)
    for entry in entries:
        found[entry.iss].append(entry)
    return {issuer: tuple(of_it) for issuer, of_it in found.items()}


def _conflicts(entries: Iterable[ClientEntry]) -> Iterable[str]:
    """Clients that a token could not be told to be of."""
    names: set[str] = set()
    for entry in entries:
        if entry.name in names:
            yield f'client "{entry.name}": another client has the same name'
        names.add(entry.name)
    for issuer, of_it in _by_issuer(entries).items():
        if len(of_it) == 1:
            continue
        label = " and ".join(f'"{entry.name}"' for entry in of_it)
        tenants = [tenant for entry in of_it for tenant in entry.tenants]
        if not all(entry.tenants for entry in of_it):
            yield (
                f"clients {label} share the iss {issuer}: each needs tenants, by"
                " which their calls are told apart"
            )
        elif len(set(tenants)) < len(tenants):
            yield f"clients {label} share the iss {issuer} and a tenant"
        if len({entry.trust for entry in of_it}) > 1:
            yield (
                f"clients {label} share the iss {issuer}: their jwks_file or jku,"
                " algorithms and audiences must be the same"
            )
