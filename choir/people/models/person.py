"""Person: who signs in, with roles, skills, presence, capacity and hourly cost."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property

from choir.ids import new_id
from choir.people.access import Access
from choir.people.models.organisation import Department, Organisation, Workspace
from choir.people.models.team import Team
from choir.people.policy import Role
from choir.prepared import Slot, prepared


class Presence(models.TextChoices):
    """Whether work may be given to a person now."""

    ONLINE = "online", "Online"
    AWAY = "away", "Away"
    OFFLINE = "offline", "Offline"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person may see and do, and the workspaces in which they hold a role."""

    access: Access
    workspaces: list[Workspace]


class PersonManager(BaseUserManager["Person"]):
    def create_user(
        self, *, email: str, name: str, organisation: Organisation, password: str | None = None, **fields: Any
    ) -> Person:
        """A new person; without a password they can sign in only after setting one by e-mail."""
        person = self.model(email=self.normalize_email(email).lower(), name=name, organisation=organisation, **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser):
    """Somebody who works in Choir. One row is one human and one sign-in."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="people")
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    title = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    time_zone = models.CharField(max_length=60, default="UTC")
    language = models.CharField(max_length=8, default="en")
    theme = models.CharField(
        max_length=8, default="system", choices=[("system", "System"), ("light", "Light"), ("dark", "Dark")]
    )
    hourly_cost = models.DecimalField(
        max_digits=8, decimal_places=2, null=True, blank=True, help_text="In the organisation's currency."
    )
    capacity = models.PositiveSmallIntegerField(
        default=12, help_text="Open conversations this person can hold at once."
    )
    presence = models.CharField(max_length=8, choices=Presence.choices, default=Presence.OFFLINE)
    presence_changed_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name_plural = "people"
        ordering = ["name"]
        constraints = [models.UniqueConstraint(Lower("email"), name="person_email_once_in_any_case")]

    def __str__(self) -> str:
        return self.name

    @property
    def access(self) -> Access:
        """What this person may see and do, read once per request."""
        return self.standing.access

    @property
    def workspaces(self) -> list[Workspace]:
        """The workspaces in which the person holds a role, by name, each with its organisation."""
        return self.standing.workspaces

    @cached_property
    def standing(self) -> Standing:
        """Where the person stands in the organisation: one small query. Delete it to have it read anew."""
        rows = _standing(organisation=self.organisation_id, person=self.pk)
        held = {row.pk: frozenset(Role(role) for role in row.roles_held) for row in rows if row.roles_held}
        roles = held if self.is_active else {}
        access = Access(
            person_id=self.pk,
            roles=roles,
            department_ids=frozenset(rows[0].worked_in_departments if rows else ()),
            team_ids=frozenset(rows[0].worked_in_teams if rows else ()),
        )
        return Standing(access, [row for row in rows if row.pk in roles])

    def set_presence(self, presence: Presence, *, at: dt.datetime) -> None:
        """Say whether work may be given to this person."""
        self.presence, self.presence_changed_at, self.seen_at = presence, at, at
        self.save(update_fields=["presence", "presence_changed_at", "seen_at"])


@prepared
def _standing(organisation: Slot, person: Slot) -> models.QuerySet[Any, Any]:
    """Every workspace of an organisation, with the roles that a person holds there and where they work."""
    grants = RoleGrant.objects.filter(person=person).filter(Q(workspace=None) | Q(workspace=OuterRef("pk")))
    worked_in = Membership.objects.filter(person=person).order_by("pk")
    return (
        Workspace.objects.filter(organisation=organisation)
        .select_related("organisation")
        .annotate(
            roles_held=ArraySubquery(grants.values("role")),
            worked_in_teams=ArraySubquery(worked_in.values("team_id")),
            worked_in_departments=ArraySubquery(worked_in.values("team__department_id")),
        )
        .order_by("name")
    )


class Membership(models.Model):
    """A person works in a team since a day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "team"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.person} in {self.team}"


class RoleGrant(models.Model):
    """A person holds a role, in one workspace or (workspace empty) in all of the organisation's."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="role_grants")
    role = models.CharField(max_length=20, choices=[(role.value, role.value) for role in Role])
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, null=True, blank=True, related_name="role_grants"
    )
    granted_at = models.DateTimeField(default=timezone.now)
    granted_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "role", "workspace"], name="role_once_per_workspace"),
            models.UniqueConstraint(
                fields=["person", "role"], condition=Q(workspace=None), name="role_once_everywhere"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.role}"


class SkillKind(models.TextChoices):
    """What a skill is about."""

    LANGUAGE = "language", "Language"
    TOPIC = "topic", "Topic"


class Skill(models.Model):
    """Something a person can do: a language (ISO 639-1) or a topic; level 1 gets by, 2 good, 3 expert."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="skills")
    kind = models.CharField(max_length=8, choices=SkillKind.choices)
    value = models.CharField(max_length=60)
    level = models.PositiveSmallIntegerField(default=2)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "kind", "value"], name="skill_once")]

    def __str__(self) -> str:
        return f"{self.person}: {self.value}"


__all__ = ["Department", "Membership", "Person", "Presence", "RoleGrant", "Skill", "SkillKind"]
