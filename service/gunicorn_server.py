"""The service under gunicorn, started from Python instead of gunicorn's own command."""

import os
import shutil
import tempfile
from typing import Any

from gunicorn.app.base import BaseApplication

from service import gunicorn_conf
from service.logs import configure_logs, hush_libraries
from service.settings import read_settings


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
        # Not before `serve` has said where the workers share their counts:
        # prometheus_client looks for that when it is first imported.
        from service.app import create_app

        return create_app()


def serve() -> None:
    """Serve until a signal ends it.

    Raises SettingsError or KnowledgeError before anything listens.
    """
    counts = tempfile.mkdtemp(
        prefix="b12-cds-metrics-", dir=gunicorn_conf.worker_tmp_dir
    )
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = counts
    configure_logs(read_settings().log_level)
    hush_libraries()
    parent = os.getpid()
    try:
        Service().run()
    finally:
        # A worker that ends leaves through here too, and the others still count.
        if os.getpid() == parent:
            shutil.rmtree(counts, ignore_errors=True)
