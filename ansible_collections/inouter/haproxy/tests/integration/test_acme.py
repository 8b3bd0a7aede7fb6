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
    assert site.served("example.test") == site.served("any.example.test") == first
    assert not site.managed.module(CERT, **order)["changed"]
    assert not site.managed.module(CERT, state="renewed")["changed"]
    forced = site.managed.module(CERT, state="renewed", name="example.test", force=True)
    assert forced["changed"] and forced["verified"]
    assert site.served("example.test") == forced["certificates"][0]["fingerprint"] != first
    assert site.managed.module(CERT, state="absent", name="example.test")["changed"]
    assert site.served("example.test") is None
    assert not site.managed.module(CERT, state="absent", name="example.test")["changed"]


@pytest.mark.timeout(180)
def test_http_01_is_answered_by_haproxy(site: AcmeSite) -> None:
    """HAProxy answers the challenge from a map, with no reload."""
    site.dns.update(f"add www.example.test 5 A {site.managed.http[0]}")
    worker = site.managed.process.worker()
    order = {"state": "issued", "domains": ["www.example.test"], "challenge": "http-01"}
    issued = site.managed.module(CERT, **order)
    assert issued["verified"]
    assert site.served("www.example.test") == issued["certificates"][0]["fingerprint"]
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
