# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a write needs to know of a request, and who fulfils it."""

from __future__ import annotations

from typing import get_type_hints

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.convergence import (
    Convergence,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.request import Request
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.certs.certificate import (
    PutCertificates,
    RemoveCertificate,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.servers.server import (
    ServerRequest,
)


@pytest.mark.parametrize(
    "kind",
    [Convergence, DomainRequest, ServerRequest, PutCertificates, RemoveCertificate],
    ids=lambda kind: kind.__name__,
)
def test_each_request_has_what_a_write_calls(kind: type) -> None:
    for name in ("edit", "describe"):
        wanted = get_type_hints(getattr(Request, name))
        assert get_type_hints(getattr(kind, name)) == wanted
