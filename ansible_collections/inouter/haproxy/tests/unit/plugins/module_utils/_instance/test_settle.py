# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How things stand after a write: a lost certificate is named, and keeps nothing else back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.convergence import (
    Convergence,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.settle import warnings
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import Outcome, write
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.bulk import (
    DomainsRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.setup import set_up
from ansible_collections.inouter.haproxy.tests.unit.support.direct import DirectApi
from ansible_collections.inouter.haproxy.tests.unit.support.secured import Bring, Secured

NAME = "a.test.ecdsa.pem"
IN_FILES: dict[str, Any] = {"kind": "certificate", "name": NAME, "differs": ["files"]}


@pytest.fixture(autouse=True)
def path(instance: Instance) -> Path:
    """Let the instance serve HTTPS with two certificates, and give the path of one."""
    set_up(instance, {"https": "127.0.0.1:443"}, check_mode=False)
    write(instance, "test", Bring(a=1, b=1))
    return Path(instance.paths.certs, NAME)


@pytest.fixture
def secured(instance: Instance) -> Secured:
    """Let a simulated HAProxy with HTTPS run."""
    played = Secured(instance.paths.conf, 4, 3)
    instance.api = DirectApi(played)
    write(instance, "test", Convergence())
    return played


def converge(instance: Instance, check_mode: bool = False) -> Outcome:
    return write(instance, "test", Convergence(), check_mode)


def flags(outcome: Outcome) -> tuple[bool, bool, bool, bool]:
    return outcome.changed, outcome.persisted, outcome.applied, outcome.verified


def damage(path: Path) -> None:
    """Change one byte of the key."""
    content = path.read_bytes()
    path.write_bytes(content.replace(b"KEY-----\n", b"KEY-----\nA", 1))


def test_a_damaged_certificate_is_named_each_time(
    instance: Instance, path: Path, secured: Secured
) -> None:
    damage(path)
    for changed in (True, False):
        outcome = converge(instance)
        assert outcome.described["lost"] == [{**IN_FILES, "files": "damaged"}]
        assert flags(outcome) == (changed, False, True, False)
    assert set(secured.serves()) == {NAME, "b.test.ecdsa.pem"}


def test_a_check_names_it_too(instance: Instance, path: Path) -> None:
    path.unlink()
    for _time in range(2):
        outcome = converge(instance, check_mode=True)
        assert outcome.described["lost"] == [{**IN_FILES, "files": "missing"}]
        assert not outcome.persisted
        converge(instance)


def test_after_a_restart_haproxy_lacks_it(instance: Instance, path: Path, secured: Secured) -> None:
    path.unlink()
    converge(instance)
    secured.start(None, {})
    for changed in (True, False):
        outcome = converge(instance)
        assert outcome.described["lost"][0]["differs"] == ["files", "runtime"]
        assert flags(outcome) == (changed, False, False, False)
    assert set(secured.serves()) == {"b.test.ecdsa.pem"}


def test_what_to_do_is_said(instance: Instance, path: Path, secured: Secured) -> None:
    damage(path)
    (warning,) = warnings(converge(instance))
    assert warning == (
        f"The file of the certificate {NAME} is damaged, so HAProxy will not serve it after its"
        " next start. Bring it back with haproxy_cert."
    )
    secured.start(None, {})
    (warning,) = warnings(converge(instance))
    assert "is damaged, so HAProxy does not serve it. Bring" in warning
    write(instance, "test", Bring(a=1))
    outcome = converge(instance)
    assert (flags(outcome), outcome.described) == ((False, True, True, True), {})
    assert list(warnings(outcome)) == []


def test_domains_are_changed_all_the_same(instance: Instance, path: Path, secured: Secured) -> None:
    damage(path)
    converge(instance)
    outcome = write(instance, "test", DomainRequest("a.test", ip="10.0.0.1"))
    assert flags(outcome) == (True, True, True, True)
    listed = DomainsRequest([{"domain": "b.test", "ip": "10.0.0.2"}], True, 100)
    outcome = write(instance, "test", listed)
    assert flags(outcome) == (True, True, True, True)
    assert [view["name"] for view in outcome.described["lost"]] == [NAME]
