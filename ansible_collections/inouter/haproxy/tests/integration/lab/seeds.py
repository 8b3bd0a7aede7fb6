# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Differences behind the collection's back, each with how a report must name it.

They are made on an instance with the domains and certificates of `furnish`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from .managed import Managed
from .pki import Authority

ONE, TWO = {"ip": "127.0.0.1", "http_port": 81}, {"ip": "127.0.0.2", "http_port": 82}


class Seed(NamedTuple):
    """A difference.

    :param named: kind and name of the one item that the report must have
    :param differs: the sides that it must name
    """

    make: Callable[[Managed], object]
    named: tuple[str, str]
    differs: list[str]


def furnish(managed: Managed, authority: Authority) -> None:
    """Have domains, a wildcard and two certificates."""
    managed.module("haproxy_domain", domain="a.test", servers=[ONE, {**TWO, "weight": 5}])
    managed.module("haproxy_domain", domain="b.test", **TWO)
    managed.module("haproxy_domain", domain="*.w.test", share_with="b.test")
    pems = [authority.issue(name).combined for name in ("a.test", "b.test")]
    managed.module("haproxy_cert", certificates=[{"content": pem} for pem in pems])


def _runtime(command: str) -> Callable[[Managed], object]:
    def make(managed: Managed) -> str:
        folder = managed.base_dir
        names = {"maps": folder / "conf/domains.map", "wild": folder / "conf/wildcards.map"}
        names.update(list=folder / "conf/certs.crtlist", certs=folder / "certs")
        return managed.ask(command.format(acme=folder / "conf/acme.map", **names))

    return make


def _edit(name: str, change: Callable[[str], str]) -> Callable[[Managed], object]:
    def make(managed: Managed) -> int:
        path = managed.base_dir / name
        return path.write_text(change(path.read_text()))

    return make


def _without(text: str) -> Callable[[str], str]:
    def change(content: str) -> str:
        lines = content.splitlines(keepends=True)
        return "".join(line for line in lines if text not in line)

    return change


def _swap(old: str, new: str) -> Callable[[str], str]:
    return lambda content: content.replace(old, new, 1)


def _remove(name: str) -> Callable[[Managed], object]:
    return lambda managed: (managed.base_dir / name).unlink()


def _copy(source: str, target: str) -> Callable[[Managed], object]:
    return lambda managed: shutil.copy(managed.base_dir / source, managed.base_dir / target)


RUNTIME, FILES = ["runtime"], ["files"]
A, B = "a.test.ecdsa.pem", "b.test.ecdsa.pem"
MAP, WILD, POOL = "conf/domains.map", "conf/wildcards.map", "conf/pools/pool_1.cfg"


def _both(managed: Managed) -> None:
    _runtime("set map {maps} b.test pool_9")(managed)
    _edit(MAP, _swap("b.test pool_2", "b.test pool_9"))(managed)


def _own_certificate(managed: Managed) -> None:
    """HAProxy holds another certificate than its file: nothing but its memory changed."""
    pem = (managed.base_dir / "certs" / B).read_text().strip()
    path = managed.base_dir / "certs" / A
    managed.ask(f"set ssl cert {path} <<\n{pem}\n")
    managed.ask(f"commit ssl cert {path}")


def _forgotten(managed: Managed) -> None:
    _runtime("del ssl crt-list {list} {certs}/" + A)(managed)


SEEDS: dict[str, Seed] = {
    "route missing": Seed(_runtime("del map {maps} a.test"), ("route", "a.test"), RUNTIME),
    "route changed": Seed(_runtime("set map {maps} a.test pool_8"), ("route", "a.test"), RUNTIME),
    "route unknown": Seed(_runtime("add map {maps} x.test pool_2"), ("route", "x.test"), RUNTIME),
    "route twice": Seed(_runtime("add map {maps} a.test pool_4"), ("route", "a.test"), RUNTIME),
    "wildcard missing": Seed(_runtime("del map {wild} *.w.test"), ("route", "*.w.test"), RUNTIME),
    "wildcard changed": Seed(
        _runtime("set map {wild} *.w.test pool_7"), ("route", "*.w.test"), RUNTIME
    ),
    "route in the wrong map": Seed(
        _runtime("add map {wild} a.test pool_1"), ("route", "a.test in wildcards.map"), RUNTIME
    ),
    "readdressed": Seed(
        _runtime("set server pool_1/pool_1_1 addr 127.0.0.7 port 81"),
        ("server", "pool_1_1"),
        RUNTIME,
    ),
    "another port": Seed(
        _runtime("set server pool_1/pool_1_1 addr 127.0.0.1 port 99"),
        ("server", "pool_1_1"),
        RUNTIME,
    ),
    "reweighted": Seed(
        _runtime("set server pool_1/pool_1_2 weight 77"), ("server", "pool_1_2"), RUNTIME
    ),
    "drained": Seed(
        _runtime("set server pool_1/pool_1_1 state drain"), ("server", "pool_1_1"), RUNTIME
    ),
    "in maintenance": Seed(
        _runtime("set server pool_2/pool_2_1 state maint"), ("server", "pool_2_1"), RUNTIME
    ),
    "free slot filled": Seed(
        _runtime("set server pool_1/pool_1_5 addr 127.0.0.7 port 77"),
        ("server", "pool_1_5"),
        RUNTIME,
    ),
    "free slot ready": Seed(
        _runtime("set server pool_3/pool_3_1 state ready"), ("server", "pool_3_1"), RUNTIME
    ),
    "line missing": Seed(_edit(MAP, _without("a.test")), ("route", "a.test"), FILES),
    "line changed": Seed(
        _edit(MAP, _swap("a.test pool_1", "a.test pool_3")), ("route", "a.test"), FILES
    ),
    "line unknown": Seed(
        _edit(MAP, lambda text: f"{text}x.test pool_2\n"), ("route", "x.test"), FILES
    ),
    "line twice": Seed(
        _edit(MAP, lambda text: f"{text}a.test pool_3\n"), ("route", "a.test"), FILES
    ),
    "half a line": Seed(_edit(MAP, lambda text: text[:-4]), ("map_file", "domains.map"), FILES),
    "no header": Seed(
        _edit(MAP, lambda text: text.partition("\n")[2]), ("map_file", "domains.map"), FILES
    ),
    "map missing": Seed(_remove(MAP), ("map_file", "domains.map"), FILES),
    "wildcard line missing": Seed(_edit(WILD, _without("w.test")), ("route", "*.w.test"), FILES),
    "line in the wrong file": Seed(
        _edit(WILD, lambda text: f"{text}a.test pool_1\n"), ("map_file", "wildcards.map"), FILES
    ),
    "pool file missing": Seed(_remove(POOL), ("pool_file", "pool_1.cfg"), FILES),
    "slot's line missing": Seed(_edit(POOL, _without("pool_1_7 ")), ("server", "pool_1_7"), FILES),
    "server's line changed": Seed(
        _edit(POOL, _swap("127.0.0.1:81", "127.0.0.1:99")), ("server", "pool_1_1"), FILES
    ),
    "foreign line in a pool file": Seed(
        _edit(POOL, lambda text: f"{text}    option httpchk\n"), ("pool_file", "pool_1.cfg"), FILES
    ),
    "unknown pool file": Seed(
        lambda managed: (managed.base_dir / "conf/pools/pool_77.cfg").write_text(
            "backend pool_77 from pools\n"
        ),
        ("pool_file", "pool_77.cfg"),
        FILES,
    ),
    "another certificate": Seed(_own_certificate, ("certificate", A), RUNTIME),
    "certificate not listed": Seed(_forgotten, ("crt_entry", A), RUNTIME),
    "certificate listed twice": Seed(
        _runtime("add ssl crt-list {list} {certs}/" + A), ("crt_entry", A), RUNTIME
    ),
    "unknown certificate": Seed(
        _runtime("new ssl cert {certs}/x.test.ecdsa.pem"),
        ("certificate", "x.test.ecdsa.pem"),
        RUNTIME,
    ),
    "unknown certificate file": Seed(
        _copy(f"certs/{B}", "certs/x.test.ecdsa.pem"), ("certificate", "x.test.ecdsa.pem"), FILES
    ),
    "list without a line": Seed(
        _edit("conf/certs.crtlist", _without("a.test")), ("crt_list", "certs.crtlist"), FILES
    ),
    "list missing": Seed(_remove("conf/certs.crtlist"), ("crt_list", "certs.crtlist"), FILES),
    "foreign thumbprint": Seed(
        _runtime("add map {acme} thumbprint foreign"), ("acme", "thumbprint"), RUNTIME
    ),
    "the database alone": Seed(_both, ("route", "b.test"), ["database"]),
}


def named(report: dict[str, Any], folder: Path) -> list[tuple[tuple[str, str], list[str]]]:
    """What a report names, without the instance's own paths."""
    found = report["differences"]
    return [((d["kind"], d["name"].replace(f"{folder}/conf/", "")), d["differs"]) for d in found]
