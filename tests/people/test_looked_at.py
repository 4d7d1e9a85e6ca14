"""PostgreSQL knows the people well enough to plan by them."""

import pytest
from django.db import connection


@pytest.mark.django_db
def test_postgresql_looks_at_the_people_after_a_few_have_changed() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reloptions FROM pg_class WHERE relname = 'people_person'")
        (options,) = cursor.fetchone() or (None,)
    assert {"autovacuum_analyze_threshold=5", "autovacuum_analyze_scale_factor=0.05"} <= set(options or [])
