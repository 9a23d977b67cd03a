"""Look locked libraries up in the advisory database and say what was found.

    python deploy/audit.py requirements.txt

pip-audit reports "no known vulnerabilities" as well when the database knew none
of the libraries, as behind a package mirror without advisories. That is not an
answer, so this counts what was looked up: any advisory fails, nothing looked up
is said aloud, and AUDIT=required in the environment makes that a failure too.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass


TIME_ALLOWED_S = 180


@dataclass(frozen=True, kw_only=True, slots=True)
class Audit:
    """What the advisory database said about the libraries of one lock."""

    looked_up: int
    skipped: int
    advisories: tuple[str, ...]


def read_report(report: str) -> Audit:
    """Read pip-audit's JSON; text that is not a report counts as nothing looked up."""
    try:
        libraries = json.loads(report)["dependencies"]
    except (json.JSONDecodeError, KeyError, TypeError):
        libraries = []
    known = [library for library in libraries if "skip_reason" not in library]
    return Audit(
        looked_up=len(known),
        skipped=len(libraries) - len(known),
        advisories=tuple(
            f"{library['name']} {library['version']}: {advisory['id']}"
            f" (fixed in {', '.join(advisory['fix_versions']) or 'no release yet'})"
            for library in known
            for advisory in library["vulns"]
        ),
    )


def ask_database(lock: str) -> str:
    """Run pip-audit on a lock; what it printed, or nothing if it took too long."""
    command = [sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip"]
    command += ["--progress-spinner", "off", "--format", "json", "--requirement", lock]
    try:
        asked = subprocess.run(
            command, capture_output=True, text=True, timeout=TIME_ALLOWED_S
        )
    except subprocess.TimeoutExpired:
        return ""
    return asked.stdout


def verdict(audit: Audit, *, required: bool) -> tuple[int, str]:
    """The exit code and the sentence for it."""
    if audit.advisories:
        return 1, "audit: known vulnerabilities\n  " + "\n  ".join(audit.advisories)
    if audit.skipped or not audit.looked_up:
        return int(required), (
            f"audit: NOT AUDITED, the advisory database knew {audit.looked_up} of"
            f" {audit.looked_up + audit.skipped} libraries; run it where pip-audit"
            " can reach one (AUDIT=required makes this a failure)"
        )
    return 0, f"audit: no known vulnerability in {audit.looked_up} libraries"


def main() -> int:
    """Audit the lock named on the command line."""
    audit = read_report(ask_database(sys.argv[1]))
    code, sentence = verdict(audit, required=os.environ.get("AUDIT") == "required")
    print(sentence)
    return code


if __name__ == "__main__":
    sys.exit(main())
