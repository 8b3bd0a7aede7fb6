# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list of domains that brings their certificates."""

from __future__ import annotations

from pathlib import Path

import pytest

from .lab.pki import Authority
from .lab.secured import Secured

NAME = "haproxy_domains"


@pytest.fixture(scope="module")
def authority() -> Authority:
    """Give a certificate authority."""
    return Authority()


def test_domains_with_certificates(secured: Secured, authority: Authority, tmp_path: Path) -> None:
    """Added and proved in one task; the same again changes nothing; prune leaves them alone."""
    wildcard, both = authority.issue("*.a.test"), authority.issue("b.test", key="rsa")
    (tmp_path / "b.pem").write_text(both.combined)
    listed = [
        {
            "domain": "www.a.test",
            "ip": "127.0.0.1",
            "certificates": [{"content": wildcard.combined}],
        },
        {"domain": "b.test", "ip": "127.0.0.1", "certificates": [{"src": str(tmp_path / "b.pem")}]},
    ]
    done = secured.module(NAME, domains=listed)
    assert done["verified"] and [item["matches"] for item in done["served"]] == [True, True]
    assert secured.served("www.a.test") == wildcard.fingerprint
    assert not secured.module(NAME, domains=listed, prune=True)["changed"]
    secured.module(NAME, domains=[{"domain": "b.test"}], prune=True, prune_limit=50)
    assert secured.served("www.a.test") == wildcard.fingerprint
    assert not secured.check("haproxy_state")["changed"]


@pytest.mark.haproxy("3.2")
def test_certificates_that_do_not_fit(secured: Secured, authority: Authority) -> None:
    """Both places are named, and neither domain nor certificate is there after it."""
    pem = {"content": authority.issue("a.test", "b.test").combined}
    strange = {"content": authority.issue("c.test").combined}
    before = secured.snapshot()
    first = {"domain": "a.test", "ip": "127.0.0.1", "certificates": [pem]}
    second = {"domain": "b.test", "share_with": "a.test", "certificates": [pem]}
    message = secured.fails(NAME, domains=[first, second])
    assert message.startswith("domains[1].certificates[0]: a.test (ecdsa)")
    assert "is in domains[0].certificates[0] too" in message
    message = secured.fails(NAME, domains=[{**first, "certificates": [strange]}])
    assert "domains[0].certificates[0]: 'c.test' is for c.test, but not for a.test" in message
    assert secured.snapshot() == before
