"""Offering a table of a page as files."""

from typing import Any

from django import template

from choir.web.taking import files_of

register = template.Library()


@register.inclusion_tag("insights/taking.html", takes_context=True)
def taken(context: template.RequestContext, name: str) -> dict[str, Any]:
    """The files that the table with this `data-table` can be taken away as, whole."""
    return {"files": files_of(context.request, name)[1]}
