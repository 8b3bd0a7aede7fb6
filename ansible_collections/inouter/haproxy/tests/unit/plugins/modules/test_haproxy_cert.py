# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module haproxy_cert: add, renew, remove; twice; in check mode; wrongly; and no key told."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._model import x509
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.certs import (
    write as certificate_write,
)
from ansible_collections.inouter.haproxy.tests.unit.support.modules import Result, run_module
from ansible_collections.inouter.haproxy.tests.unit.support.pki import authority, issued
from ansible_collections.inouter.haproxy.tests.unit.support.secured import PayloadServer, Secured
from ansible_collections.inouter.haproxy.tests.unit.support.truth import everything

from .conftest import Run

NAME = "haproxy_cert"
A, NEWER, RSA = issued("a.test"), issued("a.test", serial=2), issued("a.test", key="rsa")
FILE = "a.test.ecdsa.pem"
Cert = Callable[..., Result]


@pytest.fixture(autouse=True)
def https(run: Run) -> None:
    """Let the instance serve HTTPS."""
    run("haproxy_instance", https="127.0.0.1:443")


@pytest.fixture
def cert(instance: Instance) -> Cert:
    """Give the way to run the module."""

    def call(check: bool = False, **options: Any) -> Result:
        where = {"base_dir": instance.paths.base, "lock_timeout": 0}
        return run_module(NAME, {**where, **options}, check)

    return call


@pytest.fixture
def secured(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> Iterator[Secured]:
    """Let a simulated HAProxy run; a handshake with it always finds A."""

    def answers(_where: object, asked: list[object]) -> list[str]:
        return [A.fingerprint] * len(asked)

    monkeypatch.setattr(certificate_write, "served_fingerprints", answers)
    played = Secured(instance.paths.conf, 4, 3)
    with PayloadServer(instance.paths.admin_socket, played):
        yield played


def state(instance: Instance) -> tuple[object, dict[str, bytes]]:
    certs = Path(instance.paths.certs)
    return everything(instance), {path.name: path.read_bytes() for path in certs.iterdir()}


def test_a_certificate_is_added(cert: Cert, instance: Instance) -> None:
    result = cert(content=A.combined)
    flags = [result[name] for name in ("changed", "persisted", "applied", "verified")]
    assert flags == [True, True, False, False]
    (shown,) = result["certificates"]
    assert (shown["name"], shown["key_type"], shown["file"]) == ("a.test", "ecdsa", FILE)
    assert (shown["domains"], shown["days_left"]) == (["a.test"], 88)
    assert shown["fingerprint"] == A.fingerprint
    assert state(instance)[1] == {FILE: A.combined.encode()}


def test_it_is_served_where_haproxy_runs(cert: Cert, instance: Instance, secured: Secured) -> None:
    result = cert(content=A.combined)
    assert (result["applied"], result["verified"]) == (True, True)
    served = {"domain": "a.test", "matches": True, "fingerprint": A.fingerprint}
    assert result["served"] == [served]
    assert secured.certs == {f"{instance.paths.certs}/{FILE}": A.combined}
    assert cert(content=NEWER.combined)["verified"] is False
    assert secured.certs == {f"{instance.paths.certs}/{FILE}": NEWER.combined}
    assert cert(name="a.test", state="absent")["verified"]
    assert (secured.certs, secured.listed) == ({}, [])


@pytest.mark.parametrize("runs", [False, True])
def test_the_second_time_nothing_changes(
    request: pytest.FixtureRequest, cert: Cert, instance: Instance, runs: bool
) -> None:
    if runs:
        request.getfixturevalue("secured")
    for options in ({"content": A.combined}, {"name": "a.test", "state": "absent"}):
        cert(**options)
        before = state(instance)
        again = cert(**options)
        assert (again["changed"], again["persisted"], again["diff"]) == (False, True, [])
        assert (again["applied"], again["verified"], state(instance)) == (runs, runs, before)


def test_check_mode_tells_and_changes_nothing(cert: Cert, instance: Instance) -> None:
    before = state(instance)
    planned = cert(check=True, content=A.combined)
    assert state(instance) == before
    done = cert(content=A.combined)
    same = ("changed", "certificates", "diff")
    assert [planned[name] for name in same] == [done[name] for name in same]
    assert (planned["persisted"], done["persisted"]) == (False, True)


def test_a_check_before_the_host_is_set_up_goes_on(cert: Cert, tmp_path: Path) -> None:
    result = cert(check=True, base_dir=str(tmp_path / "new"), content=A.combined)
    assert "failed" not in result and result["changed"]


def test_the_diff_shows_digests_only(cert: Cert) -> None:
    parts = cert(content=A.combined)["diff"]
    assert [part["after_header"] for part in parts] == ["database", "files"]
    shown = f"certificate a.test ecdsa: SHA-256 {A.fingerprint[:16]}, until "
    assert parts[0]["after"].startswith(shown)
    assert f"file {FILE} SHA-256 " in parts[1]["after"]


def test_several_in_one_call(cert: Cert, tmp_path: Path) -> None:
    (tmp_path / "chain.pem").write_text(A.leaf + A.above)
    (tmp_path / "key.pem").write_text(A.key)
    first = {"src": str(tmp_path / "chain.pem"), "key_src": str(tmp_path / "key.pem")}
    second = {"name": "B.test", "content": RSA.leaf, "key_content": RSA.key, "domains": ["a.test"]}
    result = cert(certificates=[first, second])
    names = [(item["name"], item["key_type"]) for item in result["certificates"]]
    assert names == [("a.test", "ecdsa"), ("b.test", "rsa")]
    assert cert(certificates=[])["changed"] is False


def test_what_a_domain_needs_goes_only_with_force(run: Run, cert: Cert, instance: Instance) -> None:
    cert(content=A.combined)
    run("haproxy_domain", domain="a.test", ip="10.0.0.1")
    before = state(instance)
    result = cert(name="a.test", state="absent")
    assert result["failed"] and "is the only certificate of a.test" in result["msg"]
    assert state(instance) == before
    assert cert(name="a.test", state="absent", force=True)["changed"]
    assert os.listdir(instance.paths.certs) == []


def test_a_refusal_goes_back(cert: Cert, instance: Instance, secured: Secured) -> None:
    cert(content=A.combined)
    certs, held = state(instance)[1], dict(secured.certs)
    secured.refuse = lambda c: "inconsistencies.\n\n" if c.startswith("set ssl cert") else None
    result = cert(content=NEWER.combined)
    assert result["failed"]
    assert result["msg"].startswith("HAProxy refused 'set ssl cert ")
    assert (state(instance)[1], secured.certs) == (certs, held)
    assert NEWER.secret not in f"{result} {state(instance)[0]}"


OLD = authority().issue("a.test", begin=-9, days=1)
ERRORS: list[tuple[dict[str, Any], str]] = [
    ({}, "src: None is not there"),
    ({"content": ""}, "content: 'PEM text' cannot be used: it has no CERTIFICATE block"),
    ({"content": A.leaf}, "content: 'PEM text' cannot be used: it has no private key"),
    ({"content": OLD.combined}, "content: 'PEM text' cannot be used: block 1 (CERTIFICATE) exp"),
    ({"content": A.combined[:-30]}, "content: 'PEM text' cannot be used: the last block"),
    ({"content": A.leaf, "key_content": NEWER.key}, "content: 'PEM text' cannot be used: block 2"),
    ({"content": A.combined, "domains": ["b.test"]}, "content: 'PEM text' cannot be used: it is"),
    ({"src": "/no/such"}, "src: '/no/such' is not there"),
    ({"certificates": [{"content": A.leaf}]}, "certificates[0].content: 'PEM text' cannot be used"),
    ({"content": "", "src": "/x"}, "parameters are mutually exclusive: content|src"),
    ({"key_content": "", "key_src": "/x"}, "parameters are mutually exclusive: key_content|key"),
    ({"state": "absent"}, "state is absent but all of the following are missing: name"),
    ({"state": "absent", "name": "a b"}, "name: 'a b' is not a domain"),
]


@pytest.mark.parametrize(("options", "words"), ERRORS)
def test_errors(cert: Cert, instance: Instance, options: dict[str, Any], words: str) -> None:
    before = state(instance)
    result = cert(**options)
    assert result["failed"]
    assert result["msg"].startswith(words)
    assert not any(pem.secret in result["msg"] for pem in (A, NEWER, OLD))
    assert state(instance) == before


def test_no_result_and_no_row_tells_a_key(
    run: Run, cert: Cert, instance: Instance, secured: Secured
) -> None:
    parts = {"content": A.leaf + A.above, "key_content": A.key}
    results = [cert(check=True, **parts), cert(**parts), run("haproxy_cert_info")]
    told = [{name: r[name] for name in r if name != "invocation"} for r in results]
    assert A.secret not in f"{told} {everything(instance)} {secured.log}"
    assert A.secret not in str(results)


def test_the_library_is_missing(cert: Cert, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(x509, "IMPORT_ERROR", "Traceback: no module")
    result = cert(content=A.combined)
    assert result["failed"] and "cryptography" in result["msg"]
    assert "failed" not in cert(name="a.test", state="absent")
