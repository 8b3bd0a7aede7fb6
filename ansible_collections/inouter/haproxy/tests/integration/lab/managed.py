# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A HAProxy that the collection manages: the role's own configuration, the real modules."""

from __future__ import annotations

import contextlib
import csv
import importlib
import io
import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import jinja2
import yaml
from ansible.module_utils.testing import patch_module_args

from . import ports
from .http import Address, Answer, get
from .process import HaproxyProcess, ask

COLLECTION = Path(__file__).parents[3]
ROOT = COLLECTION.parents[2]
ROLE = COLLECTION / "roles/haproxy"
MODULES = "ansible_collections.inouter.haproxy.plugins.modules"

MAPS = ("domains.map", "wildcards.map")

Result = dict[str, Any]


class ModuleFailed(AssertionError):
    """A module ended with `failed`; its message is the text."""


def quic_support(binary: Path) -> str:
    """What the role learns from `haproxy -vv`: nothing, `limited` or `full`."""
    said = subprocess.run([binary, "-vv"], check=True, capture_output=True, text=True).stdout
    if "+QUIC" not in said:
        return ""
    return "limited" if "+QUIC_OPENSSL_COMPAT" in said else "full"


def render_config(binary: Path, base_dir: Path, binds: list[str], **variables: object) -> str:
    """Render the role's haproxy.cfg with the role's defaults."""
    environment = jinja2.Environment(
        trim_blocks=True, keep_trailing_newline=True, undefined=jinja2.StrictUndefined
    )
    environment.filters["comment"] = lambda text: f"# {text}"
    defaults = yaml.safe_load((ROLE / "defaults/main.yml").read_text())
    given = {
        "ansible_managed": "Rendered by a test",
        "haproxy_base_dir": str(base_dir),
        "haproxy_runtime_api": f"{base_dir}/run/admin.sock",
        "haproxy_http_binds": binds,
        "haproxy_maxconn": 500,
        **dict.fromkeys(("haproxy_user", "haproxy_group", "haproxy_log", "haproxy_stats_bind"), ""),
        "haproxy_quic_support": quic_support(binary),
    }
    template = environment.from_string((ROLE / "templates/haproxy.cfg.j2").read_text())
    return template.render({**defaults, **given, **variables})


class Managed:
    """One instance below `base_dir`: set up at once, started by `start`."""

    def __init__(
        self, binary: Path, base_dir: Path, pools: int = 20, slots: int = 10, **variables: object
    ) -> None:
        self.base_dir = base_dir
        self.http: Address = (ports.loopback(), ports.free_ports(1)[0])
        self.process = HaproxyProcess(binary, base_dir)
        counts = {"pool_count": pools, "pool_slots": slots, "haproxy_binary": str(binary)}
        self.module("haproxy_instance", **counts)
        config = render_config(binary, base_dir, [f"{self.http[0]}:{self.http[1]}"], **variables)
        (base_dir / "conf/haproxy.cfg").write_text(config)

    def start(self) -> None:
        """Start HAProxy."""
        self.process.start()

    def module(self, name: str, /, **options: Any) -> Result:
        """Run a module in this process and return its result; raise ModuleFailed."""
        return run_module(name, self.options(options))

    def check(self, name: str, /, **options: Any) -> Result:
        """The same in check mode."""
        return run_module(name, self.options({**options, "_ansible_check_mode": True}))

    def fails(self, name: str, /, **options: Any) -> str:
        """Run a module that has to fail, and return its message."""
        try:
            result = self.module(name, **options)
        except ModuleFailed as failure:
            return str(failure)
        raise AssertionError(f"{name} with {options} did not fail: {result}")

    def options(self, options: dict[str, Any]) -> dict[str, Any]:
        """What Ansible would send to a module."""
        return {"base_dir": str(self.base_dir), "_ansible_diff": True, **options}

    def popen(self, name: str, /, *before: str, **options: Any) -> subprocess.Popen[str]:
        """Start a module as a process of its own, behind a program such as strace."""
        arguments = json.dumps({"ANSIBLE_MODULE_ARGS": self.options(options)})
        child = subprocess.Popen(
            [*before, sys.executable, "-m", f"{MODULES}.{name}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            text=True,
        )
        assert child.stdin
        child.stdin.write(arguments)
        child.stdin.close()
        child.stdin = None
        return child

    def get(self, host: str) -> Answer:
        """Ask HAProxy for a host."""
        return get(self.http, host)

    def ask(self, command: str) -> str:
        """Send a command to the Runtime API, behind the collection's back."""
        return ask(self.process.admin, command)

    def stat(self) -> list[dict[str, str]]:
        """The rows of `show stat`."""
        return list(csv.DictReader(self.ask("show stat").lstrip("# ").splitlines()))

    def slot(self, name: str) -> dict[str, str]:
        """A server as `show stat` has it."""
        return next(row for row in self.stat() if row["svname"] == name)

    def retried(self) -> int:
        """How often a request met a server that was not there, as HAProxy counts it."""
        pools = [row for row in self.stat() if row["svname"] == "BACKEND"]
        return sum(int(row[name] or 0) for row in pools for name in ("econ", "wretr", "wredis"))

    def map_path(self, name: str = "domains.map") -> Path:
        """A map file."""
        return self.base_dir / "conf" / name

    def runtime_map(self, name: str = "domains.map") -> dict[str, str]:
        """A map as HAProxy holds it."""
        lines = self.ask(f"show map {self.map_path(name)}").splitlines()
        return {line.split()[1]: line.split()[2] for line in lines if line}

    def truth(self) -> list[str]:
        """The database's content as SQL."""
        path = self.base_dir / "conf/haproxy_mcp.db"
        with contextlib.closing(sqlite3.connect(path)) as connection:
            return list(connection.iterdump())

    def truth_without_history(self) -> list[str]:
        """The database's content without the rows that tell what was tried."""
        return [line for line in self.truth() if not line.startswith('INSERT INTO "history"')]

    def files(self) -> dict[str, bytes]:
        """Every file below conf/, but the database's own."""
        found = (self.base_dir / "conf").rglob("*")
        kept = (path for path in found if path.is_file() and ".db" not in path.name)
        return {str(path): path.read_bytes() for path in sorted(kept)}

    def runtime(self) -> list[str]:
        """Both maps and all slots of HAProxy, without what time alone changes."""
        maps = [sorted(self.runtime_map(name).items()) for name in MAPS]
        return [str(maps)] + [
            _lasting(line) for line in self.ask("show servers state").splitlines()
        ]

    def snapshot(self) -> tuple[list[str], dict[str, bytes], list[str]]:
        """Database, files and runtime."""
        return self.truth(), self.files(), self.runtime()


def run_module(name: str, options: dict[str, Any]) -> Result:
    """Run a module's main() here, and return what it printed."""
    module = importlib.import_module(f"{MODULES}.{name}")
    printed = io.StringIO()
    quiet = contextlib.redirect_stdout(printed)
    with patch_module_args(options), quiet, contextlib.suppress(SystemExit):
        module.main()
    result: Result = json.loads(printed.getvalue())
    if result.get("failed"):
        raise ModuleFailed(result["msg"])
    return result


def _lasting(line: str) -> str:
    """Address, state, weight and port of a line of `show servers state`.

    Bit 4 of the state only tells that the slot was disabled in the file at the last start.
    """
    fields = line.split(" ")
    if not fields[0].isdigit() or len(fields) < 19:
        return line
    return " ".join([*fields[1:5], str(int(fields[6]) & ~4), fields[7], fields[18]])
