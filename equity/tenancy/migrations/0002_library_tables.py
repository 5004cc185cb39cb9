"""Grants on the tables that libraries bring (equity.tenancy.grants.OTHERS). Other library tables are nobody's."""

from django.db import migrations

GRANTS = """
GRANT SELECT, INSERT, UPDATE, DELETE ON django_session TO equity_signin;
GRANT SELECT, INSERT, UPDATE, DELETE ON account_emailaddress TO equity_signin;
GRANT SELECT, INSERT, UPDATE, DELETE ON account_emailaddress TO equity_operator;
GRANT SELECT, INSERT, UPDATE, DELETE ON account_emailconfirmation TO equity_signin;
GRANT SELECT ON django_migrations TO equity_signin;
"""
REVOKES = """
REVOKE ALL ON django_session, account_emailaddress, account_emailconfirmation, django_migrations
  FROM equity_signin, equity_operator;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tenancy", "0001_initial"),
        ("sessions", "0001_initial"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]
    operations = [migrations.RunSQL(GRANTS, REVOKES)]
