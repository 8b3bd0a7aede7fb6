# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of a running HAProxy: added, renewed, removed, restored, and proved."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from .lab.h3 import get_h3
from .lab.pki import Authority, Pem
from .lab.playbooks import Playbooks
from .lab.processes import Watched
from .lab.secured import Secured
from .lab.tls import get

CERT = "haproxy_cert"


def test_added_renewed_removed(secured: Secured, authority: Authority) -> None:
    """Each change is served at once and proved; the same again changes nothing."""
    first = authority.issue("a.test", "*.a.test")
    assert secured.served("a.test") is None
    added = secured.module(CERT, content=first.combined)
    assert added["verified"] and [s["matches"] for s in added["served"]] == [True]
    assert secured.served("a.test") == secured.served("x.a.test") == first.fingerprint
    assert secured.served("x.y.a.test") is None
    assert not secured.module(CERT, content=first.combined)["changed"]
    second = authority.issue("a.test", "*.a.test")
    renewed = secured.module(CERT, content=second.combined)
    assert renewed["changed"] and renewed["verified"]
    assert secured.served("a.test") == second.fingerprint
    assert secured.module(CERT, name="a.test", state="absent")["changed"]
    assert secured.served("a.test") is None
    assert not secured.module(CERT, name="a.test", state="absent")["changed"]
    assert list((secured.base_dir / "certs").iterdir()) == []


def test_check_mode(secured: Secured, authority: Authority) -> None:
    """A check changes nothing, and its diff is what the run then does."""
    pem = authority.issue("a.test")
    before = secured.snapshot(), sorted((secured.base_dir / "certs").iterdir())
    checked = secured.check(CERT, content=pem.combined)
    assert (secured.snapshot(), sorted((secured.base_dir / "certs").iterdir())) == before
    done = secured.module(CERT, content=pem.combined)
    assert checked["changed"] and checked["diff"] == done["diff"] != []
    assert not secured.check("haproxy_state")["changed"]


def test_both_key_types(secured: Secured, authority: Authority) -> None:
    """RSA and ECDSA side by side, each verified by a handshake of its own."""
    pems = [authority.issue("a.test", key="ecdsa"), authority.issue("a.test", key="rsa")]
    many = [{"content": pem.combined} for pem in pems]
    done = secured.module(CERT, certificates=many)
    assert {item["key_type"] for item in done["certificates"]} == {"ecdsa", "rsa"}
    assert {item["fingerprint"] for item in done["served"]} == {p.fingerprint for p in pems}
    assert done["verified"]


def test_restart_restores(secured: Secured, authority: Authority) -> None:
    """After SIGKILL and a start, and after a reload, everything is served with nobody's help."""
    pems = {name: authority.issue(name) for name in ("a.test", "b.test")}
    secured.module(CERT, certificates=[{"content": p.combined} for p in pems.values()])
    secured.process.kill()
    secured.start()
    assert all(secured.served(name) == pem.fingerprint for name, pem in pems.items())
    secured.process.reload()
    assert all(secured.served(name) == pem.fingerprint for name, pem in pems.items())
    assert not secured.check("haproxy_state")["changed"]


def test_haproxy_down(secured: Secured, authority: Authority) -> None:
    """Added while HAProxy is down: kept, and served when it is back."""
    pem = authority.issue("a.test")
    secured.process.kill()
    done = secured.module(CERT, content=pem.combined)
    assert (done["persisted"], done["applied"]) == (True, False)
    secured.start()
    assert secured.served("a.test") == pem.fingerprint


def test_damaged_file_is_left_out(secured: Secured, authority: Authority) -> None:
    """A damaged file is named and does not keep the others from being served."""
    pems = {name: authority.issue(name) for name in ("a.test", "b.test")}
    secured.module(CERT, certificates=[{"content": p.combined} for p in pems.values()])
    path = secured.base_dir / "certs/a.test.ecdsa.pem"
    path.write_text(path.read_text()[:100])
    listed = secured.module("haproxy_cert_info")["certificates"]
    assert [(c["name"], c["where"]["disk"], c["agrees"]) for c in listed] == [
        ("a.test", False, False),
        ("b.test", True, True),
    ]
    for applied in (True, False):
        secured.module("haproxy_state")
        done = secured.module("haproxy_state")
        assert [(c["name"], c["files"]) for c in done["lost"]] == [("a.test.ecdsa.pem", "damaged")]
        assert (done["changed"], done["persisted"], done["applied"]) == (False, False, applied)
        secured.process.kill()
        secured.start()
    assert secured.served("b.test") == pems["b.test"].fingerprint
    assert secured.served("a.test") is None
    secured.module(CERT, content=pems["a.test"].combined)
    assert secured.served("a.test") == pems["a.test"].fingerprint


def test_info(secured: Secured, authority: Authority) -> None:
    """Names, days left, a limit, and where it is."""
    soon, later = authority.issue("soon.test", days=5), authority.issue("later.test", days=80)
    secured.module(CERT, certificates=[{"content": p.combined} for p in (soon, later)])
    names = [c["name"] for c in secured.module("haproxy_cert_info")["certificates"]]
    assert names == ["later.test", "soon.test"]
    (found,) = secured.module("haproxy_cert_info", expiring_within=14)["certificates"]
    assert found["name"] == "soon.test" and found["days_left"] in (4, 5)
    assert found["where"] == {"database": True, "disk": True, "haproxy": True}
    secured.ask(
        f"del ssl crt-list {secured.base_dir}/conf/certs.crtlist"
        f" {secured.base_dir}/certs/soon.test.ecdsa.pem"
    )
    (found,) = secured.module("haproxy_cert_info", names=["soon.test"])["certificates"]
    assert found["where"]["haproxy"] is False and not found["agrees"]
    assert secured.module("haproxy_state")["verified"]
    assert secured.served("soon.test") == soon.fingerprint


def test_needed_certificate_stays(secured: Secured, authority: Authority) -> None:
    """A certificate that a served domain needs goes only with force."""
    secured.module("haproxy_domain", domain="www.a.test", ip="127.0.0.1")
    secured.module(CERT, content=authority.issue("*.a.test").combined)
    message = secured.fails(CERT, name="*.a.test", state="absent")
    assert "www.a.test" in message and "force" in message
    secured.module(CERT, content=authority.issue("www.a.test").combined)
    assert secured.module(CERT, name="*.a.test", state="absent")["changed"]
    assert secured.module(CERT, name="www.a.test", state="absent", force=True)["changed"]


@pytest.mark.haproxy("3.0", "3.2", "3.4")
def test_http3(secured: Secured, authority: Authority, tmp_path: Path) -> None:
    """A certificate that was added at run time is served over HTTP/3, which HTTPS announces."""
    cafile = authority.write_root(tmp_path / "ca.pem")
    pem = authority.issue("a.test")
    secured.module(CERT, content=pem.combined)
    found = get_h3(secured.https, "a.test", cafile)
    assert (found.status, found.fingerprint) == (404, pem.fingerprint)
    assert found.body == "No such domain is served here.\n"
    over_tcp = get(secured.https, "a.test", cafile=cafile)
    port = secured.https[1]
    assert over_tcp.headers["alt-svc"] == f'h3=":{port}"; ma=86400'


def bad_contents(authority: Authority) -> dict[str, tuple[str, str]]:
    """PEM texts that cannot be used, each with what the error has to say."""
    good, other = authority.issue("a.test"), authority.issue("b.test")
    old = authority.issue("a.test", days=1, not_before_days=-10)
    return {
        "nothing": ("", "no CERTIFICATE block"),
        "no key": (good.chain, "no private key"),
        "key only": (good.key, "no CERTIFICATE block"),
        "foreign key": (good.chain + other.key, "not the key of any certificate"),
        "two keys": (good.combined + other.key, "2 private keys"),
        "cut": (good.combined[:200], "no END line"),
        "not base64": (good.combined.replace("MII", "M*I", 1), "is not base64"),
        "expired": (old.combined, "expired at"),
    }


@pytest.mark.haproxy("3.2")
def test_bad_content(secured: Secured, authority: Authority) -> None:
    """An error says which block is wrong and why; nothing changed, and no key is told."""
    good = authority.issue("a.test")
    secured.module(CERT, content=good.combined)
    before = secured.snapshot()
    for name, (content, words) in bad_contents(authority).items():
        message = secured.fails(CERT, content=content)
        assert words in message, (name, message)
        assert "PRIVATE KEY-----" not in message
        assert secured.snapshot() == before, name
    message = secured.fails(CERT, content=good.combined, domains=["c.test"])
    assert "but not for c.test" in message
    assert secured.served("a.test") == good.fingerprint


@pytest.mark.haproxy("3.2")
def test_untidy_content(secured: Secured, authority: Authority) -> None:
    """Any order, CRLF, blank lines and text around the blocks are put in order."""
    pem = authority.issue("a.test")
    untidy = f"Bag Attributes\r\n\r\n{pem.key}\n\nsubject=x\n{pem.chain}\n\n".replace("\n", "\r\n")
    done = secured.module(CERT, content=untidy)
    assert done["verified"] and secured.served("a.test") == pem.fingerprint
    assert not secured.module(CERT, content=pem.combined)["changed"]


def test_refusal_goes_back(secured: Secured, authority: Authority) -> None:
    """A certificate that HAProxy refuses leaves the old one served, listed and on disk."""
    old = authority.issue("a.test")
    secured.module(CERT, content=old.combined)
    before = secured.truth_without_history(), secured.files()
    huge = Pem("".join(authority.issue(f"{n}.test").chain for n in range(400)), "")
    new = authority.issue("a.test")
    secured.fails(CERT, content=new.chain + huge.chain + new.key)
    assert (secured.truth_without_history(), secured.files()) == before
    assert secured.served("a.test") == old.fingerprint
    assert not secured.check("haproxy_state")["changed"]


def modes(folder: Path) -> dict[str, Any]:
    """The modes of the files in a folder."""
    return {path.name: oct(path.stat().st_mode & 0o777) for path in folder.iterdir()}


@pytest.mark.haproxy("3.2")
def test_private_key_stays_private(secured: Secured, authority: Authority) -> None:
    """The key is in its own file, mode 0600, and nowhere else: no result, history or log."""
    pem = authority.issue("a.test")
    secret = pem.key.splitlines()[1]
    options = {"content": pem.combined}
    results = [secured.check(CERT, **options), secured.module(CERT, **options)]
    results += [secured.module("haproxy_cert_info"), secured.module("haproxy_state")]
    assert secret not in str(results)
    assert secret not in "\n".join(secured.truth()) + secured.process.log
    assert not any(secret.encode() in content for content in secured.files().values())
    certs = secured.base_dir / "certs"
    assert modes(certs) == {"a.test.ecdsa.pem": "0o600"}
    assert oct(certs.stat().st_mode & 0o777) == "0o700"


@pytest.mark.haproxy("3.2")
def test_private_key_is_in_no_process_list(
    secured: Secured, authority: Authority, tmp_path: Path
) -> None:
    """A playbook that brings a key shows it to nobody: not with -vvv, not in any command line."""
    pem = authority.issue("a.test")
    task = {"inouter.haproxy.haproxy_cert": {"base_dir": str(secured.base_dir)}}
    task["inouter.haproxy.haproxy_cert"]["content"] = pem.combined
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    # Without pipelining the host's Python is called with the path of a file.
    local["ansible_pipelining"] = "false"
    with Watched() as watched:
        done = Playbooks(tmp_path, local).run({"tasks": [task]}, "-vvv", "--diff")
    secret = pem.key.splitlines()[1]
    assert secured.served("a.test") == pem.fingerprint
    assert "AnsiballZ_haproxy_cert" in watched.seen
    assert secret not in watched.seen and secret not in done["output"]
