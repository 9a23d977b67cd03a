"""`b12-cds serve`: answer CDS Hooks requests over HTTP."""

import argparse
import os
import sys

from service.settings import read_settings, refuse_exposure


EXAMPLES = """\
examples:
  b12-cds serve
  b12-cds serve --port 9000
  B12_PROFILE=uk b12-cds serve
  B12_AS_OF=2025-06-30 b12-cds serve

Settings come from environment variables B12_...; docs/operators-guide.md lists them.
"""


def add_to(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> None:
    """Add the command's arguments."""
    serve = commands.add_parser(
        "serve",
        help="answer CDS Hooks requests over HTTP",
        description="Serve the CDS services, and a page about them at /.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    serve.add_argument("--host", help="address to listen on (default: HOST, 127.0.0.1)")
    serve.add_argument("--port", help="TCP port to listen on (default: PORT, 8080)")
    serve.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve until told to stop."""
    for variable, given in (("HOST", arguments.host), ("PORT", arguments.port)):
        if given is not None:
            # gunicorn and its workers read the settings for themselves.
            os.environ[variable] = given
    settings = read_settings()
    refuse_exposure(settings)
    sys.stderr.write(f"b12-cds: the page for people is {settings.public_url}/\n")
    # Late, so that a wrong setting is not first a wait for everything to be loaded.
    from service.gunicorn_server import serve

    serve()
    return 0
