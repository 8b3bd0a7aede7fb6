# SPDX-FileCopyrightText: inouter.haproxy contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans: what they are named after, and when they are no longer what was agreed on."""

from __future__ import annotations

import pytest

from ansible_collections.inouter.haproxy.plugins.module_utils._instance.instance import Instance
from ansible_collections.inouter.haproxy.plugins.module_utils._instance.write import Outcome, write
from ansible_collections.inouter.haproxy.plugins.module_utils._module.diff import (
    MOST_LINES,
    diff_of,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._module.plan import (
    Agreement,
    PlanChanged,
    plan_id,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._operations.domains.domain import (
    DomainRequest,
)
from ansible_collections.inouter.haproxy.plugins.module_utils._store.store import Domain
from ansible_collections.inouter.haproxy.tests.unit.support.outcomes import outcome_with
from ansible_collections.inouter.haproxy.tests.unit.support.truth import everything

REQUEST = DomainRequest("a.test", ip="10.0.0.1")


def planned(instance: Instance, request: DomainRequest = REQUEST) -> str:
    """The name of the plan that a check shows."""
    outcome = write(instance, "test", request, check_mode=True)
    return plan_id({"generation": outcome.generation, "diff": diff_of(outcome), "changed": True})


def test_the_same_plan_has_the_same_name(instance: Instance) -> None:
    assert planned(instance) == planned(instance)
    assert planned(instance) != planned(instance, DomainRequest("b.test", ip="10.0.0.1"))
    assert len(planned(instance)) == 32


def test_only_what_tells_counts() -> None:
    told = {"generation": 1, "diff": [], "config_digest": "x"}
    assert plan_id(told) == plan_id({**told, "warnings": ["x"], "changed": True})
    for name in told:
        assert plan_id(told) != plan_id({**told, name: "other"})


def test_an_agreed_plan_is_carried_out(instance: Instance) -> None:
    instance.review = Agreement(planned(instance)).review
    assert write(instance, "test", REQUEST).changed


def test_a_changed_generation_is_refused(instance: Instance) -> None:
    agreed = planned(instance)
    write(instance, "test", DomainRequest("b.test", ip="10.0.0.2"))
    before = everything(instance)
    instance.review = Agreement(agreed).review
    with pytest.raises(PlanChanged, match="is not the plan any more"):
        write(instance, "test", REQUEST)
    assert everything(instance) == before


def test_only_the_first_plan_of_a_task_is_compared(instance: Instance) -> None:
    agreement = Agreement(planned(instance))
    instance.review = agreement.review
    write(instance, "test", REQUEST)
    assert write(instance, "test", DomainRequest("b.test", ip="10.0.0.2")).changed


def test_a_long_plan_is_agreed_on_as_a_whole() -> None:
    def many(last: str) -> Outcome:
        names = [f"d{number}.test" for number in range(MOST_LINES + 2)]
        rows = {("domain", name): (None, Domain(name, 1, "o.test")) for name in names}
        rows["domain", "zz.test"] = (None, Domain("zz.test", 1, last))
        return outcome_with(rows=rows)

    agreed = plan_id({"generation": 0, "diff": diff_of(many("o.test"))})
    Agreement(agreed).review(many("o.test"))
    with pytest.raises(PlanChanged):
        Agreement(agreed).review(many("p.test"))


def test_what_is_no_outcome() -> None:
    result = {"config_digest": "x"}
    Agreement(plan_id(result)).review(result)
    Agreement(None).review(Outcome())
    with pytest.raises(PlanChanged):
        Agreement(plan_id(result)).review({"config_digest": "y"})
