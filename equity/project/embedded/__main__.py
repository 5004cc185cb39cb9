"""The command line: `python -m equity.project.embedded demo`, or `… run -- some command`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

from .demo import DemoOptions, run_demo
from .errors import CannotStart, StopRequested, complain
from .preflight import explain
from .processes import ROOT
from .services import run_command

DEFAULT_HOME = ROOT / "var" / "demo"
INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    try:
        return int(options.act(options))
    except CannotStart as reason:
        return _fail(reason)
    except OSError as error:
        return _fail(explain(error))
    except StopRequested:
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m equity.project.embedded", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--follow-parent",
        action="store_true",
        help="stop when the process that started this is gone",
    )

    demo = commands.add_parser("demo", parents=[shared], help="everything, with example data, until Ctrl-C")
    demo.add_argument(
        "--home",
        type=Path,
        default=os.environ.get("EQUITY_HOME") or DEFAULT_HOME,
        metavar="FOLDER",
    )
    demo.add_argument(
        "--listen", type=ip_address, default=os.environ.get("LISTEN") or "127.0.0.1", metavar="ADDRESS"
    )
    demo.add_argument("--port", type=int, default=os.environ.get("PORT") or "8000")
    demo.add_argument(
        "--reset",
        action="store_true",
        default=os.environ.get("RESET") == "1",
        help="remove the data and begin anew",
    )
    demo.set_defaults(act=_demo)

    run = commands.add_parser("run", parents=[shared], help="a command, with PostgreSQL and Valkey beside it")
    run.add_argument(
        "--home",
        type=Path,
        metavar="FOLDER",
        help="keep the data here; default: throw it away",
    )
    run.add_argument(
        "--durable",
        action="store_true",
        help="write to the disk as carefully as in real service",
    )
    run.add_argument("command", nargs="+", metavar="command", help="put -- before it")
    run.set_defaults(act=_run)
    return parser


def _demo(options: argparse.Namespace) -> int:
    return run_demo(
        DemoOptions(
            folder=options.home,
            listen=str(options.listen),
            port=options.port,
            reset=options.reset,
            follow_parent=options.follow_parent,
        )
    )


def _run(options: argparse.Namespace) -> int:
    return run_command(
        options.command,
        options.home,
        durable=options.durable,
        follow_parent=options.follow_parent,
    )


def _fail(reason: CannotStart) -> int:
    complain(f"error: {reason}")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
