"""A tombstone withdraws in the database: whoever writes it, in whatever way, the rows before it are shown no more."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION publication_withdraw() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO publication_withdrawnentry (seq, n, organisation_id, tombstone_seq, tombstone_n)
  SELECT earlier.seq, earlier.n, organisation_id, tombstone.seq, tombstone.n
    FROM written AS tombstone JOIN publication_ledgerentry AS earlier USING (organisation_id, kind, key, audience)
   WHERE tombstone.op = 'delete' AND earlier.op = 'upsert' AND earlier.seq < tombstone.seq
      ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER withdraws AFTER INSERT ON publication_ledgerentry REFERENCING NEW TABLE AS written
  FOR EACH STATEMENT EXECUTE FUNCTION publication_withdraw();
"""
BACKWARD = "DROP TRIGGER withdraws ON publication_ledgerentry; DROP FUNCTION publication_withdraw();"


class Migration(migrations.Migration):
    dependencies = [("publication", "0003_withdrawn")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
