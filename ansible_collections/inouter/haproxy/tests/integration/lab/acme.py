# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real ACME authority (pebble), the real client (acme.sh) and a place for http-01 answers."""

from __future__ import annotations

import functools
import http.server
import json
import os
import shlex
import shutil
import socketserver
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import jinja2

from . import children, programs, tls
from .dns import DnsServer
from .http import Address
from .pki import Authority
from .ports import free_ports, loopback
from .tools import need

# Pebble's own tests want failures at random and slow checks; these do not.
CALM = {"PEBBLE_WFE_NONCEREJECT": "0", "PEBBLE_VA_NOSLEEP": "1", "PEBBLE_AUTHZREUSE": "0"}
ROLE = Path(__file__).parents[3] / "roles/acme"
SLEEP = shutil.which("sleep")


class Pebble:
    """An ACME authority that checks every name for real, through the DNS server."""

    def __init__(
        self,
        folder: Path,
        dns: DnsServer,
        *,
        http_port: int | None = None,
        eab: dict[str, str] | None = None,
        days: int = 90,
    ) -> None:
        self._program = programs.require("pebble")
        self.folder = folder.absolute()
        self._dns, self._eab, self._days = dns, eab or {}, days
        ports = free_ports(4)
        self.address: Address = (loopback(), ports[0])
        self.management: Address = (loopback(), ports[1])
        self.http: Address = (loopback(), http_port or ports[2])
        """Where http-01 answers are asked for."""
        self._tls_port = ports[3]
        self.ca_file = self.folder / "ca.pem"
        """The authority of pebble's own HTTPS, for acme.sh's `--ca-bundle`."""
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def directory_url(self) -> str:
        """What acme.sh's `--server` takes."""
        return f"https://{self.address[0]}:{self.address[1]}/dir"

    @property
    def management_url(self) -> str:
        """Where the test authority's own roots and intermediates can be had."""
        return f"https://{self.management[0]}:{self.management[1]}"

    def start(self) -> None:
        """Make its certificate and configuration, start it and wait until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        authority = Authority("pebble")
        authority.write_root(self.ca_file)
        pem = authority.issue(loopback())
        (self.folder / "cert.pem").write_text(pem.chain)
        (self.folder / "key.pem").write_text(pem.key)
        (self.folder / "pebble.json").write_text(json.dumps({"pebble": self._settings()}))
        self._run()
        children.wait_until(self._ready, 20, "pebble answers")

    def _settings(self) -> dict[str, object]:
        return {
            "listenAddress": "{}:{}".format(*self.address),
            "managementListenAddress": "{}:{}".format(*self.management),
            "certificate": str(self.folder / "cert.pem"),
            "privateKey": str(self.folder / "key.pem"),
            "httpPort": self.http[1],
            "tlsPort": self._tls_port,
            "certificateValidityPeriod": self._days * 86400,
            "externalAccountBindingRequired": bool(self._eab),
            "externalAccountMACKeys": self._eab,
        }

    def _run(self) -> None:
        command: list[str | Path] = [self._program, "-config", self.folder / "pebble.json"]
        command += ["-dnsserver", self._dns.resolver]
        with (self.folder / "pebble.log").open("wb") as log:
            self._child = children.spawn(command, log, env={**os.environ, **CALM})

    def _ready(self) -> bool:
        if self._child is None or self._child.poll() is not None:
            raise RuntimeError(f"pebble ended:\n{self.log}")
        return not (tls.handshake(self.address, None).error or self._management_error())

    def _management_error(self) -> str:
        return tls.handshake(self.management, None).error

    @property
    def log(self) -> str:
        """All that pebble wrote."""
        return (self.folder / "pebble.log").read_text(errors="replace")

    def root(self) -> str:
        """The root certificate of what pebble issues."""
        return tls.get(self.management, loopback(), "/roots/0").body

    def stop(self) -> None:
        """End it; it forgets all accounts and orders."""
        if self._child is not None:
            children.stop(self._child)


def tools_folder(folder: Path, dns: DnsServer) -> Path:
    """Make a folder for the front of PATH: nsupdate, and a `sleep` that does not wait long.

    acme.sh waits for whole seconds where this authority has long been done.
    """
    folder.mkdir(parents=True, exist_ok=True)
    scripts = {"nsupdate": f'exec {dns.nsupdate} "$@"', "sleep": f"exec {SLEEP} 0.1"}
    for name, line in scripts.items():
        script = folder / name
        script.write_text(f"#!/bin/sh\n{line}\n")
        script.chmod(0o755)
    return folder


def render_program(script: Path, path: Path) -> Path:
    """Render the role's own way to call acme.sh, as for a script out of a package."""
    _render("acme.sh", path, acme_install="package", acme_script_path=str(script))
    return path


def render_hook(path: Path, base_dir: Path) -> None:
    """Render the role's deploy hook."""
    variables = {"acme_base_dir": str(base_dir), "acme_python_path": sys.executable}
    _render("deploy.sh", path, **variables, acme_runtime_api="")


def _render(name: str, path: Path, **variables: str) -> None:
    environment = jinja2.Environment(trim_blocks=True, undefined=jinja2.StrictUndefined)
    environment.filters |= {
        "comment": lambda text: f"# {text}",
        "dirname": lambda text: str(Path(text).parent),
        "quote": shlex.quote,
    }
    template = environment.from_string((ROLE / f"templates/{name}.j2").read_text())
    path.write_text(template.render(variables, ansible_managed="Rendered by a test") + "\n")
    path.chmod(0o755)


class Done(NamedTuple):
    """How a call of acme.sh ended."""

    code: int
    out: str
    err: str


class AcmeSh:
    """The real acme.sh with a home of its own, and nothing of the caller's environment."""

    def __init__(self, home: Path, pebble: Pebble, dns: DnsServer) -> None:
        script = programs.require("acme.sh").parents[1] / "share/acme.sh"
        for tool in ("curl", "openssl"):
            need(tool, f"apt-get install {tool}")
        self.home, self._pebble, self._dns = home.absolute(), pebble, dns
        self.ca_file = pebble.ca_file
        self._tools = tools_folder(self.home.parent / "tools", dns)
        self.program = render_program(script, self._tools / "acme.sh")

    def environment(self) -> dict[str, str]:
        """The least that acme.sh needs."""
        path = f"{self._tools}:/usr/local/bin:/usr/bin:/bin"
        return {"PATH": path, "HOME": str(self.home.parent), "NO_TIMESTAMP": "1", "LC_ALL": "C"}

    def run(self, *words: str, before: Sequence[str | Path] = (), **environment: str) -> Done:
        """Call it, perhaps behind a program such as strace; a failure is a result, too."""
        self.home.mkdir(parents=True, exist_ok=True)
        common = ["--home", str(self.home), "--ca-bundle", str(self.ca_file), "--no-color"]
        done = subprocess.run(
            [*before, self.program, *words, *common],
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            env={**self.environment(), **environment},
            timeout=60,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def ask(self, *words: str, before: Sequence[str | Path] = (), **environment: str) -> Done:
        """Call it for what needs the authority and the DNS server."""
        server = ["--server", self._pebble.directory_url]
        variables = {**self._dns.acme_environment(), **environment}
        return self.run(*words, *server, before=before, **variables)

    def account_conf(self) -> Path:
        """Where acme.sh keeps what it knows of its account; the port is not in the name."""
        return self.home / "ca" / self._pebble.address[0] / "dir/ca.conf"


class _Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


class _Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True


class Webroot:
    """A web server for the files that acme.sh's `--webroot` writes."""

    def __init__(self, folder: Path, address: Address) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._server = _Server(address, functools.partial(_Silent, directory=str(folder)))
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )

    def start(self) -> None:
        """Serve from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=10)
