# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loads into the fork server what each job would load anew."""

from __future__ import annotations

import importlib
import os
import sys
import warnings

MODULES = (
    "ansible.cli.playbook",
    "ansible.executor.process.worker",
    "ansible.executor.task_executor",
    "ansible.playbook.included_file",
    "ansible.playbook.role_include",
    "ansible._internal._errors._task_timeout",
    "ansible._internal._json._profiles._inventory_legacy",
    "ansible.cli.scripts",
    "ansible.module_utils.connection",
    "ansible.utils.hashing",
    "multiprocessing.popen_fork",
    "multiprocessing.synchronize",
    "pty",
)
# By the loader's name. Not the vars plugins: loading their classes alone hides group_vars.
PLUGINS = {
    "action_loader": ("haproxy_write",),
    "become_loader": ("sudo", "su"),
    "cache_loader": ("memory",),
    "inventory_loader": ("auto", "host_list", "ini", "script", "toml", "yaml"),
    "strategy_loader": ("linear",),
}


def warm() -> None:
    """Import Ansible with the plugins that a write uses, and read its metadata."""
    _forget_this_collection()
    warnings.filterwarnings("ignore", "AnsibleCollectionFinder has already been configured")
    for name in MODULES:
        importlib.import_module(name)
    from ansible.plugins import loader

    loader.init_plugin_loader()
    for name, plugins in PLUGINS.items():
        for plugin in plugins:
            getattr(loader, name).get(plugin, class_only=True)
    # Its callback's module asks for it once, and each job sets its own.
    os.environ["AWX_ISOLATED_DATA_DIR"] = os.devnull
    for kind in ("callback", "connection", "shell", "filter", "test"):
        list(getattr(loader, f"{kind}_loader").all(class_only=True))
    for module in ("haproxy_domain",):
        loader.module_loader.find_plugin_with_context(f"inouter.haproxy.{module}")


def _forget_this_collection() -> None:
    """Leave collections to Ansible's own importer, which finds them in other ways than Python's."""
    for name in list(sys.modules):
        if name.partition(".")[0] == "ansible_collections":
            del sys.modules[name]
