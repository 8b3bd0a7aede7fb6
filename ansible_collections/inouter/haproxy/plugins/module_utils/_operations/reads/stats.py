# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What HAProxy counts: process, frontends, backends, servers. Read only."""

from __future__ import annotations

from typing import Any

from ..._model.servers import FREE, slot_name
from ..._runtime import commands, replies, statistics
from ..._runtime.api import RuntimeApi
from ..._runtime.statistics import Field
from ..._runtime.version import require_supported

Row = dict[str, Field]


def read_statistics(api: RuntimeApi) -> dict[str, Any]:
    """`process`, `frontends`, `backends`, `servers` and `connections` by server.

    Field names are HAProxy's own (management manual, 9.1 "CSV format" and 9.3 "show info").
    Free slots are left out. Raises NotRunning.
    """
    asked = [commands.show_info(), commands.show_stat(), commands.show_servers_state(0)]
    info, stat, state = api.ask(asked)
    process = statistics.info_fields(info)
    require_supported(str(process.get("Version")))
    rows = statistics.stat_rows(stat)
    free = {slot_name(*key) for key, held in replies.slots(state).items() if held.server == FREE}
    servers = [row for row in rows if row["type"] == 2 and row["svname"] not in free]
    return {
        "process": process,
        "frontends": [row for row in rows if row["type"] == 0],
        "backends": [row for row in rows if row["type"] == 1],
        "servers": servers,
        "connections": {str(row["svname"]): row["scur"] for row in servers},
    }
