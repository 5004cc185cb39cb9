"""Where the web server enters. Refuses to start with a login that could climb a wall."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "equity.project.settings")
application = get_wsgi_application()

# Imported late: its models exist only once Django has been set up.
from equity.tenancy.logins import refuse_dangerous_logins  # noqa: E402

refuse_dangerous_logins()
