"""File: what was kept of a picture or document, once. Attachment: that it came with something, or goes out with it."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Exists, OuterRef, Q

from choir.ids import new_id
from choir.inbox.models import Conversation, Message
from choir.listening.models import Mention
from choir.people.models import Person, Workspace

LARGEST_SHOWN = (320, 240)
"""A picture in a thread, in points of the page: half of its small copy, which stays sharp on fine screens."""


class File(models.Model):
    """The content of a picture or document, kept once however often it came. It lies in the data directory under the
    SHA-256 of its bytes; a picture that can be shown has a width and a height, and a smaller copy of itself."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, help_text="SHA-256 of its bytes, in hexadecimal.")
    media_type = models.CharField(max_length=100, help_text="A picture's by its content, anything else's as stated.")
    bytes_count = models.PositiveBigIntegerField()
    width = models.PositiveIntegerField(null=True, blank=True, help_text="In points; empty: it is not shown here.")
    height = models.PositiveIntegerField(null=True, blank=True)
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "digest"], name="file_once")]
        indexes = [models.Index(fields=["digest"], name="file_by_digest")]

    def __str__(self) -> str:
        return f"{self.media_type}, {self.bytes_count} bytes"

    @property
    def is_picture(self) -> bool:
        """Whether it can be shown on a page."""
        return self.width is not None


class AttachmentState(models.TextChoices):
    """Whether its content is here."""

    WAITING = "waiting", "Waiting"  # to be fetched, or fetched again
    KEPT = "kept", "Kept"
    FAILED = "failed", "Failed"  # a person may have it tried again


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def due(self, at: dt.datetime) -> AttachmentQuerySet:
        """Waiting, and its time has come."""
        return self.filter(state=AttachmentState.WAITING, due_at__lte=at)

    def visible_to(self, person: Person) -> AttachmentQuerySet:
        """Those of conversations that the person may see."""
        seen = Conversation.objects.visible_to(person)
        said = Message.objects.filter(mention=OuterRef("mention"), conversation__in=seen)
        return self.filter(Q(message__conversation__in=seen) | Q(conversation__in=seen, message=None) | Exists(said))


class Attachment(models.Model):
    """A picture, video or file that came with a mention, or that goes out with a message of ours; while an answer is
    being written it has a conversation and a person alone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    mention = models.ForeignKey(Mention, on_delete=models.CASCADE, null=True, blank=True, related_name="attachments")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, null=True, blank=True, related_name="attachments")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    place = models.PositiveSmallIntegerField(default=0, help_text="Among those of the same mention or message.")
    kind = models.CharField(max_length=20, blank=True, help_text="As the network calls it: image, video, file.")
    address = models.TextField(blank=True, help_text="Where it is fetched; empty: the connector has it.")
    name = models.CharField(max_length=200, blank=True, help_text="A file's, as its sender called it.")
    alt_text = models.TextField(blank=True, help_text="What it shows, for those who do not see it.")
    file = models.ForeignKey(File, on_delete=models.SET_NULL, null=True, blank=True, related_name="attachments")
    state = models.CharField(max_length=8, choices=AttachmentState.choices, default=AttachmentState.WAITING)
    because = models.TextField(blank=True, help_text="Why its content is not here, for a person.")
    attempts_count = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True, blank=True, help_text="When it is fetched (again).")
    created_at = models.DateTimeField()

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "mention", "place"],
                condition=Q(mention__isnull=False),
                name="attachment_once_in_a_mention",
            ),
            models.CheckConstraint(
                condition=Q(mention__isnull=False) | Q(message__isnull=False) | Q(conversation__isnull=False),
                name="attachment_belongs_somewhere",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(state="waiting"), name="attachment_due")]

    def __str__(self) -> str:
        return self.alt_text or self.name or self.kind

    @property
    def shown_width(self) -> int:
        """In points of the page, so that its place is kept before it comes."""
        return self._shown()[0]

    @property
    def shown_height(self) -> int:
        """As `shown_width`."""
        return self._shown()[1]

    def _shown(self) -> tuple[int, int]:
        if self.file is None or not self.file.width or not self.file.height:
            return 0, 0
        scale = min(LARGEST_SHOWN[0] / self.file.width, LARGEST_SHOWN[1] / self.file.height, 1.0)
        return max(1, round(self.file.width * scale)), max(1, round(self.file.height * scale))

    @property
    def is_shown(self) -> bool:
        """Whether it is a picture that stands on the page."""
        return self.file is not None and self.file.is_picture
