# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIGKILL to the module at every system call of a write that changes something.

strace ends the module just before the N-th such call, for each N there is, SQLite's own calls
included. HAProxy must start from what is left, and the next write must end in the state that
an undisturbed one ends in.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.picture import MANY

from .lab.kill import killed_at
from .lab.managed import Managed
from .lab.states import comparable, put_back

ONE, TWO = {"ip": "127.0.0.1", "http_port": 81}, {"ip": "127.0.0.2", "http_port": 82}
WRITES: dict[str, tuple[str, dict[str, Any]]] = {
    "add": ("haproxy_domain", {"domain": "new.test", "servers": [ONE, TWO]}),
    "remove": ("haproxy_domain", {"domain": "*.old.test", "state": "absent"}),
    "list": (
        "haproxy_domains",
        {
            "domains": [
                {"domain": "kept.test"},
                {"domain": "new.test", "servers": [ONE, TWO]},
                *({"domain": f"d{n}.test", "share_with": "new.test"} for n in range(MANY + 1)),
            ],
            "prune": True,
            "prune_limit": 50,
        },
    ),
    "readdress": ("haproxy_server", {"domain": "kept.test", "slot": 1, **TWO}),
}


def prepared(binary: Path, folder: Path) -> Managed:
    """Give a running HAProxy with two domains."""
    made = Managed(binary, folder, pools=3, slots=2)
    made.start()
    made.module("haproxy_domain", domain="kept.test", **ONE)
    made.module("haproxy_domain", domain="*.old.test", **TWO)
    return made


@pytest.mark.timeout(400)
@pytest.mark.haproxy("3.4")
@pytest.mark.parametrize("write", WRITES)
def test_sigkill_at_each_step(haproxy_binary: Path, tmp_path: Path, write: str) -> None:
    """Start from what is left; then the next write completes what was cut off."""
    undisturbed = prepared(haproxy_binary, tmp_path / "right")
    undisturbed.module(WRITES[write][0], **WRITES[write][1])
    right = comparable(undisturbed)
    undisturbed.process.stop()
    managed = prepared(haproxy_binary, tmp_path / "a")
    saved = tmp_path / "saved"
    shutil.copytree(managed.base_dir / "conf", saved)
    number = 1
    while killed_at(managed, number, *WRITES[write]):
        check_one(managed, write, right, restart=number % 2 == 0)
        put_back(managed, saved)
        number += 1
    managed.process.stop()
    assert number > 20, "too few calls were seen: strace did not see the write"


def check_one(managed: Managed, write: str, right: object, restart: bool) -> None:
    """What a kill left behind: loadable, and completed by the next write."""
    if restart:
        managed.process.kill()
        managed.start()
        assert managed.runtime_map()["kept.test"] == "pool_1"
    name, options = WRITES[write]
    managed.module("haproxy_config")
    managed.module(name, **options)
    assert comparable(managed) == right
    assert not managed.check("haproxy_state")["changed"]
