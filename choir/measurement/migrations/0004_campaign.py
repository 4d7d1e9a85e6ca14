"""Campaigns are a dimension, and reach, engagement and cost are new: what is tallied lacks them, so every day is counted
anew; what is known of campaigns of the past is put to its conversations."""

import re

from django.db import migrations, models

LINK = re.compile(r"/l/([A-Za-z0-9_-]{1,16})")


def count_anew(apps, schema_editor):
    apps.get_model("measurement", "Tally").objects.all().delete()
    apps.get_model("measurement", "Progress").objects.update(
        tallied_in="", tallied_at=None, tallied_first=None, tallied_last=None, stale_days=[], checked_to=None
    )


def name_campaigns(apps, schema_editor):
    links = apps.get_model("conversions", "TrackedLink").objects.exclude(campaign="")
    known = {
        (workspace, code): campaign
        for workspace, code, campaign in links.values_list("workspace_id", "code", "campaign")
    }
    if not known:
        return
    given = []
    said = apps.get_model("inbox", "Message").objects.filter(
        workspace_id__in={workspace for workspace, _ in known},
        direction="outbound",
        sent_at__isnull=False,
        text__contains="/l/",
    )
    for workspace, pk, at, text in said.values_list("workspace_id", "conversation_id", "at", "text").iterator():
        given += [(at, pk, known[workspace, code]) for code in LINK.findall(text) if (workspace, code) in known][:1]
    clicks = (
        apps.get_model("conversions", "Click").objects.filter(conversation__isnull=False).exclude(link__campaign="")
    )
    given += clicks.values_list("at", "conversation_id", "link__campaign")
    first = {pk: campaign for _, pk, campaign in sorted(given, reverse=True)}
    by_campaign = {}
    for pk, campaign in first.items():
        by_campaign.setdefault(campaign, []).append(pk)
    for campaign, ids in by_campaign.items():
        for name in ("Course", "Stretch"):
            apps.get_model("measurement", name).objects.filter(conversation_id__in=ids).update(campaign=campaign)


class Migration(migrations.Migration):
    dependencies = [
        ("measurement", "0003_counted_anew"),
        ("conversions", "0001_initial"),
        ("inbox", "0003_handling"),
        ("outbound", "0005_engagement_measured"),
    ]

    operations = [
        migrations.RunPython(count_anew, migrations.RunPython.noop),
        migrations.AddField(
            model_name="course",
            name="campaign",
            field=models.CharField(
                blank=True, help_text="Of the first tracked link given in it; empty: none.", max_length=60, null=True
            ),
        ),
        migrations.AddField(
            model_name="stretch",
            name="campaign",
            field=models.CharField(
                blank=True, help_text="Of the first tracked link given in it; empty: none.", max_length=60, null=True
            ),
        ),
        migrations.AlterField(
            model_name="tally",
            name="against",
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="tally",
            name="key",
            field=models.CharField(blank=True, help_text="Id, language or campaign; empty: none yet.", max_length=60),
        ),
        migrations.AlterField(
            model_name="tally",
            name="met",
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.RunPython(name_campaigns, migrations.RunPython.noop),
    ]
