from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inbox", "0004_fewer_indexes"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="conversation", name="conversation_arriving"),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(condition=models.Q(("state", "arriving")), fields=["id"], name="conversation_arriving"),
        ),
    ]
