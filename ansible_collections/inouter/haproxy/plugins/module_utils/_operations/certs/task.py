# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module haproxy_cert is asked for, and who carries it out."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ..._instance.instance import Instance
from ..._instance.write import Outcome
from ..._model.errors import InvalidInput
from .acme import Acme
from .acme_write import issue, remove, renew
from .certificate import PutCertificates, RemoveCertificate, sources
from .write import write_certificates

RunCommand = Callable[..., tuple[int, str, str]]
"""AnsibleModule.run_command."""


def carry_out(
    instance: Instance, options: Mapping[str, Any], run: RunCommand, check_mode: bool
) -> Outcome:
    """Put, order, renew or remove certificates."""
    state, name, force = options["state"], options["name"], options["force"]
    if state == "present":
        return write_certificates(instance, PutCertificates(sources(options), force), check_mode)
    if state == "absent" and not os.path.exists(f"{instance.paths.conf}/acme.json"):
        return write_certificates(instance, RemoveCertificate(name, force), check_mode)
    acme = Acme(instance, _runner(run))
    if state == "absent":
        return remove(instance, acme, name, force, check_mode)
    if state == "renewed":
        return renew(instance, acme, name, force, check_mode)
    if not options["domains"]:
        raise InvalidInput("domains", [], "is empty", "Name at least one domain to order for")
    domains, challenge, key_type = (options[n] for n in ("domains", "challenge", "key_type"))
    return issue(instance, acme, domains, challenge, key_type, force, check_mode)


def _runner(run: RunCommand) -> Callable[[Sequence[str], Mapping[str, str]], tuple[int, str, str]]:
    """Runs a program with the given environment alone, so that nothing of ours reaches it."""

    def with_environment(
        arguments: Sequence[str], environment: Mapping[str, str]
    ) -> tuple[int, str, str]:
        ours = dict(os.environ)
        os.environ.clear()
        os.environ.update(environment)
        try:
            return run(list(arguments))
        finally:
            os.environ.clear()
            os.environ.update(ours)

    return with_environment
