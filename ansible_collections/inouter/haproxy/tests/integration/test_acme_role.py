# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role `acme` with the real acme.sh and a real ACME authority that wants account binding."""

from __future__ import annotations

import base64
import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .lab import programs
from .lab.acme import Pebble
from .lab.dns import DnsServer
from .lab.playbooks import Playbooks

EAB_KEY = base64.urlsafe_b64encode(os.urandom(48)).decode()
TOKEN = "a-token-of-cloudflare"
Variables = dict[str, Any]
pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def pebble(tmp_path: Path) -> Iterator[Pebble]:
    """Give an authority that opens accounts for one key only; it asks DNS for nothing here."""
    dns = DnsServer(tmp_path / "dns")
    authority = Pebble(tmp_path / "pebble", dns, eab={"kid-1": EAB_KEY})
    try:
        authority.start()
        yield authority
    finally:
        authority.stop()


@pytest.fixture
def variables(pebble: Pebble, tmp_path: Path) -> Variables:
    """Give the role's variables for a host on which nothing is there yet."""
    script = programs.require("acme.sh").parents[1] / "share/acme.sh"
    return {
        "acme_install": "existing",
        "acme_timer": False,
        "acme_script": str(script),
        "acme_base_dir": str(tmp_path / "lb"),
        "acme_home": str(tmp_path / "home/.acme.sh"),
        "acme_server": pebble.directory_url,
        "acme_ca_bundle": str(pebble.ca_file),
        "acme_account_email": "one@example.test",
        "acme_eab_kid": "kid-1",
        "acme_eab_hmac_key": EAB_KEY,
        "acme_credentials_file": str(tmp_path / "secrets/cloudflare.ini"),
        "acme_credentials": {"dns_cloudflare_api_token": TOKEN},
    }


@pytest.fixture
def host(tmp_path: Path) -> Playbooks:
    """Give this machine as a host."""
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    return Playbooks(tmp_path, local)


def play(variables: Variables) -> dict[str, Any]:
    role = {"role": "inouter.haproxy.acme", "vars": variables}
    return {"gather_facts": False, "roles": [role]}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_role_sets_up_once_and_tells_no_secret(
    host: Playbooks, variables: Variables, pebble: Pebble, tmp_path: Path
) -> None:
    host.run(play(variables), "--check", "--diff")
    assert not (tmp_path / "lb").exists()
    first = host.run(play(variables), "--diff", "-vvv")
    assert first["changed"] > 0
    assert EAB_KEY not in first["output"] and TOKEN not in first["output"]
    settings = tmp_path / "lb/conf/acme.json"
    credentials = tmp_path / "secrets/cloudflare.ini"
    assert json.loads(settings.read_text()) == {
        "program": str(tmp_path / "lb/conf/acme.sh"),
        "home": str(tmp_path / "home/.acme.sh"),
        "server": pebble.directory_url,
        "ca_bundle": str(pebble.ca_file),
        "account_email": "one@example.test",
        "dns": "dns_cf",
        "dns_sleep": None,
        "credentials_file": str(credentials),
    }
    account = tmp_path / "home/.acme.sh/ca" / pebble.address[0] / "dir/ca.conf"
    assert {mode(path) for path in (settings, credentials, account)} == {0o600}
    assert credentials.read_text() == f"dns_cloudflare_api_token = {TOKEN}\n"
    assert "ACCOUNT_URL=" in account.read_text()
    assert (tmp_path / "lb/lib/inouter-haproxy.pyz").is_file()
    assert (tmp_path / "home/.acme.sh/deploy/inouter_haproxy.sh").is_file()
    assert host.run(play(variables))["changed"] == 0


def test_role_changes_the_address_and_takes_over_what_is_there(
    host: Playbooks, variables: Variables, pebble: Pebble, tmp_path: Path
) -> None:
    home = tmp_path / "home/.acme.sh"
    (home / "old.example.test_ecc").mkdir(parents=True)
    conf = home / "old.example.test_ecc/old.example.test.conf"
    conf.write_text("Le_Domain='old.example.test'\nLe_Keylength='ec-256'\n")
    (home / "account.conf").write_text("SAVED_CF_Token='kept'\n")
    # With credentials of acme.sh's own, none need to be given.
    variables |= {"acme_credentials": {}}
    host.run(play(variables))
    # For an account that is there, no key for account binding is needed.
    variables |= {"acme_eab_kid": "", "acme_eab_hmac_key": ""}
    variables |= {"acme_account_email": "two@example.test"}
    assert host.run(play(variables))["changed"] > 0
    account = home / "ca" / pebble.address[0] / "dir/ca.conf"
    assert "CA_EMAIL='two@example.test'\n" in account.read_text()
    assert host.run(play(variables), "--check")["changed"] == 0
    command: list[str | Path] = [
        tmp_path / "lb/conf/acme.sh",
        "--home",
        home,
        "--list",
        "--listraw",
    ]
    listed = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    assert "old.example.test|" in listed.stdout


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"acme_server": "google"}, "acme_eab_kid"),
        ({"acme_server": "nobody"}, "acme_server"),
        ({"acme_dns": "dns_nobody"}, "knows no DNS provider"),
        ({"acme_home": "relative"}, "absolute"),
        ({"acme_credentials": {}}, "does not exist"),
        ({"acme_eab_kid": "kid"}, "together"),
    ],
)
def test_role_refuses(
    wrong: Variables, message: str, host: Playbooks, variables: Variables
) -> None:
    variables |= {"acme_eab_kid": "", "acme_eab_hmac_key": ""} | wrong
    with pytest.raises(AssertionError, match=message):
        host.run(play(variables))
