# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about all hosts, made by the playbook and opened in a browser."""

from __future__ import annotations

import html
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from .lab import browser
from .lab.managed import ROOT
from .lab.pki import Authority
from .lab.secured import Secured

pytestmark = pytest.mark.haproxy("3.2")
TITLE = "<i>Sites</i> & more"


def report(folder: Path, base_dirs: dict[str, Path]) -> Path:
    """Run the playbook for these hosts; the page."""
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    hosts = {name: {"haproxy_base_dir": str(path)} for name, path in base_dirs.items()}
    group = {"hosts": hosts, "vars": {**local, "ansible_become": False, "report_title": TITLE}}
    inventory = folder / "inventory.yml"
    inventory.write_text(yaml.safe_dump({"haproxy": group}))
    page = folder / "report.html"
    program = Path(sys.executable).parent / "ansible-playbook"
    command: list[str | Path] = [program, "-i", inventory, "inouter.haproxy.report"]
    done = subprocess.run(
        [*command, "-e", f"report_path={page}"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return page


def test_page(secured: Secured, tmp_path: Path) -> None:
    """Pools, certificates, drift and changes of one host, and why another could not be read."""
    servers = [{"ip": "127.0.0.1", "http_port": 9, "state": state} for state in ("ready", "maint")]
    servers[1]["http_port"] = 10
    secured.module("haproxy_domain", domain="a.test", servers=servers)
    secured.module("haproxy_domain", domain="b.test", share_with="a.test")
    secured.module("haproxy_cert", content=Authority().issue("a.test", days=8).combined)
    (secured.base_dir / "conf/pools/pool_2.cfg").unlink()
    page = report(tmp_path, {"lb1": secured.base_dir, "lb2": tmp_path / "nowhere"})
    assert page.stat().st_mode & 0o777 == 0o640
    assert not re.search(r"(src|href|url)\s*[=(]", page.read_text())
    dom = browser.opened(page)
    assert f"<title>{html.escape(TITLE)}</title>" in dom and "<i>Sites" not in dom
    assert re.findall(r'<circle class="(\w+)"', dom) in (["up", "maint"], ["down", "maint"])
    assert "pool_1, 2 domains" in dom
    assert re.search(r'<td class="bad">7</td>', dom)
    assert re.search(r'pool_file pool_2.*?<td class="bad">files</td>', dom)
    assert "certificate a.test ecdsa" in dom and "domain b.test" in dom
    assert "There is no database at" in dom and "not read" in dom
    browser.screenshot(page, tmp_path / "report.png")
    assert (tmp_path / "report.png").read_bytes().startswith(b"\x89PNG")
