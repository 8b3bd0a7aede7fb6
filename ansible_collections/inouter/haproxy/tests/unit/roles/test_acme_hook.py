# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What acme.sh runs after a renewal of its own."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import jinja2
import pytest

TEMPLATES = Path(__file__).parents[3] / "roles/acme/templates"


@pytest.mark.parametrize(
    ("runtime_api", "option"), [("", ""), ("127.0.0.1:9999", "--runtime-api 127.0.0.1:9999 ")]
)
def test_it_talks_to_the_runtime_api_that_is_configured(runtime_api: str, option: str) -> None:
    environment = jinja2.Environment(trim_blocks=True, undefined=jinja2.StrictUndefined)
    environment.filters.update({"comment": str, "quote": shlex.quote})
    hook = environment.from_string((TEMPLATES / "deploy.sh.j2").read_text()).render(
        ansible_managed="# Rendered by a test",
        acme_base_dir="/opt/ha proxy",
        acme_python_path="echo",
        acme_runtime_api=runtime_api,
    )
    call = f"{hook}\ninouter_haproxy_deploy a.test key own issuers full"
    done = subprocess.run(["sh", "-c", call], check=True, capture_output=True, text=True)
    program = "/opt/ha proxy/lib/inouter-haproxy.pyz"
    assert done.stdout == f"{program} {option}deploy --name a.test --key key --fullchain full\n"
