"""PostgreSQL looks after each statement that writes observations: their series must be there, and what was written is noted.

One look a statement, not one a row: a foreign key was half of the time of an import. Series are never changed or deleted
(nobody has the grant), so that a look when an observation is written is enough. A statement sees what is committed: a
series that another transaction is just making is refused, as a foreign key refuses it.

The functions run with the rights of whoever writes, and row security shows them their own institution only.
"""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION metrics_observation_written() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  missing bigint;
BEGIN
  IF TG_OP <> 'DELETE' THEN
    SELECT named.series_id INTO missing
      FROM (SELECT DISTINCT organisation_id, series_id FROM written) AS named
     WHERE NOT EXISTS (
       SELECT FROM metrics_series AS series
        WHERE series.organisation_id = named.organisation_id AND series.id = named.series_id)
     LIMIT 1;
    IF FOUND THEN
      RAISE foreign_key_violation USING
        MESSAGE = format('The institution has no series %s.', missing),
        TABLE = 'metrics_observation', CONSTRAINT = 'metrics_observation_series';
    END IF;
  END IF;
  INSERT INTO metrics_touched (organisation_id, series_id, grain, starts)
  SELECT organisation_id, series_id, grain, array_agg(start) FROM written GROUP BY organisation_id, series_id, grain;
  RETURN NULL;
END $$;

CREATE FUNCTION metrics_observation_moved() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (
    SELECT organisation_id, series_id, grain, start FROM replaced
    EXCEPT SELECT organisation_id, series_id, grain, start FROM written)
  THEN
    RAISE restrict_violation USING MESSAGE = 'An observation stays where it is: delete it and write another.';
  END IF;
  RETURN NULL;
END $$;
"""

TRIGGERS = """
CREATE TRIGGER metrics_observation_inserted AFTER INSERT ON metrics_observation REFERENCING NEW TABLE AS written
  FOR EACH STATEMENT EXECUTE FUNCTION metrics_observation_written();
CREATE TRIGGER metrics_observation_updated AFTER UPDATE ON metrics_observation REFERENCING NEW TABLE AS written
  FOR EACH STATEMENT EXECUTE FUNCTION metrics_observation_written();
CREATE TRIGGER metrics_observation_deleted AFTER DELETE ON metrics_observation REFERENCING OLD TABLE AS written
  FOR EACH STATEMENT EXECUTE FUNCTION metrics_observation_written();
CREATE TRIGGER metrics_observation_stays AFTER UPDATE ON metrics_observation
  REFERENCING NEW TABLE AS written OLD TABLE AS replaced
  FOR EACH STATEMENT EXECUTE FUNCTION metrics_observation_moved();
"""

BACK = """
DROP TRIGGER metrics_observation_inserted ON metrics_observation;
DROP TRIGGER metrics_observation_updated ON metrics_observation;
DROP TRIGGER metrics_observation_deleted ON metrics_observation;
DROP TRIGGER metrics_observation_stays ON metrics_observation;
DROP FUNCTION metrics_observation_written(), metrics_observation_moved();
"""


class Migration(migrations.Migration):
    dependencies = [("metrics", "0006_adding_up_what_changed")]
    operations = [migrations.RunSQL(FUNCTIONS + TRIGGERS, BACK)]
