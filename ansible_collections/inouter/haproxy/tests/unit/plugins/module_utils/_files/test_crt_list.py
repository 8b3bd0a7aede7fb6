# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The crt-list: one line a certificate, and what people make of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.inouter.haproxy.plugins.module_utils._files.crt_list import (
    HEADER,
    paths,
    render,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._model.certificate import file_name
from ansible_collections.inouter.haproxy.tests.unit.support import strategies

certificates = st.tuples(strategies.domains, st.sampled_from(("ecdsa", "rsa")))
path_sets = st.sets(certificates.map(lambda key: f"/opt/certs/{file_name(key)}"))


def test_a_list_with_no_certificate_has_its_header() -> None:
    assert render([]) == HEADER.encode()
    assert HEADER.startswith("#") and HEADER.endswith("\n")


def test_one_line_for_each_certificate_in_order() -> None:
    expected = f"{HEADER}/c/a.pem\n/c/b.pem\n".encode()
    assert render(["/c/b.pem", "/c/a.pem"]) == expected
    assert render(iter({"/c/a.pem", "/c/b.pem"})) == expected


@given(path_sets)
def test_what_is_rendered_is_read_again(found: set[str]) -> None:
    assert paths(render(found)) == sorted(found)
    assert render(paths(render(found))) == render(found)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, []),
        (b"", []),
        (b"\n\n", []),
        (b"# /c/a.pem\n", []),
        (b"/c/a.pem", ["/c/a.pem"]),
        (b"/c/a.pem\r\n/c/b.pem\r\n", ["/c/a.pem", "/c/b.pem"]),
        (b"  /c/a.pem  \n", ["/c/a.pem"]),
        (b"/c/a.pem [alpn h2] a.test !b.test\n", ["/c/a.pem"]),
        (b"/c/a.pem\n/c/a.pem\n", ["/c/a.pem", "/c/a.pem"]),
        (b"/c/\xff.pem\n", ["/c/\ufffd.pem"]),
    ],
)
def test_lists_that_somebody_else_wrote(content: bytes | None, expected: list[str]) -> None:
    assert paths(content) == expected
