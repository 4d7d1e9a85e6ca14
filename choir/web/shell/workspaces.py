"""Which workspace the frame speaks of, and which others the person could go to."""

from collections.abc import Iterable

from django.http import HttpRequest

from choir.people.models import Workspace


def workspace_shown(request: HttpRequest, known: Iterable[Workspace]) -> Workspace | None:
    """The page's own workspace; on a page of no workspace the one last looked at, else the person's first."""
    if (own := getattr(request, "workspace", None)) is not None:
        return own  # type: ignore[no-any-return]  # set by the page's rule
    by_slug = {workspace.slug: workspace for workspace in known}
    last = request.session.get("workspace", "")
    return by_slug.get(last) or next(iter(by_slug.values()), None)
