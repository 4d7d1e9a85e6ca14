"""What every page of the settings shows around itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from django import forms
from django.http import HttpResponse

from choir.administration.people import PeopleRefusedError
from choir.administration.promises import PromiseRefusedError
from choir.administration.teams import TeamRefusedError
from choir.people.policy import Permission, Reach
from choir.web.access import WorkspaceRequest
from choir.web.answers import answer

REFUSALS = (PeopleRefusedError, PromiseRefusedError, TeamRefusedError)


def frame(request: WorkspaceRequest, tab: str, **context: Any) -> dict[str, Any]:
    """The context of a page of the settings: its tab, and what the person may do here."""
    reach = request.person.access.reach
    return {
        "section": "settings",
        "tab": tab,
        "sees_channels": reach(Permission.CHANNEL_READ, request.workspace.pk) is Reach.WORKSPACE,
        "reads_record": reach(Permission.AUDIT_READ, request.workspace.pk) is Reach.WORKSPACE,
        "manages_people": reach(Permission.PEOPLE_MANAGE, request.workspace.pk) is Reach.WORKSPACE,
        "manages_promises": reach(Permission.PROMISE_MANAGE, request.workspace.pk) is Reach.WORKSPACE,
        "manages_channels": reach(Permission.CHANNEL_MANAGE, request.workspace.pk) is Reach.WORKSPACE,
        "imports_files": reach(Permission.IMPORT_RUN, request.workspace.pk) is Reach.WORKSPACE,
        **context,
    }


@contextmanager
def refusals_on(form: forms.Form) -> Iterator[None]:
    """What an action refuses becomes an error of the form."""
    try:
        yield
    except REFUSALS as refused:
        form.add_error(None, str(refused))


def filled_in(request: WorkspaceRequest, page: str, context: dict[str, Any], *given: forms.Form) -> HttpResponse:
    """The page; 422 when one of its forms was not filled in as it should be."""
    wrong = any(form.is_bound and form.errors for form in given)
    return answer(request, page, context, status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK)
