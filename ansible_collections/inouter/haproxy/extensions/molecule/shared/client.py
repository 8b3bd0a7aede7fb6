# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks a host of a scenario for a domain: once, or many times while something else happens.

client.py get ADDRESS URL [--ca FILE] [--header NAME=VALUE]   prints the answer as JSON
client.py load ADDRESS URL [...] --until FILE                 until the file is there, then counts

ADDRESS is where to connect; the URL says which domain, and whether over TLS.
"""

from __future__ import annotations

import argparse
import http.client
import json
import socket
import ssl
import sys
import threading
import time
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

THREADS = 2
PAUSE_SECONDS = 0.02
MOST_SECONDS = 1200
ANSWER_SECONDS = 10


@cache
def trusting(ca: str | None) -> ssl.SSLContext:
    """What proves a server's certificate."""
    return ssl.create_default_context(cafile=ca)


def get(options: argparse.Namespace) -> dict[str, Any]:
    """Ask once, over a connection of its own."""
    url = urlsplit(options.url)
    port = url.port or {"http": 80, "https": 443}[url.scheme]
    plain = socket.create_connection((options.address, port), ANSWER_SECONDS)
    connection = http.client.HTTPConnection(url.hostname or "")
    connection.sock = plain
    if url.scheme == "https":
        connection.sock = trusting(options.ca).wrap_socket(plain, server_hostname=url.hostname)
    headers = dict(header.split("=", 1) for header in options.header)
    try:
        connection.request("GET", url.path or "/", headers={"Connection": "close", **headers})
        answer = connection.getresponse()
        body = answer.read().decode()
        return {"status": answer.status, "body": body, "headers": dict(answer.getheaders())}
    finally:
        connection.close()


def load(options: argparse.Namespace) -> dict[str, Any]:
    """Ask until a file is there, and count the answers by body, and what failed."""
    answers: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    until, deadline = Path(options.until), time.monotonic() + MOST_SECONDS

    def ask() -> None:
        while not until.exists() and time.monotonic() < deadline:
            try:
                answer = get(options)
            except (OSError, http.client.HTTPException) as error:
                failed[f"{type(error).__name__}: {error}"] += 1
            else:
                good = answer["status"] == 200
                (answers if good else failed)[answer["body"].strip()] += 1
            time.sleep(PAUSE_SECONDS)

    threads = [threading.Thread(target=ask) for _n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"requests": answers.total(), "answers": answers, "failed": failed}


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=["get", "load"])
    parser.add_argument("address")
    parser.add_argument("url")
    parser.add_argument("--ca")
    parser.add_argument("--header", action="append", default=[])
    parser.add_argument("--until", default="/nonexistent")
    options = parser.parse_args()
    print(json.dumps(get(options) if options.command == "get" else load(options)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
