from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inbox", "0002_given"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="handling_seconds",
            field=models.PositiveIntegerField(
                blank=True, help_text="Of a person's answer: the work on it, as far as it was recorded.", null=True
            ),
        ),
    ]
