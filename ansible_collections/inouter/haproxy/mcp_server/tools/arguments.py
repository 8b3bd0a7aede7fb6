# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments that tools share: type, bounds, and what an agent is told of each."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

LONGEST = 100_000
SECRET = frozenset({"content", "key_content"})
"""Arguments that are never written down."""

Target = Annotated[
    str,
    Field(
        max_length=253,
        description="Host or group of the inventory. Leave it out for the server's default.",
    ),
]
DomainName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=255,
        description="Host name such as example.com, or *.example.com for one label of any name.",
    ),
]
Ip = Annotated[
    str,
    Field(min_length=2, max_length=45, description="IPv4 or IPv6 address of the server."),
]
Port = Annotated[int, Field(strict=True, ge=1, le=65535, description="Port of the server.")]
Slot = Annotated[
    int,
    Field(strict=True, ge=1, le=1000, description="Slot of the server in the domain's pool."),
]
SlotOrFree = Annotated[
    int,
    Field(
        strict=True,
        ge=0,
        le=1000,
        description="Slot from 1 to the pool's last (10 by default), or 0 for the next free one.",
    ),
]
Weight = Annotated[
    int, Field(strict=True, ge=0, le=256, description="Share of the requests; 0 gets no new ones.")
]
State = Annotated[
    Literal["ready", "drain", "maint"],
    Field(
        description="ready takes requests, drain only ends those it has, maint takes none and is"
        " not checked."
    ),
]
Limit = Annotated[int, Field(strict=True, ge=1, le=1000, description="The most to return.")]
Cursor = Annotated[
    str,
    Field(
        max_length=255,
        description="next_cursor of a host's earlier answer, to go on behind it; then target is"
        " that host.",
    ),
]
Fields = Annotated[
    list[Annotated[str, Field(max_length=40)]],
    Field(
        min_length=1,
        max_length=150,
        description="Only these fields, in the names of HAProxy's management manual.",
    ),
]
CertificateName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=255,
        description="Name under which the certificate is kept: its first domain.",
    ),
]
Pem = Annotated[
    str, Field(max_length=LONGEST, json_schema_extra={"writeOnly": True}, description="PEM text.")
]
HostPath = Annotated[
    str,
    Field(
        max_length=4096,
        pattern="^/[^\\x00]+$",
        description="Absolute path of a file on the HAProxy host.",
    ),
]
DryRun = Annotated[
    bool,
    Field(
        strict=True,
        description="Only tell what would change: the answer has the diff and a plan_id.",
    ),
]
PlanId = Annotated[
    str,
    Field(
        max_length=10_000,
        pattern="^([0-9a-f]{32}(\\.[0-9a-f]{32})*)?$",
        description="plan_id of an earlier dry_run of the same call: apply it only if HAProxy is"
        " still as it was then.",
    ),
]
Confirm = Annotated[
    bool,
    Field(
        strict=True,
        description="Do it without asking the user. Needed where the client cannot ask.",
    ),
]


class NewServer(BaseModel):
    """One server of a list."""

    model_config = ConfigDict(extra="forbid")

    ip: Ip
    slot: SlotOrFree = 0
    http_port: Port = 80
    weight: Weight | None = None
