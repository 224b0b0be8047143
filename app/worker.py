"""`python -m app.worker`: does the jobs that RQ hints at. Start as many as the machine has cores to spare.

The application is built once; each job runs in a forked child, so a job that dies takes nothing else along.
"""

from __future__ import annotations

import structlog
from rq import Worker

from app import jobs

log = structlog.get_logger("worker")
# Small, so that an idle worker looks after what a dead one left within seconds, not minutes.
WORKER_TTL = 20
MAINTENANCE_SECONDS = 5


def main() -> None:
    """Work until SIGTERM; the job in hand is finished first. Waits for Redis where it is away."""
    from wsgi import create_app  # an entry point, like wsgi itself: the jobs are the features'

    app = create_app()
    jobs.bind_worker(app)
    with app.app_context():
        worker = Worker(
            [jobs.queue()],
            connection=app.extensions["redis"],
            serializer="json",
            worker_ttl=WORKER_TTL,
            maintenance_interval=MAINTENANCE_SECONDS,
            log_job_description=False,
        )
    worker.max_connection_wait_time = 5  # seconds between tries while Redis is away
    log.info("worker.started", queue=jobs.QUEUE)
    worker.work(logging_level="WARNING")
    log.info("worker.stopped")


if __name__ == "__main__":
    main()
