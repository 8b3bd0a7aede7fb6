# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the host's share of a write is, and what it would be without Ansible's own code on it.

The same change three ways over one kept SSH connection: as the module that Ansible sends, with the
collection's core alone, and in a process that has the core loaded.
"""

from __future__ import annotations

import base64
import io
import itertools
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.inouter.haproxy.tests.integration.lab.managed import (
    COLLECTION,
    ROOT,
    Managed,
)
from ansible_collections.inouter.haproxy.tests.integration.lab.sshd import Sshd

from .figures import Figure, medians

ROUNDS = 15
UTILS_FOLDER = COLLECTION / "plugins/module_utils"
UTILS = "ansible_collections.inouter.haproxy.plugins.module_utils"
ADDRESS = "192.0.2.254"
PACK = """
import json, sys
from ansible.executor.module_common import modify_module
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar

init_plugin_loader()
built = modify_module(
    module_name="inouter.haproxy.haproxy_domain",
    module_path=sys.argv[1],
    module_args=json.loads(sys.argv[2]),
    templar=Templar(loader=DataLoader()),
    task_vars={"ansible_python_interpreter": "/usr/bin/python3"},
    module_compression="ZIP_DEFLATED",
)
print(built.b_module_data.decode())
"""
CORE = f"""
import base64, json, sys, tempfile
sent = json.loads(sys.stdin.readline())
archive = tempfile.NamedTemporaryFile()
archive.write(base64.b64decode(sent["core"]))
archive.flush()
sys.path.insert(0, archive.name)
from {UTILS}._instance.instance import Instance
from {UTILS}._instance.write import write
from {UTILS}._operations.domains.domain import DomainRequest
for line in sys.stdin:
    base_dir, ip = json.loads(line)
    request = DomainRequest(
        domain="bench.test", present=True, servers=None, ip=ip, http_port=80, share_with=None,
        pool=None, prune=False,
    )
    print(json.dumps(write(Instance(base_dir, "", 60), "bench", request).changed), flush=True)
"""


class Host:
    """A way to start Python on the host over a kept connection."""

    def __init__(self, sshd: Sshd, managed: Managed, folder: Path) -> None:
        ip, port = sshd.address
        key = ["-i", str(sshd.folder / "client_key"), "-p", str(port)]
        kept = ["-o", "ControlMaster=auto", "-o", "ControlPersist=60", "-S", str(folder / "c")]
        self._ssh = ["ssh", *sshd.ssh_arguments(), *key, *kept, f"{sshd.user}@{ip}"]
        self._base_dir = str(managed.base_dir)
        self._numbers = itertools.count(1)
        self._module = packed_module(self._base_dir)
        self._core = json.dumps({"core": packed_core()}) + "\n"

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start Python with these words."""
        pipe = subprocess.PIPE
        return subprocess.Popen([*self._ssh, "python3", *words], stdin=pipe, stdout=pipe, text=True)

    def stop(self) -> None:
        """Close the connection."""
        end = [*self._ssh, "-O", "exit"]
        subprocess.run(end, check=True, capture_output=True)

    def _change(self) -> tuple[str, str]:
        number = next(self._numbers)
        return self._base_dir, f"127.250.{number >> 8}.{number & 255}"

    def as_module(self) -> None:
        """Make the change as Ansible does."""
        ip = self._change()[1]
        out = self.start().communicate(self._module.replace(ADDRESS, ip))[0]
        assert '"changed": true' in out, out

    def by_core(self) -> None:
        """Make the change with the core alone."""
        command = f"'{CORE}'"
        out = self.start("-c", command).communicate(self._core + json.dumps(self._change()))[0]
        assert out.strip() == "true", out

    def warm(self) -> subprocess.Popen[str]:
        """A process that has the core loaded."""
        process = self.start("-c", f"'{CORE}'")
        assert process.stdin
        process.stdin.write(self._core)
        self.by_warm(process)
        return process

    def by_warm(self, process: subprocess.Popen[str]) -> None:
        """Make the change in that process."""
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps(self._change()) + "\n")
        process.stdin.flush()
        assert process.stdout.readline().strip() == "true"


def packed_core() -> str:
    """The collection's core as a zip file."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        paths = [path.relative_to(ROOT) for path in sorted(UTILS_FOLDER.rglob("*.py"))]
        for folder in sorted({parent for path in paths for parent in path.parents[:-1]}):
            archive.writestr(f"{folder}/__init__.py", "")
        for path in paths:
            archive.write(ROOT / path, path)
    return base64.b64encode(content.getvalue()).decode()


def packed_module(base_dir: str) -> str:
    """What Ansible sends to the host, with ADDRESS in place of the server's address."""
    options = {"base_dir": base_dir, "domain": "bench.test", "ip": ADDRESS}
    path = COLLECTION / "plugins/modules/haproxy_domain.py"
    done = subprocess.run(
        [sys.executable, "-c", PACK, path, json.dumps(options)],
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(ROOT), "LC_ALL": "C.UTF-8"},
        cwd="/",
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def past_ansiballz(sshd: Sshd, managed: Managed) -> Iterator[Figure]:
    """The three ways, in turns."""
    with tempfile.TemporaryDirectory() as folder:
        host = Host(sshd, managed, Path(folder))
        host.by_core()
        process = host.warm()
        ways = {
            "module": host.as_module,
            "core": host.by_core,
            "warm": lambda: host.by_warm(process),
        }
        taken = medians(ways, ROUNDS)
        process.communicate()
        host.stop()
    module = taken["module"]
    yield Figure("the host's share of a write, as a module over SSH", module, "ms")
    yield Figure("  with the core alone", taken["core"], "ms", "module", taken["core"] / module)
    yield Figure("  in a warm process", taken["warm"], "ms", "module", taken["warm"] / module)
