"""Channel: our account on a network. Quota: what the network still allows it. Arrival: one raw thing that came from it,
kept as it came. File import: a file of history read into a channel."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils import timezone

from choir.channels import secrets
from choir.channels.contract import Bucket, Raw
from choir.ids import new_id
from choir.people.models import Department, Person, Workspace


class ChannelState(models.TextChoices):
    """Whether a channel hears and speaks."""

    CONNECTED = "connected", "Connected"
    SIGN_IN_NEEDED = "sign_in_needed", "Sign-in needed"
    PAUSED = "paused", "Paused"  # it neither hears nor speaks, until somebody has it go on where it stopped
    DISCONNECTED = "disconnected", "Disconnected"  # its sign-in is forgotten; what was heard stays


class ChannelQuerySet(models.QuerySet["Channel"]):
    def visible_to(self, person: Person) -> ChannelQuerySet:
        """Channels of the workspaces in which the person holds any role."""
        return self.filter(workspace_id__in=list(person.access.roles))

    def due_for_fetching(self, at: dt.datetime) -> ChannelQuerySet:
        """Connected channels whose next fetch time has come and whose network does not ask us to wait."""
        return self.filter(state=ChannelState.CONNECTED, fetch_due_at__lte=at).filter(
            Q(rate_limited_until=None) | Q(rate_limited_until__lte=at)
        )

    def due_for_streaming(self, at: dt.datetime) -> ChannelQuerySet:
        """Connected channels that nobody listens to now, and whose next try has come."""
        return (
            self.filter(state=ChannelState.CONNECTED)
            .filter(Q(stream_due_at=None) | Q(stream_due_at__lte=at))
            .filter(Q(stream_leased_until=None) | Q(stream_leased_until__lt=at))
        )


class Channel(models.Model):
    """One connected account of ours on one network; one department is accountable for it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="channels")
    connector = models.CharField(max_length=40, help_text="The connector's folder name.")
    network = models.CharField(max_length=40, help_text="The network customers are on, as shown to people.")
    name = models.CharField(max_length=120)
    external_id = models.CharField(max_length=300, help_text="Our account's id on the network.")
    handle = models.CharField(max_length=200, blank=True)
    accountable = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="accountable_channels")
    state = models.CharField(max_length=16, choices=ChannelState.choices, default=ChannelState.CONNECTED)
    state_because = models.TextField(blank=True, help_text="What happened and what to do, when it is not connected.")
    settings = models.JSONField(default=dict, help_text="What the connector's manifest asks for; nothing secret.")
    secret = models.BinaryField(blank=True, default=b"", help_text="Encrypted with a key outside the database.")
    cursor = models.TextField(blank=True, help_text="How far it was read; moves only with what it covers.")
    needs_alt_text = models.BooleanField(
        default=False, help_text="An answer whose picture has no description is refused, not only warned of."
    )
    fetch_due_at = models.DateTimeField(null=True, blank=True, help_text="Empty: this channel is never fetched.")
    fetched_at = models.DateTimeField(null=True, blank=True)
    failure = models.TextField(blank=True, help_text="Why the last fetch or send failed, in words.")
    failures_count = models.PositiveIntegerField(default=0, help_text="In a row.")
    fetch_interval_seconds = models.PositiveIntegerField(
        default=0, help_text="The present pause between fetches: shorter while news comes, longer in silence."
    )
    rate_limited_until = models.DateTimeField(null=True, blank=True)
    quota_holder = models.CharField(
        max_length=300,
        blank=True,
        help_text="Whose allowance on the network it lives on, once the network has said it.",
    )
    stream_cursor = models.TextField(blank=True, help_text="How far its stream was read, where the network remembers.")
    stream_due_at = models.DateTimeField(null=True, blank=True, help_text="After it ended: not before.")
    stream_pause_seconds = models.PositiveIntegerField(default=0, help_text="The last pause after it ended at once.")
    stream_leased_until = models.DateTimeField(
        null=True, blank=True, help_text="A worker listens, at least until then."
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "connector", "external_id"], name="channel_account_once"),
            models.UniqueConstraint(fields=["workspace", "name"], name="channel_name_once"),
        ]

    def __str__(self) -> str:
        return self.name

    def open_secret(self) -> dict[str, str]:
        """The connector's credentials, decrypted; an empty dict when there are none."""
        return secrets.open_sealed(bytes(self.secret))

    def seal_secret(self, values: dict[str, str]) -> None:
        """Keep credentials, encrypted; call `save` after."""
        self.secret = secrets.seal(values)


class QuotaQuerySet(models.QuerySet["Quota"]):
    def of(self, channel: Channel) -> QuotaQuerySet:
        """What a channel lives on."""
        return self.filter(connector=channel.connector, holder=channel.quota_holder)

    def reading(self) -> QuotaQuerySet:
        """What reading uses up."""
        return self.filter(bucket__in=[Bucket.ALL, Bucket.READ])


class Quota(models.Model):
    """How many requests a network still allows one token, app or address of ours, until when. Shared by all workers
    and by all channels that live on it."""

    connector = models.CharField(max_length=40)
    holder = models.CharField(max_length=300, help_text="Whose: an account's id or an app's. Nothing secret.")
    bucket = models.CharField(max_length=8, choices=[(one.value, one.value) for one in Bucket])
    limit = models.PositiveIntegerField(help_text="When full.")
    remaining = models.PositiveIntegerField()
    resets_at = models.DateTimeField(help_text="Full again then.")
    noted_at = models.DateTimeField()

    objects = QuotaQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connector", "holder", "bucket"], name="quota_once")]

    def __str__(self) -> str:
        return f"{self.connector}: {self.remaining} of {self.limit}"


class FileImport(models.Model):
    """One file of history read into a channel. The same file again is the same import: it goes on where it
    stopped, and once finished it changes nothing."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="imports")
    file_name = models.CharField(max_length=255)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file, its format and its column mapping.")
    stored_as = models.CharField(max_length=255, blank=True, help_text="In media, when it was uploaded.")
    format = models.CharField(max_length=8)
    columns = models.JSONField(default=dict, help_text="Column of the file → field of Choir.")
    times = models.JSONField(
        default=dict, help_text="How times are read: the zone of those without, day or month first."
    )
    by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    remarks = models.JSONField(default=list, help_text="What was assumed: encoding, time zone. Sentences for a person.")
    rows_expected = models.PositiveIntegerField(default=0, help_text="Counted before reading.")
    rows_count = models.PositiveIntegerField(default=0, help_text="Rows read so far; reading resumes after them.")
    duplicates_count = models.PositiveIntegerField(default=0, help_text="Rows that were there already.")
    set_aside_count = models.PositiveIntegerField(default=0, help_text="Rows set aside while reading.")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    result = models.JSONField(default=dict, help_text="The counts, once finished.")
    failure = models.TextField(blank=True, help_text="Why it stopped, in words.")

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "channel", "digest"],
                condition=Q(finished_at=None),
                name="file_import_running_once",
            )
        ]

    def __str__(self) -> str:
        return self.file_name


class ArrivalSource(models.TextChoices):
    """How a raw thing came in."""

    WEBHOOK = "webhook", "Webhook"
    FETCH = "fetch", "Fetch"
    STREAM = "stream", "Stream"
    SEARCH = "search", "Search"
    IMPORT = "import", "Import"


class ArrivalQuerySet(models.QuerySet["Arrival"]):
    def waiting(self) -> ArrivalQuerySet:
        """Stored, not yet heard."""
        return self.filter(heard_at=None)


class Arrival(models.Model):
    """One raw thing from a channel, byte for byte, stored before it is acknowledged; the same thing twice is
    stored once. When it cannot be read it is set aside with the reason, never dropped."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200, help_text="What makes it the same thing when it comes again.")
    source = models.CharField(max_length=8, choices=ArrivalSource.choices)
    payload = models.BinaryField()
    received_at = models.DateTimeField()
    heard_at = models.DateTimeField(null=True, blank=True)
    set_aside_because = models.TextField(blank=True)
    file_import = models.ForeignKey(
        FileImport, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    line = models.PositiveIntegerField(null=True, blank=True, help_text="Line of the imported file.")

    objects = ArrivalQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "channel", "key"], name="arrival_once")]
        indexes = [
            models.Index(fields=["channel", "id"], condition=Q(heard_at=None), name="arrival_waiting"),
            models.Index(
                fields=["workspace", "channel", "id"],
                condition=~Q(set_aside_because=""),
                name="arrival_set_aside",
            ),
            models.Index(
                fields=["file_import", "line"], condition=Q(file_import__isnull=False), name="arrival_by_import"
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def raw(self) -> Raw:
        """As the connector gave it."""
        return Raw(key=self.key, payload=bytes(self.payload))
