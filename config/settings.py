"""Django's settings. What an operator can change is in `environment`; the rest is decided here."""

import secrets
from typing import Any

from csp.constants import NONE, SELF

from choir.installation.home import Home
from config.environment import environment_or_exit
from config.static_version import static_version

environment = environment_or_exit()
HOME = Home(environment.data)

SECRET_KEY = HOME.secret_key
KEYRING = HOME  # its encryption keys are read when they are needed: `choir rotate-key` changes them meanwhile
AUDIT_KEY = HOME.secret("audit_key", lambda: secrets.token_urlsafe(48))  # signs the record; never rotated
DEBUG = environment.debug
ALLOWED_HOSTS = environment.hosts
PUBLIC_URL = environment.origin
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
DEMO_SIGN_IN = environment.demo_sign_in

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django_htmx",
    "csp",
    "procrastinate.contrib.django",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "choir.people",
    "choir.events",
    "choir.sandbox",
    "choir.customers",
    "choir.channels",
    "choir.listening",
    "choir.triage",
    "choir.routing",
    "choir.inbox",
    "choir.media",
    "choir.knowledge",
    "choir.outbound",
    "choir.surveys",
    "choir.conversions",
    "choir.measurement",
    "choir.journey",
    "choir.strategy",
    "choir.value",
    "choir.pilots",
    "choir.governance",
    "choir.executive",
    "choir.flow",
    "choir.web",
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
    "allauth.account.middleware.AccountMiddleware",
    "choir.web.refusals.Refusals",
    "choir.web.shell.middleware.personal",
    "choir.web.shell.middleware.whole_page_sign_in",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATE_LOADERS = ["choir.web.templates.CapabilityLoader", "django.template.loaders.app_directories.Loader"]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": False,
        "OPTIONS": {
            # Developers see a changed template at once; an installation reads each once.
            "loaders": TEMPLATE_LOADERS if DEBUG else [("django.template.loaders.cached.Loader", TEMPLATE_LOADERS)],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["django.templatetags.static", "django.contrib.humanize.templatetags.humanize"],
        },
    }
]

DATABASES: dict[str, dict[str, Any]] = {"default": environment.database}
DATABASES["default"].setdefault("OPTIONS", {})
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 12, "timeout": 10}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"},
    "local": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}
SESSION_ENGINE = "choir.web.signin.sessions"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
CSRF_FAILURE_VIEW = "choir.web.shell.views.unproven"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if environment.public_url else None
SECURE_HSTS_SECONDS = 31_536_000 if SESSION_COOKIE_SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = ["choir.web.signin.backend.SignedIn"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # people are added by an administrator, who knows the address
ACCOUNT_ADAPTER = "choir.web.signin.adapter.ClosedSignup"
ACCOUNT_SESSION_REMEMBER = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Choir"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # as above

DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
MEDIA_ROOT = HOME.media

USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = "config.formats"
LANGUAGES = [("en", "English")]  # those the pages are written in; a person chooses among them

# The address of static files changes with what is in them, so browsers keep them for good and ask for none twice.
STATIC_URL = "/static/" if DEBUG else f"/static/{static_version()}/"
WHITENOISE_USE_FINDERS = True  # served from the packages: nothing to collect, nothing to forget
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_IMMUTABLE_FILE_TEST = lambda _path, _url: not DEBUG  # noqa: E731 -- a setting of whitenoise
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROCRASTINATE_IMPORT_PATHS = ["choir.flow.jobs"]

for _name, _value in environment.mail.items():
    globals()[_name] = _value
DEFAULT_FROM_EMAIL = SERVER_EMAIL = environment.mail_from

LOGGING_CONFIG = None  # choir.installation.logs sets structured logging up
