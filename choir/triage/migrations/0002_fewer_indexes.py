import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("listening", "0004_fewer_indexes"),
        ("triage", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="reading",
            name="mention",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="readings",
                to="listening.mention",
            ),
        ),
        migrations.AlterField(
            model_name="reading",
            name="theme",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="readings",
                to="triage.theme",
            ),
        ),
    ]
