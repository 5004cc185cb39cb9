"""A metric that the community holds is given back by the community alone, whoever else may change the row."""

from django.db import migrations

from equity.roles import MAY, Permission

GIVE_BACK = ",".join(sorted(role.value for role, may in MAY.items() if Permission.AGREE_TO_FIGURES in may))

CREATE = f"""
CREATE FUNCTION metrics_keep_holder() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.held_by = 'community' AND NEW.held_by <> 'community'
     AND current_user = 'equity_member' AND NOT public.tenancy_holds('{{{GIVE_BACK}}}') THEN
    RAISE EXCEPTION 'the community holds this metric' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER metrics_keep_holder BEFORE UPDATE OF held_by ON metrics_metric
  FOR EACH ROW EXECUTE FUNCTION metrics_keep_holder();
"""
DROP = "DROP TRIGGER metrics_keep_holder ON metrics_metric; DROP FUNCTION metrics_keep_holder();"


class Migration(migrations.Migration):
    dependencies = [("metrics", "0010_choosing_measures"), ("tenancy", "0004_holds")]
    operations = [migrations.RunSQL(CREATE, DROP)]
