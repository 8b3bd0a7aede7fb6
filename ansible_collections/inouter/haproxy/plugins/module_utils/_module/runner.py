# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The skeleton of every module: arguments in, one call, result out, errors as sentences."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .._instance.instance import DEFAULT_LOCK_TIMEOUT, Instance
from .._model.errors import HaproxyError
from .arguments import Spec, refuse_loose_numbers

Call = Callable[[AnsibleModule, Instance], dict[str, Any]]
# A module ends before garbage could matter, and looking for it takes a part of the time of a long
# list.
OBJECTS_BEFORE_COLLECTION = 1_000_000


class Module(AnsibleModule):  # type: ignore[misc]
    """A module that looks at its arguments as they came, before Ansible makes numbers of them.

    :ivar loose_number: what is wrong with the first text that Ansible would take for a number
    """

    loose_number: HaproxyError | None = None

    def _load_params(self) -> None:
        """Look at what Ansible decodes here, for decoding a long list twice takes long."""
        super()._load_params()
        try:
            refuse_loose_numbers(self.argument_spec, self.params or {})
        except HaproxyError as error:
            self.loose_number = error


def run_module(spec: Spec, call: Call, **constraints: Any) -> None:
    """Build the module from `spec` and `constraints`, make the call and end with its result."""
    gc.set_threshold(OBJECTS_BEFORE_COLLECTION)
    module = Module(argument_spec=spec, supports_check_mode=True, **constraints)
    if module.loose_number is not None:
        module.fail_json(msg=str(module.loose_number))
    try:
        result = call(module, instance_of(module))
    except (HaproxyError, OSError) as error:
        module.fail_json(msg=str(error), exception=error)
    module.exit_json(**result)


def instance_of(module: AnsibleModule) -> Instance:
    """The instance that the module's options name."""
    options = module.params
    timeout = options.get("lock_timeout", DEFAULT_LOCK_TIMEOUT)
    expected = options.get("expected_generation")
    made = Instance(options["base_dir"], options["runtime_api"] or "", timeout, expected)
    if options.get("plan_id"):
        from .plan import Agreement  # here, for few tasks come with a plan

        made.review = Agreement(options["plan_id"]).review
    return made


def run_program(module: AnsibleModule) -> Callable[[Sequence[str]], tuple[int, str, str]]:
    """A way to run a program on the host, for the parts of the core that need one.

    One that is not there gives the exit code 127 and the system's words.
    """

    def run(arguments: Sequence[str]) -> tuple[int, str, str]:
        try:
            result: tuple[int, str, str] = module.run_command(
                list(arguments), handle_exceptions=False
            )
        except OSError as error:
            return 127, "", str(error)
        return result

    return run
