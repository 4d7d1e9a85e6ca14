import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0003_searching_has_its_own_quota"),
        ("people", "0002_hub"),
    ]

    operations = [
        migrations.AlterField(
            model_name="arrival",
            name="file_import",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="channels.fileimport",
            ),
        ),
        migrations.AlterField(
            model_name="arrival",
            name="workspace",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="people.workspace"
            ),
        ),
    ]
