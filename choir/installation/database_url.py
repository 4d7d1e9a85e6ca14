"""`DATABASE_URL` in and out: the one form in which processes tell each other where the database is."""

from typing import Any
from urllib.parse import quote, urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

SCHEMES = ("postgresql", "postgres")


class DatabaseUrlWrong(ValueError):
    """The text is no address of a PostgreSQL database."""


def socket_url(*, user: str, password: str, database: str, folder: str) -> str:
    """The address of a server that listens on a socket in `folder`."""
    credentials = f"{quote(user, safe='')}:{quote(password, safe='')}"
    return f"postgresql://{credentials}@/{quote(database, safe='')}?host={quote(folder, safe='')}&port=5432"


def connection_parameters(url: str) -> dict[str, str]:
    """libpq's parameters (user, password, host, port, dbname, sslmode…) of `url`."""
    if urlsplit(url).scheme not in SCHEMES:
        raise DatabaseUrlWrong("it must begin with postgresql://")
    try:
        parameters = conninfo_to_dict(url)
    except ProgrammingError as error:
        raise DatabaseUrlWrong(str(error).strip()) from error
    if not parameters.get("dbname"):
        raise DatabaseUrlWrong("it names no database")
    return {key: str(value) for key, value in parameters.items() if value is not None}


def django_database(url: str) -> dict[str, Any]:
    """`url` as Django's entry in DATABASES; what Django has no name for goes into OPTIONS."""
    parameters = connection_parameters(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parameters.pop("dbname"),
        "USER": parameters.pop("user", ""),
        "PASSWORD": parameters.pop("password", ""),
        "HOST": parameters.pop("host", ""),
        "PORT": parameters.pop("port", ""),
        "OPTIONS": parameters,
    }


def without_password(url: str) -> str:
    """`url` fit to be shown: the password is left out."""
    parameters = connection_parameters(url)
    host = parameters.get("host", "localhost")
    return f"{parameters['dbname']} on {host}"
