"""What an institution's own systems may read and leave behind, and the question whether the person who answers for one may."""

import equity.tenancy.personas
import equity.tenancy.walls
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('tenancy', '0008_letters'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='auditevent',
            name='tenancy_auditevent_walls',
        ),
        migrations.RemoveConstraint(
            model_name='job',
            name='tenancy_job_walls',
        ),
        migrations.RemoveConstraint(
            model_name='membership',
            name='tenancy_membership_walls',
        ),
        migrations.RemoveConstraint(
            model_name='organisation',
            name='tenancy_organisation_walls',
        ),
        migrations.RemoveConstraint(
            model_name='person',
            name='tenancy_person_walls',
        ),
        migrations.RemoveConstraint(
            model_name='unit',
            name='tenancy_unit_walls',
        ),
        migrations.AddConstraint(
            model_name='auditevent',
            constraint=equity.tenancy.walls.Walls(grants={'equity_member': 'SI', 'equity_operator': 'SI', 'equity_sender': 'SI', 'equity_worker': 'SI'}, name='tenancy_auditevent_walls', policies=[equity.tenancy.walls.Policy(equity.tenancy.personas.Persona['WORKER'], 'SI', "organisation_id = (SELECT NULLIF(current_setting('app.organisation', true), '')::bigint)"), equity.tenancy.walls.Policy(equity.tenancy.personas.Persona['MEMBER'], 'SI', "organisation_id = (SELECT NULLIF(current_setting('app.organisation', true), '')::bigint) AND ((event IN ('round.change_plan', 'round.plan', 'seat.end', 'seat.fill') OR event IN ('membership.end', 'membership.grant') AND details->>'role' IN ('facilitator', 'reviewer')) IS FALSE OR (SELECT public.tenancy_holds('{facilitator}'))) AND ((event IN ('reply.change', 'reply.write')) IS FALSE OR (SELECT public.tenancy_holds('{equity_lead}')))"), equity.tenancy.walls.Policy(equity.tenancy.personas.Persona['SENDER'], 'SI', "organisation_id = (SELECT NULLIF(current_setting('app.organisation', true), '')::bigint) AND details->>'system' = (SELECT NULLIF(current_setting('app.client', true), ''))")], secured=True),
        ),
        migrations.AddConstraint(
            model_name='job',
            constraint=equity.tenancy.walls.Walls(grants={'equity_member': 'SI', 'equity_operator': 'SIUD', 'equity_scheduler': 'SU', 'equity_sender': 'SI', 'equity_worker': 'SIU'}, name='tenancy_job_walls', policies=[equity.tenancy.walls.Policy(equity.tenancy.personas.Persona['MEMBER'], 'SI', "organisation_id = (SELECT NULLIF(current_setting('app.organisation', true), '')::bigint)"), equity.tenancy.walls.Policy(equity.tenancy.personas.Persona['WORKER'], 'SIU', "organisation_id = (SELECT NULLIF(current_setting('app.organisation', true), '')::bigint)"), equity.tenancy.walls.Policy(equity.tenancy.personas.Persona['SCHEDULER'], 'SU', 'true'), equity.tenancy.walls.Policy(equity.tenancy.personas.Persona['SENDER'], 'S', "organisation_id = (SELECT NULLIF(current_setting('app.organisation', true), '')::bigint) AND arguments->>'system' = (SELECT NULLIF(current_setting('app.client', true), ''))"), equity.tenancy.walls.Policy(equity.tenancy.personas.Persona['SENDER'], 'I', "organisation_id = (SELECT NULLIF(current_setting('app.organisation', true), '')::bigint) AND arguments->>'system' = (SELECT NULLIF(current_setting('app.client', true), '')) AND kind = 'metrics.check_batch'")], secured=True),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=equity.tenancy.walls.Walls(grants={'equity_member': 'S', 'equity_operator': 'SIUD', 'equity_sender': 'S', 'equity_worker': 'S'}, name='tenancy_membership_walls', policies=[equity.tenancy.walls.Policy(equity.tenancy.personas.Persona['MEMBER'], 'S', "organisation_id = (SELECT NULLIF(current_setting('app.organisation', true), '')::bigint) OR person_id = (SELECT NULLIF(current_setting('app.person', true), '')::uuid)"), equity.tenancy.walls.Policy(equity.tenancy.personas.Persona['WORKER'], 'S', "organisation_id = (SELECT NULLIF(current_setting('app.organisation', true), '')::bigint)"), equity.tenancy.walls.Policy(equity.tenancy.personas.Persona['SENDER'], 'S', "organisation_id = (SELECT NULLIF(current_setting('app.organisation', true), '')::bigint) AND person_id = (SELECT NULLIF(current_setting('app.person', true), '')::uuid)")], secured=True),
        ),
        migrations.AddConstraint(
            model_name='organisation',
            constraint=equity.tenancy.walls.Walls(grants={'equity_member': 'S', 'equity_operator': 'SIUD', 'equity_scheduler': 'S', 'equity_sender': 'S', 'equity_worker': 'S'}, name='tenancy_organisation_walls', policies=[equity.tenancy.walls.Policy(equity.tenancy.personas.Persona['MEMBER'], 'S', "id = (SELECT NULLIF(current_setting('app.organisation', true), '')::bigint) OR id IN (SELECT organisation_id FROM tenancy_membership WHERE person_id = (SELECT NULLIF(current_setting('app.person', true), '')::uuid)) OR kind = 'health_department'"), equity.tenancy.walls.Policy(equity.tenancy.personas.Persona['WORKER'], 'S', "id = (SELECT NULLIF(current_setting('app.organisation', true), '')::bigint)"), equity.tenancy.walls.Policy(equity.tenancy.personas.Persona['SCHEDULER'], 'S', 'true'), equity.tenancy.walls.Policy(equity.tenancy.personas.Persona['SENDER'], 'S', "id = (SELECT NULLIF(current_setting('app.organisation', true), '')::bigint)")], secured=True),
        ),
        migrations.AddConstraint(
            model_name='person',
            constraint=equity.tenancy.walls.Walls(grants={'equity_member': 'SU', 'equity_operator': 'SIUD', 'equity_sender': 'S', 'equity_worker': 'S'}, name='tenancy_person_walls', policies=[equity.tenancy.walls.Policy(equity.tenancy.personas.Persona['MEMBER'], 'S', "id = (SELECT NULLIF(current_setting('app.person', true), '')::uuid) OR id IN (SELECT person_id FROM tenancy_membership WHERE organisation_id = (SELECT NULLIF(current_setting('app.organisation', true), '')::bigint))"), equity.tenancy.walls.Policy(equity.tenancy.personas.Persona['MEMBER'], 'U', "id = (SELECT NULLIF(current_setting('app.person', true), '')::uuid)"), equity.tenancy.walls.Policy(equity.tenancy.personas.Persona['WORKER'], 'S', "id IN (SELECT person_id FROM tenancy_membership WHERE organisation_id = (SELECT NULLIF(current_setting('app.organisation', true), '')::bigint))"), equity.tenancy.walls.Policy(equity.tenancy.personas.Persona['SENDER'], 'S', "id = (SELECT NULLIF(current_setting('app.person', true), '')::uuid)")], secured=True),
        ),
        migrations.AddConstraint(
            model_name='unit',
            constraint=equity.tenancy.walls.Walls(grants={'equity_member': 'SIU', 'equity_operator': 'SIUD', 'equity_sender': 'S', 'equity_worker': 'S'}, name='tenancy_unit_walls', policies=[equity.tenancy.walls.Policy(equity.tenancy.personas.Persona['WORKER'], 'S', "organisation_id = (SELECT NULLIF(current_setting('app.organisation', true), '')::bigint)"), equity.tenancy.walls.Policy(equity.tenancy.personas.Persona['SENDER'], 'S', "organisation_id = (SELECT NULLIF(current_setting('app.organisation', true), '')::bigint)"), equity.tenancy.walls.Policy(equity.tenancy.personas.Persona['MEMBER'], 'S', "organisation_id = (SELECT NULLIF(current_setting('app.organisation', true), '')::bigint)"), equity.tenancy.walls.Policy(equity.tenancy.personas.Persona['MEMBER'], 'IU', "organisation_id = (SELECT NULLIF(current_setting('app.organisation', true), '')::bigint) AND (SELECT public.tenancy_holds('{equity_lead}'))")], secured=True),
        ),
        migrations.RunSQL(
            'GRANT EXECUTE ON FUNCTION tenancy_holds(text[]) TO equity_sender',
            'REVOKE EXECUTE ON FUNCTION tenancy_holds(text[]) FROM equity_sender',
        ),
    ]
