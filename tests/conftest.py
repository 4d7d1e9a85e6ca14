"""One embedded PostgreSQL for the whole test run, the engine that runs in production.

Each checkout has its own. The first test that wants a database starts it (every xdist worker asks for the
same one and gets its own database in it), the last worker to end stops it. It is kept between runs, so that
only the first run pays for making it. `DATABASE_URL` names another server instead.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections

from choir.installation import postgres
from choir.installation.database_url import django_database
from choir.installation.home import Home
from tests.template import migrated

LONG_FILES = (
    *("tests/operations/test_up.py", "tests/web/test_every_page.py", "tests/web/browser", "tests/demo/test_load.py"),
    *("tests/operations", "tests/faults", "tests/web/test_in_a_browser.py", "tests/architecture/test_routes.py"),
    *("tests/channels/test_mastodon_streaming.py", "tests/installation"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long, or wait for processes, come first: left to the end they would keep one core busy and the
    other idle."""
    root = str(Path(__file__).resolve().parents[1])

    def place(item: pytest.Item) -> int:
        name = str(item.path).removeprefix(root).lstrip("/")
        return next((number for number, long in enumerate(LONG_FILES) if name.startswith(long)), len(LONG_FILES))

    items.sort(key=place)


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """The server that the tests use. Durability is off: a power cut may cost it, and it is made anew."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    checkout = sha256(str(Path(__file__).resolve().parent).encode()).hexdigest()[:8]
    home = Home(Path(tempfile.gettempdir()) / f"choir-tests-{os.geteuid()}-{checkout}")
    with postgres.in_use(home, durable=False) as url:
        yield url


@pytest.fixture(scope="session", autouse=True)
def _files_of_their_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What tests upload goes into a folder of their own, never into an installation."""
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> None:
    """Hashing a password is slow on purpose; a cast of nine for every test need not be."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None, database_url: str) -> None:
    """Point Django at the tests' server before pytest-django makes its databases there, each a copy of one that has
    the tables already."""
    settings_dict = connections["default"].settings_dict
    settings_dict.update(django_database(database_url))
    settings_dict["TEST"]["TEMPLATE"] = migrated(database_url)


@pytest.fixture
def home() -> Iterator[Home]:
    """An empty installation that everyone may reach (pytest's own folders are closed); nothing of it
    stays."""
    folder = Path(tempfile.mkdtemp(prefix="choir-test-"))
    folder.chmod(0o711)
    home = Home(folder / "installation")
    yield home
    postgres.stop(home)
    shutil.rmtree(folder)
