"""Where the web server enters. Refuses to start with a login that could climb a wall."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "equity.project.settings")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

from equity.tenancy.logins import refuse_dangerous_logins

refuse_dangerous_logins()
