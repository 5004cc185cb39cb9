-- The roles of a cluster. Run it as a superuser, once or again: it makes what is missing and changes nothing else.
-- PostgreSQL 15 to 18. No password is in here: set those of the four logins afterwards, and make the database.
--
--     psql --dbname=postgres --file=roles.sql
--     psql --dbname=postgres --command='\password equity_owner'          (and inside, outside, work)
--     createdb --owner=equity_owner equity
--     psql --dbname=equity --username=equity_owner --file=database.sql
--
-- Personas cannot log in. A login owns nothing of the personas' rights: every transaction first takes a persona
-- with SET LOCAL ROLE, and each login can take its own ones only.

DO $$
DECLARE
  persona text;
  login text;
  membership text[];
  how text := '';
BEGIN
  FOREACH persona IN ARRAY ARRAY[
    'equity_signin',     -- sign-in, sessions, tokens, health
    'equity_public',     -- visitors
    'equity_client',     -- API clients
    'equity_intake',     -- anonymous feedback and questions: may insert, reads nothing
    'equity_sender',     -- an institution's own system, with an API key: sends counts, sees what became of them
    'equity_member',     -- people signed in, in one organisation
    'equity_worker',     -- a task, for one organisation
    'equity_scheduler',  -- beat: the list of organisations and the job table
    'equity_operator',   -- data migrations, dumps, restore
    'equity_tally'       -- owns the functions that count scores
  ] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = persona) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT', persona);
    END IF;
  END LOOP;
  IF NOT (SELECT rolbypassrls FROM pg_roles WHERE rolname = 'equity_operator') THEN
    ALTER ROLE equity_operator BYPASSRLS;
  END IF;

  FOREACH login IN ARRAY ARRAY['equity_inside', 'equity_outside', 'equity_work'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = login) THEN
      EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT', login);
    END IF;
  END LOOP;
  -- INHERIT, unlike the others: before version 16 an owner without it may not create tables in its own database.
  -- BYPASSRLS is never inherited, so the owner reads past row security only after SET ROLE equity_operator.
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'equity_owner') THEN
    CREATE ROLE equity_owner LOGIN CREATEDB INHERIT;  -- CREATEDB: the test databases
  END IF;

  IF current_setting('server_version_num')::int >= 160000 THEN
    how := ' WITH INHERIT FALSE, SET TRUE';
  END IF;
  FOREACH membership SLICE 1 IN ARRAY ARRAY[
    ['equity_inside', 'equity_signin'],
    ['equity_inside', 'equity_member'],
    ['equity_outside', 'equity_public'],
    ['equity_outside', 'equity_client'],
    ['equity_outside', 'equity_intake'],
    ['equity_outside', 'equity_sender'],
    ['equity_work', 'equity_worker'],
    ['equity_work', 'equity_scheduler'],
    ['equity_owner', 'equity_operator'],
    ['equity_owner', 'equity_tally']  -- to hand functions over: ALTER FUNCTION … OWNER TO equity_tally
  ] LOOP
    IF NOT pg_has_role(membership[1], membership[2], 'MEMBER') THEN
      EXECUTE format('GRANT %I TO %I', membership[2], membership[1]) || how;
    END IF;
  END LOOP;
END
$$;
