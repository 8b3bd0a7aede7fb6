# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What haproxy.cfg says of servers."""

from __future__ import annotations

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._files.config_file import (
    server_options,
)

CONFIG = """\
# default-server in a comment
global
    maxconn 5
defaults base
    mode http
    default-server inter 1s   # often
defaults pools from base
    balance roundrobin
    default-server check inter 2s
    default-server fall 3
defaults bare
defaults loop from loop
    default-server rise 1
frontend http from base
    default-server weight 7
"""


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("pools", "inter 1s check inter 2s fall 3"),
        ("base", "inter 1s"),
        ("bare", ""),
        ("loop", "rise 1"),
        ("none", ""),
    ],
)
def test_server_options(name: str, options: str) -> None:
    assert server_options(CONFIG, name) == options.split()


def test_no_file() -> None:
    assert server_options("", "pools") == []
