# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo's web servers, and the requests that it makes.

ports N | serve NAME PORT | ask PORT HOST=ANSWER[,ANSWER] ... | both PORT HOST |
worker SOCKET | wait SOCKET KILLED_PID
"""

from __future__ import annotations

import http.client
import socket
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def ports(count: str) -> None:
    """Print free ports of 127.0.0.1."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(count))]
    print(*(found.getsockname()[1] for found in sockets))


def serve(name: str, port: str) -> None:
    """Answer every request with the server's name."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = f"{name}\n".encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    ThreadingHTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()


def answer(port: str, host: str) -> str:
    """The body of a 200, else the status."""
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=10)
    try:
        connection.request("GET", "/", headers={"Host": host})
        response = connection.getresponse()
        body = response.read().decode().strip()
    finally:
        connection.close()
    return body if response.status == 200 else str(response.status)


def ask(port: str, *expectations: str) -> None:
    """Request each host, print the answer, and stop at one that is not expected."""
    for expectation in expectations:
        host, _equals, expected = expectation.partition("=")
        found = answer(port, host)
        print(f"    GET http://{host:<26} -> {found}")
        if found not in expected.split(","):
            sys.exit(f"The demo expected {expected} for {host}, but got {found}.")


def both(port: str, host: str) -> None:
    """Wait until both servers answer for the host, and print who answered what share."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        answers = [answer(port, host) for _ in range(10)]
        if {*answers} == {"first", "second"}:
            counts = ", ".join(f"{name} {answers.count(name)}" for name in ("first", "second"))
            print(f"    10 requests to http://{host}: {counts}")
            return
        time.sleep(0.2)
    sys.exit(f"The second server of {host} did not answer within 15 seconds.")


def wait(path: str, killed: str) -> None:
    """Wait until another worker than the killed one answers at a Runtime API socket."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            if answering(path) != killed:
                return
        except (OSError, StopIteration):
            pass
        time.sleep(0.05)
    sys.exit("HAProxy did not start again within 15 seconds.")


def worker(path: str) -> None:
    """Print the process id of the HAProxy worker behind a Runtime API socket."""
    print(answering(path))


def answering(path: str) -> str:
    """The process id of the worker that answers."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        connection.sendall(b"show info\n")
        with connection.makefile() as reply:
            return next(line.split()[1] for line in reply if line.startswith("Pid:"))


if __name__ == "__main__":
    {f.__name__: f for f in (ports, serve, ask, both, wait, worker)}[sys.argv[1]](*sys.argv[2:])
