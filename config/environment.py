"""Every setting an operator can make, typed, in one place; each is an environment variable.

A wrong value stops the start with one sentence: the setting, the value, what is allowed. docs/settings.md is
held to this file by a test.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from choir.installation.database_url import DatabaseUrlWrong, connection_parameters, django_database

PREFIX = "CHOIR_"
LogLevel = Literal["debug", "info", "warning", "error"]


class WrongSetting(ValueError):
    """A setting has a value that cannot be used; the text is one sentence for the operator."""


class Environment(BaseSettings):
    """The settings of one process. `description` says what a setting does, `allowed` what it may be."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True
    )

    data: Path = Field(
        default=Path("data"),
        description="The installation's folder: embedded database, media, keys, logs. Made on first use.",
        json_schema_extra={"allowed": "a folder"},
    )
    database_url: SecretStr | None = Field(
        default=None,
        validation_alias="DATABASE_URL",
        description="A PostgreSQL (15 or later) to use in place of the embedded one.",
        json_schema_extra={"allowed": "postgresql://user:password@host:port/database"},
    )
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        pattern=r"^[^\s/]+$",
        description="The address the web server listens on; 0.0.0.0 for every one.",
        json_schema_extra={"allowed": "an address or host name"},
    )
    port: int = Field(
        default=8000,
        ge=1,
        le=65535,
        description="The port the web server listens on.",
        json_schema_extra={"allowed": "a number from 1 to 65535"},
    )
    public_url: str | None = Field(
        default=None,
        description="The address people and networks use when a proxy stands in front; for links, webhooks.",
        json_schema_extra={"allowed": "http:// or https:// and a host, without a path"},
    )
    debug: bool = Field(
        default=False,
        description="Error pages with source text and settings, for developers; never on a public address.",
        json_schema_extra={"allowed": "true or false"},
    )
    web_processes: int = Field(
        default=2,
        ge=1,
        le=64,
        description="How many web processes `choir up` starts; one for each core is plenty.",
        json_schema_extra={"allowed": "a number from 1 to 64"},
    )
    workers: int = Field(
        default=1,
        ge=0,
        le=64,
        description="How many worker processes `choir up` starts.",
        json_schema_extra={"allowed": "a number from 0 to 64"},
    )
    allowed_hosts: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        description="Host names the web server answers to besides its own and the public address's.",
        json_schema_extra={"allowed": "host names with commas between them"},
    )
    demo_sign_in: bool = Field(
        default=False,
        description="One click signs in as any person of the demo company; `bin/demo` sets it.",
        json_schema_extra={"allowed": "true or false"},
    )
    log_level: LogLevel = Field(
        default="info",
        description="From which severity on log lines are written.",
        json_schema_extra={"allowed": "debug, info, warning or error"},
    )
    smtp_url: SecretStr | None = Field(
        default=None,
        description="The server that sends mail. Without it mail is written to the log.",
        json_schema_extra={"allowed": "smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465"},
    )
    mail_from: str = Field(
        default="Choir <choir@localhost>",
        pattern=r"^[^\r\n]*[^\s@]+@[^\s@]+$",
        description="The sender of mail.",
        json_schema_extra={"allowed": "an address, or Name <address>"},
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment variables alone: no .env file is picked up from wherever the command happens to run."""
        return init_settings, env_settings

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _split_hosts(cls, value: Any) -> Any:
        hosts = [host.strip() for host in value.split(",")] if isinstance(value, str) else value
        if any("/" in host or " " in host for host in hosts):
            raise ValueError("a host name has neither slash nor space")
        return [host for host in hosts if host]

    @field_validator("log_level", mode="before")
    @classmethod
    def _any_case(cls, value: Any) -> Any:
        return value.lower() if isinstance(value, str) else value

    @field_validator("database_url")
    @classmethod
    def _is_database(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            try:
                connection_parameters(value.get_secret_value())
            except DatabaseUrlWrong as error:
                raise ValueError(str(error)) from error
        return value

    @field_validator("public_url")
    @classmethod
    def _is_origin(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
            raise ValueError("not an origin")
        return f"{parts.scheme}://{parts.netloc}"

    @field_validator("smtp_url")
    @classmethod
    def _is_mail_server(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            parts = urlsplit(value.get_secret_value())
            if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
                raise ValueError("not a mail server")
        return value

    @property
    def origin(self) -> str:
        """The address at which this installation is reached: the public one, else host and port."""
        if self.public_url:
            return self.public_url
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104 -- compared, not bound
        return f"http://{host}:{self.port}"

    @property
    def hosts(self) -> list[str]:
        """Django's ALLOWED_HOSTS: loopback, the address listened on, the public one, and those named
        besides."""
        public = urlsplit(self.origin).hostname or ""
        known = ["localhost", "127.0.0.1", "[::1]", self.host, public, *self.allowed_hosts]
        return sorted({host for host in known if host})

    @property
    def database(self) -> dict[str, Any]:
        """Django's default entry in DATABASES. Without DATABASE_URL it names a server that is not there:
        whoever runs Django first starts the embedded one and sets it (`choir.installation.postgres`)."""
        if self.database_url is None:
            return {"ENGINE": "django.db.backends.postgresql", "NAME": "choir"}
        return django_database(self.database_url.get_secret_value())

    @property
    def mail(self) -> dict[str, Any]:
        """Django's EMAIL_ settings."""
        if self.smtp_url is None:
            return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
        parts = urlsplit(self.smtp_url.get_secret_value())
        encrypted = parts.scheme == "smtps"
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": parts.hostname,
            "EMAIL_PORT": parts.port or (465 if encrypted else 587),
            "EMAIL_HOST_USER": unquote(parts.username or ""),
            "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
            "EMAIL_USE_SSL": encrypted,
            "EMAIL_USE_TLS": not encrypted and parts.hostname not in {"localhost", "127.0.0.1", "::1"},
            "EMAIL_TIMEOUT": 20,
        }


def variable(field: str) -> str:
    """The environment variable behind a field of `Environment`."""
    alias = Environment.model_fields[field].validation_alias
    return str(alias) if alias else PREFIX + field.upper()


def read_environment() -> Environment:
    """The settings as they stand. Raises WrongSetting, with a sentence, at the first value that cannot be
    used."""
    try:
        return Environment()
    except ValidationError as error:
        raise WrongSetting(_sentence(error)) from None


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    place = str(first["loc"][0])
    field = next(name for name in Environment.model_fields if place.upper() in {name.upper(), variable(name)})
    described = Environment.model_fields[field]
    extra = described.json_schema_extra
    allowed = extra["allowed"] if isinstance(extra, Mapping) else "something else"
    secret = SecretStr in get_args(described.annotation)
    value = "has a value that cannot be used" if secret else f"is {first['input']!r}, which cannot be used"
    return f"{variable(field)} {value}: it must be {allowed}."


def environment_or_exit() -> Environment:
    """The settings; where one cannot be used, its sentence on standard error and exit code 2."""
    try:
        return read_environment()
    except WrongSetting as wrong:
        sys.stderr.write(f"choir: {wrong}\n")
        raise SystemExit(2) from None
