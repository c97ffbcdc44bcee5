"""Settings from the environment. Without JIEDIAN_DEMO=1 everything is as strict as production."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from jiedian.config.rooms import JOBS, ROOMS
from jiedian.ground.throttle.calc.address import networks

BASE_DIR = Path(__file__).resolve().parents[2]
RUN_DIR = Path(os.environ.get("JIEDIAN_RUN_DIR", BASE_DIR / ".run"))

DEMO = os.environ.get("JIEDIAN_DEMO") == "1"
DEBUG = os.environ.get("JIEDIAN_DEBUG") == "1"
if DEBUG and not DEMO:
    raise ImproperlyConfigured(
        "JIEDIAN_DEBUG=1 只用于演示 / is for the demo alone: it shows code and settings"
    )
SECRET_KEY = os.environ["JIEDIAN_SECRET_KEY"]
VAULT_KEYS = os.environ["JIEDIAN_VAULT_KEYS"].split(",")
"""Fernet keys, newest first; the older ones still open what they closed."""
ALLOWED_HOSTS = os.environ.get("JIEDIAN_HOSTS", "127.0.0.1,localhost,testserver").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("JIEDIAN_ORIGINS", "").split(",") if o]
try:
    TRUSTED_PROXIES = networks(os.environ.get("JIEDIAN_TRUSTED_PROXIES", "").split(","))
except ValueError as error:
    raise ImproperlyConfigured(f"JIEDIAN_TRUSTED_PROXIES: {error}") from None
"""Proxies whose X-Forwarded-For is believed (10.0.0.7,192.168.0.0/24); without them an asker is whoever connects."""
CITY_ZH = os.environ.get("JIEDIAN_CITY_ZH", "示范市供电公司")
CITY_EN = os.environ.get("JIEDIAN_CITY_EN", "Demonstration City Power Company")


def database(url: str) -> dict[str, object]:
    """A Django database entry from ``postgresql://user:password@host:port/name``."""
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": database(os.environ["DATABASE_URL"])}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "throttle_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
"""In it the library of the sign-in counts what was wrong: one count for all processes, also after a restart."""

INSTALLED_APPS = [
    *reversed(ROOMS),
    "jiedian.config",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "pgtrigger",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "jiedian.shell.middleware.ReferenceMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "jiedian.shell.middleware.KioskMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "jiedian.shell.middleware.RefusalMiddleware",
]

LOADERS = {"loaders": ["django.template.loaders.app_directories.Loader"]} if DEBUG else {}
"""While one writes them, templates are read anew for every page."""
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": not DEBUG,
        "OPTIONS": LOADERS
        | {
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "jiedian.shell.templatetags.web_tags",
                "jiedian.shell.templatetags.kit",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "jiedian.shell.shell.shell",
            ],
        },
    }
]

ROOT_URLCONF = "jiedian.config.urls"
WSGI_APPLICATION = "jiedian.config.wsgi.application"
WIRING = "jiedian.config.rooms"

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/account/login/"
LOGIN_REDIRECT_URL = "/today/"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_ADAPTER = "jiedian.people.services.StaffAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [str(BASE_DIR / "locale")]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = RUN_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "jiedian.shell.storage.HashedStorage"},
}
VAULT_DIR = RUN_DIR / "vault"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000

UPLOAD_CEILINGS = {"/grid/imports/": 300 * 1024 * 1024, "/history/new/": 100 * 1024 * 1024}
"""Paths that take files beyond the vault's ceiling: the networks of a city, the event log of another system."""
FILE_UPLOAD_HANDLERS = [
    "jiedian.ground.vault.services.CeilingUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

CSRF_FAILURE_VIEW = "jiedian.shell.views.stale_form"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEMO
SECURE_HSTS_SECONDS = 0 if DEMO else 31_536_000
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

REFRESH_SECONDS = 20
"""How often a page that shows what moves fetches its rows anew."""
PUBLIC_URL = os.environ.get("JIEDIAN_PUBLIC_URL", "http://127.0.0.1:8000")
"""Where customers find the service; links in messages begin with it."""
MAIL_URL = os.environ.get("JIEDIAN_MAIL_URL", "")
MAIL_ADDRESS = os.environ.get("JIEDIAN_MAIL_ADDRESS", "service@jiedian.invalid")
MAILBOX_URL = os.environ.get("JIEDIAN_MAILBOX_URL", "")
SMS_URL = os.environ.get("JIEDIAN_SMS_URL", "")
SMS_SECRET = os.environ.get("JIEDIAN_SMS_SECRET", "")
PAYMENT_URL = os.environ.get("JIEDIAN_PAYMENT_URL", "")
PAYMENT_SECRET = os.environ.get("JIEDIAN_PAYMENT_SECRET", "")
WECHAT_URL = os.environ.get("JIEDIAN_WECHAT_URL", "")
WECHAT_APP_ID = os.environ.get("JIEDIAN_WECHAT_APP_ID", "")
WECHAT_SECRET = os.environ.get("JIEDIAN_WECHAT_SECRET", "")
WECHAT_TOKEN = os.environ.get("JIEDIAN_WECHAT_TOKEN", "")
WECHAT_AES_KEY = os.environ.get("JIEDIAN_WECHAT_AES_KEY", "")


def pairs(name: str) -> dict[str, str]:
    """``a=1,b=2`` from the environment."""
    held = (word.partition("=") for word in os.environ.get(name, "").split(",") if word)
    return {key: value for key, _, value in held}


HOOK_SECRETS = pairs("JIEDIAN_HOOK_SECRETS")
"""Channel → the secret its webhook signs with."""
HOOK_URLS = pairs("JIEDIAN_HOOK_URLS")
"""Channel → where its answers go."""
APP_TOKENS = pairs("JIEDIAN_APP_TOKENS")
"""Name of an application → its bearer token for the API."""
PROCRASTINATE_IMPORT_PATHS = list(JOBS)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"reference": {"()": "jiedian.core.reference.ReferenceFilter"}},
    "formatters": {"line": {"format": "{levelname} {reference} {name}: {message}", "style": "{"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "filters": ["reference"], "formatter": "line"}
    },
    "loggers": {"django": {"handlers": []}},  # its own would say everything twice
    "root": {"handlers": ["console"], "level": os.environ.get("JIEDIAN_LOG", "WARNING")},
}
