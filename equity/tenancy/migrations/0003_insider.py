"""Who is a named insider, as a function: PostgreSQL keeps its plan for as long as the connection lasts.

Written out in a policy, the same question was planned anew with every statement, which cost more than to answer it.
It runs with the rights of whoever asks (no SECURITY DEFINER) and names its schema, since a search path can be changed.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION tenancy_is_insider() RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  RETURN EXISTS (
    SELECT FROM public.tenancy_membership
    WHERE organisation_id = NULLIF(current_setting('app.organisation', true), '')::bigint
      AND person_id = NULLIF(current_setting('app.person', true), '')::uuid
      AND ended_on IS NULL
      AND role IN ('analyst', 'council_member', 'equity_lead')
  );
END $$;
GRANT EXECUTE ON FUNCTION tenancy_is_insider() TO equity_member;
"""
DROP = "DROP FUNCTION tenancy_is_insider();"


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0002_library_tables")]
    operations = [migrations.RunSQL(CREATE, DROP)]
