# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of a HAProxy that speaks the newest version of TLS alone."""

from __future__ import annotations

import pytest

from .lab.pki import Authority, Kind
from .lab.secured import Secured

CERT = "haproxy_cert"


@pytest.mark.parametrize("keys", [["ecdsa"], ["rsa"], ["ecdsa", "rsa"]])
def test_tls_1_3_alone(secured: Secured, authority: Authority, keys: list[Kind]) -> None:
    """Where no older version is spoken, what is added and renewed is proved all the same."""
    config = secured.base_dir / "conf/haproxy.cfg"
    text = config.read_text()
    assert "ssl-min-ver TLSv1.2" in text
    config.write_text(text.replace("ssl-min-ver TLSv1.2", "ssl-min-ver TLSv1.3"))
    secured.process.kill()
    secured.start()
    for _time in range(2):
        pems = [authority.issue("a.test", key=key) for key in keys]
        done = secured.module(CERT, certificates=[{"content": pem.combined} for pem in pems])
        assert done["verified"], done["served"]
        assert {item["fingerprint"] for item in done["served"]} <= {p.fingerprint for p in pems}
    renewed = authority.issue("a.test", key=keys[-1])
    assert secured.module(CERT, content=renewed.combined)["verified"]
