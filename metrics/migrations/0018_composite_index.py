"""An index is worked out from other measures. What was entered as one becomes what it was: a number that is not added up."""

from django.db import migrations, models

AS_IT_WAS = """
SET LOCAL ROLE equity_operator;
UPDATE metrics_metric SET kind = 'count', once_over_periods = true, once_over_units = true WHERE kind = 'index';
UPDATE metrics_setmetric SET kind = 'count', once_over_periods = true, once_over_units = true WHERE kind = 'index';
RESET ROLE;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('metrics', '0017_counted_once'),
        ('tenancy', '0007_units_close'),
    ]

    operations = [
        migrations.AddField(
            model_name='metric',
            name='composition',
            field=models.JSONField(blank=True, default=dict, help_text='Of an index: its measures with weights and goalposts, and how they become one number'),
        ),
        migrations.AddField(
            model_name='setmetric',
            name='composition',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.RunSQL(AS_IT_WAS, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='metric',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('counts_people', False), ('kind', 'index'), ('once_over_periods', False), ('once_over_units', False), models.Q(('composition', {}), _negated=True)), models.Q(models.Q(('kind', 'index'), _negated=True), ('composition', {})), _connector='OR'), name='metrics_metric_index_has_parts'),
        ),
    ]
