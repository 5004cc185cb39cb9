-- What each database needs, beyond the roles of the cluster. Run it in the database, as its owner (equity_owner),
-- before the first migration: once, or again. The test harness runs it in every test database.

DO $$
BEGIN
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO equity_inside, equity_outside, equity_work', current_database());
  -- Imports are staged in temporary tables. The right is asked of the persona, not of the login behind it.
  EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO equity_worker', current_database());
END
$$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO
  equity_signin, equity_public, equity_client, equity_intake, equity_sender, equity_member,
  equity_worker, equity_scheduler, equity_operator, equity_tally,
  equity_inside, equity_outside, equity_work;
-- A role needs CREATE on the schema to become the owner of a function in it. Nobody can log in as equity_tally.
GRANT CREATE ON SCHEMA public TO equity_tally;

-- A new function may otherwise be called by everybody. Each is granted by name to the personas that need it.
ALTER DEFAULT PRIVILEGES FOR ROLE equity_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
