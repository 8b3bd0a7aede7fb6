# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading certificates: what is known of them, how long they last, and where they are."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import write
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import InvalidInput
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.certs.list import (
    certificate_view,
    list_certificates,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.setup import set_up
from ansible_collections.inouter.haproxy.tests.unit.support.direct import DirectApi
from ansible_collections.inouter.haproxy.tests.unit.support.secured import Bring, Secured, fake

FILE = "a.test.ecdsa.pem"


@pytest.fixture(autouse=True)
def two(instance: Instance) -> None:
    """Let the instance have two certificates."""
    set_up(instance, {"https": "127.0.0.1:443"}, check_mode=False)
    write(instance, "test", Bring(a=1, b=1))


@pytest.fixture
def secured(instance: Instance) -> Secured:
    """Let a simulated HAProxy have them, too."""
    played = Secured(instance.paths.conf, 4, 3)
    for name in ("a", "b"):
        path = f"{instance.paths.certs}/{name}.test.ecdsa.pem"
        played.hold(path, Path(path).read_bytes())
    instance.api = DirectApi(played)
    return played


def place(instance: Instance) -> tuple[bool, bool, bool | None, bool]:
    (view,) = list_certificates(instance, ["A.test."])
    where = view["where"]
    return where["database"], where["disk"], where["haproxy"], view["agrees"]


def test_what_is_told_of_a_certificate() -> None:
    row = fake("a.test")[0]._replace(domains="*.a.test a.test")
    view = certificate_view(row)
    assert (view["name"], view["key_type"], view["file"]) == ("a.test", "ecdsa", FILE)
    assert view["domains"] == ["*.a.test", "a.test"]
    assert not {"content", "sha1"} & set(view)


@pytest.mark.parametrize(
    ("left", "days"),
    [
        (timedelta(days=90, hours=1), 90),
        (timedelta(hours=23), 0),
        (timedelta(minutes=-1), -1),
        (timedelta(days=-2, minutes=1), -2),
    ],
)
def test_days_that_are_left(left: timedelta, days: int) -> None:
    end = (datetime.now(timezone.utc) + left).isoformat()
    assert certificate_view(fake("a.test")[0]._replace(not_after=end))["days_left"] == days


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (None, ["a.test", "b.test"]),
        ([], []),
        (["B.test.", "no.test"], ["b.test"]),
    ],
)
def test_some_names(instance: Instance, names: list[str] | None, expected: list[str]) -> None:
    assert [view["name"] for view in list_certificates(instance, names)] == expected


@pytest.mark.parametrize(("limit", "count"), [(None, 2), (9, 1), (8, 0), (0, 0), (999999, 2)])
def test_those_that_end_soon(instance: Instance, limit: int | None, count: int) -> None:
    soon = (datetime.now(timezone.utc) + timedelta(days=8, hours=1)).isoformat()
    with instance.store() as store:
        row = fake("a.test")[0]
        store.put_certificate(row.key, row._replace(not_after=soon))
    assert len(list_certificates(instance, expiring_within=limit)) == count


def test_a_bad_name_is_refused(instance: Instance) -> None:
    with pytest.raises(InvalidInput, match="^names: 'a b' is not a domain"):
        list_certificates(instance, ["a b"])


def test_where_haproxy_does_not_run(instance: Instance) -> None:
    assert place(instance) == (True, True, None, True)


def test_where_it_does(instance: Instance, secured: Secured) -> None:
    assert place(instance) == (True, True, True, True)
    assert secured.log == []


def test_where_it_serves_no_https(instance: Instance, secured: Secured) -> None:
    secured.path = "/another"
    assert place(instance) == (True, True, None, True)


@pytest.mark.parametrize("content", [None, b"", b"x", fake("a.test", 2)[1]])
def test_a_damaged_file(instance: Instance, secured: Secured, content: bytes | None) -> None:
    path = Path(instance.paths.certs, FILE)
    path.write_bytes(content or b"")
    if content is None:
        path.unlink()
    assert place(instance) == (True, False, True, False)


@pytest.mark.parametrize("times", [0, 2])
def test_an_entry_that_is_not_there_once(instance: Instance, secured: Secured, times: int) -> None:
    path = f"{instance.paths.certs}/{FILE}"
    secured.listed = [entry for entry in secured.listed if entry[0] != path] + [(path, 9)] * times
    assert place(instance) == (True, True, False, False)


def test_another_certificate_in_memory(instance: Instance, secured: Secured) -> None:
    secured.certs[f"{instance.paths.certs}/{FILE}"] = fake("a.test", 2)[1].decode()
    assert place(instance) == (True, True, False, False)
