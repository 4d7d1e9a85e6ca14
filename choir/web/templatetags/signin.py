"""What the sign-in page shows besides allauth's form."""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from django import template

from choir.web.signin.beginning import nobody_is_here
from choir.web.signin.demo import RolePeople, demo_people_by_role

register = template.Library()


@register.simple_tag(takes_context=True)
def demo_roles(context: Mapping[str, Any]) -> list[RolePeople]:
    """The demo company's people by role; empty where one click is not allowed. Asked once a page, which names them in
    two blocks."""
    request = context["request"]
    if not hasattr(request, "demo_roles"):
        request.demo_roles = demo_people_by_role()
    found: list[RolePeople] = request.demo_roles
    return found


@register.simple_tag(takes_context=True)
def takes_passkeys(context: Mapping[str, Any]) -> bool:
    """False where Choir is reached by a number: browsers keep passkeys for names alone, and say nothing."""
    host = context["request"].get_host()
    try:
        ip_address(host.rpartition(":")[0].strip("[]") or host)
    except ValueError:
        return True
    return False


@register.simple_tag
def is_empty() -> bool:
    """Whether nobody could sign in, with a password or with one click."""
    return nobody_is_here()
