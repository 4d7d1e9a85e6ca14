"""Removing the demo company: every row that hangs on it, wherever it is, its sandbox accounts and its sessions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import partial
from typing import Any

from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models import Exists, OuterRef

from choir.channels.models import FileImport
from choir.people.models import Organisation, Person
from choir.sandbox.models import Account

Belonging = dict[type[models.Model], set[Any]]
AT_ONCE = 5000


@transaction.atomic
def remove() -> int:
    """Remove every demo organisation and all that refers to it; how many rows. Nothing else is touched.

    Rows are found by following foreign keys from the organisation outwards, so that what later packages add goes
    too; foreign keys are checked when the transaction ends, so that the order of removal does not matter."""
    organisations = set(Organisation.objects.select_for_update().filter(is_demo=True).values_list("pk", flat=True))
    if not organisations:
        return 0
    belonging = _everything_of({Organisation: organisations, Account: _accounts()})
    files = list(FileImport.objects.filter(pk__in=belonging[FileImport]).exclude(stored_as=""))
    removed = _end_sessions(belonging[Person])
    for model, ids in belonging.items():
        for batch in _batches(ids):
            removed += model._base_manager.filter(pk__in=batch)._raw_delete("default")
    for one in files:
        transaction.on_commit(partial(default_storage.delete, one.stored_as))
    return removed


def _accounts() -> set[Any]:
    """The demo company's accounts on the sandbox network, and the customers of places where only it is spoken to."""
    companies = Account.objects.filter(is_demo=True).exclude(token_digest="")
    others = Account.objects.filter(is_demo=False, place=OuterRef("place")).exclude(token_digest="")
    places = companies.filter(~Exists(others)).values_list("place", flat=True)
    customers = Account.objects.filter(place__in=list(places), token_digest="")
    return {*companies.values_list("pk", flat=True), *customers.values_list("pk", flat=True)}


def _everything_of(known: Belonging) -> Belonging:
    """All rows that refer to known rows, directly or through others."""
    belonging: Belonging = defaultdict(set, known)
    fresh: Belonging = dict(known)
    references = _references()
    while fresh:
        found: Belonging = defaultdict(set)
        for target, ids in fresh.items():
            for model, column in references[target]:
                for batch in _batches(ids):
                    rows = model._base_manager.filter(**{f"{column}__in": batch})
                    found[model].update(rows.values_list("pk", flat=True))
        fresh = {model: new for model, ids in found.items() if (new := ids - belonging[model])}
        for model, ids in fresh.items():
            belonging[model] |= ids
    return belonging


def _references() -> dict[type[models.Model], list[tuple[type[models.Model], str]]]:
    """For every model the models and columns that refer to it, tables between many and many included."""
    references: dict[type[models.Model], list[tuple[type[models.Model], str]]] = defaultdict(list)
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.managed or model._meta.proxy:
            continue
        for one in model._meta.concrete_fields:
            if isinstance(one, models.ForeignKey) and isinstance(one.related_model, type):
                references[one.related_model].append((model, one.attname))
    return references


def _batches(ids: Iterable[Any]) -> list[list[Any]]:
    listed = list(ids)
    return [listed[begin : begin + AT_ONCE] for begin in range(0, len(listed), AT_ONCE)]


def _end_sessions(people: set[Any]) -> int:
    """Sessions do not refer to people by a key: each says inside whose it is."""
    names = {str(pk) for pk in people}
    ended = [one.pk for one in Session.objects.iterator() if one.get_decoded().get("_auth_user_id") in names]
    return Session.objects.filter(pk__in=ended).delete()[0]
