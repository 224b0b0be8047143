"""`python -m app.worker`: does the jobs that RQ hints at. Start as many as the machine has cores to spare.

Jobs run in this process, one after the other: a fork for each would cost more than most of them. One that takes the
process along is taken up by the next worker within seconds, and given up where it does so every time (`app.jobs`).
"""

from __future__ import annotations

import structlog
from rq import SimpleWorker

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
        worker = SimpleWorker(
            [jobs.queue(), jobs.queue(jobs.BULK_QUEUE)],
            connection=app.extensions["redis"],
            serializer="json",
            worker_ttl=WORKER_TTL,
            maintenance_interval=MAINTENANCE_SECONDS,
            log_job_description=False,
        )
    worker.max_connection_wait_time = 5  # seconds between tries while Redis is away
    log.info("worker.started")
    worker.work(logging_level="WARNING")
    log.info("worker.stopped")


if __name__ == "__main__":
    main()
