# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of domains: the shape that the module documents, and nothing else."""

from __future__ import annotations

import types
import typing
from typing import Any

import pytest

pytest.importorskip("mcp", reason="the server's own requirements are not here")
from pydantic import BaseModel, ValidationError

from ansible_collections.inouter.haproxy.mcp_server.tools.listed_domains import (
    ListedCertificate,
    ListedDomain,
    ListedServer,
)
from ansible_collections.inouter.haproxy.mcp_server.tools.state import haproxy_apply_domains
from ansible_collections.inouter.haproxy.plugins.module_utils._module.arguments import (
    Spec,
    domains_spec,
)

SPEC = domains_spec()["options"]
KINDS = {"int": int, "str": str, "path": str, "list": list}


def plain(annotation: Any) -> Any:
    """The type without its bounds and without None."""
    if isinstance(annotation, typing.TypeAliasType):
        return plain(annotation.__value__)
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return plain(inner[0])
    if origin in (types.UnionType, typing.Union):
        return plain(next(one for one in inner if one is not types.NoneType))
    if origin is typing.Literal:
        return str
    return origin or annotation


@pytest.mark.parametrize(
    ("model", "spec"),
    [
        (ListedDomain, SPEC),
        (ListedServer, SPEC["servers"]["options"]),
        (ListedCertificate, SPEC["certificates"]["options"]),
    ],
    ids=["domain", "server", "certificate"],
)
def test_it_is_the_module_s_shape(model: type[BaseModel], spec: Spec) -> None:
    assert set(model.model_fields) == set(spec)
    for name, option in spec.items():
        field = model.model_fields[name]
        assert plain(field.annotation) is KINDS[option["type"]], name
        assert field.is_required() == option.get("required", False), name
        assert field.is_required() or field.default == option.get("default"), name


@pytest.mark.parametrize(
    "item",
    [
        {},
        {"domain": "a.test", "port": 80},
        {"domain": "a.test", "http_port": "80"},
        {"domain": "a.test", "servers": [{"ip": "10.0.0.1", "name": "x"}]},
        {"domain": "a.test", "servers": [{"state": "gone"}]},
        {"domain": "a.test", "certificates": [{"key": "x"}]},
        {"domain": "a.test", "certificates": [{"src": "relative.pem"}]},
    ],
    ids=["nothing", "unknown", "text", "server", "state", "certificate", "path"],
)
def test_what_is_refused(item: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ListedDomain.model_validate(item)


def test_the_module_gets_what_was_given() -> None:
    items: list[dict[str, Any]] = [
        {"domain": "a.test", "servers": [{"ip": "10.0.0.1", "weight": 0}], "pool": None},
        {"domain": "b.test", "servers": []},
    ]
    order = haproxy_apply_domains([ListedDomain.model_validate(item) for item in items], True, 5)
    expected = [{name: v for name, v in item.items() if v is not None} for item in items]
    assert order.given() == {"domains": expected, "prune": True, "prune_limit": 5}
    assert order.full_name == "inouter.haproxy.haproxy_domains" and not order.secret


@pytest.mark.parametrize("name", ["content", "key_content"])
def test_a_list_with_a_key_is_secret(name: str) -> None:
    item = ListedDomain.model_validate({"domain": "a.test", "certificates": [{name: "PEM"}]})
    other = ListedDomain(domain="b.test")
    assert haproxy_apply_domains([other, item]).secret
    assert not haproxy_apply_domains([other]).secret
