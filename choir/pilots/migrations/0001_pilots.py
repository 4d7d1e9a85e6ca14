"""Pilots, what is drawn into them, looks at them, their ends; a pilot is never changed: the database refuses it."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import choir.ids
import choir.pilots.models

REFUSES = """
CREATE FUNCTION pilots_pilot_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'What a pilot is was set before it began, and is never changed.' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER pilot_stands BEFORE UPDATE ON pilots_pilot FOR EACH ROW EXECUTE FUNCTION pilots_pilot_stands();
"""
ALLOWS = """
DROP TRIGGER pilot_stands ON pilots_pilot;
DROP FUNCTION pilots_pilot_stands();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("channels", "0003_searching_has_its_own_quota"),
        ("inbox", "0001_initial"),
        ("people", "0001_initial"),
        ("routing", "0003_regions_and_products"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Pilot",
            fields=[
                ("id", models.UUIDField(default=choir.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=80)),
                ("because", models.TextField()),
                ("language", models.CharField(blank=True, max_length=8)),
                ("topic", models.CharField(blank=True, max_length=40)),
                ("region", models.CharField(blank=True, max_length=60)),
                ("product", models.CharField(blank=True, max_length=80)),
                (
                    "share",
                    models.FloatField(help_text="Of the conversations, how many go to the candidate: 0.5 is half."),
                ),
                ("salt", models.CharField(default=choir.pilots.models.new_salt, max_length=40)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(help_text="No conversation is drawn from then on.")),
                ("metric", models.CharField(help_text="Decides when it stops and what it says.", max_length=24)),
                (
                    "also",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=24),
                        default=list,
                        help_text="Metrics shown beside it.",
                        size=None,
                    ),
                ),
                ("looks_count", models.PositiveSmallIntegerField(default=1)),
                (
                    "error_rate",
                    models.FloatField(
                        default=0.05, help_text="How often it may find a difference where there is none."
                    ),
                ),
                (
                    "worth",
                    models.FloatField(
                        help_text="The smallest difference that would matter: points, or as a share less or more."
                    ),
                ),
                (
                    "needed_count",
                    models.PositiveIntegerField(
                        blank=True, help_text="Conversations needed, as was expected.", null=True
                    ),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "candidate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.department"
                    ),
                ),
                (
                    "channel",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="channels.channel",
                    ),
                ),
                (
                    "objective",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="routing.objective"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.department"
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="people.workspace"
                    ),
                ),
            ],
            options={
                "ordering": ["-starts_at"],
            },
        ),
        migrations.CreateModel(
            name="Draw",
            fields=[
                ("id", models.UUIDField(default=choir.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("is_candidate", models.BooleanField()),
                ("at", models.DateTimeField()),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="draws", to="inbox.conversation"
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="people.workspace",
                    ),
                ),
                (
                    "pilot",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="draws",
                        to="pilots.pilot",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Look",
            fields=[
                ("id", models.UUIDField(default=choir.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveSmallIntegerField()),
                ("at", models.DateTimeField(help_text="Figures are as of then.")),
                ("information", models.FloatField(help_text="What was known: n₁ · n₂ ÷ (n₁ + n₂) of the two sides.")),
                (
                    "boundary",
                    models.FloatField(help_text="How many standard errors away from nothing are enough at this look."),
                ),
                (
                    "found",
                    models.JSONField(
                        help_text="By metric, as choir.pilots.comparing.Difference; none where too little happened."
                    ),
                ),
                ("is_enough", models.BooleanField(default=False, help_text="The difference lies beyond the boundary.")),
                (
                    "pilot",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="looks",
                        to="pilots.pilot",
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="Ending",
            fields=[
                (
                    "pilot",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="ending",
                        serialize=False,
                        to="pilots.pilot",
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("adopted", "The candidate owns it now"),
                            ("dropped", "It stays with the owner"),
                            ("called_off", "Called off before its end"),
                        ],
                        max_length=12,
                    ),
                ),
                ("because", models.TextField()),
                ("decision_id", models.UUIDField(blank=True, null=True)),
                ("decision_number", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="pilot",
            index=models.Index(fields=["workspace", "-starts_at"], name="pilot_newest"),
        ),
        migrations.AddConstraint(
            model_name="pilot",
            constraint=models.CheckConstraint(
                condition=models.Q(("share__gt", 0), ("share__lt", 1)), name="pilot_shares"
            ),
        ),
        migrations.AddConstraint(
            model_name="pilot",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="pilot_ends_after_it_starts"
            ),
        ),
        migrations.AddConstraint(
            model_name="pilot",
            constraint=models.CheckConstraint(
                condition=models.Q(("owner", models.F("candidate")), _negated=True), name="pilot_compares_two"
            ),
        ),
        migrations.AddConstraint(
            model_name="pilot",
            constraint=models.CheckConstraint(
                condition=models.Q(("looks_count__gte", 1), ("looks_count__lte", 5)), name="pilot_looks"
            ),
        ),
        migrations.AddIndex(
            model_name="draw",
            index=models.Index(fields=["pilot", "at"], name="draw_by_pilot"),
        ),
        migrations.AddConstraint(
            model_name="draw",
            constraint=models.UniqueConstraint(fields=("workspace", "pilot", "conversation"), name="draw_once"),
        ),
        migrations.AddConstraint(
            model_name="look",
            constraint=models.UniqueConstraint(fields=("pilot", "number"), name="look_once"),
        ),
        migrations.RunSQL(REFUSES, ALLOWS),
    ]
