"""A day is sealed when nobody is writing any more: who writes holds a lock with the others, who seals holds it alone."""

from django.db import migrations

WAIT = """
CREATE FUNCTION journal_writing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_advisory_xact_lock_shared(7120911); RETURN NULL; END $$;
CREATE TRIGGER journal_a_writer BEFORE INSERT ON journal_fact FOR EACH STATEMENT EXECUTE FUNCTION journal_writing();
"""
DO_NOT = "DROP TRIGGER journal_a_writer ON journal_fact; DROP FUNCTION journal_writing();"


class Migration(migrations.Migration):
    dependencies = [("journal", "0002_append_only")]
    operations = [migrations.RunSQL(WAIT, DO_NOT)]
