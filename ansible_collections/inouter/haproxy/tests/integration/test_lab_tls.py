# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The laboratory's certificates, TLS and HTTP/3 clients, tried on a real HAProxy with QUIC."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .lab import builds, h3, pki, tls
from .lab.http import Address
from .lab.ports import free_ports, loopback
from .lab.process import HaproxyProcess

CONFIG = """\
global
    stats socket {base}/run/admin.sock mode 600 level admin
defaults
    mode http
    timeout connect 2s
    timeout client 5s
    timeout server 5s
frontend tls
    bind {ip}:{port} ssl strict-sni crt {base}/certs alpn h2,http/1.1
    bind quic4@{ip}:{port} ssl strict-sni crt {base}/certs alpn h3
    http-request return status 200 content-type text/plain lf-string "%[ssl_fc_sni]"
"""


@pytest.fixture(scope="module")
def authority() -> pki.Authority:
    """Give a certificate authority."""
    return pki.Authority()


@pytest.fixture(scope="module")
def cafile(authority: pki.Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give its root as a file."""
    return authority.write_root(tmp_path_factory.mktemp("ca") / "ca.pem")


@pytest.fixture(scope="module")
def pems(authority: pki.Authority) -> dict[str, pki.Pem]:
    """Give certificates that differ in kind and in validity."""
    return {
        "www.example.test": authority.issue("www.example.test"),
        "x.wild.test": authority.issue("*.wild.test", "wild.test", key="rsa"),
        "old.example.test": authority.issue("old.example.test", days=90, not_before_days=-100),
    }


@pytest.fixture(scope="module")
def address(
    pems: dict[str, pki.Pem], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Address]:
    """Give a HAProxy that serves them over TCP and QUIC."""
    binary = builds.require("3.2")
    base = tmp_path_factory.mktemp("haproxy")
    for folder in ("certs", "conf/pools", "run"):
        (base / folder).mkdir(parents=True)
    for name, pem in pems.items():
        pem.write(base / "certs" / f"{name}.pem")
    ip, port = loopback(), free_ports(1)[0]
    config = CONFIG.format(base=base, ip=ip, port=port)
    (base / "conf/haproxy.cfg").write_text(config)
    process = HaproxyProcess(binary, base)
    try:
        process.start()
        yield ip, port
    finally:
        process.stop()


@pytest.mark.parametrize("name", ["www.example.test", "x.wild.test"])
def test_each_client_sees_what_is_served(
    name: str, address: Address, cafile: Path, pems: dict[str, pki.Pem]
) -> None:
    shaken = tls.handshake(address, name, alpn=("h2", "http/1.1"), cafile=cafile)
    assert shaken == tls.Handshake(pems[name].fingerprint, "h2")
    answer = tls.get(address, name, cafile=cafile)
    assert (answer.status, answer.body, answer.fingerprint) == (200, name, pems[name].fingerprint)
    over_quic = h3.get_h3(address, name, cafile)
    assert (over_quic.status, over_quic.body) == (200, name)
    assert over_quic.fingerprint == pems[name].fingerprint


def test_failures_are_told(address: Address, cafile: Path, pems: dict[str, pki.Pem]) -> None:
    old = "old.example.test"
    assert tls.handshake(address, old).fingerprint == pems[old].fingerprint
    assert "expired" in tls.handshake(address, old, cafile=cafile).error
    assert "UNRECOGNIZED_NAME" in tls.handshake(address, "unknown.test").error
    assert tls.handshake(address, None).error
    for name, words in ((old, "no longer valid"), ("unknown.test", "0x170")):
        with pytest.raises(ConnectionError, match=words):
            h3.get_h3(address, name, cafile)


def test_a_foreign_key_is_seen(authority: pki.Authority) -> None:
    one, two = authority.issue("one.test"), authority.issue("two.test")
    mixed = one.with_key_of(two)
    assert (mixed.fingerprint, mixed.key) == (one.fingerprint, two.key)
    assert pki.dns_names(mixed.certificate) == {"one.test"}
