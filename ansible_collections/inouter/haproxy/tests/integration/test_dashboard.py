# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Grafana dashboard asks for nothing that HAProxy and the hosts do not tell."""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.convergence import (
    Convergence,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import write
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state.metrics import (
    write_metrics,
)

from .lab import children, ports
from .lab.http import Address, get
from .lab.managed import ROOT
from .lab.secured import Secured

DASHBOARD = ROOT / "deploy/grafana/inouter-haproxy.json"
CONFIG = """
defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
frontend metrics
  bind {address}
  http-request use-service prometheus-exporter
backend pool_1
  server pool_1_1 192.0.2.1:80 disabled
"""


def asked() -> set[str]:
    """The metrics that the panels and variables name."""
    text = json.dumps(json.loads(DASHBOARD.read_text(encoding="utf-8")))
    return set(re.findall(r"\b(?:inouter_)?haproxy_\w+(?=[{\[,) \\\"])", text))


def exported(binary: Path, folder: Path) -> str:
    """What HAProxy's own exporter answers."""
    address = (ports.loopback(), ports.free_ports(1)[0])
    config = folder / "haproxy.cfg"
    config.write_text(CONFIG.format(address="{}:{}".format(*address)))
    with (folder / "haproxy.log").open("wb") as log:
        child = children.spawn([binary, "-f", config], log)
    try:
        children.wait_until(lambda: answers(address), 10, "the exporter answers")
        return get(address, "metrics", "/metrics").body
    finally:
        children.stop(child)


def answers(address: Address) -> bool:
    """Whether somebody listens."""
    with socket.socket() as connection:
        return connection.connect_ex(address) == 0


def test_every_metric_exists(secured: Secured, haproxy_binary: Path, tmp_path: Path) -> None:
    secured.module("haproxy_domain", domain="a.test", ip="127.0.0.1")
    path = tmp_path / "inouter.prom"
    instance = Instance(str(secured.base_dir))
    write_metrics(instance, str(path), write(instance, "test", Convergence()))
    told = path.read_text() + exported(haproxy_binary, tmp_path)
    known = set(re.findall(r"^# TYPE (\w+)", told, re.MULTILINE))
    assert len(asked()) > 10
    assert asked() - known == set()
