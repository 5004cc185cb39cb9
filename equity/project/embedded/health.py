"""Asks a web server whether it is well: `python -m equity.project.embedded.health [address] [port]`."""

from __future__ import annotations

import http.client
import os
import sys
from urllib.parse import urlsplit

PATH = "/health/"
TIMEOUT_SECONDS = 3.0


def is_healthy(address: str, port: int, host_header: str) -> bool:
    """Whether the server at this address answers its health page with 200. Uses no proxy."""
    connection = http.client.HTTPConnection(address, port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", PATH, headers={"Host": host_header, "X-Forwarded-Proto": "https"})
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def main(arguments: list[str]) -> int:
    address = arguments[0] if arguments else "127.0.0.1"
    port = int(arguments[1]) if len(arguments) > 1 else 8000
    host_header = urlsplit(os.environ.get("BASE_URL", "")).netloc or "localhost"
    return 0 if is_healthy(address, port, host_header) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
