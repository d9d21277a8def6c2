"""An independent policy, in Rego, says the same of who can do what as this package does."""

from __future__ import annotations

from typing import get_args

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.insights.access.answers import PrincipalKind, Reason
from openai_admin.insights.access.questions import Access
from tests.insights.access_policy import Answers, Policy, asked, evaluated
from tests.insights.access_reading import held, read
from tests.insights.random_facts import random_facts
from tests.organizations import FEW, organization


def _compared(access: Access, policy: Policy) -> tuple[Answers, list[str]]:
    """The policy's answers about what access exports, and where this package's are others."""
    exported = access.to_dict()
    theirs, again = policy.answers(exported), Access.from_json(exported)
    ours = evaluated(again.evaluated)
    return theirs, [*ours.differing(theirs), *asked(again, theirs)]


@pytest.fixture(scope="module")
def policy() -> Policy:
    return Policy()


def test_facts_with_everything_left_out_say_the_same(policy: Policy) -> None:
    kinds, reasons, paths = set(), set(), 0
    for seed in range(19):
        theirs, differing = _compared(Access(random_facts(seed)), policy)
        assert not differing, f"seed {seed}"
        kinds |= {right[0] for right in theirs.grants}
        reasons |= {entry[3] for entry in theirs.unknown}
        paths = max([paths, *map(len, theirs.grants.values())])
    # The sample shows something: everybody who may have rights, and all that may be unknown.
    assert kinds == set(get_args(PrincipalKind))
    assert reasons == set(get_args(Reason))
    assert paths > 2


async def test_organizations_say_the_same(policy: Policy) -> None:
    for seed in range(12):
        async with (
            organization(seed, size=FEW) as emulator,
            AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client,
        ):
            access = await client.insights.access()
        theirs, differing = _compared(access, policy)
        assert not differing, f"seed {seed}"
        assert not access.not_known
        assert held(emulator.store) <= read(access.facts), f"seed {seed}"
        assert theirs.grants
