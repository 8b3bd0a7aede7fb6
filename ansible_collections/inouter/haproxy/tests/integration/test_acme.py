# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates ordered from a real ACME authority with the real acme.sh, and served at once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from .lab.acme_site import AcmeSite

CERT = "haproxy_cert"
pytestmark = pytest.mark.haproxy("2.8", "3.4")


@pytest.fixture
def site(
    haproxy_binary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[AcmeSite]:
    """Give a site whose acme.sh finds nsupdate, and sleeps less than it would."""
    made = AcmeSite(haproxy_binary, tmp_path)
    path = made.acme.environment()["PATH"]
    monkeypatch.setenv("PATH", f"{path}:{os.environ['PATH']}")
    yield made
    made.stop()


@pytest.mark.timeout(180)
def test_dns_01_renewal_and_removal(site: AcmeSite) -> None:
    """A name with its wildcard: issued, not due, forced, renewed with all, removed."""
    order = {"state": "issued", "domains": ["example.test", "*.example.test"]}
    assert site.managed.check(CERT, **order)["changed"]
    issued = site.managed.module(CERT, **order)
    assert issued["changed"] and issued["verified"]
    first = issued["certificates"][0]["fingerprint"]
    assert site.managed.served("example.test") == site.managed.served("any.example.test") == first
    assert not site.managed.module(CERT, **order)["changed"]
    assert not site.managed.module(CERT, state="renewed")["changed"]
    forced = site.managed.module(CERT, state="renewed", name="example.test", force=True)
    assert forced["changed"] and forced["verified"]
    assert site.managed.served("example.test") == forced["certificates"][0]["fingerprint"] != first
    assert site.managed.module(CERT, state="absent", name="example.test")["changed"]
    assert site.managed.served("example.test") is None
    assert not site.managed.module(CERT, state="absent", name="example.test")["changed"]


@pytest.mark.timeout(180)
def test_http_01_is_answered_by_haproxy(site: AcmeSite) -> None:
    """HAProxy answers the challenge from a map, with no reload."""
    site.dns.update(f"add www.example.test 5 A {site.managed.http[0]}")
    worker = site.managed.process.worker()
    order = {"state": "issued", "domains": ["www.example.test"], "challenge": "http-01"}
    issued = site.managed.module(CERT, **order)
    assert issued["verified"]
    assert site.managed.served("www.example.test") == issued["certificates"][0]["fingerprint"]
    assert site.managed.process.worker() == worker
    site.managed.process.kill()
    site.managed.start()
    assert not site.managed.check("haproxy_state")["changed"]
    message = site.managed.fails(CERT, **{**order, "domains": ["*.example.test"]})
    assert "'*.example.test' cannot be proved over HTTP" in message


@pytest.mark.timeout(180)
def test_refusal_is_loud(site: AcmeSite) -> None:
    """The CA's own words, in the error and in the history; what was served is served on."""
    order = {"state": "issued", "domains": ["nowhere.refused.invalid"], "challenge": "http-01"}
    message = site.managed.fails(CERT, **order)
    assert "acme.sh --issue failed" in message and "nowhere.refused.invalid" in message
    action, outcome, told = site.history()[-1]
    assert (action, outcome) == ("haproxy_cert issue nowhere.refused.invalid", "refused")
    assert told == message
    assert site.managed.module("haproxy_cert_info")["certificates"] == []


@pytest.mark.timeout(180)
def test_renewal_with_no_controller(site: AcmeSite) -> None:
    """By hand or from a cron, acme.sh's hook serves what it got; a timer renews what is due."""
    order = {"state": "issued", "domains": ["example.test"]}
    prints = [site.managed.module(CERT, **order)["certificates"][0]["fingerprint"]]
    worker = site.managed.process.worker()
    by_hand = site.acme.ask("--renew", "-d", "example.test", "--ecc", "--force")
    assert by_hand.code == 0, by_hand.err
    prints.append(site.managed.served("example.test"))
    idle = site.program("renew")
    assert (idle.returncode, idle.stdout) == (0, "Nothing to do.\n"), idle.stderr
    site.make_due("example.test")
    done = site.program("renew")
    assert done.returncode == 0 and "verified" in done.stdout, done.stderr
    prints.append(site.managed.served("example.test"))
    assert len(set(prints)) == 3 and None not in prints
    assert site.managed.process.worker() == worker
    assert not site.managed.check("haproxy_state")["changed"]


@pytest.mark.timeout(180)
def test_renewal_with_no_controller_that_fails(site: AcmeSite) -> None:
    """The timer's unit fails with the CA's words; the hook fails with HAProxy's."""
    order = {"state": "issued", "domains": ["example.test"]}
    served = site.managed.module(CERT, **order)["certificates"][0]["fingerprint"]
    site.make_due("example.test")
    site.dns.update("del _acme-challenge.example.test")
    site.dns.stop()
    failed = site.program("renew")
    assert failed.returncode == 1 and "acme.sh --renew failed" in failed.stderr
    action, outcome, told = site.history()[-1]
    assert (action, outcome) == ("haproxy_cert renew example.test", "refused")
    assert told == failed.stderr.strip()
    files = site.acme.home / "example.test_ecc"
    (files / "example.test.key").write_text("no key")
    hook = site.acme.run(
        "--deploy", "-d", "example.test", "--ecc", "--deploy-hook", "inouter_haproxy"
    )
    assert hook.code != 0 and "it has no private key" in hook.err
    assert site.managed.served("example.test") == served


@pytest.mark.timeout(180)
def test_what_acme_sh_holds_is_taken_over(site: AcmeSite) -> None:
    """Certificates from before are served and get the hook; a bad one harms no other."""
    issued = site.acme.ask(
        "--issue", "--dns", "dns_nsupdate", "--dnssleep", "0", "-d", "old.example.test"
    )
    assert issued.code == 0, issued.err
    old = site.acme.home / "bad.example.test_ecc"
    old.mkdir()
    (old / "bad.example.test.conf").write_text(
        "Le_NextRenewTime='9999999999'\nLe_DeployHook='other'\n"
    )
    (old / "fullchain.cer").write_text("damaged")
    (old / "bad.example.test.key").write_text("damaged")
    message = site.managed.fails(CERT, state="renewed")
    assert "bad.example.test" in message and "no CERTIFICATE block" in message
    assert site.managed.served("old.example.test")
    conf = site.acme.home / "old.example.test_ecc/old.example.test.conf"
    assert "Le_DeployHook='inouter_haproxy,'" in conf.read_text()
