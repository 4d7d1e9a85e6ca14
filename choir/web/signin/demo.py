"""The people of the demo company, whom anybody may become with one click, where the operator allows it."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from choir.inbox.models import Conversation
from choir.people.models import Person
from choir.people.policy import Role

SHOWN = 4

ROLES: dict[Role, str | Promise] = {
    Role.AGENT: _("Agents answer customers"),
    Role.LEAD: _("Department leads watch queues and clocks"),
    Role.COMMUNICATIONS: _("Communications guards the reputation"),
    Role.PUBLISHER: _("Publishers plan content and campaigns"),
    Role.LEGAL: _("Legal and compliance approve and audit"),
    Role.ADMINISTRATOR: _("IT administrators connect and secure"),
    Role.COMMITTEE: _("Committee members decide who owns what"),
    Role.CHAMPION: _("The champion leads social across the organisation"),
    Role.EXECUTIVE: _("Executives read, and sometimes answer"),
}


@dataclass(frozen=True, slots=True)
class RolePeople:
    """A role and the people who hold it as their first."""

    title: str | Promise
    shown: list[Person]
    more: list[Person]


def demo_people() -> QuerySet[Person]:
    """Whom the one click may sign in as; nobody unless the operator set CHOIR_DEMO_SIGN_IN."""
    if not settings.DEMO_SIGN_IN:
        return Person.objects.none()
    return Person.objects.filter(is_active=True, organisation__is_demo=True)


def demo_people_by_role() -> list[RolePeople]:
    """The same, each under the most telling of their roles, the most telling role last; within a role, those with most
    to answer first, so that a visitor finds work."""
    groups: dict[Role, list[Person]] = {role: [] for role in ROLES}
    mine = Conversation.objects.open().filter(assignee=OuterRef("pk")).order_by().values("assignee")
    held = Coalesce(Subquery(mine.annotate(count=Count("pk")).values("count")), 0)
    people = demo_people().order_by(held.desc(), "name")
    for person in people.prefetch_related("role_grants", "memberships__team__department"):
        roles = [Role(grant.role) for grant in person.role_grants.all()]
        if roles:
            groups[max(roles, key=list(ROLES).index)].append(person)
    return [RolePeople(ROLES[role], people[:SHOWN], people[SHOWN:]) for role, people in groups.items() if people]
