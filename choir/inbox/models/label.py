"""Label: a word people put on conversations to find them again."""

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from choir.ids import new_id
from choir.inbox.models.conversation import Conversation
from choir.people.models import Person, Workspace


class Label(models.Model):
    """One word of a workspace's vocabulary."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint("workspace", Lower("name"), name="label_once_in_any_case")]

    def __str__(self) -> str:
        return self.name


class ConversationLabel(models.Model):
    """A label on a conversation: who put it there, and when."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="labellings")
    label = models.ForeignKey(Label, on_delete=models.CASCADE, related_name="labellings")
    by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "conversation", "label"], name="label_once_per_conversation")
        ]

    def __str__(self) -> str:
        return str(self.label)
