"""The ledger's sequence: given out under a lock that lasts until commit, so that it follows commit order."""

from django.db import migrations

FORWARD = """
CREATE SEQUENCE publication_seq;
CREATE FUNCTION publication_next_seq() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('publication_seq'));
  RETURN nextval('publication_seq');
END $$;
REVOKE ALL ON FUNCTION publication_next_seq() FROM PUBLIC;
GRANT USAGE ON SEQUENCE publication_seq TO equity_worker;
GRANT EXECUTE ON FUNCTION publication_next_seq() TO equity_worker;
"""
BACKWARD = "DROP FUNCTION publication_next_seq(); DROP SEQUENCE publication_seq;"


class Migration(migrations.Migration):
    dependencies = [("publication", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
