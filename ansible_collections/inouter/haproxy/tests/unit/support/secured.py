# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated HAProxy with certificates, and certificates that are none: no library is needed."""

from __future__ import annotations

import re
import socket
from typing import Any

from ansible_collections.inouter.haproxy.plugins.module_utils._files import crt_list
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.settings import Settings
from ansible_collections.inouter.haproxy.plugins.module_utils._model.certificate import (
    Certificate,
    CertificateKey,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._model.digest import digests
from ansible_collections.inouter.haproxy.plugins.module_utils._model.pem import (
    CERTIFICATE,
    Block,
    blocks,
    render,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._reconcile.picture import (
    Scope,
    scope_of,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._store.store import Store

from .simulated import Simulated
from .sockets import LineServer

_HANDLERS = (
    (r"show ssl crt-list -n (\S+)", "_show_list"),
    (r"show ssl cert", "_show_certs"),
    (r"show ssl cert (\S+)", "_show_cert"),
    (r"new ssl cert (\S+)", "_new"),
    (r"set ssl cert (\S+) <<\n((?:[^\n]+\n)+)\n?", "_set"),
    (r"commit ssl cert (\S+)", "_commit"),
    (r"abort ssl cert (\S+)", "_abort"),
    (r"add ssl crt-list (\S+) (\S+)", "_add"),
    (r"del ssl crt-list (\S+) (\S+):(\d+)", "_take"),
    (r"del ssl cert (\S+)", "_forget"),
)


class Secured(Simulated):
    """Holds certificates, too; `path` is its crt-list, `listed` what that says."""

    def __init__(self, conf: str, pools: int, slots: int) -> None:
        super().__init__(conf, pools, slots)
        self.path = f"{conf}/certs.crtlist"
        self.maps[f"{conf}/acme.map"] = []
        self.certs: dict[str, str] = {}
        self.transactions: dict[str, str] = {}
        self.listed: list[tuple[str, int]] = []
        self._lines = 0

    def execute(self, command: str) -> str:
        """The reply to one command; the log has no payloads."""
        for pattern, handler in _HANDLERS:
            match = re.fullmatch(pattern, command)
            if match:
                if not command.startswith("show "):
                    self.log.append(command.partition(" <<")[0])
                refusal = self.refuse(command)
                if refusal is not None:
                    return refusal
                reply: str = getattr(self, handler)(*match.groups())
                return f"{reply}\n\n"
        return super().execute(command)

    def hold(self, path: str, pem: bytes, times: int = 1) -> None:
        """Have a certificate, and so many entries for it."""
        self.certs[path] = pem.decode()
        for _time in range(times):
            self._add(self.path, path)

    def start(self, listing: bytes | None, files: dict[str, bytes]) -> None:
        """Start anew from these files; fails where one is missing, as HAProxy does."""
        self.certs, self.transactions, self.listed, self._lines = {}, {}, [], 0
        for path in crt_list.paths(listing):
            self.hold(path, files[path.rpartition("/")[2]])

    def serves(self) -> dict[str, str]:
        """The SHA-1 of what is served, by the name of its file; each stands there once."""
        paths = [path for path, _line in self.listed]
        assert len(paths) == len(set(paths))
        return {path.rpartition("/")[2]: _sha1(self.certs[path]) for path in paths}

    # -- what the commands do

    def _show_list(self, path: str) -> str:
        if path != self.path:
            return "didn't find the specified filename"
        return "\n".join([f"# {path}", *(f"{name}:{line}" for name, line in self.listed)])

    def _show_certs(self) -> str:
        under_way = [f"*{path}" for path in self.transactions]
        first = ["# transaction", *under_way] if under_way else []
        return "\n".join([*first, "# filename", *self.certs])

    def _show_cert(self, path: str) -> str:
        if path not in self.certs:
            return "Can't display the certificate: Not found or the certificate is a bundle!"
        if not self.certs[path]:
            return f"Filename: {path}\nStatus: Empty\nOCSP Response Key: "
        sha1 = _sha1(self.certs[path]).upper()
        return f"Filename: {path}\nStatus: Used\nSHA1 FingerPrint: {sha1}\nIssuer: /CN=x"

    def _new(self, path: str) -> str:
        if path in self.certs:
            return f"Certificate '{path}' already exists!"
        self.certs[path] = ""
        return f"New empty certificate store '{path}'!"

    def _set(self, path: str, pem: str) -> str:
        if path not in self.certs:
            words = "Can't replace a certificate which is not referenced by the configuration!"
            return f"{words}\nCan't update {path}!"
        word = "updated" if path in self.transactions else "created"
        self.transactions[path] = pem
        return f"Transaction {word} for certificate {path}!"

    def _commit(self, path: str) -> str:
        if path not in self.transactions:
            return f"No ongoing transaction! !\nCan't commit {path}!"
        self.certs[path] = self.transactions.pop(path)
        return f"Committing {path}..\nSuccess!"

    def _abort(self, path: str) -> str:
        if self.transactions.pop(path, None) is None:
            return "No ongoing transaction!"
        return f"Transaction aborted for certificate '{path}'!"

    def _add(self, listing: str, path: str) -> str:
        if listing != self.path:
            return f"Can't edit the crt-list: crt-list '{listing}' does not exist!"
        if not self.certs.get(path):
            return f"Can't edit the crt-list: certificate '{path}' is empty!"
        self._lines += 1
        self.listed.append((path, self._lines))
        return f"Inserting certificate '{path}' in crt-list '{listing}'.\nSuccess!"

    def _take(self, listing: str, path: str, line: str) -> str:
        if (path, int(line)) not in self.listed or listing != self.path:
            return f"Can't delete the entry: certificate '{path}' can't be found in crt-list"
        self.listed.remove((path, int(line)))
        return f"Entry '{path}' deleted in crtlist '{listing}'!"

    def _forget(self, path: str) -> str:
        if path not in self.certs:
            return f"Can't remove the certificate: certificate '{path}' doesn't exist!"
        if path in {name for name, _line in self.listed}:
            return f"Can't remove the certificate: certificate '{path}' in use, can't be deleted!"
        del self.certs[path]
        return f"Certificate '{path}' deleted!"


class PayloadServer(LineServer):
    """Takes a payload, too: it ends at an empty line."""

    def _line(self, connection: socket.socket) -> str:
        with connection.makefile("rb") as stream:
            text = stream.readline()
            while b" <<\n" in text and not text.endswith(b"\n\n"):
                text += stream.readline()
        assert text.endswith(b"\n")
        self.lines.append(text.decode("ascii")[:-1])
        return self.lines[-1]


def fake(name: str, number: int = 1, key_type: str = "ecdsa") -> tuple[Certificate, bytes]:
    """A certificate as the database and as its file have it; `number` tells versions apart."""
    chain = [f"{name} {number} {key_type}".encode(), b"its issuer"]
    parts = [Block(n, CERTIFICATE, der) for n, der in enumerate(chain, 1)]
    key = Block(3, "PRIVATE KEY", f"key of {name} {number}".encode())
    days = ("2026-01-01T00:00:00+00:00", "2999-01-01T00:00:00+00:00")
    return Certificate(name, key_type, name, *digests(chain, key.der), "CN=x", "1", *days), render(
        [*parts, key]
    )


def _sha1(pem: str) -> str:
    ders = [block.der for block in blocks(pem, "x") if block.kind == CERTIFICATE]
    return digests(ders, b"")[1]


class Bring:
    """Asks for fake certificates: of each name this version, or with None no certificate."""

    def __init__(self, **versions: int | None) -> None:
        self.contents: dict[CertificateKey, bytes] = {}
        self.rows: dict[CertificateKey, Certificate | None] = {}
        for name, version in versions.items():
            row, pem = fake(f"{name}.test", version or 0)
            self.rows[row.key] = row if version else None
            if version:
                self.contents[row.key] = pem

    def edit(self, store: Store, settings: Settings) -> Scope:
        """Put them into the truth."""
        for key, row in self.rows.items():
            store.put_certificate(key, row)
        return scope_of(certificates=self.rows)

    def describe(self, store: Store) -> dict[str, Any]:
        """Nothing."""
        return {}
