# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The library that looks into certificates, where it is there and where it is not."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._model import x509
from ansible_collections.inouter.haproxy.plugins.module_utils._module.arguments import write_spec
from ansible_collections.inouter.haproxy.plugins.module_utils._module.library import (
    require_cryptography,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._module.runner import run_module
from ansible_collections.inouter.haproxy.tests.unit.support.modules import Result, run_main


def required() -> Result:
    """What a module that needs the library ends with."""

    def call(module: AnsibleModule, _instance: Instance) -> dict[str, Any]:
        require_cryptography(module)
        return {"went_on": True}

    return run_main(lambda: run_module(write_spec(), call), {}, module_name="x.y.z")


def test_it_is_there() -> None:
    pytest.importorskip("cryptography")
    assert required()["went_on"]


def test_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(x509, "IMPORT_ERROR", "No module named 'cryptography'")
    result = required()
    assert result["failed"] and "cryptography" in result["msg"] and "went_on" not in result
