"""The embedded database under crashes, several askers, other accounts and awkward paths. Real servers
throughout."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg
import pytest

from choir.installation import postgres
from choir.installation.home import Home
from choir.installation.postgres_programs import NoPrograms, find_programs

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


def postmaster(home: Home) -> psutil.Process:
    return psutil.Process(int((home.database / "postmaster.pid").read_text().split()[0]))


def processes_in(home: Home) -> list[psutil.Process]:
    cluster = str(home.database.resolve())
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd() == cluster and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def rows(url: str) -> int:
    with psycopg.connect(url) as connection:
        answer = connection.execute("SELECT count(*) FROM kept").fetchone()
    assert answer is not None
    return int(answer[0])


def keep_rows(url: str, count: int) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (number int)")
        connection.execute("INSERT INTO kept SELECT generate_series(1, %s)", [count])


def test_starts_and_answers_as_an_ordinary_role_of_its_own(home: Home) -> None:
    url = postgres.ensure_running(home)
    with psycopg.connect(url) as connection:
        who = connection.execute(
            "SELECT rolname, rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        encoding = connection.execute("SHOW server_encoding").fetchone()
        safe = connection.execute("SELECT current_setting('fsync'), current_setting('synchronous_commit')").fetchone()
    assert who == ("choir", False, True)
    assert encoding == ("UTF8",)
    assert safe == ("on", "on")


def test_listens_on_no_network_and_refuses_a_wrong_password(home: Home) -> None:
    url = postgres.ensure_running(home)
    assert not [c for c in postmaster(home).net_connections(kind="inet") if c.status == psutil.CONN_LISTEN]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url, password="guess")


def test_rows_are_all_there_after_kill_9_of_the_server(home: Home) -> None:
    url = postgres.ensure_running(home)
    keep_rows(url, 5000)
    server = postmaster(home)
    server.kill()
    server.wait(10)
    assert (home.database / "postmaster.pid").exists()
    began = time.monotonic()
    assert rows(postgres.ensure_running(home)) == 5000
    assert time.monotonic() - began < 10


def test_starts_again_beside_a_busy_backend_that_outlived_its_killed_server(home: Home) -> None:
    url = postgres.ensure_running(home)
    keep_rows(url, 10)
    busy = psycopg.connect(url)
    busy.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 100000000000)")
    time.sleep(0.2)
    postmaster(home).kill()
    assert rows(postgres.ensure_running(home)) == 10
    busy.close()


def test_a_stale_pid_file_with_the_number_of_another_process_is_no_server(home: Home) -> None:
    url = postgres.ensure_running(home)
    keep_rows(url, 3)
    pid_file = home.database / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    postgres.stop(home)
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    assert not postgres.is_running(home)
    assert rows(postgres.ensure_running(home)) == 3


@pytest.mark.parametrize("content", ["", "not a number\n", "-1\n", "99999999999999999999\n"])
def test_a_broken_pid_file_does_not_keep_it_from_starting(home: Home, content: str) -> None:
    postgres.ensure_running(home)
    postgres.stop(home)
    (home.database / "postmaster.pid").write_text(content)
    assert postgres.ensure_running(home)


def test_a_creation_that_was_killed_is_begun_anew(home: Home) -> None:
    draft = home.path / "database.draft"
    (draft / "base").mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18")
    assert rows_of_a_new_table(postgres.ensure_running(home)) == 1
    assert not draft.exists()


def rows_of_a_new_table(url: str) -> int:
    keep_rows(url, 1)
    return rows(url)


ASK = """
import sys
from choir.installation.home import Home
from choir.installation import postgres
print(postgres.ensure_running(Home(sys.argv[1])))
"""
USE_AND_WAIT = """
import sys, time
from choir.installation.home import Home
from choir.installation import postgres
with postgres.in_use(Home(sys.argv[1])) as url:
    print(url, flush=True)
    time.sleep(60)
"""
RUN_AS = """
import sys, psutil
from choir.installation.home import Home
from choir.installation import postgres
home = Home(sys.argv[1])
with postgres.in_use(home):
    pid = int((home.database / "postmaster.pid").read_text().split()[0])
    print("ran as", psutil.Process(pid).uids().real)
"""


def parent_of(process: psutil.Process) -> int | None:
    """A backend may end between being seen and being asked."""
    try:
        return process.ppid()
    except psutil.NoSuchProcess:
        return None


def test_processes_that_ask_at_once_share_one_server(home: Home) -> None:
    def ask(_: int) -> str:
        return subprocess.run(
            [sys.executable, "-c", ASK, home.path], capture_output=True, text=True, check=True, cwd=ROOT
        ).stdout

    with ThreadPoolExecutor(4) as pool:
        answers = {answer.splitlines()[-1] for answer in pool.map(ask, range(4))}
    assert answers == {postgres.ensure_running(home)}
    servers = [p for p in processes_in(home) if parent_of(p) == 1 or p.pid == postmaster(home).pid]
    assert [p.pid for p in servers] == [postmaster(home).pid]


def test_the_last_user_stops_the_server_and_leaves_no_process(home: Home) -> None:
    with postgres.in_use(home) as url:
        with postgres.in_use(home) as same:
            assert same == url
        assert postgres.is_running(home)
        assert processes_in(home)
    assert not postgres.is_running(home)
    assert processes_in(home) == []


def test_a_user_that_was_killed_does_not_keep_the_server_alive(home: Home) -> None:
    other = subprocess.Popen([sys.executable, "-c", USE_AND_WAIT, home.path], stdout=subprocess.PIPE, cwd=ROOT)
    assert other.stdout is not None
    other.stdout.readline()
    with postgres.in_use(home):
        other.send_signal(signal.SIGKILL)
        other.wait()
    other.stdout.close()
    assert not postgres.is_running(home)


def test_a_lost_password_is_made_anew_without_losing_rows(home: Home) -> None:
    keep_rows(postgres.ensure_running(home), 4)
    (home.keys / "database_password").unlink()
    assert rows(postgres.ensure_running(home)) == 4


def test_a_path_too_long_for_a_socket_works(home: Home) -> None:
    far = Home(home.path / ("a" * 80) / ("b" * 80))
    try:
        assert rows_of_a_new_table(postgres.ensure_running(far)) == 1
    finally:
        postgres.stop(far)


def test_quotes_and_spaces_in_the_path_work(home: Home) -> None:
    odd = Home(home.path / "it's a “näme” with %41 & spaces")
    try:
        assert rows_of_a_new_table(postgres.ensure_running(odd)) == 1
    finally:
        postgres.stop(odd)


def test_a_server_that_cannot_start_says_why(home: Home) -> None:
    postgres.ensure_running(home)
    postgres.stop(home)
    (home.database / "custom.conf").write_text("shared_buffers = nonsense\n")
    with pytest.raises(postgres.DatabaseUnavailable, match="shared_buffers"):
        postgres.ensure_running(home)


def test_an_operators_own_settings_win(home: Home) -> None:
    postgres.ensure_running(home)
    postgres.stop(home)
    (home.database / "custom.conf").write_text("work_mem = 7MB\n")
    with psycopg.connect(postgres.ensure_running(home)) as connection:
        assert connection.execute("SHOW work_mem").fetchone() == ("7MB",)


def test_a_database_of_another_major_version_is_explained() -> None:
    with pytest.raises(NoPrograms, match="restore a backup"):
        find_programs(9)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")
def test_root_lends_the_server_an_ordinary_account(home: Home) -> None:
    postgres.ensure_running(home)
    assert postmaster(home).uids().real != 0
    assert (home.database.stat().st_mode & 0o777) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can close its own home")
def test_root_works_in_a_folder_that_is_closed_to_the_database(home: Home) -> None:
    closed = home.path / "closed"
    closed.mkdir(mode=0o700)
    private = Home(closed / "installation")
    try:
        keep_rows(postgres.ensure_running(private), 2)
        postgres.stop(private)
        assert rows(postgres.ensure_running(private)) == 2
    finally:
        postgres.stop(private)
        shutil.rmtree(private.database.resolve().parent)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")
def test_an_ordinary_user_runs_it_as_themselves(home: Home) -> None:
    nobody = pwd.getpwnam("nobody")
    folder = home.path / "theirs"
    folder.mkdir()
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    answer = subprocess.run(
        [python_for_everyone(), "-c", RUN_AS, folder / "installation"],
        env={"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]), "PYTHONDONTWRITEBYTECODE": "1"},
        user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[], cwd="/",
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    assert f"ran as {nobody.pw_uid}" in answer.stdout.splitlines()


def python_for_everyone() -> str:
    """An interpreter of this version that any account can run: this one may lie in root's closed home."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    candidates = [sys.executable, *(f"{folder}/{version}" for folder in ("/usr/bin", "/usr/local/bin"))]
    for candidate in candidates:
        check = ["/bin/sh", "-c", '"$0" -c ""', candidate]
        if subprocess.run(check, user="nobody", cwd="/", capture_output=True, check=False).returncode == 0:
            return candidate
    raise AssertionError(f"no {version} on this machine can be run by an ordinary user")
