# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The skeleton of every module: arguments in, one call, result out, errors as sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ansible.module_utils.basic import AnsibleModule, _load_params

from .._instance.instance import DEFAULT_LOCK_TIMEOUT, Instance
from .._instance.write import Outcome, Request, write
from .._model.errors import HaproxyError, NoDatabase, UnknownDomain
from .arguments import Spec, refuse_loose_numbers
from .diff import diff_of

Call = Callable[[AnsibleModule, Instance], dict[str, Any]]


def run_module(spec: Spec, call: Call, **constraints: Any) -> None:
    """Build the module from `spec` and `constraints`, make the call and end with its result."""
    loose = _loose_number(spec)
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True, **constraints)
    if loose is not None:
        module.fail_json(msg=str(loose))
    try:
        result = call(module, instance_of(module))
    except (HaproxyError, OSError) as error:
        module.fail_json(msg=str(error), exception=error)
    module.exit_json(**result)


def instance_of(module: AnsibleModule) -> Instance:
    """The instance that the module's options name."""
    timeout = module.params.get("lock_timeout", DEFAULT_LOCK_TIMEOUT)
    return Instance(module.params["base_dir"], module.params["runtime_api"] or "", timeout)


def run_program(module: AnsibleModule) -> Callable[[Sequence[str]], tuple[int, str, str]]:
    """A way to run a program on the host, for the parts of the core that need one."""
    return lambda arguments: module.run_command(list(arguments))


def run_write(module: AnsibleModule, instance: Instance, request: Request) -> dict[str, Any]:
    """Make one write under the module's name and return its result."""
    action = module._name.rpartition(".")[2]
    try:
        return write_result(module, write(instance, action, request, module.check_mode))
    except (UnknownDomain, NoDatabase) as error:
        if not module.check_mode:
            raise
        module.warn(f"{error} An earlier task may be about to add it, so the check goes on.")
        return write_result(module, Outcome(changed=True))


def write_result(module: AnsibleModule, outcome: Outcome) -> dict[str, Any]:
    """What every module that writes returns."""
    if outcome.recovered:
        shown = ", ".join(map(str, outcome.recovered))
        module.warn(f"An earlier write was cut off (generation {shown}); it was completed first.")
    return {
        **outcome.described,
        "changed": outcome.changed,
        "persisted": outcome.persisted,
        "applied": outcome.applied,
        "verified": outcome.verified,
        "generation": outcome.generation,
        **({"diff": diff_of(outcome)} if module._diff else {}),
    }


def _loose_number(spec: Spec) -> HaproxyError | None:
    try:
        refuse_loose_numbers(spec, _load_params() or {})
    except HaproxyError as error:
        return error
    return None
