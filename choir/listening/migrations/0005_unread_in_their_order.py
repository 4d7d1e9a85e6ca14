from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("listening", "0004_fewer_indexes"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="mention", name="mention_unread"),
        migrations.AddIndex(
            model_name="mention",
            index=models.Index(condition=models.Q(("read_at", None)), fields=["id"], name="mention_unread"),
        ),
    ]
