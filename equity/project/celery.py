"""The Celery application: worker and beat."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "equity.project.settings")

app = Celery("equity")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def refuse_dangerous_logins(**kwargs: Any) -> None:
    """A worker, like the web process, does not start with a login that could climb a wall."""
    from equity.tenancy import logins

    logins.refuse_dangerous_logins()
