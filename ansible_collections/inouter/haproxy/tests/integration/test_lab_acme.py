# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The laboratory of certificates: the real acme.sh with a real ACME authority and DNS server.

acme.sh is called through the program that the role `acme` installs.
"""

from __future__ import annotations

import base64
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from .lab import pki, tools
from .lab.acme import AcmeSh, Pebble, Webroot
from .lab.cloudflare import Cloudflare
from .lab.dns import DnsServer

DNS_01 = ("--issue", "--dns", "dns_nsupdate", "--dnssleep", "0")
EAB = ("kid-1", base64.urlsafe_b64encode(os.urandom(48)).decode())


@pytest.fixture(scope="module")
def dns(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DnsServer]:
    """Give a DNS server."""
    server = DnsServer(tmp_path_factory.mktemp("dns"))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def pebble(dns: DnsServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pebble]:
    """Give an authority."""
    authority = Pebble(tmp_path_factory.mktemp("pebble"), dns)
    try:
        authority.start()
        yield authority
    finally:
        authority.stop()


@pytest.fixture
def acme(pebble: Pebble, dns: DnsServer, tmp_path: Path) -> AcmeSh:
    """Give an acme.sh with an empty home."""
    return AcmeSh(tmp_path / "home", pebble, dns)


@pytest.fixture
def cloudflare(dns: DnsServer, tmp_path: Path) -> Iterator[Cloudflare]:
    """Give a Cloudflare with an unusual token."""
    server = Cloudflare(tmp_path / "cloudflare", dns, r"to&ken|with\odd-signs_42")
    server.start()
    yield server
    server.stop()


def certificate(acme: AcmeSh, name: str) -> pki.x509.Certificate:
    """What acme.sh got."""
    return pki.leaf(acme.home / f"{name}_ecc/fullchain.cer")


def trace(path: Path) -> list[str | Path]:
    """Write down the arguments of all programs."""
    strace = tools.need("strace", "apt-get install strace")
    return [strace, "-f", "--seccomp-bpf", "-qq", "-e", "trace=execve", "-s", "100000", "-o", path]


def test_wildcard_by_dns_01_and_its_renewal(acme: AcmeSh) -> None:
    names = ("-d", "dns.example.test", "-d", "*.dns.example.test")
    done = acme.ask(*DNS_01, *names)
    assert (done.code, done.err) == (0, "")
    first = certificate(acme, "dns.example.test")
    assert pki.dns_names(first) == {"dns.example.test", "*.dns.example.test"}
    assert acme.ask(*DNS_01, *names).code == 2
    assert acme.run("--renew", "-d", "dns.example.test").code == 2
    done = acme.run("--renew", "-d", "dns.example.test", "--force")
    assert (done.code, done.err) == (0, "")
    assert certificate(acme, "dns.example.test") != first


def test_http_01(acme: AcmeSh, pebble: Pebble, tmp_path: Path) -> None:
    webroot = Webroot(tmp_path / "www", pebble.http)
    webroot.start()
    try:
        done = acme.ask("--issue", "--webroot", str(webroot.folder), "-d", "www.example.test")
        assert (done.code, done.err) == (0, "")
        assert pki.dns_names(certificate(acme, "www.example.test")) == {"www.example.test"}
        elsewhere = str(tmp_path / "elsewhere")
        done = acme.ask("--issue", "--webroot", elsewhere, "-d", "bad.example.test")
        assert (done.code, "returned 404" in done.err) == (1, True)
    finally:
        webroot.stop()


def test_dns_refuses_a_wrong_key(acme: AcmeSh, dns: DnsServer, tmp_path: Path) -> None:
    key = tmp_path / "wrong.key"
    key.write_text(dns.key_file.read_text().replace('secret "', 'secret "AAAA'))
    done = acme.ask(*DNS_01, "-d", "key.example.test", NSUPDATE_KEY=str(key))
    assert (done.code, "BADSIG" in done.err) == (1, True)


def test_cloudflare_token_is_no_argument(
    acme: AcmeSh, cloudflare: Cloudflare, pebble: Pebble, tmp_path: Path
) -> None:
    acme.ca_file = cloudflare.bundle(tmp_path / "both.pem", pebble.ca_file)
    name = "*.cf.example.test"
    # Twice, as acme.sh replaces a value that it has stored before in another way.
    for _round in (1, 2):
        done = acme.ask(
            *("--issue", "--dns", "dns_cf", "--dnssleep", "0", "--force", "-d", name),
            before=trace(tmp_path / "trace"),
            CF_Token=cloudflare.token,
            HOME=str(cloudflare.home),
        )
        assert (done.code, done.err) == (0, "")
        programs = (tmp_path / "trace").read_text()
        assert "curl" in programs
        assert "odd-signs_42" not in programs + done.out
    assert pki.dns_names(certificate(acme, name)) == {name}
    assert cloudflare.records == {}
    stored = acme.home / "account.conf"
    assert f"SAVED_CF_Token='{cloudflare.token}'\n" in stored.read_text()
    assert stat.S_IMODE(stored.stat().st_mode) == 0o600


def test_cloudflare_refuses_a_wrong_token(
    acme: AcmeSh, cloudflare: Cloudflare, pebble: Pebble, tmp_path: Path
) -> None:
    acme.ca_file = cloudflare.bundle(tmp_path / "both.pem", pebble.ca_file)
    words = ("--issue", "--dns", "dns_cf", "--dnssleep", "0", "-d", "cf2.example.test")
    done = acme.ask(*words, CF_Token="wrong", HOME=str(cloudflare.home))
    assert (done.code, "invalid domain" in done.err) == (1, True)


def test_external_account_binding(dns: DnsServer, tmp_path: Path) -> None:
    pebble = Pebble(tmp_path / "pebble", dns, eab=dict([EAB]))
    acme = AcmeSh(tmp_path / "home", pebble, dns)
    try:
        pebble.start()
        done = acme.ask("--register-account")
        assert (done.code, "externalAccountRequired" in done.err) == (1, True)
        lines = f"CA_EAB_KEY_ID='{EAB[0]}'\nCA_EAB_HMAC_KEY='{EAB[1]}'\n"
        acme.account_conf().write_text(lines)
        done = acme.ask("--register-account", before=trace(tmp_path / "trace"))
        assert (done.code, done.err) == (0, "")
        programs = (tmp_path / "trace").read_text()
        assert EAB[1] not in programs + done.out
        assert base64.urlsafe_b64decode(EAB[1]).hex() not in programs
        assert "ACCOUNT_URL=" in acme.account_conf().read_text()
    finally:
        pebble.stop()
