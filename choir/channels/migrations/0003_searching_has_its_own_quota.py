from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0002_alt_text"),
    ]

    operations = [
        migrations.AlterField(
            model_name="quota",
            name="bucket",
            field=models.CharField(
                choices=[("all", "all"), ("read", "read"), ("write", "write"), ("search", "search")], max_length=8
            ),
        ),
    ]
