"""Whether somebody holds one of some roles, as a function: PostgreSQL keeps its plan, as that of `tenancy_is_insider`."""

from django.db import migrations

CREATE = """
CREATE FUNCTION tenancy_holds(roles text[]) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  RETURN EXISTS (
    SELECT FROM public.tenancy_membership
    WHERE organisation_id = NULLIF(current_setting('app.organisation', true), '')::bigint
      AND person_id = NULLIF(current_setting('app.person', true), '')::uuid
      AND ended_on IS NULL
      AND role = ANY (roles)
  );
END $$;
GRANT EXECUTE ON FUNCTION tenancy_holds(text[]) TO equity_member;
"""
DROP = "DROP FUNCTION tenancy_holds(text[]);"


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0003_insider")]
    operations = [migrations.RunSQL(CREATE, DROP)]
