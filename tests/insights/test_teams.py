"""Costs by team in a review."""

from __future__ import annotations

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.allocation import Allocation
from openai_admin.emulator import Emulator
from openai_admin.errors import InvalidInputError
from openai_admin.insights import known, review
from openai_admin.insights.findings import FINDINGS

RULES = """\
[[rule]]
project = "Customer Support *"
team = "Support"
[[rule]]
project = "Document Intake"
shares = [{ team = "Support", weight = 1 }, { team = "Product", weight = 1 }]
"""
PERSON = '[[rule]]\nuser = "ingrid.solheim@*"\nteam = "Product"\n'


async def test_costs_by_team_are_all_costs_beside_the_period_before(demo: Emulator) -> None:
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
        found = await review(
            client, only=["by_team", "by_project"], allocation=Allocation.from_text(RULES)
        )
        doubtful = await review(
            client, only=["by_team"], allocation=Allocation.from_text(RULES + PERSON)
        )
        without = Allocation.from_text(
            "[[rule]]\nproject = 'a'\ncost_center = '1'\n", source="a.toml"
        )
        with pytest.raises(InvalidInputError, match=r"a\.toml: no rule names a team"):
            await review(client, allocation=without)
        nothing = await review(client, only=["by_team"])
    teams = known(found.by_team)
    assert {group.group[0] for group in teams.groups} == {"Support", "Product", None}
    assert teams.total.cost == known(found.by_project).total.cost
    assert all(group.change is not None for group in teams.groups)
    assert not found.not_known
    # Where some costs belong to nobody known, no change of a team is stated.
    assert all(group.change is None for group in known(doubtful.by_team).groups)
    (part,) = doubtful.left_out("by_team")
    assert part.reason.endswith("line 7, may apply: they are not known by user_id")
    assert "Not looked at: teams of costs: " in " ".join(FINDINGS["by_team"].sentences(doubtful))
    assert nothing.by_team is None
    assert not nothing.is_about("by_team")
