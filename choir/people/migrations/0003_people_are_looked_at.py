"""PostgreSQL looks at the people again after a few have changed. They are few, so that by itself it waits for more
changes than there are people; and a plan that takes nobody to have an hourly cost reads all answers for a department's."""

from django.db import migrations

LOOKS_SOON = """
ALTER TABLE people_person SET (autovacuum_analyze_threshold = 5, autovacuum_analyze_scale_factor = 0.05)
"""
LOOKS_AS_USUAL = """
ALTER TABLE people_person RESET (autovacuum_analyze_threshold, autovacuum_analyze_scale_factor)
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0002_hub")]

    operations = [migrations.RunSQL(LOOKS_SOON, LOOKS_AS_USUAL)]
