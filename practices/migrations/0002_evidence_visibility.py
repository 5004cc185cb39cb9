"""Evidence is append-only but for who may see it: members may write that one column."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("practices", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "GRANT UPDATE (visibility) ON practices_evidence TO equity_member",
            "REVOKE UPDATE (visibility) ON practices_evidence FROM equity_member",
        )
    ]
