import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0002_stage_without_reason"),
        ("people", "0002_hub"),
    ]

    operations = [
        migrations.AlterField(
            model_name="customer",
            name="workspace",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="people.workspace"
            ),
        ),
        migrations.AlterField(
            model_name="identity",
            name="workspace",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="people.workspace"
            ),
        ),
    ]
