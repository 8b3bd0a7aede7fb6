# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decrypts what ansible-vault has encrypted, a program of its own: the server imports no Ansible.

Reads a JSON list of texts and writes one of what they say, with null for what cannot be decrypted
with the passwords that Ansible's own settings name. No argument and no file has a secret.
"""

from __future__ import annotations

import json
import sys

from ansible import constants
from ansible.cli import CLI
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib


def main() -> None:
    """Decrypt everything."""
    identities = constants.DEFAULT_VAULT_IDENTITY_LIST
    secrets = CLI.setup_vault_secrets(DataLoader(), identities, auto_prompt=False)
    vault = VaultLib(secrets)
    json.dump([_decrypted(vault, text) for text in json.load(sys.stdin)], sys.stdout)


def _decrypted(vault: VaultLib, text: str) -> str | None:
    try:
        return bytes(vault.decrypt(text)).decode()
    except (AnsibleError, UnicodeDecodeError):
        return None


if __name__ == "__main__":
    main()
