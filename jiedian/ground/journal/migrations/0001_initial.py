"""The journal's tables; the database numbers and chains facts, refuses to change them, and lets whoever seals wait for whoever writes."""

from django.db import migrations, models


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

WAIT = """
CREATE FUNCTION journal_writing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_advisory_xact_lock_shared(7120911); RETURN NULL; END $$;
CREATE TRIGGER journal_a_writer BEFORE INSERT ON journal_fact FOR EACH STATEMENT EXECUTE FUNCTION journal_writing();
"""
DO_NOT = "DROP TRIGGER journal_a_writer ON journal_fact; DROP FUNCTION journal_writing();"


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='DailyRoot',
            fields=[
                ('day', models.DateField(primary_key=True, serialize=False)),
                ('facts', models.PositiveIntegerField()),
                ('last_fact_id', models.BigIntegerField()),
                ('prev_root', models.CharField(max_length=64)),
                ('root', models.CharField(max_length=64)),
                ('sealed_at', models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name='Stream',
            fields=[
                ('name', models.CharField(max_length=80, primary_key=True, serialize=False)),
                ('length', models.PositiveIntegerField()),
                ('head', models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name='Fact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(unique=True)),
                ('stream', models.CharField(max_length=80)),
                ('seq', models.PositiveIntegerField()),
                ('kind', models.CharField(db_index=True, max_length=60)),
                ('occurred_at', models.DateTimeField(db_index=True)),
                ('recorded_at', models.DateTimeField(db_index=True)),
                ('actor_id', models.BigIntegerField(null=True)),
                ('actor_name', models.CharField(max_length=80)),
                ('actor_role', models.CharField(max_length=32)),
                ('cause_id', models.UUIDField(null=True)),
                ('data', models.JSONField()),
                ('prev_hash', models.CharField(max_length=64)),
                ('hash', models.CharField(max_length=64)),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('stream', 'seq'), name='fact_seq_once_a_stream')],
            },
        ),
        migrations.CreateModel(
            name='Reaction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fact_uid', models.UUIDField()),
                ('function', models.CharField(max_length=120)),
                ('renewals', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('fact_uid', 'function'), name='a_reaction_waits_once')],
            },
        ),
        migrations.RunSQL(CHAIN, UNCHAIN),
        migrations.RunSQL(WAIT, DO_NOT),
    ]
