# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the process list shows while something is going on."""

from __future__ import annotations

import contextlib
import threading
import time
from pathlib import Path
from types import TracebackType


class Watched:
    """Looks at all command lines of this machine, hundreds of times a second."""

    def __init__(self) -> None:
        self._lines: set[bytes] = set()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Watched:
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def seen(self) -> str:
        """All command lines that there were."""
        return b"\n".join(self._lines).decode("utf-8", "replace")

    def _watch(self) -> None:
        while not self._ended.is_set():
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    self._lines.add(path.read_bytes())
            time.sleep(0.002)
