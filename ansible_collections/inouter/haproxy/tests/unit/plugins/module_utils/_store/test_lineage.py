# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is and was served, as digests that hosts have in common."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._files import pool_file
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import write
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import HaproxyError
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.setup import set_up
from ansible_collections.inouter.haproxy.plugins.module_utils._store.lineage import lineage

NOTHING = "0" * 32
A, B = (DomainRequest(name, ip="10.0.0.1") for name in ("a.test", "b.test"))
GONE = DomainRequest("a.test", present=False)


def host(folder: Path, pools: int) -> Instance:
    """A host with a layout of its own."""
    made = Instance(str(folder), lock_timeout=0)
    set_up(made, {"pool_count": pools, "haproxy_conf": f"/seen{pools}"}, check_mode=False)
    return made


def of(instance: Instance) -> list[str]:
    """The host's lineage."""
    with instance.store() as store:
        return lineage(store)


def test_hosts_that_serve_the_same_have_the_same(tmp_path: Path) -> None:
    one, two = host(tmp_path / "one", 2), host(tmp_path / "two", 3)
    assert of(one) == of(two) == [NOTHING]
    for request in (A, B):
        write(one, "test", request)
    write(two, "test", A)
    assert of(two) == of(one)[1:] and len(of(one)) == 3
    set_up(two, {"pool_count": 5}, check_mode=False)
    write(two, "test", B)
    assert of(two) == of(one)


def test_going_back_is_a_step_of_its_own(instance: Instance) -> None:
    write(instance, "test", A)
    write(instance, "test", GONE)
    digest = of(instance)[1]
    assert of(instance) == [NOTHING, digest, NOTHING]


def test_what_was_refused_was_never_served(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(instance, "test", A)
    before = of(instance)

    def full(*_arguments: object) -> bytes:
        raise HaproxyError("full")

    with monkeypatch.context() as context, pytest.raises(HaproxyError, match="full"):
        context.setattr(pool_file, "render", full)
        write(instance, "test", B)
    assert of(instance) == before
