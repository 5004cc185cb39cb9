"""PostgreSQL, Valkey, web server, worker and beat from one command, with nothing to install beside Python.

Imports only the standard library and psycopg: all of it runs before Django is set up.

    errors.py       CannotStart: one sentence that says what stands in the way and what to do
    home.py         the data folder: marker, lock, secrets, reset
    server_user.py  the unprivileged account PostgreSQL runs under when we are root
    preflight.py    what can be known to fail before anything is started
    processes.py    start and stop one process; StopRequest, the only place that handles signals
    guardian.py     ends what is left when the supervisor itself is killed
    supervisor.py   a list of services: start, restart, stop in reverse order
    postgres.py     PostgreSQL as a Service; roles.py, roles.sql, database.sql: who may do what in it
    valkey.py       Valkey as a Service
    environment.py  the variables that the settings read
    services.py     `embedded_services`: PostgreSQL and Valkey for as long as a `with` block lasts
    demo.py         the demonstration, from an empty folder to the address to open
    health.py       asks a running web server whether it is well
"""
