"""The database numbers and chains facts, refuses to change them, and keeps the application's role out of the heads."""

from django.db import migrations

CHAIN = """
CREATE FUNCTION journal_chain() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE tail public.journal_stream;
BEGIN
  INSERT INTO public.journal_stream (name, length, head) VALUES (NEW.stream, 0, '') ON CONFLICT DO NOTHING;
  SELECT * INTO tail FROM public.journal_stream WHERE name = NEW.stream FOR UPDATE;
  NEW.seq := tail.length + 1;
  NEW.prev_hash := tail.head;
  NEW.recorded_at := clock_timestamp();
  NEW.hash := encode(sha256(convert_to(concat_ws('|', NEW.prev_hash, NEW.stream, NEW.seq, NEW.uid, NEW.kind,
    extract(epoch from NEW.occurred_at), extract(epoch from NEW.recorded_at), coalesce(NEW.actor_id::text, '-'),
    NEW.actor_name, NEW.actor_role, coalesce(NEW.cause_id::text, '-'), NEW.data::text), 'UTF8')), 'hex');
  UPDATE public.journal_stream SET length = NEW.seq, head = NEW.hash WHERE name = NEW.stream;
  RETURN NEW;
END $$;
CREATE TRIGGER journal_chain BEFORE INSERT ON journal_fact FOR EACH ROW EXECUTE FUNCTION journal_chain();

CREATE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'facts are never edited (%)', TG_OP USING ERRCODE = 'insufficient_privilege'; END $$;
CREATE TRIGGER journal_append_only BEFORE UPDATE OR DELETE ON journal_fact
  FOR EACH ROW EXECUTE FUNCTION journal_refuse();
CREATE TRIGGER journal_root_append_only BEFORE UPDATE OR DELETE ON journal_dailyroot
  FOR EACH ROW EXECUTE FUNCTION journal_refuse();

DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'jiedian_app') THEN
    REVOKE UPDATE, DELETE, TRUNCATE ON journal_fact, journal_dailyroot FROM jiedian_app;
    REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON journal_stream FROM jiedian_app;
  END IF;
END $$;
"""

UNCHAIN = """
DROP TRIGGER journal_append_only ON journal_fact; DROP TRIGGER journal_root_append_only ON journal_dailyroot; DROP TRIGGER journal_chain ON journal_fact;
DROP FUNCTION journal_refuse(); DROP FUNCTION journal_chain();
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]
    operations = [migrations.RunSQL(CHAIN, UNCHAIN)]
