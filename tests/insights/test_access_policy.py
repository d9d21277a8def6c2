"""An independent policy, in Rego, says the same of who can do what as this package does."""

from __future__ import annotations

from typing import get_args

import pytest

from openai_admin.insights.access.answers import PrincipalKind, Reason
from openai_admin.insights.access.rules import covers, evaluate
from openai_admin.insights.access.written import read, write
from tests.insights.access_policy import Policy, evaluated
from tests.insights.random_facts import PERMISSIONS, random_facts

SAMPLE = range(40)


@pytest.fixture(scope="module")
def policy() -> Policy:
    return Policy()


def test_facts_with_everything_left_out_say_the_same(policy: Policy) -> None:
    kinds, reasons, paths = set(), set(), 0
    for seed in SAMPLE:
        exported = write(random_facts(seed))
        ours, theirs = evaluated(evaluate(read(exported))), policy.answers(exported)
        assert not ours.differing(theirs), f"seed {seed}"
        kinds |= {right[0] for right in ours.grants}
        reasons |= {entry[3] for entry in ours.unknown}
        paths = max([paths, *map(len, ours.grants.values())])
    # The sample shows something: everybody who may have rights, and all that may be unknown.
    assert kinds == set(get_args(PrincipalKind))
    assert reasons == set(get_args(Reason))
    assert paths > 2


def test_the_same_permissions_answer_a_question(policy: Policy) -> None:
    pairs = {(held, asked) for held in PERMISSIONS for asked in PERMISSIONS}
    ours = {pair for pair in pairs if covers(*pair)}
    assert ours == policy.answering(PERMISSIONS, PERMISSIONS)
    assert len(PERMISSIONS) < len(ours) < len(pairs)
