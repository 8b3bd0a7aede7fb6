# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shapes in which tools answer."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

Scalar = int | float | str | None


class Answer(BaseModel):
    """What one host answers."""

    host: str = Field(description="The host's name in the inventory.")


class Failure(BaseModel):
    """A host that did not answer, and why."""

    host: str
    message: str


class Answers[AnswerT: Answer](BaseModel):
    """What the hosts of the target answer."""

    hosts: list[AnswerT]
    failed: list[Failure] = Field(description="Hosts of the target that did not answer.")


class Page(Answer):
    """A part of a list."""

    total: int = Field(description="How many there are.")
    next_cursor: str | None = Field(description="Cursor of the next page, or null at the end.")


class Server(BaseModel):
    """A server as the database holds it."""

    slot: int
    name: str = Field(description="The server's name in HAProxy.")
    ip: str
    http_port: int
    weight: int
    state: str


class Domain(BaseModel):
    """A domain as the database holds it."""

    domain: str
    pool: str
    share_with: str | None = Field(description="The domain whose servers this one uses.")
    servers: list[Server]


class DomainPage(Page):
    """Domains, sorted by name."""

    domains: list[Domain]


class LiveServer(Server):
    """A server beside what HAProxy says of it; null where HAProxy does not run."""

    status: str | None = Field(description="UP, DOWN, MAINT, DRAIN, no check ...")
    connections: int | None = Field(description="Requests under way or queued.")


class ServerList(Answer):
    """The servers of one domain."""

    domain: str
    pool: str
    free_slots: list[int]
    servers: list[LiveServer]


class Drained(ServerList):
    """How the wait for servers in drain ended."""

    drained: bool = Field(description="Whether no request is under way any more.")
    waited_sec: float


class Health(Answer):
    """How the system is."""

    status: str = Field(description="healthy, degraded or down.")
    components: dict[str, dict[str, Any]] = Field(
        description="mcp, haproxy, config_files, database and container, each with its status."
    )


class ServerHealth(BaseModel):
    """What HAProxy's checks say of one server."""

    name: str
    addr: str
    status: str | None
    check_status: str | None
    healthy: bool


class DomainHealth(Answer):
    """How one domain is."""

    domain: str
    pool: str
    status: str = Field(description="healthy, degraded, down or no_servers.")
    servers: list[ServerHealth]
    healthy_count: int
    total_count: int


class Rows(Page):
    """Rows of HAProxy's statistics, in the field names of its management manual."""

    rows: list[dict[str, Scalar]]


class Connections(Page):
    """How many sessions each server has."""

    connections: dict[str, int] = Field(description="Sessions under way, by server.")
    queued: dict[str, int] = Field(description="Requests that wait for the server, where any do.")


class ConfigCheck(Answer):
    """What HAProxy says of its configuration."""

    valid: bool
    output: str = Field(description="HAProxy's own words; empty where all is well.")


class Places(BaseModel):
    """Where a certificate is; null for a HAProxy that does not run."""

    database: bool
    disk: bool
    haproxy: bool | None


class Certificate(BaseModel):
    """A certificate, without its key."""

    name: str
    key_type: str
    domains: list[str]
    fingerprint: str = Field(description="SHA-256 of the certificate.")
    issuer: str
    serial: str
    not_before: str
    not_after: str
    days_left: int
    file: str
    where: Places
    agrees: bool = Field(description="Whether disk and HAProxy have what the database says.")


class CertificateList(Answer):
    """Certificates of one name."""

    certificates: list[Certificate]


class CertificatePage(Page):
    """Certificates, sorted by name; total counts names."""

    certificates: list[Certificate]


class Part(BaseModel):
    """One part of a diff."""

    title: str
    before: str
    after: str


class Change(Answer):
    """What was changed on one host, or with dry_run would be."""

    changed: bool
    persisted: bool | None = Field(description="Whether database and files hold it; null if n/a.")
    applied: bool | None = Field(description="Whether the running HAProxy was told.")
    verified: bool | None = Field(description="Whether it was read back from HAProxy.")
    generation: int | None = Field(description="Number of the newest change in the history.")
    diff: list[Part]
    details: dict[str, Any] = Field(description="What else the module told, such as servers.")
    warnings: list[str]


class Changes(BaseModel):
    """What was changed, or with dry_run would be."""

    changed: bool
    dry_run: bool
    plan_id: str | None = Field(description="With dry_run: give it back to apply exactly this.")
    hosts: list[Change]
