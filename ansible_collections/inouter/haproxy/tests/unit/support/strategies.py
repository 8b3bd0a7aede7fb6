# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What hypothesis draws: a small world, so that things meet, and hostile text."""

from __future__ import annotations

from hypothesis import strategies as st

from ansible_collections.inouter.haproxy.plugins.module_utils._model.servers import (
    STATES,
    Pool,
    Server,
)

IPS = ("10.0.0.1", "10.0.0.2", "2001:db8::1", "2001:db8::2")
PORTS = (80, 8080)
DOMAINS = ("a.test", "b.test", "www.a.test", "*.a.test", "*.b.test")
POOL_COUNT, SLOT_COUNT = 3, 3

any_text = st.text(st.characters(exclude_categories=()))
"""Text of any characters, lone surrogates too."""

name_like = st.text("aAbZ01-.*_ /;\n<\\#üß日१٣。․＊\u200d\u0130", max_size=80)
"""Text that looks more like a name than any text does."""

hostile = any_text | name_like | st.from_regex(r"[a-z]{1,5}(;|\n|<<| |\\|#)[a-z]{1,5}")

domains = st.sampled_from(DOMAINS)
pools = st.integers(1, POOL_COUNT)
slots = st.integers(1, SLOT_COUNT)


def servers() -> st.SearchStrategy[Server]:
    """One server of the small world, in any state."""
    weights = st.sampled_from((0, 1, 5, 256))
    states = st.sampled_from(STATES)
    return st.builds(Server, st.sampled_from(IPS), st.sampled_from(PORTS), weights, states)


def pool_servers(most: int = SLOT_COUNT) -> st.SearchStrategy[Pool]:
    """The servers of one pool: no address stands there twice."""
    return st.dictionaries(st.integers(1, most), servers(), max_size=most).filter(_distinct)


def _distinct(pool: Pool) -> bool:
    return len({(server.ip, server.http_port) for server in pool.values()}) == len(pool)


def pool_names() -> st.SearchStrategy[str]:
    """The name of a pool of the small world."""
    return pools.map("pool_{}".format)
