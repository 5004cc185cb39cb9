"""The demonstration: from an empty folder to the address to open, and at the second start with everything kept."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from .environment import own_database_is_set
from .errors import StopRequested, say
from .health import is_healthy
from .home import Home, write_privately
from .preflight import check_port
from .processes import ROOT, Service, StopRequest
from .services import Session, start_services, supervised

WEB_PROCESSES = 2
WEB_THREADS = 4
WORKER_PROCESSES = 2
STAMP = "prepared.json"
NOT_PREPARED = {"var", "tests", "docs", "__pycache__"}  # folders that no step reads
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  # gunicorn makes its heartbeat file there with a random name
PREPARED_WITH = ("BASE_URL", "SECRET_KEY", "MEDIA_ROOT", "STATIC_ROOT")  # variables that the steps depend on
# Servers run without the owner's login: no page and no task can change a table or climb over row security with it.
WITHHELD_FROM_SERVERS = ("DATABASE_URL",)


@dataclass(frozen=True)
class DemoOptions:
    folder: Path
    listen: str
    port: int
    reset: bool
    follow_parent: bool

    @property
    def base_url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def reached_at(self) -> str:
        """Where this machine itself reaches the server: listening everywhere is no address to connect to."""
        address = ip_address(self.listen)
        if not address.is_unspecified:
            return self.listen
        return "127.0.0.1" if address.version == 4 else "::1"


def run_demo(options: DemoOptions) -> int:
    """Run the demonstration until somebody stops it. Raises CannotStart with a sentence for a person."""
    stop = StopRequest(follow_parent=options.follow_parent)
    stop.listen()
    started = time.monotonic()
    with supervised(options.folder, stop=stop, say=say, reset=options.reset) as session:
        # Not earlier: the web server of a supervisor that was killed may hold the port until the folder is free.
        check_port(options.listen, options.port)
        try:
            say(f"Starting. Everything is kept in {session.home.folder}")
            environment = start_services(session, base_url=options.base_url)
            sign_ins = prepare(session, environment)
            for service in servers(session.home, environment, options):
                session.supervisor.start(service)
            seconds = time.monotonic() - started
            say(f"\nReady after {seconds:.0f} seconds: {environment['BASE_URL']}\n\n{sign_ins}")
            say("Stop with Ctrl-C; the data is kept.")
            session.supervisor.run_until_stopped()
        except StopRequested:
            pass
        say("Stopping.")
    say("Stopped.")
    return 0


def prepare(session: Session, environment: Mapping[str, str]) -> str:
    """Bring tables, catalogue, example and static files to the state of this checkout; return how to sign in.

    Every step can be repeated. On the embedded database they are left out when no file of the checkout and no
    variable they depend on has changed since they last went through.
    """
    stamp = session.home.folder / STAMP
    fingerprint = checkout_fingerprint() + variables_fingerprint(environment)
    if stamp.exists() and not own_database_is_set(os.environ):
        prepared = json.loads(stamp.read_text())
        if prepared["fingerprint"] == fingerprint:
            return str(prepared["sign_ins"])
    stamp.unlink(missing_ok=True)
    for sentence, arguments in (
        ("Preparing the tables", ("migrate", "--database", "owner", "--noinput")),
        ("Loading the catalogue of the guides", ("load_catalogue",)),
        ("Loading the example institutions", ("load_example",)),
        ("Collecting the static files", ("collectstatic", "--noinput")),
    ):
        say(f"{sentence}.")
        session.supervisor.run_to_the_end(manage(session.home, environment, *arguments))
    sign_ins = session.supervisor.run_to_the_end(manage(session.home, environment, "example_sign_ins"))
    write_privately(stamp, json.dumps({"fingerprint": fingerprint, "sign_ins": sign_ins}))
    return sign_ins


def servers(home: Home, environment: Mapping[str, str], options: DemoOptions) -> Iterator[Service]:
    """The processes that run our own code, in the order in which they start."""
    restricted = {name: value for name, value in environment.items() if name not in WITHHELD_FROM_SERVERS}
    host = f"[{options.listen}]" if ":" in options.listen else options.listen
    gunicorn = (sys.executable, "-m", "gunicorn", "equity.project.wsgi:application", "--no-control-socket")
    size = ("--workers", str(WEB_PROCESSES), "--threads", str(WEB_THREADS), "--graceful-timeout", "5")
    heartbeat = ("--worker-tmp-dir", SHARED_MEMORY) if SHARED_MEMORY.is_dir() else ()
    yield Service(
        name="web",
        command=(*gunicorn, "--bind", f"{host}:{options.port}", *size, *heartbeat),
        log=home.log_file("web"),
        environment=restricted,
        is_ready=lambda _: is_healthy(options.reached_at, options.port, f"localhost:{options.port}"),
    )
    celery = (sys.executable, "-m", "celery", "--app", "equity.project.celery")
    alone = ("--without-gossip", "--without-mingle")  # there is one worker: it need not look for others
    yield Service(
        name="worker",
        command=(*celery, "worker", *alone, "--concurrency", str(WORKER_PROCESSES), "--loglevel", "INFO"),
        log=home.log_file("worker"),
        environment=restricted,
    )
    yield Service(
        name="beat",
        command=(*celery, "beat", "--schedule", home.subfolder("beat") / "schedule", "--pidfile="),
        log=home.log_file("beat"),
        environment=restricted,
    )


def manage(home: Home, environment: Mapping[str, str], *arguments: str) -> Service:
    """A management command as a step that ends by itself."""
    return Service(
        name=f"manage.py {arguments[0]}",
        command=(sys.executable, ROOT / "manage.py", *arguments),
        log=home.log_file(arguments[0]),
        environment=environment,
    )


def checkout_fingerprint(root: Path = ROOT) -> str:
    """Changes when any file that the demonstration is made of changes."""
    digest = hashlib.sha256()
    for folder, subfolders, files in os.walk(root):
        subfolders[:] = sorted(name for name in subfolders if name not in NOT_PREPARED and name[0] != ".")
        for name in sorted(files):
            state = os.stat(os.path.join(folder, name))
            digest.update(f"{folder}/{name}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def variables_fingerprint(environment: Mapping[str, str]) -> str:
    """Changes when a variable changes that the steps of the preparation depend on."""
    return hashlib.sha256("\0".join(environment[name] for name in PREPARED_WITH).encode()).hexdigest()
