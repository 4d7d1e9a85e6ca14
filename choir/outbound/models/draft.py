"""Draft: what a person is writing; it saves itself and survives the device."""

from django.db import models

from choir.ids import new_id
from choir.inbox.models import Conversation
from choir.people.models import Person, Workspace


class DraftKind(models.TextChoices):
    """Which tab of the composer it was typed in."""

    REPLY = "reply", "Reply"
    NOTE = "note", "Note"
    CONSULT = "consult", "Consult"


class Draft(models.Model):
    """One person's unsent text in one conversation. `seen_revision` is what they had in front of them."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="drafts")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="drafts")
    kind = models.CharField(max_length=8, choices=DraftKind.choices, default=DraftKind.REPLY)
    text = models.TextField()
    seen_revision = models.PositiveIntegerField()
    saved_at = models.DateTimeField()
    working_seconds = models.PositiveIntegerField(default=0, help_text="Work on it so far: `choir.outbound.handling`.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "conversation", "person", "kind"], name="draft_one_of_a_kind")
        ]

    def __str__(self) -> str:
        return self.text[:60]
