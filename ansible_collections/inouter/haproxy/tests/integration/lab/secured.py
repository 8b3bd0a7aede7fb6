# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A managed HAProxy that serves HTTPS."""

from __future__ import annotations

from pathlib import Path

from . import ports
from .managed import Managed
from .tls import handshake


class Secured(Managed):
    """A running HAProxy that serves HTTPS, with no certificate yet."""

    def __init__(self, binary: Path, base_dir: Path, pools: int = 3, slots: int = 2) -> None:
        self.https = (ports.loopback(), ports.free_ports(1)[0])
        bind = f"{self.https[0]}:{self.https[1]}"
        super().__init__(binary, base_dir, pools, slots, haproxy_https_binds=[bind])
        self.module("haproxy_instance", https=bind)
        self.start()

    def served(self, domain: str) -> str | None:
        """The fingerprint that a client gets for this name; None where it gets none."""
        return handshake(self.https, domain).fingerprint or None
