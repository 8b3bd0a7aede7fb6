# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the program can do; each command but `list` makes the same write as a module."""

from __future__ import annotations

import json
import subprocess
import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence
from typing import Any, Callable, NamedTuple

from .._instance.convergence import Convergence
from .._instance.instance import Instance
from .._instance.settle import warnings
from .._instance.write import Outcome, write
from .._model.errors import HaproxyError
from .._operations.certs.acme import Acme
from .._operations.certs.acme_write import renew
from .._operations.certs.certificate import PutCertificates, Source
from .._operations.certs.write import write_certificates
from .._operations.reads.served import served
from .._operations.state.backup import back_up
from .._operations.state.metrics import write_metrics


class Command(NamedTuple):
    """One command.

    :param run: does it, and tells in a sentence what was done
    :param needed: what it must be given, with the help for each
    :param taken: what it may be given
    """

    help: str
    run: Callable[[Instance, Namespace], str]
    needed: Mapping[str, str] = {}
    taken: Mapping[str, str] = {}


def _converge(instance: Instance, options: Namespace) -> str:
    outcome = None
    try:
        outcome = write(instance, "converge", Convergence())
    finally:
        if options.metrics_file:
            _write_metrics(instance, options.metrics_file, outcome)
    return " ".join([_told(outcome), *warnings(outcome)])


def _write_metrics(instance: Instance, path: str, outcome: Outcome | None) -> None:
    """Write the metrics; where the convergence failed, its own error is the one to show."""
    try:
        write_metrics(instance, path, outcome)
    except Exception as error:
        if outcome is not None:
            raise
        sys.stderr.write(f"The metrics could not be written either: {error}\n")


def _backup(instance: Instance, options: Namespace) -> str:
    keep = int(options.keep) if options.keep.isdecimal() else options.keep
    outcome = back_up(instance, "backup", options.dest or None, keep, False)
    path = str(outcome.described["backup"])
    return path if outcome.changed else f"{path} holds all that there is."


def _renew(instance: Instance, options: Namespace) -> str:
    return _told(_proved(renew(instance, Acme(instance, _run)), "the renewed certificates"))


def _deploy(instance: Instance, options: Namespace) -> str:
    source = Source("", options.name, src=options.fullchain, key_src=options.key)
    outcome = write_certificates(instance, PutCertificates([source]), False)
    return _told(_proved(outcome, options.name))


def _proved(outcome: Outcome, what: str) -> Outcome:
    """The outcome, unless HAProxy runs and serves something else."""
    if outcome.applied and not outcome.verified:
        raise HaproxyError(f"HAProxy does not serve {what} as it should: {_served(outcome)}")
    return outcome


def _list(instance: Instance, options: Namespace) -> str:
    return json.dumps(served(instance))


def _served(outcome: Outcome) -> str:
    found = outcome.described.get("served", ())
    return " ".join(str(item.get("message") or item["fingerprint"]) for item in found)


def _told(outcome: Outcome) -> str:
    if not outcome.changed:
        return "Nothing to do."
    names = sorted({_shown(name) for (_kind, name) in outcome.rows})
    how = "verified" if outcome.verified else "not verified, for HAProxy does not run"
    return f"Generation {outcome.generation}, {how}: {', '.join(names) or 'files and HAProxy'}."


def _shown(name: Any) -> str:
    return " ".join(name) if isinstance(name, tuple) else str(name)


def _run(arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[int, str, str]:
    # There is no AnsibleModule here whose run_command could do it.
    done = subprocess.run(  # pylint: disable=ansible-bad-function
        arguments,
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env=dict(environment),
    )
    return done.returncode, done.stdout, done.stderr


COMMANDS = {
    "converge": Command(
        "make HAProxy and its files agree with the database",
        _converge,
        taken={"metrics-file": "write what node_exporter's textfile collector reads"},
    ),
    "backup": Command(
        "make a backup unless the last one holds all that there is",
        _backup,
        {"keep": "how many are kept"},
        {"dest": "the folder [data/backups]"},
    ),
    "list": Command("print the pools and certificates of the database, as JSON", _list),
    "renew": Command("renew what is due of acme.sh's certificates, and serve them", _renew),
    "deploy": Command(
        "serve a certificate that acme.sh has got",
        _deploy,
        {
            "name": "the name it is stored under",
            "key": "the file of its private key",
            "fullchain": "the file of the certificate and its chain",
        },
    ),
}
