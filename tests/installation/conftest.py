"""Homes of their own for tests that start, kill and stop database servers."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from choir.installation import postgres
from choir.installation.home import Home


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
