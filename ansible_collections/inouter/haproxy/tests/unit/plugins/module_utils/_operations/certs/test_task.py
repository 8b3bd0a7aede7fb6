# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which part carries out what the module haproxy_cert is asked for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    HaproxyError,
    InvalidInput,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.certs import (
    task as certificate_task,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.setup import set_up

OPTIONS: dict[str, Any] = {
    "name": None,
    "domains": [],
    "challenge": "dns-01",
    "key_type": "ecdsa",
    "force": False,
}


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    """Give an instance with no acme.sh."""
    made = Instance(str(tmp_path / "lb"), lock_timeout=0)
    set_up(made, {"pool_count": 1}, check_mode=False)
    return made


def carry_out(instance: Instance, **options: Any) -> Any:
    """Carry a task out with a program that must not be run."""
    return certificate_task.carry_out(instance, {**OPTIONS, **options}, pytest.fail, False)


def test_removal_needs_no_acme(instance: Instance) -> None:
    assert not carry_out(instance, state="absent", name="a.test").changed


@pytest.mark.parametrize("state", ["issued", "renewed"])
def test_orders_need_acme(instance: Instance, state: str) -> None:
    with pytest.raises(HaproxyError, match="apply the role inouter.haproxy.acme"):
        carry_out(instance, state=state, domains=["a.test"])


def test_an_order_needs_domains(instance: Instance) -> None:
    Path(f"{instance.paths.conf}/acme.json").write_text('{"home": "/x"}')
    with pytest.raises(InvalidInput, match="^domains: "):
        carry_out(instance, state="issued")


def test_a_program_gets_the_given_environment_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_OURS", "x")
    seen: dict[str, str] = {}

    def run(_arguments: list[str]) -> tuple[int, str, str]:
        seen.update(os.environ)
        return 0, "", ""

    certificate_task._runner(run)(["x"], {"ONLY": "this"})
    assert seen == {"ONLY": "this"}
    assert os.environ["SECRET_OF_OURS"] == "x"
