# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of modules. This fragment is PRIVATE to the collection and may change at any time."""

from __future__ import annotations


class ModuleDocFragment:
    """Which generation, backup or file a state is about."""

    DOCUMENTATION = r"""
options:
  generation:
    description:
      - The generation to go back to. The last 50 can be reached, as far as the history has them.
        After a restore over a damaged database it lacks those between the backup and the restore.
      - M(inouter.haproxy.haproxy_state_info) lists them.
    type: int
  src:
    description:
      - For V(restored) the backup, as a path on the host. Without it the newest good one in
        C(data/backups) below O(base_dir) is restored.
      - For V(imported) the document, as a file on the host. It is JSON, or YAML where Python on the
        host can read that.
      - For V(migrated) the folder with the files, where that is not C(conf) below O(base_dir).
    type: path
  dest:
    description:
      - For V(exported) the file on the host to write.
      - For V(backed_up) the folder on the host to keep backups in, where that is not
        C(data/backups) below O(base_dir).
    type: path
  keep:
    description:
      - How many backups to keep. Older ones are removed.
    type: int
    default: 10
  include_keys:
    description:
      - Whether the exported document has the certificates with their private keys.
    type: bool
    default: false
  fence:
    description:
      - For V(rolled_back), whether it is a generation of its own also where nothing is to be done.
      - A task with an older O(expected_generation), which may still wait on the host after its
        connection was cut, then changes nothing.
    type: bool
    default: false
"""
