# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tool to call next after an error, for the errors that have one."""

from __future__ import annotations

import re

_HINTS = (
    (
        r"is not a domain of this instance",
        "Call haproxy_list_domains to see the domains, or haproxy_add_domain to add it.",
    ),
    (r"is a free slot|names no server", "Call haproxy_list_servers to see the slots."),
    (r"no free slot", "Call haproxy_list_servers, then haproxy_remove_server."),
    (r"pools are in use", "Call haproxy_list_domains, or use share_with."),
    (r"is not the plan any more", "Call the tool again with dry_run=true."),
    (r"not accept its configuration", "Call haproxy_check_config after mending haproxy.cfg."),
    (r"not a certificate that acme\.sh keeps", "Call haproxy_list_certs, or haproxy_issue_cert."),
    (r"is the only certificate of", "Call haproxy_issue_cert or haproxy_load_cert first."),
    (r"raise prune_limit", "A dry_run with a higher prune_limit shows what would go."),
    (r"No HAProxy listens", "Call haproxy_health to see what is wrong."),
)
# The modules' own words name modules, which an agent does not have.
_MODULES = (
    (r"\s*Add it first with inouter\.haproxy\.haproxy_domain\.?", ""),
    (r"haproxy_state_info with gather=history\b", "haproxy_history"),
    (r"Bring it back with haproxy_cert\b", "Bring it back with haproxy_load_cert"),
)


def explained(message: str) -> str:
    """The message for an agent, with what to call next."""
    for pattern, replacement in _MODULES:
        message = re.sub(pattern, replacement, message)
    hint = next((hint for pattern, hint in _HINTS if re.search(pattern, message)), "")
    return f"{message} {hint}".strip()
