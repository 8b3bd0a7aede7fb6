# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The map with which HAProxy answers http-01 challenges."""

from __future__ import annotations

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile import acme_map
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.compare import (
    ACME,
    FILES,
    RUNTIME,
    Difference,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.observe import Places
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.picture import (
    Observed,
    Runtime,
    RuntimeCertificates,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime.commands import Command

PLACES = Places("/conf", "/seen", "/certs")


class Api:
    """Answers one reply, and keeps what it was told."""

    def __init__(self, reply: str = "") -> None:
        self.reply = reply
        self.told: list[str] = []

    def ask(self, commands: list[Command]) -> list[str]:
        """Answer."""
        return [self.reply for _command in commands]

    def do(self, commands: list[Command]) -> None:
        """Keep."""
        self.told += [command.text for command in commands]


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        ('type=str, case=sensitive, found=yes, idx=tree, key="thumbprint", value="ab"', "ab"),
        ("type=str, case=sensitive, found=no", ""),
        ("Unknown map identifier. Please use #<id> or <file>.", None),
    ],
)
def test_held(reply: str, found: str | None) -> None:
    assert acme_map.held(Api(reply), PLACES) == found  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("held", "file", "wanted", "sides"),
    [
        ("ab", "ab", "ab", []),
        ("", "", "ab", [FILES, RUNTIME]),
        ("cd", "ab", "ab", [RUNTIME]),
        ("ab", "ab", "", [FILES, RUNTIME]),
        (None, "", "ab", [FILES]),
    ],
)
def test_compare(held: str | None, file: str, wanted: str, sides: list[str]) -> None:
    runtime = Runtime((3, 2), {}, {}, {}, RuntimeCertificates({}, {}, held))
    observed = Observed(runtime, {PLACES.acme_map: acme_map.content(file)})
    assert [d.side for d in acme_map.compare(wanted, observed, PLACES)] == sides


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (None, "ab", "add map /seen/acme.map thumbprint ab"),
        ("ab", "cd", "set map /seen/acme.map thumbprint cd"),
        ("ab", None, "del map /seen/acme.map thumbprint"),
    ],
)
def test_change(before: str | None, after: str | None, told: str) -> None:
    api = Api()
    acme_map.change(api, PLACES, Difference(RUNTIME, ACME, "", before, after))  # type: ignore[arg-type]
    assert api.told == [told]
