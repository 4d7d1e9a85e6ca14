"""The embedded server's configuration files: written anew at every start, so that they are those of this
version.

What an operator wants otherwise stands in `custom.conf` beside them, which is read last.
"""

import os
from pathlib import Path

from choir.installation.account import Account

ADMINISTRATOR = "choir_admin"
"""The cluster's superuser. Only local accounts that run Choir may be it, by the kernel's word (peer), never
by password; the application signs in as an ordinary role."""

MEBIBYTE = 1024 * 1024
WITHOUT_DURABILITY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def server_settings(*, logs: Path, socket_folder: Path, durable: bool) -> dict[str, str]:
    """PostgreSQL's settings for a machine that it shares with Choir's own processes."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MEBIBYTE
    buffers = min(max(memory // 8, 128), 2048)
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(socket_folder),
        "unix_socket_permissions": "0777",  # the folder is closed, and each connection gives a password
        "port": "5432",
        "max_connections": "100",
        "password_encryption": "scram-sha-256",
        "shared_buffers": f"{buffers}MB",
        "effective_cache_size": f"{max(memory // 2, 256)}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": f"{min(max(memory // 16, 64), 512)}MB",
        "wal_compression": "on",
        "min_wal_size": "128MB",
        "max_wal_size": "2GB",
        "random_page_cost": "1.1",
        "jit": "off",
        "max_parallel_workers_per_gather": str(min((os.cpu_count() or 1) // 2, 4)),
        "autovacuum_vacuum_scale_factor": "0.05",
        "autovacuum_analyze_scale_factor": "0.02",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "synchronous_commit": "on",
        "logging_collector": "on",
        "log_directory": str(logs),
        "log_filename": "postgresql-%a.log",  # one for each day of the week, then written over
        "log_truncate_on_rotation": "on",
        "log_rotation_age": "1d",
        "log_rotation_size": "0",
        "log_min_messages": "warning",
        "log_min_error_statement": "panic",  # statements carry customers' words
        "log_error_verbosity": "terse",
        "log_lock_waits": "on",
        "log_checkpoints": "off",
    }
    return settings if durable else settings | WITHOUT_DURABILITY


def write_configuration(cluster: Path, account: Account, settings: dict[str, str]) -> None:
    """Write postgresql.conf, pg_hba.conf and pg_ident.conf of `cluster`."""
    lines = [f"{name} = {_quoted(value)}" for name, value in settings.items()]
    _write(cluster / "postgresql.conf", account, [*lines, "include_if_exists 'custom.conf'"])
    _write(
        cluster / "pg_hba.conf",
        account,
        [f"local all {ADMINISTRATOR} peer map=choir", "local all all scram-sha-256"],
    )
    names = dict.fromkeys([account.name, "root"] if account.lent else [account.name])
    _write(cluster / "pg_ident.conf", account, [f'choir "{name}" {ADMINISTRATOR}' for name in names])


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _write(path: Path, account: Account, lines: list[str]) -> None:
    path.write_text(
        "\n".join(["# Written by Choir at every start; your own settings go into custom.conf.", *lines, ""])
    )
    if account.lent:
        os.chown(path, account.uid, account.gid)
    path.chmod(0o600)
