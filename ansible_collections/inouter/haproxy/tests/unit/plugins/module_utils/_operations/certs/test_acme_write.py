# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Orders and renewals around the calls of acme.sh; the calls themselves are integration tests."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.lock import locked
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import (
    Busy,
    HaproxyError,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.certs import acme_write
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.certs.acme import (
    Acme,
    AcmeFailed,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.setup import set_up


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    """Give an instance with acme.sh set up and two certificates, one of them due."""
    made = Instance(str(tmp_path / "lb"), lock_timeout=0)
    set_up(made, {"pool_count": 1, "https": "127.0.0.1:1"}, check_mode=False)
    home = tmp_path / "home"
    for name, due in (("due.test", 1), ("later.test", int(time.time()) + 9999)):
        folder = home / f"{name}_ecc"
        folder.mkdir(parents=True)
        (folder / "fullchain.cer").write_text("no certificate")
        kept = f"Le_Domain='{name}'\nLe_Alt='no'\nLe_NextRenewTime='{due}'\n"
        (folder / f"{name}.conf").write_text(kept)
    config = {"program": "/x", "home": str(home), "server": "s", "dns": "dns_cf"}
    Path(f"{made.paths.conf}/acme.json").write_text(json.dumps(config))
    return made


def refusing(instance: Instance) -> Acme:
    """An acme.sh whose CA refuses."""
    return Acme(instance, lambda _arguments, _environment: (1, "", "the CA says no"))


def test_checks_only_tell(instance: Instance) -> None:
    acme = refusing(instance)
    order = (instance, acme, ["due.test"], "dns-01", "ecdsa")
    assert acme_write.issue(*order, check_mode=True).changed
    assert not acme_write.issue(
        instance, acme, ["later.test"], "dns-01", "ecdsa", check_mode=True
    ).changed
    assert acme_write.renew(instance, acme, check_mode=True).changed
    assert not acme_write.renew(instance, acme, "later.test", check_mode=True).changed
    assert acme_write.renew(instance, acme, "later.test", True, check_mode=True).changed


def test_a_check_tells_that_other_domains_are_a_new_order(instance: Instance) -> None:
    acme = refusing(instance)
    names = ["later.test", "www.later.test"]
    planned = acme_write.issue(instance, acme, names, "dns-01", "ecdsa", check_mode=True)
    assert planned.rows == {("order for", "later.test www.later.test"): (None, "to be made")}
    (ordered,) = acme.ordered("later.test")
    conf = ordered.folder / "later.test.conf"
    conf.write_text(conf.read_text().replace("Le_Alt='no'", "Le_Alt='www.later.test'"))
    assert not acme_write.issue(instance, acme, names, "dns-01", "ecdsa", check_mode=True).changed


def test_a_failure_is_written_into_the_history(instance: Instance) -> None:
    with pytest.raises(AcmeFailed, match="the CA says no"):
        acme_write.issue(instance, refusing(instance), ["new.test"], "dns-01", "ecdsa")
    with instance.store() as store:
        query = "SELECT action, outcome, message FROM history ORDER BY generation DESC"
        row = store.connection.execute(query).fetchone()
    assert row[:2] == ("haproxy_cert issue new.test", "refused")
    assert "the CA says no" in row[2]


def test_an_unknown_name(instance: Instance) -> None:
    with pytest.raises(HaproxyError, match="'x.test' is not a certificate that acme.sh keeps"):
        acme_write.renew(instance, refusing(instance), "x.test")


def test_one_order_at_a_time(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acme_write, "ORDER_SECONDS", 0)
    held = locked(f"{instance.paths.run}/acme.lock", "another order", 0)
    with held, pytest.raises(Busy, match="another order"):
        acme_write.issue(instance, refusing(instance), ["new.test"], "dns-01", "ecdsa")
