"""Setting up on a machine that lacks something says what, and what to do; what needs a network is tried by hand."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout without an environment."""
    shutil.copytree(ROOT / "bin", tmp_path / "bin")
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-bootstrap.txt"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def set_up(checkout: Path, path: str = "/usr/bin:/bin") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [checkout / "bin" / "choir", "--help"], capture_output=True, text=True, check=False, env={"PATH": path}
    )


def test_a_link_that_leads_nowhere_is_named(checkout: Path) -> None:
    (checkout / ".venv").symlink_to("/nowhere/at/all")
    answer = set_up(checkout)
    assert answer.returncode == 1
    assert "is a link to /nowhere/at/all, which is not there" in answer.stderr
    assert (checkout / ".venv").is_symlink()


def test_a_machine_without_a_python_new_enough_is_told_what_to_install(checkout: Path) -> None:
    tools = checkout / "tools"
    tools.mkdir()
    for name in ("sh", "dirname", "cat", "cksum", "id", "env"):
        (tools / name).symlink_to(shutil.which(name) or f"/bin/{name}")
    (tools / "python3").write_text("#!/bin/sh\nexit 1\n")  # as one that is too old answers
    (tools / "python3").chmod(0o755)
    answer = set_up(checkout, str(tools))
    assert answer.returncode == 1
    assert "it needs Python 3.11 or later" in answer.stderr
