"""The service under gunicorn, started from Python instead of gunicorn's own command."""

from typing import Any

from gunicorn.app.base import BaseApplication

from service import gunicorn_conf
from service.app import create_app


class Service(BaseApplication):
    """Our application with the configuration of `gunicorn_conf`."""

    def load_config(self) -> None:
        """Take every name of the configuration that gunicorn knows."""
        known: dict[str, Any] = self.cfg.settings
        for name, value in vars(gunicorn_conf).items():
            if name in known:
                self.cfg.set(name, value)

    # Any: gunicorn and Flask describe a WSGI application in types that do not meet.
    def load(self) -> Any:
        """The application, made once in the parent (``preload_app``)."""
        return create_app()


def serve() -> None:
    """Serve until a signal ends it.

    Raises SettingsError or KnowledgeError before anything listens.
    """
    Service().run()
