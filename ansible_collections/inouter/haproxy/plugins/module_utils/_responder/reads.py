# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the responder answers: each name with the function of the core that knows."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from typing import Any

from .._instance.instance import Instance
from .._instance.settings import Settings
from .._operations import config
from .._operations.reads import config_text, health, lists, pages, past, sections
from .._operations.state import drift, export

PROGRAM_SECONDS = 60


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """The answer to one question; raises HaproxyError or OSError.

    :param question: `read`, its `arguments`, and the instance's `base_dir` and `runtime_api`
    """
    instance = Instance(question["base_dir"], question["runtime_api"])
    return READS[question["read"]](instance, **question["arguments"])


def run(arguments: Sequence[str]) -> tuple[int, str, str]:
    """Run a program; one that is not there gives the exit code 127 and the system's words."""
    try:
        done = subprocess.run(  # pylint: disable=ansible-bad-function
            arguments,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PROGRAM_SECONDS,
            check=False,
        )
    except OSError as error:
        return 127, "", str(error)
    except subprocess.TimeoutExpired:
        return 124, "", f"{arguments[0]} did not end within {PROGRAM_SECONDS} s."
    return done.returncode, done.stdout, done.stderr


def _config_check(instance: Instance) -> dict[str, Any]:
    with instance.store() as store:
        settings = Settings.of_rows(store.settings())
    return config.check(instance, settings, run)._asdict()


def _system_health(instance: Instance) -> dict[str, Any]:
    return health.system_health(instance, run)


READS: dict[str, Callable[..., dict[str, Any]]] = {
    "domains": pages.domain_page,
    "servers": lists.list_servers,
    "system_health": _system_health,
    "domain_health": health.domain_health,
    "statistics": sections.section_page,
    "config_check": _config_check,
    "config_text": config_text.config_text,
    "certificates": pages.certificate_page,
    "certificate": pages.certificates_of,
    "completions": pages.completions,
    "drift": drift.drift_page,
    "export": export.document_page,
    "history": past.past_page,
    "past": past.past,
    "begin_call": past.begin_call,
    "finish_call": past.finish_call,
}
