"""Visit: when a person last looked at a conversation, so that lists can say what is new to them."""

from django.db import models

from choir.ids import new_id
from choir.inbox.models.conversation import Conversation
from choir.people.models import Person, Workspace


class Visit(models.Model):
    """One person's last look at one conversation."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="visits")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "conversation", "person"], name="visit_one_kept")]

    def __str__(self) -> str:
        return f"{self.person} at {self.at}"
