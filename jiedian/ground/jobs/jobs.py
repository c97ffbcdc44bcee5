"""Periodic job that puts back the jobs of a worker that was killed."""

from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

STALLED_S = 12
"""A worker that has not said for so long that it lives is taken for dead; living ones say so every two seconds."""


@app.periodic(cron="* * * * * */15")
@app.task(name="jobs.rescue", queue="clocks", pass_context=True)
async def rescue_jobs(context: JobContext, timestamp: int) -> None:
    """Give the jobs of a worker that was killed to the living; a job may run twice and must not care."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_S):
        try:
            await manager.retry_job(job)
        except UniqueViolation:  # another of the same queueing lock waits already and does the same
            await manager.finish_job(job, Status.FAILED, delete_job=False)
