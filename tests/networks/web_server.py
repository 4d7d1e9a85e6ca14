"""nginx on loopback, serving the files of one folder as a publisher would: with validators, compressed, some of it
behind a password, some of it moved; and its own account of what it was asked."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.networks.install import PATH
from tests.networks.servers import free_port, wait_for

CONFIGURATION = """\
{user}
worker_processes 1;
daemon off;
pid {home}/nginx.pid;
error_log {home}/error.log;
events {{ worker_connections 256; }}
http {{
  log_format told escape=json
    '{{"path":"$uri","status":$status,"bytes":$body_bytes_sent,"asked":"$http_if_none_match"}}';
  access_log {home}/access.log told;
  client_body_temp_path {home}/tmp;
  proxy_temp_path {home}/tmp;
  fastcgi_temp_path {home}/tmp;
  uwsgi_temp_path {home}/tmp;
  scgi_temp_path {home}/tmp;
  gzip on;
  gzip_min_length 0;
  gzip_types *;
  types {{
    application/rss+xml rss;
    application/atom+xml atom;
    application/feed+json json;
    text/html html;
    text/plain txt;
  }}
  server {{
    listen 127.0.0.1:{port};
    root {home}/files;
    location /private/ {{
      auth_basic "readers";
      auth_basic_user_file {home}/readers;
    }}
    location = /moved {{ return 301 /news.rss; }}
    location = /circle {{ return 302 /circle; }}
    location = /metadata {{ return 302 http://169.254.169.254/latest/meta-data/; }}
    location = /away {{ return 503; }}
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of the server's log."""

    path: str
    status: int
    bytes_sent: int
    condition: str


class WebServer:
    """One nginx."""

    def __init__(self, home: Path) -> None:
        self.home, self.port = home, free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        for folder in ("files/private", "tmp"):
            (home / folder).mkdir(parents=True)
            (home / folder).chmod(0o777)
        user = "user nobody nogroup;" if os.geteuid() == 0 else ""
        (home / "nginx.conf").write_text(CONFIGURATION.format(home=home, port=self.port, user=user))
        self.running: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start, and wait until it answers."""
        program = shutil.which("nginx", path=PATH)
        assert program
        with (self.home / "server.log").open("ab") as log:
            command = [
                program,
                "-p",
                str(self.home),
                "-e",
                str(self.home / "error.log"),
                "-c",
                str(self.home / "nginx.conf"),
            ]
            self.running = subprocess.Popen(command, stdout=log, stderr=log)
        wait_for(self.port)

    def stop(self) -> None:
        """Fast shutdown: connections break."""
        if self.running is not None:
            self.running.terminate()
            self.running.wait()
        self.running = None

    def publish(self, name: str, content: bytes | str) -> str:
        """Put a file in its place, as a whole; its address. nginx tells versions by second and length: each is
        of a later second than the one before."""
        file = self.home / "files" / name
        building = file.with_suffix(".building")
        building.write_bytes(content.encode() if isinstance(content, str) else content)
        if file.exists():
            second = max(int(time.time()), int(file.stat().st_mtime) + 1)
            os.utime(building, (second, second))
        building.replace(file)
        return f"{self.address}/{name}"

    def readers(self, **passwords: str) -> None:
        """Who may read what is private, from now on."""
        lines = (f"{name}:{{PLAIN}}{password}\n" for name, password in passwords.items())
        (self.home / "readers").write_text("".join(lines))

    def asked(self, path: str) -> list[Asked]:
        """What was asked for at a path so far."""
        log = self.home / "access.log"
        told = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        every = [Asked(one["path"], one["status"], one["bytes"], one["asked"]) for one in told]
        return [one for one in every if one.path == path]


@contextmanager
def web_server() -> Iterator[WebServer]:
    """One, for as long as the block runs."""
    with TemporaryDirectory(prefix="choir-web-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        home.chmod(0o755)
        server = WebServer(home)
        try:
            yield server
        finally:
            server.stop()
