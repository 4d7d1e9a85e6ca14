"""Decisions are never changed: the database itself refuses it. Only a demo company's are ever deleted."""

from django.db import migrations

REFUSES = """
CREATE FUNCTION governance_decision_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND NOT EXISTS (
        SELECT 1 FROM people_workspace AS w JOIN people_organisation AS o ON o.id = w.organisation_id
        WHERE w.id = OLD.workspace_id AND NOT o.is_demo
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'A decision is never changed: another decision supersedes it.' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER decision_stands BEFORE UPDATE OR DELETE ON governance_decision
    FOR EACH ROW EXECUTE FUNCTION governance_decision_stands();
"""
ALLOWS = """
DROP TRIGGER decision_stands ON governance_decision;
DROP FUNCTION governance_decision_stands();
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0001_initial"), ("people", "0001_initial")]

    operations = [migrations.RunSQL(REFUSES, ALLOWS)]
