# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shapes in which the tools of the state answer."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from .answers import Page

Side = Literal["database", "files", "runtime"]
Value = dict[str, Any] | str | int | float | bool | None


class Difference(BaseModel):
    """One thing that is not everywhere the same; null is a side that does not have it."""

    kind: str = Field(description="route, server, certificate, crt_entry, acme, or a damaged file.")
    name: str
    differs: list[Side] = Field(description="The sides that are not as the others.")
    database: str | None
    files: str | None
    runtime: str | None


class Drift(Page):
    """Where database, files and the running HAProxy differ."""

    converged: bool = Field(description="Whether nothing differs and no write was cut off.")
    generation: int = Field(description="Number of the newest change.")
    running: bool = Field(description="Whether HAProxy runs; else only files are compared.")
    cut_off_writes: list[int] = Field(description="Writes that did not end, or are under way.")
    differences: list[Difference]


class Thing(BaseModel):
    """One thing that a change concerned; null is one that was not there."""

    kind: str
    name: str | int | list[str]
    before: Value
    after: Value


class PastChange(BaseModel):
    """One change of what is served."""

    generation: int
    at: str = Field(description="ISO 8601, UTC.")
    actor: str = Field(description="The login user on the host, and from where.")
    action: str = Field(description="The module that made it.")
    changes: list[Thing] | None = Field(description="Null where they are not kept any more.")
    left_out: int = Field(description="How many more things it concerned than changes shows.")
    outcome: str = Field(description="done, refused, pending, or recovered after it was cut off.")
    message: str = Field(description="Why it was refused.")


class PastCall(BaseModel):
    """One call of a tool that writes."""

    number: int
    at: str = Field(description="ISO 8601, UTC.")
    caller: str = Field(description="The token or network that called, and from which address.")
    tool: str
    arguments: dict[str, Any] = Field(description="Without secrets.")
    outcome: str = Field(description="done, unchanged, refused, failed, or started.")
    message: str


class History(Page):
    """Changes or calls, the newest first; the list that was not asked for is empty."""

    changes: list[PastChange]
    calls: list[PastCall]


class ExportedServer(BaseModel):
    """A server as haproxy_apply_domains takes it."""

    slot: int
    ip: str
    http_port: int
    weight: int
    state: str


class ExportedDomain(BaseModel):
    """A domain with servers of its own."""

    domain: str
    pool: str
    servers: list[ExportedServer]


class SharingDomain(BaseModel):
    """A domain that uses the servers of another."""

    domain: str
    share_with: str


class ExportedCertificate(BaseModel):
    """A certificate without its key."""

    name: str
    key_type: str
    domains: list[str]
    fingerprint: str = Field(description="SHA-256 of the certificate.")
    not_after: str


class Layout(BaseModel):
    """How the host is laid out."""

    pool_count: int
    pool_slots: int


class Export(Page):
    """A part of all that is served: domains first, then certificates; total counts both."""

    generation: int = Field(description="Pages with the same one belong together.")
    settings: Layout
    domains: list[ExportedDomain | SharingDomain]
    certificates: list[ExportedCertificate]
