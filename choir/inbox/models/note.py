"""Note: what colleagues say to each other about a conversation; it never leaves."""

from django.db import models

from choir.ids import new_id
from choir.inbox.models.conversation import Conversation
from choir.people.models import Person, Workspace


class Note(models.Model):
    """One internal remark. People named in it are brought into the conversation."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="notes")
    person = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    mentioned = models.ManyToManyField(Person, blank=True, related_name="mentioned_in")
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["conversation", "at"], name="note_thread")]

    def __str__(self) -> str:
        return self.text[:60]
