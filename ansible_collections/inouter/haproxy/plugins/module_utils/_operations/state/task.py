# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module haproxy_state is asked for, and who carries it out."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from ..._instance.convergence import Convergence
from ..._instance.instance import Instance
from ..._instance.write import Outcome, write

ACTION = "haproxy_state"

Options = Mapping[str, Any]


def carry_out(instance: Instance, options: Options, check_mode: bool) -> Outcome:
    """Bring the instance to the state that the options name."""
    return STATES[options["state"]](instance, options, check_mode)


def may_bring_certificates(instance: Instance, options: Options) -> bool:
    """Whether certificates may have to be looked into, which needs the library cryptography."""
    if options["state"] == "imported":
        return _brings_certificates(options["document"])
    certs = instance.paths.certs
    names = os.listdir(certs) if os.path.isdir(certs) else []
    return options["state"] in ("adopted", "migrated") and any(n.endswith(".pem") for n in names)


def _brings_certificates(document: Mapping[str, Any]) -> bool:
    own = any(item["content"] is not None for item in document["certificates"] or ())
    return own or any(item["certificates"] for item in document["domains"])


def _converged(instance: Instance, options: Options, check_mode: bool) -> Outcome:
    return write(instance, ACTION, Convergence(), check_mode)


def _rolled_back(instance: Instance, options: Options, check_mode: bool) -> Outcome:
    from .rollback import RollBack  # here, as in the others, for a task needs one of them

    request = RollBack(instance, options["generation"], options["fence"])
    return write(instance, ACTION, request, check_mode)


def _adopted(instance: Instance, options: Options, check_mode: bool) -> Outcome:
    from .adopt import adopt  # here, as above

    return adopt(instance, ACTION, options, check_mode)


def _backed_up(instance: Instance, options: Options, check_mode: bool) -> Outcome:
    from .backup import back_up  # here, as above

    return back_up(instance, ACTION, options["dest"], options["keep"], check_mode)


def _restored(instance: Instance, options: Options, check_mode: bool) -> Outcome:
    from .restore import restore  # here, as above

    return restore(instance, ACTION, options["src"], check_mode)


def _exported(instance: Instance, options: Options, check_mode: bool) -> Outcome:
    from .export import export  # here, as above

    return export(instance, ACTION, options["dest"], options["include_keys"], check_mode)


def _migrated(instance: Instance, options: Options, check_mode: bool) -> Outcome:
    from ..migration.migrate import migrate  # here, as above

    return migrate(instance, ACTION, options, check_mode)


def _imported(instance: Instance, options: Options, check_mode: bool) -> Outcome:
    from .imports import import_document  # here, as above

    return import_document(instance, ACTION, options, check_mode)


STATES: dict[str, Callable[[Instance, Options, bool], Outcome]] = {
    "converged": _converged,
    "rolled_back": _rolled_back,
    "adopted": _adopted,
    "backed_up": _backed_up,
    "restored": _restored,
    "exported": _exported,
    "imported": _imported,
    "migrated": _migrated,
}
