"""How gunicorn serves the application; the names are gunicorn's own.

One parent loads everything once and forks the workers, which answer one request at a
time each. Chosen by measurement: threads with keep-alive were faster at best and slower
by a factor of 2.5 at worst, and a clinician waits for the worst. The price is that a
client which sends its body slowly holds a worker until its time is over, so a buffering
proxy belongs in front of the service.
"""

import gc
import math
import os
from typing import TYPE_CHECKING

from service.gunicorn_log import ServerLog
from service.gunicorn_worker import PatientWorker
from service.settings import read_settings


if TYPE_CHECKING:
    from gunicorn.arbiter import Arbiter
    from gunicorn.workers.base import Worker


_settings = read_settings()
_host = _settings.host.strip("[]")

bind = [f"[{_host}]:{_settings.port}" if ":" in _host else f"{_host}:{_settings.port}"]
workers: int = _settings.workers
worker_class = PatientWorker
logger_class = ServerLog

# Connections that wait for a free worker, kept by the kernel. Together with those in
# the workers' hands they are all that is in flight.
backlog = _settings.max_waiting

# Knowledge, templates and validators are built before the fork and shared by all
# workers; a knowledge file that is broken stops the start and not a worker.
preload_app = True

# Seconds. A client has its time to send the request, reads from a FHIR server have
# theirs, and answering takes little more. A worker that is silent for `timeout` is
# stuck and is replaced. On a stop, requests in hand are given `graceful_timeout`: less
# than the 30 s an orchestrator usually waits.
_answering = 20
timeout = math.ceil(
    _settings.client_seconds + _settings.fhir_deadline_seconds + _answering
)
graceful_timeout = 20

# Workers show that they are alive by touching a file. In memory, so that a read-only
# root file system needs no place for it and a busy disk cannot make a worker look dead.
_shared_memory = "/dev/shm"  # noqa: S108  # nosec B108  # a file only its maker opens
worker_tmp_dir = _shared_memory if os.path.isdir(_shared_memory) else None

# From release 25.1 gunicorn opens a socket under the home directory by which it can be
# steered. Nothing here uses it, and the container's user has no home.
control_socket_disable = True

# The application writes one line for each request itself, without the query or body.
accesslog = None

# Enough for a bearer token with many claims; a longer header is refused with a 431.
limit_request_field_size = 16_380
limit_request_fields = 64
limit_request_line = 4_094


def when_ready(server: "Arbiter") -> None:
    """Take everything loaded so far out of the garbage collector's sight.

    Called in the parent after preloading and before the fork. The collector then never
    walks the knowledge during a request, nor writes to pages the workers share:
    measured, it halves the slowest one per cent of answers.
    """
    gc.collect()
    gc.freeze()


def child_exit(server: "Arbiter", worker: "Worker") -> None:
    """Keep the counts of a worker that ended, and forget what was only its state."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]  # not annotated
