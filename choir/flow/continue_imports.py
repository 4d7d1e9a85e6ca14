"""The step `import`: uploaded files are read to their end in a worker; one that was killed is taken up again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from choir.channels.importing import source_of
from choir.channels.imports.opening import WrongFileError
from choir.channels.models import FileImport
from choir.channels.uploads import forget_upload, upload_path
from choir.flow.import_file import run_import


def continue_imports(*, at: dt.datetime) -> int:
    """Read every upload that is not finished and that no other worker reads; how many were brought to an end."""
    waiting = FileImport.objects.filter(finished_at=None, failure="").exclude(stored_as="")
    return sum(_continue(run, at=at) for run in waiting.select_related("channel__workspace", "by"))


def _continue(run: FileImport, *, at: dt.datetime) -> int:
    with _alone(run) as is_ours:
        if not is_ours:
            return 0
        path = upload_path(run.workspace_id, run.stored_as)
        try:
            if path is None:
                raise WrongFileError(
                    f"{run.file_name} is no longer there. Upload it again; it goes on where it stopped."
                )
            run_import(run, source_of(run, path), at=at)
        except WrongFileError as error:
            run.failure = str(error)
            run.save(update_fields=["failure"])
        forget_upload(run.workspace_id, run.stored_as)
        return 1


@contextmanager
def _alone(run: FileImport) -> Iterator[bool]:
    """Whether this worker alone reads the file, for as long as the block runs or the worker lives."""
    key = run.pk.int & (2**63 - 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        is_ours = bool(cursor.fetchone()[0])
        try:
            yield is_ours
        finally:
            if is_ours:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
