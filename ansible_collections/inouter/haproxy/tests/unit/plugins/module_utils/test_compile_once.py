# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loading out of a zip file compiles each file once, and every module asks for that."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils import _compile_once
from ansible_collections.inouter.haproxy.tests.unit.support.modules import COLLECTION, NAMES

COUNT = """
import sys
counts = []
sys.addaudithook(lambda event, found: counts.append(str(found[1])) if event == "compile" else None)
sys.path.insert(0, sys.argv[1])
{first}
import part
print(sum(name.endswith("part.py") for name in counts), part.answer)
"""


def compiled(archive: Path, first: str) -> str:
    command = [sys.executable, "-c", COUNT.format(first=first), str(archive)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout


def test_each_file_is_compiled_once(tmp_path: Path) -> None:
    archive = tmp_path / "archive.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("part.py", "answer = 42\n")
        made.write(_compile_once.__file__, "compile_once.py")
        made.writestr("ansible/module_utils/basic.py", "AnsibleModule = None\n")
        for folder in ("ansible", "ansible/module_utils"):
            made.writestr(f"{folder}/__init__.py", "")
    assert compiled(archive, "import compile_once") == "1 42\n"
    assert compiled(archive, "") in ("1 42\n", "2 42\n")


@pytest.mark.parametrize("name", NAMES)
def test_every_module_asks_for_it_first(name: str) -> None:
    text = (COLLECTION / f"plugins/modules/{name}.py").read_text(encoding="utf-8")
    first = text.index("from ansible_collections.inouter.haproxy.plugins.module_utils")
    assert text[first:].partition("\n")[0].endswith("._compile_once import AnsibleModule")
