"""Taking an installation off the machine: all of it, and nothing else."""

from pathlib import Path

import pytest

from choir.installation import postgres
from choir.installation.home import Home
from choir.installation.removal import NotRemovable, remove_installation


@pytest.mark.slow
def test_an_installation_goes_with_its_running_database(home: Home) -> None:
    postgres.ensure_running(home, durable=False)
    (home.media / "picture").write_bytes(b"x")
    remove_installation(home.path)
    assert not home.path.exists()
    Home(home.path)


@pytest.mark.slow
def test_one_that_is_in_use_stays(home: Home) -> None:
    with postgres.in_use(home, durable=False):
        with pytest.raises(NotRemovable, match="runs on"):
            remove_installation(home.path)
        assert postgres.is_running(home)


def test_a_folder_that_choir_did_not_make_stays(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(NotRemovable, match="nothing in it was removed"):
        remove_installation(tmp_path)
    assert (tmp_path / "thesis.txt").exists()


def test_where_nothing_is_nothing_happens(tmp_path: Path) -> None:
    remove_installation(tmp_path / "never")
    remove_installation(tmp_path)
    assert tmp_path.exists()
