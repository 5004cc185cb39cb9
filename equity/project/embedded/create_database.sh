#!/bin/sh
# First start of the PostgreSQL container: roles, their passwords, the database. The files are mounted at /equity.
set -eu

psql --set=ON_ERROR_STOP=1 --quiet --username="$POSTGRES_USER" --dbname=postgres <<'END'
\i /equity/roles.sql
\getenv owner EQUITY_OWNER_PASSWORD
\getenv inside EQUITY_INSIDE_PASSWORD
\getenv outside EQUITY_OUTSIDE_PASSWORD
\getenv work EQUITY_WORK_PASSWORD
ALTER ROLE equity_owner PASSWORD :'owner';
ALTER ROLE equity_inside PASSWORD :'inside';
ALTER ROLE equity_outside PASSWORD :'outside';
ALTER ROLE equity_work PASSWORD :'work';
CREATE DATABASE equity OWNER equity_owner;
\connect equity
SET ROLE equity_owner;
\i /equity/database.sql
END
