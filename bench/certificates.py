# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What many certificates in one call cost, beside the bare Runtime API commands."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.certs.certificate import (
    PutCertificates,
    Source,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.certs.write import (
    write_certificates,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._runtime import certificates
from ansible_collections.inouter.haproxy.tests.integration.lab.managed import Managed
from ansible_collections.inouter.haproxy.tests.integration.lab.pki import Authority
from ansible_collections.inouter.haproxy.tests.integration.lab.secured import Secured

from .figures import Figure

COUNT = 2000


def seconds(action: Callable[[], object]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def bare(managed: Managed, pems: list[str]) -> None:
    """The commands alone, as few connections as they allow."""
    api = Instance(str(managed.base_dir)).api
    crt_list = f"{managed.base_dir}/conf/certs.crtlist"
    for number, pem in enumerate(pems):
        path = f"{managed.base_dir}/certs/bare{number}.pem"
        content = "".join(line for line in pem.splitlines(keepends=True) if line.strip())
        api.do([certificates.new_cert(path), certificates.set_cert(path, content.encode())])
        added = certificates.add_to_crt_list(crt_list, path)
        api.do([certificates.commit_cert(path), added])


def put(managed: Managed, pems: list[str]) -> None:
    """All of them in one call."""
    sources = [Source(f"certificates[{n}]", content=pem) for n, pem in enumerate(pems)]
    instance = Instance(str(managed.base_dir))
    assert write_certificates(instance, PutCertificates(sources), False).verified


def many(binary: Path, folder: Path) -> Iterator[Figure]:
    """2,000 certificates from nothing, and again."""
    authority = Authority()
    pems = [authority.issue(f"c{n}.bench.test").combined for n in range(COUNT)]
    plain, managed = Secured(binary, folder / "bare"), Secured(binary, folder / "served")
    floor = seconds(lambda: bare(plain, pems))
    first, again = seconds(lambda: put(managed, pems)), seconds(lambda: put(managed, pems))
    plain.process.stop()
    managed.process.stop()
    yield Figure(f"{COUNT} certificates: bare Runtime API commands", floor, "s")
    yield Figure(f"{COUNT} certificates in one call", first, "s", "bare commands", first / floor)
    name = f"{COUNT} certificates in one call, nothing to do"
    yield Figure(name, again, "s", "the first call", again / first)
