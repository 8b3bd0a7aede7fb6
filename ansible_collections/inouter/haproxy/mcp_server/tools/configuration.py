# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tools for HAProxy's configuration and its servers' state."""

from __future__ import annotations

from .answers import ConfigCheck
from .arguments import HostPath
from .catalog import ADDS, RELOADS, REPLACES, Toolset
from .orders import Order, Question

TOOLS = Toolset("configuration")
CHECK_SECONDS = 90.0


@TOOLS.write("Reload HAProxy", RELOADS)
def haproxy_reload() -> Order:
    """Check haproxy.cfg and load it in a new worker, then make everything agree with the database.
    A configuration that is not valid is never loaded. Domains, servers and certificates never need
    this: it is for changes of haproxy.cfg itself."""
    return Order("haproxy_config", {"state": "reloaded"})


@TOOLS.read("Check the configuration", ConfigCheck)
def haproxy_check_config() -> Question:
    """Let HAProxy check the configuration that its next start would load. valid is false with
    HAProxy's own words in output where it would refuse."""
    return Question("config_check", seconds=CHECK_SECONDS)


@TOOLS.write("Save the servers' state", ADDS)
def haproxy_save_state(state_file: HostPath | None = None) -> Order:
    """Write what HAProxy says of its servers ('show servers state') into a file on the host. They
    last over restarts without it: use it to be able to go back with haproxy_restore_state."""
    return Order("haproxy_server_state", {"state": "saved", "state_file": state_file})


@TOOLS.write("Restore the servers' state", REPLACES)
def haproxy_restore_state(state_file: HostPath | None = None) -> Order:
    """Give the servers of all domains the addresses, weights and states that a file of
    haproxy_save_state has. Look at a dry_run first."""
    return Order("haproxy_server_state", {"state": "restored", "state_file": state_file})
