"""Message: one thing the customer said, or one thing we said."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q

from choir.channels.models import Arrival
from choir.customers.models import Identity
from choir.customers.searching import words_of
from choir.ids import new_id
from choir.inbox.models.conversation import Conversation
from choir.listening.models import Mention
from choir.people.models import Person, Workspace


class Direction(models.TextChoices):
    """Who spoke."""

    INBOUND = "inbound", "Inbound"
    OUTBOUND = "outbound", "Outbound"


class Message(models.Model):
    """One turn of a conversation. An outbound message exists from the moment it may go out; `sent_at` is empty until
    the network has it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages", db_index=False)
    direction = models.CharField(max_length=8, choices=Direction.choices)
    arrival = models.ForeignKey(
        Arrival,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The raw thing it came from; empty for what was written here.",
    )
    mention = models.ForeignKey(Mention, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    author_name = models.CharField(max_length=200, blank=True, help_text="Of an outbound message written elsewhere.")
    in_reply_to = models.CharField(max_length=300, blank=True, help_text="The network's id of what it answers.")
    external_id = models.CharField(max_length=300, blank=True, help_text="Empty until the network has it.")
    text = models.TextField(blank=True)
    url = models.URLField(max_length=1000, blank=True)
    at = models.DateTimeField(help_text="When it was said; of an outbound one: written, then sent.")
    sent_at = models.DateTimeField(null=True, blank=True)
    edited_at = models.DateTimeField(null=True, blank=True, help_text="When it was given these words on the network.")
    is_automatic = models.BooleanField(default=False, help_text="A machine wrote it; nobody waits for an answer.")
    handling_seconds = models.PositiveIntegerField(
        null=True, blank=True, help_text="Of a person's answer: the work on it, as far as it was recorded."
    )
    removed_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was taken back on the network; a customer's words are forgotten then."
    )
    search = models.GeneratedField(
        expression=words_of("text"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "conversation", "external_id"],
                condition=~Q(external_id=""),
                name="message_once",
            ),
            models.CheckConstraint(
                condition=Q(direction="outbound") | Q(mention__isnull=False),
                name="inbound_message_has_a_mention",
            ),
        ]
        indexes = [
            models.Index(fields=["conversation", "at", "id"], name="message_thread"),
            models.Index(fields=["workspace", "external_id"], name="message_by_external_id"),
            models.Index(fields=["workspace", "-at", "-id"], name="message_recent"),
            GinIndex(fields=["search"], name="message_search"),
        ]

    def __str__(self) -> str:
        return self.text[:60]
