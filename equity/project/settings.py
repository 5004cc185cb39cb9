"""Settings: one file, everything that differs between machines comes from the environment.

Nothing here has a secret for a default. `docs/operations.md` lists every variable.
"""

from __future__ import annotations

from email.utils import getaddresses
from pathlib import Path
from typing import Any

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = environ.Env()

# ---------------------------------------------------------------- the machine
SECRET_KEY = env.str("SECRET_KEY")
DEBUG = env.bool("DEBUG", default=False)
BASE_URL = env.str("BASE_URL", default="http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[BASE_URL])
SECURE = BASE_URL.startswith("https://")

ROOT_URLCONF = "equity.project.urls"
WSGI_APPLICATION = "equity.project.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = True

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "csp",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "equity.apps.EquityConfig",
    "equity.tenancy",
    "equity.keys",
    "equity.cycle",
    "equity.publication",
    "equity.public",
    "equity.desk",
    "practices",
    "metrics",
    "accountability",
    "equity.mandates",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "equity.tenancy.middleware.PersonaMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "equity.http.page_context",
            ],
            "builtins": ["django.templatetags.i18n", "equity.templatetags.furniture"],
        },
    }
]


# ---------------------------------------------------------------- PostgreSQL: four logins, one database
# A process that dies leaves its statement behind, and with it its locks, until PostgreSQL sees that nobody listens. It looks
# every two seconds; for a machine that fell silent, the network asks after half a minute.
LOOK_FOR_THE_DEAD = (
    "-c client_connection_check_interval=2s"
    " -c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
)


def _database(variable: str, **more: Any) -> dict[str, Any]:
    given = env.db_url(variable)
    return {
        **given,
        "OPTIONS": {"options": LOOK_FOR_THE_DEAD, **given.get("OPTIONS", {})},
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=60),
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": False,
        **more,
    }


_MIRROR = {"TEST": {"MIRROR": "owner"}}
DATABASES: dict[str, Any] = {
    "default": _database("DATABASE_URL_INSIDE", **_MIRROR),
    "outside": _database("DATABASE_URL_OUTSIDE", **_MIRROR),
    "work": _database("DATABASE_URL_WORK", **_MIRROR),
}
if (
    "DATABASE_URL" in env.ENVIRON
):  # migrations and operator commands only: the web and worker processes do not have it
    DATABASES["owner"] = _database("DATABASE_URL", CONN_MAX_AGE=0, TEST={"DEPENDENCIES": []})
DATABASE_ROUTERS = ["equity.tenancy.acting.PersonaRouter"]

# ---------------------------------------------------------------- Valkey: broker, results, cache
REDIS_URL = env.str("REDIS_URL")
_socket = REDIS_URL.startswith(("unix://", "redis+socket://"))
_address = REDIS_URL.split("?")[0].rstrip("/")


def _valkey(number: int, *, for_celery: bool) -> str:
    if not _socket:
        return f"{_address}/{number}"
    rest = _address.split("://", 1)[1]
    return f"redis+socket://{rest}?virtual_host={number}" if for_celery else f"unix://{rest}?db={number}"


CELERY_BROKER_URL = _valkey(0, for_celery=True)
CELERY_TASK_IGNORE_RESULT = True  # jobs are rows in PostgreSQL; a result backend would be a second truth
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 2, "socket_timeout": 30}
JOB_LEASE_SECONDS = env.float("JOB_LEASE_SECONDS", default=30.0)

# Counts of people below it are never shown. The rules in force set 11: higher is allowed, lower is refused.
DISCLOSURE_THRESHOLD = env.int("DISCLOSURE_THRESHOLD", default=11)
if DISCLOSURE_THRESHOLD < 11:
    raise ImproperlyConfigured("DISCLOSURE_THRESHOLD may be 11 or more.")
CELERY_BEAT_SCHEDULE = {
    "take up what a dead worker left": {
        "task": "equity.tenancy.tasks.sweep",
        "schedule": JOB_LEASE_SECONDS / 3,
        "options": {
            "expires": 10 * JOB_LEASE_SECONDS
        },  # not thousands of them after a weekend without a worker
    },
    "compare the sums with the counts": {
        "task": "metrics.tasks.rollups.check_all",
        "schedule": crontab(hour=3, minute=17),
        "options": {"expires": 12 * 3600},
    },
    "remind of counts that are due": {  # asked again each hour, in case the mail server was away
        "task": "equity.desk.tasks.remind_all",
        "schedule": crontab(day_of_week="mon", hour="6-18", minute=23),
        "options": {"expires": 3600},
    },
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": _valkey(2, for_celery=False),
        "KEY_PREFIX": "equity",
    }
}

# ---------------------------------------------------------------- sign-in
AUTH_USER_MODEL = "tenancy.Account"
AUTHENTICATION_BACKENDS = ["equity.tenancy.signin.SignInBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/me/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "equity.tenancy.signin.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are opened by invitation, never by strangers
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False

SESSION_ENGINE = "equity.tenancy.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 12
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
CSRF_FAILURE_VIEW = "equity.http.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

EMAIL_BACKEND = env.str("EMAIL_BACKEND", default="django.core.mail.backends.console.EmailBackend")
ADMINS = [one for one in getaddresses([env.str("ADMINS", default="")]) if one[1]]
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Light & Heat <no-reply@localhost>")

# ---------------------------------------------------------------- the browser's walls
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=SECURE)
SECURE_REDIRECT_EXEMPT = [
    r"^api/",
    r"^health/$",
]  # an API never redirects a key from http to https: it refuses
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
)
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Plotly writes one empty <style>: the hash of the empty string lets that and nothing else in.
EMPTY_STYLE = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF, EMPTY_STYLE],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}

# ---------------------------------------------------------------- words
LANGUAGE_CODE = "en-us"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "equity.project.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# ---------------------------------------------------------------- files
STATIC_URL = "static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(BASE_DIR / "var" / "static"))
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "equity.project.finders.PlotlyFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(BASE_DIR / "var" / "media"))
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
EVIDENCE_MAX_BYTES = 20_000_000

# ---------------------------------------------------------------- the API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "equity.api.problems.as_problem",
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Light & Heat",
    "DESCRIPTION": "What health-care institutions publish about equity: rates by group, scores, replies.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVERS": [{"url": BASE_URL}],
}
API_LARGEST_DOCUMENT = env.int("API_LARGEST_DOCUMENT", default=10_000_000)
API_RATE_PER_MINUTE = env.int("API_RATE_PER_MINUTE", default=600)
API_RATE_PER_MINUTE_WITHOUT_KEY = env.int("API_RATE_PER_MINUTE_WITHOUT_KEY", default=60)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {"django.server": {"level": "WARNING"}},
}
