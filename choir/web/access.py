"""The rule of a page: who may ask for it. Every view carries exactly one; a test refuses a route without.

`@public` anybody · `@signed_in` any person · `@requires(permission)` a page of a workspace, whose slug is in the
address: 404 for whoever holds no role there, 403 for whoever does but may not do this.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import resolve
from django_htmx.middleware import HtmxDetails

from choir.people.models import Person, Workspace
from choir.people.policy import Permission, Reach


@dataclass(frozen=True, slots=True)
class Rule:
    """What a view demands: `audience` is public, signed_in or workspace; `permission` only with workspace; `to_post`
    where more people may read the page than change what stands on it."""

    audience: str
    permission: Permission | None = None
    at_least: Reach = Reach.OWN
    to_post: Permission | None = None

    def asks_of(self, method: str | None) -> Permission | None:
        """The permission that a request with this method needs."""
        return self.to_post or self.permission if method == "POST" else self.permission


def may_open(person: Person, workspace: Workspace, url: str) -> bool:
    """True if the rule of the page at `url` lets the person in, so that no page links to one that refuses them."""
    rule = getattr(resolve(url.partition("?")[0]).func, "rule", None)
    if not isinstance(rule, Rule) or rule.permission is None:
        return True
    return person.access.reach(rule.permission, workspace.pk) >= rule.at_least


class WorkspaceRequest(HttpRequest):
    """A request whose rule was met: `person` is signed in, `workspace` is theirs to see."""

    person: Person
    workspace: Workspace
    htmx: HtmxDetails


def public(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Anybody may ask."""
    view.rule = Rule("public")  # type: ignore[attr-defined]  # functions take attributes
    return view


def signed_in(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Any active person may ask; `request.person` is who."""

    @wraps(view)
    def ruled(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        known = cast(WorkspaceRequest, request)
        known.person = cast(Person, request.user)
        return view(known, *args, **kwargs)

    guarded = login_required(ruled)
    guarded.rule = Rule("signed_in")  # type: ignore[attr-defined]
    return guarded


def requires(
    permission: Permission, *, at_least: Reach = Reach.OWN, to_post: Permission | None = None
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """A page of the workspace named by `workspace` in the address; sending a form to it needs `to_post` where that is
    another permission. The rows on it are filtered again by `visible_to`, and every write is checked again by its
    action."""
    held = Rule("workspace", permission, at_least, to_post)

    def rule(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def ruled(request: HttpRequest, *args: Any, workspace: str, **kwargs: Any) -> HttpResponseBase:
            person = cast(Person, request.user)
            found = next((one for one in person.workspaces if one.slug == workspace), None)
            if found is None:
                raise Http404("There is no such workspace for you.")
            needed = held.asks_of(request.method) or permission
            if person.access.reach(needed, found.pk) < at_least:
                raise PermissionDenied(f"Your roles in {found} do not include “{needed}”.")
            known = cast(WorkspaceRequest, request)
            known.person, known.workspace = person, found
            person.organisation = found.organisation  # read once for both
            return view(known, *args, **kwargs)

        guarded = login_required(ruled)
        guarded.rule = held  # type: ignore[attr-defined]
        return guarded

    return rule
