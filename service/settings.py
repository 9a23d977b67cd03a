"""Every setting of the service: environment variables with the prefix `B12_`.

`HOST` and `PORT`, which platforms set by themselves, have no prefix. A variable with
the prefix that is no setting stops the start, because a misspelt setting is otherwise
a setting silently left at its default.
"""

import difflib
import ipaddress
import os
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    BeforeValidator,
    Field,
    HttpUrl,
    SecretStr,
    StringConstraints,
    ValidationError,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from service.addresses import is_loopback
from service.clinical.knowledge import ProfileName


PREFIX = "B12_"

_KUBERNETES_SERVICE_LINK = re.compile(
    r"_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$"
)
"""Kubernetes tells a pod of every Service by variables; one called `b12-cds` yields
`B12_CDS_PORT` and the like, which nobody meant as settings."""

_MEBIBYTE = 1024 * 1024

_HOW_TO_AUTHENTICATE = (
    "set B12_AUTH=required and name the trusted clients in B12_CLIENTS_FILE;"
    " `b12-cds clients new` writes an example."
)


class SettingsError(Exception):
    """A setting is wrong; the message names the variable and says what to do."""


def _by_commas(value: object) -> object:
    """The parts of a text with commas between them."""
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


class Settings(BaseSettings):
    """The settings of one process. Made by `read_settings`, or by tests by name."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        frozen=True,
        extra="forbid",
        populate_by_name=True,
    )

    host: Annotated[str, StringConstraints(min_length=1)] = Field(
        default="127.0.0.1",
        validation_alias="HOST",
        description="Address to listen on. Anything but a loopback address needs"
        " B12_AUTH=required and B12_CLIENTS_FILE.",
    )
    port: int = Field(
        default=8080,
        ge=0,
        le=65535,
        validation_alias="PORT",
        description="TCP port to listen on.",
    )
    profile: ProfileName = Field(
        default="us",
        description="Guidance to follow: us (AAFP) or uk (NICE).",
    )
    base_url: HttpUrl | None = Field(
        default=None,
        description="Public base URL of the service, as clients call it; used for"
        " the icon and for the audience of tokens. By default http://HOST:PORT.",
    )
    auth: Literal["required", "off"] | None = Field(
        default=None,
        description="Whether clients must authenticate: required or off. By default"
        " off on a loopback address and required on any other.",
    )
    clients_file: Path | None = Field(
        default=None,
        description="TOML file that names the trusted CDS clients; `b12-cds clients"
        " new` writes an example.",
    )
    auth_discovery: Literal["open", "required"] = Field(
        default="open",
        description="Whether GET /cds-services asks for a token too: open or required.",
    )
    token_lifetime_seconds: int = Field(
        default=3600,
        ge=60,
        le=86_400,
        description="Longest time between issue and expiry of a client's token.",
    )
    database_url: str = Field(
        default="sqlite:///var/b12-cds.sqlite3",
        description="SQLAlchemy URL of the store for feedback and used tokens."
        " PostgreSQL where several replicas share it.",
    )
    secret: Annotated[SecretStr, Field(min_length=32)] | None = Field(
        default=None,
        description="At least 32 characters, the same for all replicas, by which cards"
        " are known again in feedback. By default one that the store makes and keeps.",
    )
    feedback_comments: Literal["drop", "encrypted"] = Field(
        default="drop",
        description="What becomes of users' comments in feedback, which may name a"
        " patient: drop or encrypted (needs B12_COMMENT_KEY).",
    )
    comment_key: SecretStr | None = Field(
        default=None,
        description="Fernet key that comments are encrypted with; several with commas"
        " between them, the one to encrypt with first.",
    )
    as_of: date | None = Field(
        default=None,
        description="Evaluate as if it were this day (YYYY-MM-DD), for demonstrations"
        " and tests. By default the current day, UTC.",
    )
    fhir_deadline_seconds: float = Field(
        default=2.0,
        gt=0,
        le=60,
        description="Time for all reads from a FHIR server during one call.",
    )
    fhir_max_bytes: int = Field(
        default=20 * _MEBIBYTE,
        ge=1024,
        description="Most data read from a FHIR server during one call, decompressed.",
    )
    fhir_max_pages: int = Field(
        default=10,
        ge=1,
        description="Most pages read of one answer of a FHIR server.",
    )
    fhir_connections: int = Field(
        default=16,
        ge=1,
        le=256,
        description="Queries to FHIR servers under way at once in each worker.",
    )
    fhir_failures: int = Field(
        default=3,
        ge=1,
        description="Calls in a row that a FHIR server may leave without any answer"
        " before it is left alone for a while.",
    )
    fhir_pause_seconds: float = Field(
        default=30.0,
        gt=0,
        description="How long a FHIR server is left alone after that.",
    )
    fhir_private_networks: Annotated[
        tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] | None,
        NoDecode,
        BeforeValidator(_by_commas),
    ] = Field(
        default=None,
        description="Private networks, such as 10.20.0.0/16, in which FHIR servers of"
        " the clients file may be found by their names; commas between several.",
    )
    fhir_ca_file: Path | None = Field(
        default=None,
        description="PEM file of certificate authorities to trust for FHIR servers,"
        " besides the public ones.",
    )
    max_body_bytes: int = Field(
        default=10 * _MEBIBYTE,
        ge=1024,
        description="Largest request body read; a larger one is answered 413.",
    )
    max_resources: int = Field(
        default=50_000,
        ge=1,
        description="Most resources in one request, contained ones included; more are"
        " answered 413.",
    )
    max_string_bytes: int = Field(
        default=_MEBIBYTE,
        ge=1024,
        description="Longest string in a request, which is what FHIR allows by default;"
        " a longer one is answered 413. Attachments may need more.",
    )
    client_seconds: float = Field(
        default=15.0,
        gt=0,
        le=300,
        description="Time that a client has to send its whole request, once a worker is"
        " free for it.",
    )
    max_waiting: int = Field(
        default=512,
        ge=1,
        le=4096,
        description="Calls that may wait for a free worker; no further connection is"
        " made until one of them is answered.",
    )
    max_wait_seconds: float = Field(
        default=5.0,
        gt=0,
        description="Longest time that a call may have waited for a free worker; one"
        " that waited longer is answered 503 instead.",
    )
    strict_output: bool = Field(
        default=False,
        description="Answer 500 where a card breaks a rule of CDS Hooks, instead of"
        " leaving out the faulty part. For tests.",
    )
    workers: int = Field(
        default=2,
        ge=1,
        le=64,
        description="Worker processes.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info",
        description="Least level of log lines written to standard error.",
    )

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the address listened on."""
        return is_loopback(self.host)

    @property
    def authenticates(self) -> bool:
        """Whether clients must authenticate."""
        return (self.auth or ("off" if self.is_loopback else "required")) == "required"

    @property
    def public_url(self) -> str:
        """Base URL of the service as clients see it, without a trailing slash."""
        if self.base_url is not None:
            return str(self.base_url).rstrip("/")
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


def variable_of(field: str) -> str:
    """The environment variable that sets `field`."""
    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else PREFIX + field.upper()


def read_settings(**given: object) -> Settings:
    """The settings of this process's environment.

    `given` are values that take precedence, by field name (options of a command);
    None leaves a setting as it is. Raises SettingsError.
    """
    refuse_unknown(os.environ)
    values = {
        # By the name pydantic-settings gives the variable's own value, so that the
        # two are one value and the given one wins.
        Settings.model_fields[field].validation_alias or field: value
        for field, value in given.items()
        if value is not None
    }
    try:
        return Settings(**values)  # type: ignore[arg-type]  # checked by the model
    except ValidationError as fault:
        raise SettingsError(_explain(fault)) from None


def refuse_unknown(variables: Iterable[str]) -> None:
    """Raise SettingsError when a variable has our prefix but is no setting."""
    known = {variable_of(field) for field in Settings.model_fields}
    for name in sorted(variables):
        if not name.startswith(PREFIX) or name in known:
            continue
        if _KUBERNETES_SERVICE_LINK.search(name):
            continue
        nearest = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.75)
        hint = f"did you mean {nearest[0]}?" if nearest else "`b12-cds serve --help`"
        raise SettingsError(f"{name} is not a setting; {hint}")


def _explain(fault: ValidationError) -> str:
    """One line for each wrong setting: its variable, what is wrong, what it is for."""
    field_of = {variable_of(field): field for field in Settings.model_fields}
    lines = []
    for error in fault.errors(include_url=False, include_context=False):
        place = str(error["loc"][0])
        field = field_of.get(place, place)
        description = Settings.model_fields[field].description
        lines.append(f"{variable_of(field)}: {error['msg']}. {description}")
    return "\n".join(lines)


def refuse_exposure(settings: Settings) -> None:
    """Raise SettingsError rather than answer strangers.

    Any address but a loopback one can be reached by others; then clients must
    authenticate, by tokens made for the URL by which they know the service.
    """
    if settings.authenticates:
        _refuse_unknown_clients(settings)
        return
    if not settings.is_loopback:
        raise SettingsError(
            f"B12_AUTH: HOST {settings.host} can be reached from other machines, where"
            f" off is not allowed. Listen on 127.0.0.1, or {_HOW_TO_AUTHENTICATE}"
        )
    if settings.auth_discovery == "required":
        raise SettingsError(
            "B12_AUTH_DISCOVERY: required has no meaning where B12_AUTH is off."
        )


def _refuse_unknown_clients(settings: Settings) -> None:
    if settings.clients_file is None:
        raise SettingsError(
            f"B12_CLIENTS_FILE: clients must authenticate (HOST is {settings.host}),"
            f" and no file says who they are: {_HOW_TO_AUTHENTICATE} To try the service"
            " out, listen on 127.0.0.1 with B12_AUTH=off."
        )
    if settings.is_loopback:
        return
    if settings.base_url is None:
        raise SettingsError(
            "B12_BASE_URL: name the https:// address by which clients call the service;"
            " their tokens are made for it."
        )
    if settings.base_url.scheme != "https" and not is_loopback(
        settings.base_url.host or ""
    ):
        raise SettingsError(
            "B12_BASE_URL: clients send health data, so that the address by which they"
            " call begins with https:// (a proxy ends TLS)."
        )
