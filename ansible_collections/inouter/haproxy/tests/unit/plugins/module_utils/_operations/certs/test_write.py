# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A handshake after a write proves what is served."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Union

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import Outcome
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.certs import (
    write as certificate_write,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.setup import set_up
from ansible_collections.inouter.haproxy.tests.unit.support.direct import DirectApi
from ansible_collections.inouter.haproxy.tests.unit.support.secured import Bring, Secured, fake

ROW = fake("a.test")[0]
Asked = list[tuple[tuple[str, int], str, str]]
Answer = Callable[[], Union[str, OSError]]


@pytest.fixture(autouse=True)
def secured(instance: Instance) -> Secured:
    """Let a simulated HAProxy with HTTPS run."""
    played = Secured(instance.paths.conf, 4, 3)
    instance.api = DirectApi(played)
    set_up(instance, {"https": "[::1]:8443"}, check_mode=False)
    return played


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Give the handshakes that were made; each finds what was put."""
    return answered(monkeypatch, lambda: ROW.fingerprint)


def answered(monkeypatch: pytest.MonkeyPatch, answer: Answer) -> Asked:
    found: Asked = []

    def shake(address: tuple[str, int], asked: Sequence[tuple[str, str]]) -> list[str | OSError]:
        found.extend((address, *item) for item in asked)
        return [answer() for _item in asked]

    monkeypatch.setattr(certificate_write, "served_fingerprints", shake)
    return found


def put(instance: Instance, request: Bring, check_mode: bool = False) -> Outcome:
    return certificate_write.write_certificates(instance, request, check_mode)


def test_a_handshake_for_each_certificate(instance: Instance, asked: Asked) -> None:
    outcome = put(instance, Bring(a=1))
    assert asked == [(("::1", 8443), "a.test", "ecdsa")]
    assert (outcome.applied, outcome.verified) == (True, True)
    served = {"domain": "a.test", "matches": True, "fingerprint": ROW.fingerprint}
    assert outcome.described["served"] == [served]


def test_none_where_nothing_changed(instance: Instance, asked: Asked) -> None:
    put(instance, Bring(a=1))
    outcome = put(instance, Bring(a=1))
    assert (outcome.changed, outcome.verified, len(asked)) == (False, True, 1)
    assert outcome.described["served"] == []


def test_none_for_what_is_removed(instance: Instance, asked: Asked) -> None:
    put(instance, Bring(a=1))
    outcome = put(instance, Bring(a=None))
    assert (outcome.changed, outcome.verified, len(asked)) == (True, True, 1)


def test_none_in_check_mode(instance: Instance, asked: Asked) -> None:
    outcome = put(instance, Bring(a=1), check_mode=True)
    assert (outcome.changed, outcome.applied, asked) == (True, False, [])
    assert "served" not in outcome.described


def test_none_where_haproxy_does_not_run(
    instance: Instance, secured: Secured, asked: Asked
) -> None:
    secured.running = False
    outcome = put(instance, Bring(a=1))
    assert (outcome.persisted, outcome.applied, asked) == (True, False, [])


def test_another_certificate_is_found_out(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered(monkeypatch, lambda: "another")
    outcome = put(instance, Bring(a=1))
    assert (outcome.applied, outcome.verified) == (True, False)
    served = {"domain": "a.test", "matches": False, "fingerprint": "another"}
    assert outcome.described["served"] == [served]


@pytest.mark.parametrize(("name", "matches"), [("a.test", True), ("b.test", False)])
def test_the_other_key_type_of_the_same_name_is_right(
    instance: Instance, monkeypatch: pytest.MonkeyPatch, name: str, matches: bool
) -> None:
    row, pem = fake(name, key_type="rsa")
    other = Bring()
    other.rows, other.contents = {row.key: row}, {row.key: pem}
    answered(monkeypatch, lambda: row.fingerprint)
    put(instance, other)
    outcome = put(instance, Bring(a=1))
    assert (outcome.applied, outcome.verified) == (True, matches)
    assert [item["matches"] for item in outcome.described["served"]] == [matches]


def refused() -> OSError:
    return OSError("tlsv1 unrecognized name")


def test_a_handshake_that_fails_is_told(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered(monkeypatch, refused)
    outcome = put(instance, Bring(a=1))
    assert (outcome.applied, outcome.verified) == (True, False)
    served = {"domain": "a.test", "matches": False, "message": "tlsv1 unrecognized name"}
    assert outcome.described["served"] == [served]


@pytest.mark.parametrize(
    ("domains", "asked_for"),
    [("*.a.test a.test", "a.test"), ("*.a.test", "any.a.test"), ("a.test b.test", "b.test")],
)
def test_the_name_that_is_asked_for(
    instance: Instance, asked: Asked, domains: str, asked_for: str
) -> None:
    request = Bring(a=1)
    request.rows[ROW.key] = ROW._replace(domains=domains)
    put(instance, request)
    assert [name for _address, name, _key_type in asked] == [asked_for]
