# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where copies of a private key are, as the page about certificates says it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._files import archive
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.convergence import (
    Convergence,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import write
from ansible_collections.inouter.haproxy.plugins.module_utils._model.errors import HaproxyError
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.migration.sources import (
    Sources,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.setup import set_up
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state.backup import (
    back_up,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.state.rollback import (
    RollBack,
)
from ansible_collections.inouter.haproxy.tests.unit.support.secured import Bring, fake

PAGE = Path(__file__).parents[5] / "docs/certificates.md"
COPIES = {"data/certificates", "data/backups", "data/replaced", "data/migrated/certs"}
KEY = fake("a.test")[1].splitlines()[-2]


@pytest.fixture(autouse=True)
def served(instance: Instance) -> int:
    """Serve a key, and replace it after all that copies it; give the generation with it."""
    set_up(instance, {"https": "127.0.0.1:443"}, check_mode=False)
    generation = write(instance, "test", Bring(a=1)).generation
    back_up(instance, "test", None, 1, check_mode=False)
    Sources([instance.paths.conf]).keep(f"{instance.paths.data}/migrated", instance.paths.certs)
    Path(instance.paths.certs, "by_hand.pem").write_bytes(fake("a.test")[1])
    write(instance, "test", Convergence())
    write(instance, "test", Bring(a=2))
    return generation


def folders(instance: Instance) -> set[str]:
    """Where the key is, below the instance's folder."""
    found = (path.parent.relative_to(instance.paths.base) for path in holding(instance))
    # What was replaced has a folder for each time.
    return {str(path.parent if path.parent.name == "replaced" else path) for path in found}


def holding(instance: Instance) -> Iterator[Path]:
    """The files with the key in them."""
    for path in (path for path in Path(instance.paths.base).rglob("*") if path.is_file()):
        packed = path.name.endswith(".tar.gz")
        held = archive.contents(str(path))[1].values() if packed else [path.read_bytes()]
        if any(KEY in content for content in held):
            yield path


def test_the_page_names_each_place(instance: Instance) -> None:
    if not PAGE.exists():
        pytest.skip("The pages are in the repository, not in the collection.")
    assert folders(instance) == COPIES
    table = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    assert not [place for place in COPIES if not any(f"| `{place}/`" in line for line in table)]


def test_without_the_copies_there_is_no_way_back_to_the_key(
    instance: Instance, served: int
) -> None:
    """And one to what was served since."""
    for path in list(holding(instance)):
        path.unlink()
    shutil.rmtree(f"{instance.paths.data}/migrated")
    write(instance, "test", Bring(b=1))
    assert write(instance, "test", RollBack(instance, served + 2)).changed
    with pytest.raises(HaproxyError, match=r"a\.test\.ecdsa\.pem, whose key is not on this host"):
        write(instance, "test", RollBack(instance, served))
    assert back_up(instance, "test", None, 1, check_mode=False).changed
    assert not list(holding(instance))
