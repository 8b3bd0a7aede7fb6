# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one library that hosts may lack: it looks into certificates."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from .._model import x509


def require_cryptography(module: AnsibleModule) -> None:
    """End the module where the library is not there."""
    if x509.IMPORT_ERROR is not None:
        module.fail_json(msg=missing_required_lib("cryptography"), exception=x509.IMPORT_ERROR)
