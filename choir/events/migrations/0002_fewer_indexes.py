import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0001_initial"),
        ("people", "0002_hub"),
    ]

    operations = [
        migrations.AlterField(
            model_name="event",
            name="workspace",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="Empty for what concerns the whole organisation.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="people.workspace",
            ),
        ),
    ]
