"""Links that count, what customers did afterwards, and the rule by which that is credited to what we did before."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from choir.channels.models import Channel
from choir.customers.models import Customer
from choir.ids import new_id
from choir.inbox.models import Conversation
from choir.people.models import Person, Workspace


class TrackedLink(models.Model):
    """An address of ours that leads on to a target and counts who follows it. Retired, it still leads on, and counts
    no more."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    code = models.SlugField(max_length=16, unique=True, help_text="What stands behind /l/.")
    name = models.CharField(max_length=120)
    target = models.URLField(max_length=2000)
    campaign = models.SlugField(max_length=60, blank=True, help_text="Goes along as utm_campaign.")
    channel = models.ForeignKey(Channel, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    is_offered = models.BooleanField(
        default=True, help_text="In every composer; one that was made of an address in an answer is not."
    )
    by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["workspace", "-created_at"], name="link_newest")]

    def __str__(self) -> str:
        return self.name


class Click(models.Model):
    """Somebody followed a tracked link: once a visitor and day, machines that look ahead left out. A visitor is a
    digest that means nothing the next day. Given in a conversation, the link says whose click it was."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    link = models.ForeignKey(TrackedLink, on_delete=models.CASCADE, related_name="clicks", db_index=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    visitor = models.CharField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["link", "visitor"], name="click_once_a_visitor_and_day")]
        indexes = [models.Index(fields=["workspace", "at"], name="click_by_time")]

    def __str__(self) -> str:
        return f"{self.link_id} at {self.at:%Y-%m-%d %H:%M}"


class ConversionKind(models.Model):
    """Something that customers do and that is worth something: an order, a booking, an application. `stage` is where
    it shows a customer to be."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    slug = models.SlugField(max_length=40, help_text="By which webhooks and files name it.")
    name = models.CharField(max_length=80)
    stage = models.CharField(max_length=16, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["workspace", "slug"], name="conversion_kind_once")]

    def __str__(self) -> str:
        return self.name


class ConversionSource(models.Model):
    """A system that tells us of conversions by signed webhook: the shop, the booking system."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    secret = models.BinaryField(help_text="Sealed with the installation's keys.")
    created_at = models.DateTimeField(default=timezone.now)
    heard_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="conversion_source_once")]

    def __str__(self) -> str:
        return self.name


class ConversionFile(models.Model):
    """One file of conversions brought in: how many were new, known already, and set aside."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    taken_count = models.PositiveIntegerField(default=0)
    known_count = models.PositiveIntegerField(default=0)
    aside_count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class ConversionAside(models.Model):
    """A row of a file, or an item of a webhook, that is no conversion we can count, kept with the reason."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    file = models.ForeignKey(ConversionFile, on_delete=models.CASCADE, null=True, blank=True, related_name="aside")
    source = models.ForeignKey(ConversionSource, on_delete=models.CASCADE, null=True, blank=True, related_name="aside")
    line = models.PositiveIntegerField(null=True, blank=True)
    because = models.TextField()
    told = models.JSONField(default=dict, help_text="As it came.")
    at = models.DateTimeField()

    class Meta:
        verbose_name = "conversion set aside"
        verbose_name_plural = "conversions set aside"
        indexes = [models.Index(fields=["workspace", "-at"], name="conversion_aside_newest")]

    def __str__(self) -> str:
        return self.because[:60]


class Attribution(models.TextChoices):
    """Which touches of a customer before a conversion are credited with it."""

    LAST = "last", _("The last touch")
    FIRST = "first", _("The first touch")
    LINEAR = "linear", _("All touches alike")


class AttributionRule(models.Model):
    """One version of a workspace's rule of attribution; the newest holds, for all conversions. Never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField()
    credits = models.CharField(max_length=8, choices=Attribution.choices)
    window_days = models.PositiveSmallIntegerField(help_text="How long before a conversion a touch counts.")
    because = models.TextField(blank=True)
    by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "version"], name="attribution_rule_version_once"),
            models.CheckConstraint(condition=Q(window_days__gte=1, window_days__lte=365), name="attribution_window"),
        ]

    def __str__(self) -> str:
        return f"{self.get_credits_display()}, {self.window_days} days"


class ConversionQuerySet(models.QuerySet["Conversion"]):
    def standing(self) -> ConversionQuerySet:
        """Not taken back: an order that was not cancelled."""
        return self.filter(taken_back_at=None)


class Conversion(models.Model):
    """One customer did one thing that counts, told to us once. `conversation` is the touch that was credited with the
    most of it; `credited_under` is empty until the rule has been asked."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.ForeignKey(ConversionKind, on_delete=models.PROTECT, related_name="conversions")
    source = models.ForeignKey(ConversionSource, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    file = models.ForeignKey(ConversionFile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    external_id = models.CharField(max_length=200, help_text="Theirs; the same one twice is one conversion.")
    at = models.DateTimeField()
    amount = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, blank=True, related_name="conversions")
    click = models.ForeignKey(Click, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    conversation = models.ForeignKey(Conversation, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    campaign = models.SlugField(max_length=60, blank=True, help_text="Of the link that led to it.")
    touches_count = models.PositiveSmallIntegerField(default=0)
    credited_under = models.ForeignKey(
        AttributionRule, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    recorded_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True, blank=True)

    objects = ConversionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "kind", "external_id"], name="conversion_once"),
            models.CheckConstraint(condition=Q(amount=None) | Q(amount__gte=0), name="conversion_amount_not_negative"),
        ]
        indexes = [
            models.Index(fields=["workspace", "-at", "-id"], name="conversion_newest"),
            models.Index(fields=["workspace", "credited_under"], name="conversion_credited"),
            models.Index(fields=["workspace", "recorded_at"], name="conversion_recorded"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.external_id}"


class Credit(models.Model):
    """The part of one conversion that one touch is credited with, 0 to 1; those of a conversion add up to 1. A touch
    is a conversation we answered in, or a click."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    conversion = models.ForeignKey(Conversion, on_delete=models.CASCADE, related_name="credits")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    click = models.ForeignKey(Click, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    share = models.FloatField()
    at = models.DateTimeField(help_text="When the touch was.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(share__gt=0, share__lte=1.000001), name="credit_is_a_share"),
            models.CheckConstraint(
                condition=Q(conversation__isnull=False) | Q(click__isnull=False), name="credit_has_a_touch"
            ),
        ]
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.share:.0%} of {self.conversion_id}"
