# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Map files: `domain pool` lines, sorted, found and replaced without parsing the whole.

A change of one domain must cost about the same in a file of 100,000 lines as in one of 100,
so lines are searched in the raw bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

Content = list[memoryview]
"""Parts of a file, in order."""

Cut = tuple[int, int, bytes]
"""Where something is taken out, from and to, and what comes there."""

HEADER = b"# Written by inouter.haproxy. Change it with haproxy_domain, not by hand.\n"


def render(routes: Iterable[tuple[str, str]]) -> bytes:
    """The file for these domains and their pools."""
    return HEADER + "".join(sorted(f"{domain} {pool}\n" for domain, pool in routes)).encode("ascii")


def is_whole(content: bytes | None) -> bool:
    """Whether the file begins and ends as it was written."""
    return content is not None and content.startswith(HEADER) and content.endswith(b"\n")


def pools_of(content: bytes, domain: str) -> tuple[str, ...]:
    """The pools that the file names for a domain: none, one, or several by mistake."""
    found = []
    for start in _starts(content, domain):
        line = content[start : content.index(b"\n", start)]
        found.append(line[len(domain) + 1 :].strip().decode("utf-8", "replace"))
    return tuple(found)


def entries(content: bytes) -> Iterable[tuple[str, str]]:
    """Domain and pool of each line; whatever is not such a pair is given as it is."""
    for line in content.decode("utf-8", "replace").splitlines():
        if line.strip() and not line.startswith("#"):
            domain, _space, pool = line.partition(" ")
            yield domain, pool.strip()


def pools_by_domain(content: bytes) -> dict[str, str]:
    """What the file says of every domain; several pools of one are joined."""
    found: dict[str, str] = {}
    for domain, pool in entries(content):
        found[domain] = f"{found[domain]} {pool}" if domain in found else pool
    return found


def changed(content: bytes, removed: Iterable[str], added: Mapping[str, str]) -> Content:
    """The content without the lines of the removed domains, and with lines for the added ones.

    The parts between the changed lines are views of the old content, not copies.
    """
    view, parts, done = memoryview(content), [], 0
    for start, end, line in sorted([*_cuts(content, removed), *_inserts(content, added)]):
        parts += [view[done:start], memoryview(line)]
        done = max(done, end)
    return [*parts, view[done:]]


def _cuts(content: bytes, domains: Iterable[str]) -> Iterator[Cut]:
    for domain in domains:
        for start in _starts(content, domain):
            yield start, content.index(b"\n", start) + 1, b""


def _inserts(content: bytes, routes: Mapping[str, str]) -> Iterator[Cut]:
    for domain, pool in routes.items():
        line = _line(domain, pool)
        place = _place(content, line)
        yield place, place, line


def _line(domain: str, pool: str) -> bytes:
    return f"{domain} {pool}\n".encode("ascii")


def _starts(content: bytes, domain: str) -> Iterable[int]:
    mark = b"\n" + domain.encode("ascii") + b" "
    start = content.find(mark)
    while start >= 0:
        yield start + 1
        start = content.find(mark, start + 1)


def _place(content: bytes, line: bytes) -> int:
    """Where the line belongs: a binary search over the starts of lines."""
    low, high = len(HEADER), len(content)
    while low < high:
        middle = content.rfind(b"\n", low - 1, (low + high) // 2) + 1 or low
        end = content.index(b"\n", middle) + 1
        if content[middle:end] < line:
            low = end
        else:
            high = middle
    return low
