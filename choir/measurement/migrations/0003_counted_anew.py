"""Answers, enablement and knowledge reuse are new: what is tallied lacks them, so every day is counted anew."""

from django.db import migrations


def count_anew(apps, schema_editor):
    apps.get_model("measurement", "Tally").objects.all().delete()
    apps.get_model("measurement", "Progress").objects.update(
        tallied_in="", tallied_at=None, tallied_first=None, tallied_last=None, stale_days=[], checked_to=None
    )


class Migration(migrations.Migration):
    dependencies = [
        ("measurement", "0002_tallies"),
        ("people", "0002_hub"),
        ("knowledge", "0002_reuse"),
    ]

    operations = [
        migrations.RunPython(count_anew, migrations.RunPython.noop),
    ]
