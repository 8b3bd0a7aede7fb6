# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What real HAProxy versions count, as typed fields."""

from __future__ import annotations

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._runtime import statistics
from ansible_collections.inouter.haproxy.tests.unit.support.script import VERSIONS, kept_reply


@pytest.mark.parametrize("version", VERSIONS)
def test_show_info(version: str) -> None:
    info = statistics.info_fields(kept_reply(version, "show_info"))
    assert str(info["Version"]).startswith(f"{version}.")
    assert (info["Name"], info["Uptime_sec"], info["Maxconn"]) == ("HAProxy", 1, 100)
    assert info["Uptime"] == "0d 0h00m01s"
    assert isinstance(info["Pid"], int)
    assert "" not in info


@pytest.mark.parametrize("version", VERSIONS)
def test_show_stat(version: str) -> None:
    rows = {
        str(row["svname"]): row for row in statistics.stat_rows(kept_reply(version, "show_stat"))
    }
    assert (rows["FRONTEND"]["pxname"], rows["FRONTEND"]["type"]) == ("http", 0)
    assert (rows["pool_1_1"]["status"], rows["pool_1_1"]["weight"]) == ("UP", 7)
    assert (rows["pool_1_2"]["status"], rows["pool_1_3"]["status"]) == ("DOWN", "MAINT")
    assert (rows["pool_1_1"]["scur"], rows["pool_1_1"]["slim"]) == (0, None)
    assert rows["pool_1_2"]["addr"] == "[::1]:8080"
    assert not {"", "-", None, "# pxname"} & set(rows["pool_1_1"])


def test_show_stat_of_an_unknown_proxy_has_no_rows() -> None:
    assert statistics.stat_rows("No such proxy.\n") == statistics.stat_rows("") == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("0", 0),
        ("-1", -1),
        ("12", 12),
        ("1.5", "1.5"),
        ("L4OK", "L4OK"),
        ("1 ", "1 "),
        ("-", "-"),
        ("1-1", "1-1"),
        ("--5", "--5"),
    ],
)
def test_typed(text: str, value: object) -> None:
    assert statistics.typed(text) == value
