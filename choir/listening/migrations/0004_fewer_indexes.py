import django.db.models.deletion
from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0004_fewer_indexes"),
        ("customers", "0003_fewer_indexes"),
        ("listening", "0003_our_own_voice"),
        ("people", "0002_hub"),
    ]

    operations = [
        # The index stays; what waits on its list goes in, and nothing is put on the list any more. In an empty database
        # (choir.operations.tables) it is made after this, and so from the beginning.
        migrations.RunSQL(
            [
                "ALTER INDEX IF EXISTS wording_bands SET (fastupdate = off)",
                "SELECT gin_clean_pending_list(oid) FROM pg_class WHERE oid = to_regclass('wording_bands')",
            ],
            "ALTER INDEX IF EXISTS wording_bands SET (fastupdate = on)",
            state_operations=[
                migrations.RemoveIndex(model_name="wording", name="wording_bands"),
                migrations.AddIndex(
                    model_name="wording",
                    index=GinIndex(fastupdate=False, fields=["bands"], name="wording_bands"),
                ),
            ],
        ),
        migrations.AlterField(
            model_name="mention",
            name="identity",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="mentions",
                to="customers.identity",
            ),
        ),
        migrations.AlterField(
            model_name="mention",
            name="workspace",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="people.workspace"
            ),
        ),
    ]
