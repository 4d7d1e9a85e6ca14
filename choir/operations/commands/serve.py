"""`choir serve`: one web process."""

import importlib
from typing import Annotated

import typer
import uvicorn
from django.urls import get_resolver

from choir.operations.ready import (
    database_in_use,
    django_ready,
    installation,
    spare_collections,
    wait_until_prepared,
)
from choir.operations.supervised import end_with_supervisor
from config.environment import environment_or_exit

OPEN_STREAMS_SECONDS = 2  # live pages never end by themselves; browsers connect again


def command(
    host: Annotated[str | None, typer.Option(help="Listen on this address instead of CHOIR_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Listen on this port instead of CHOIR_PORT.")] = None,
    descriptor: Annotated[int | None, typer.Option(hidden=True)] = None,
    reload: Annotated[bool, typer.Option(help="Start anew when the source changes; for developers.")] = False,
) -> None:
    """Serve the pages. Start as many as you like, behind a balancer or with `choir up`.

    Example: choir serve --host 0.0.0.0 --port 8000
    """
    end_with_supervisor()
    settings = environment_or_exit()
    with database_in_use():
        if not reload:
            load_pages()  # takes seconds: do it while the database is still being prepared
        wait_until_prepared(installation())
        uvicorn.run(
            "config.asgi:application",
            host=host or settings.host,
            port=port or settings.port,
            fd=descriptor,
            reload=reload,
            reload_dirs=["choir", "config"] if reload else None,
            loop="auto",
            http="httptools",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=settings.public_url is not None,
            server_header=False,
            timeout_graceful_shutdown=OPEN_STREAMS_SECONDS,
        )


def load_pages() -> None:
    """Import the application and every page of it."""
    django_ready()
    importlib.import_module("config.asgi")
    _ = get_resolver().url_patterns
    spare_collections()
