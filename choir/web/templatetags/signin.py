"""What the sign-in page shows besides allauth's form."""

from django import template

from choir.web.signin.beginning import nobody_is_here
from choir.web.signin.demo import RolePeople, demo_people_by_role

register = template.Library()


@register.simple_tag
def demo_roles() -> list[RolePeople]:
    """The demo company's people by role; empty where one click is not allowed."""
    return demo_people_by_role()


@register.simple_tag
def is_empty() -> bool:
    """Whether nobody could sign in, with a password or with one click."""
    return nobody_is_here()
