"""Answer and macro: what the organisation already knows how to say. Reuse: that it was said again."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from choir.ids import new_id
from choir.inbox.models import Consult, Conversation, Message
from choir.people.models import Department, Organisation, Person, Workspace


class Answer(models.Model):
    """A piece of shared knowledge with an owner and an expiry date; it may come from a consult."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="answers")
    title = models.CharField(max_length=200)
    text = models.TextField()
    language = models.CharField(max_length=8, blank=True)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="answers")
    owner = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="answers")
    consult = models.ForeignKey(Consult, on_delete=models.SET_NULL, null=True, blank=True, related_name="answers")
    expires_on = models.DateField(null=True, blank=True)
    tags = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["organisation", "department"], name="answer_by_department")]

    def __str__(self) -> str:
        return self.title


class Macro(models.Model):
    """A reply skeleton with placeholders, and what happens with it: labels put on, resolved or not."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="macros")
    department = models.ForeignKey(
        Department,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="macros",
        help_text="Empty: everyone's.",
    )
    name = models.CharField(max_length=80)
    language = models.CharField(max_length=8, blank=True)
    text = models.TextField(help_text="May hold {{customer.name}} and {{person.name}}.")
    labels = models.JSONField(default=list)
    resolves = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "department", "name", "language"],
                nulls_distinct=False,
                name="macro_name_once",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="macro_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Reuse(models.Model):
    """A person took an answer or a macro into the reply they were writing. `message` is the reply, once it was sent
    off; what was taken and never sent has none."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="reuses")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    answer = models.ForeignKey(Answer, on_delete=models.SET_NULL, null=True, blank=True, related_name="reuses")
    macro = models.ForeignKey(Macro, on_delete=models.SET_NULL, null=True, blank=True, related_name="reuses")
    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="reuses")
    taken_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["conversation", "person"], condition=Q(message=None), name="reuse_open"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.answer or self.macro or 'gone since'}"
