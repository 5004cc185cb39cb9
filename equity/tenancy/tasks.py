"""The only two Celery tasks: do one job, and take up what was left."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from equity.tenancy import jobs


@shared_task(name="equity.tenancy.tasks.run_job")
def run_job(organisation_id: int, job_id: str) -> None:
    jobs.run(organisation_id, UUID(job_id))


@shared_task(name="equity.tenancy.tasks.sweep")
def sweep() -> None:
    for organisation_id, job_id in jobs.waiting_too_long():
        jobs.hand_over(organisation_id, job_id)
