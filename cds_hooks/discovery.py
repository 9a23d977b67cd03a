"""What a server says about its CDS services at `GET {base}/cds-services`."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from cds_hooks.hooks import HOOKS
from cds_hooks.template_lint import template_faults


SERVICE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]*")
SEMANTIC_VERSION = re.compile(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")
REVERSE_DNS = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9_-]+)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDescription:
    """One entry of the discovery document.

    Construction raises `ValueError`, naming the checklist id, for an entry that
    no client could use.
    """

    id: str
    hook: str
    title: str
    description: str
    """GitHub-Flavored Markdown."""
    usage_requirements: str | None = None
    prefetch: Mapping[str, str] = field(default_factory=dict)
    """Key → template, in the order in which they are published (D-15)."""
    extended_prefetch: bool = False
    """Whether `prefetch` may use what only CDS Hooks 3 clients understand (V-02)."""
    version: str | None = None
    """Version of CDS Hooks the service implements, such as 2.0.1."""
    hook_version: str | None = None
    extension: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "prefetch", MappingProxyType(dict(self.prefetch)))
        for name in ("id", "hook", "title", "description"):
            if not getattr(self, name).strip():
                raise ValueError(f"D-04 to D-07: {name} of service {self.id} is blank")
        if not SERVICE_ID.fullmatch(self.id):
            raise ValueError(
                f"D-06: service id {self.id!r} must be one URL path segment of"
                " letters, digits and . _ ~ -"
            )
        if self.usage_requirements is not None and not self.usage_requirements.strip():
            raise ValueError(f"J-03: usage_requirements of {self.id} is blank")
        self._check_versions()
        self._check_prefetch()
        for key in self.extension:
            if not REVERSE_DNS.fullmatch(key):
                raise ValueError(
                    f"D-14: extension key {key!r} of {self.id} must be in reverse-DNS"
                    " style, such as org.example.note"
                )

    def _check_versions(self) -> None:
        if self.version is not None and not SEMANTIC_VERSION.fullmatch(self.version):
            raise ValueError(
                f"D-10: version {self.version!r} of {self.id} must be a semantic"
                " version such as 2.0.1"
            )
        hook = HOOKS.get(self.hook)
        if hook is None and "." not in self.hook:
            raise ValueError(
                f"HK-13: {self.hook!r} is no published hook; a hook of one's own has a"
                " reverse-DNS name"
            )
        published = hook.hook_version if hook else self.hook_version
        if self.hook_version not in (None, published):
            raise ValueError(
                f"D-11: hook_version of {self.id} is {self.hook_version!r}, but"
                f" {self.hook} was published as {published!r}"
            )

    def _check_prefetch(self) -> None:
        hook = HOOKS.get(self.hook)
        for key in self.prefetch:
            if not key.strip() or key != " ".join(key.split()):
                raise ValueError(f"D-08: {key!r} of {self.id} is no prefetch key")
        for fault in template_faults(
            self.prefetch, hook, extended=self.extended_prefetch
        ):
            raise ValueError(f"service {self.id}, {fault}")

    def to_json(self) -> dict[str, object]:
        """The entry as JSON members; those without a value are left out (J-04)."""
        members: dict[str, object | None] = {
            "hook": self.hook,
            "title": self.title,
            "description": self.description,
            "id": self.id,
            "prefetch": dict(self.prefetch),
            "usageRequirements": self.usage_requirements,
            "version": self.version,
            "hookVersion": self.hook_version,
            "extension": dict(self.extension),
        }
        return {name: value for name, value in members.items() if value}


def discovery_document(services: Iterable[ServiceDescription]) -> dict[str, object]:
    """The discovery response for `services`, in their order.

    Raises `ValueError` if two of them have the same id and hook: another version of
    a hook needs another id (D-12, D-13).
    """
    listed = list(services)
    seen: set[tuple[str, str]] = set()
    for service in listed:
        if (service.id, service.hook) in seen:
            raise ValueError(
                f"D-13: service {service.id} is listed twice for {service.hook}"
            )
        seen.add((service.id, service.hook))
    return {"services": [service.to_json() for service in listed]}
