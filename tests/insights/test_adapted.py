"""Insights over costs of which the API refuses the beginning, or a grouping."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults.refusals import Grouping, Lookback
from openai_admin.insights import known
from openai_admin.insights.costs import cost_by
from openai_admin.insights.examine import examine
from openai_admin.insights.findings import FINDINGS
from openai_admin.insights.gather import fetch_facts
from openai_admin.insights.lacking import lacking
from openai_admin.insights.periods import midnight, whole_days
from openai_admin.mcp.insight import insight_tools
from tests.mcp.serving import dollars
from tests.usage.refusing import RefusingServer, before

DAY = 86_400


async def test_days_that_were_not_given_are_gaps_and_no_zeros() -> None:
    now = datetime.now(UTC)
    period = whole_days(30, now=now)
    first = (int(time.time()) // DAY - 40) * DAY
    async with RefusingServer(before(first)) as server, server.client() as client:
        table = await client.usage.collect(
            "costs",
            start_time=midnight(period.before().start),
            end_time=midnight(period.end),
            group_by=["project_id"],
        )
    breakdown = cost_by(table, "project", period=period)
    assert breakdown.gaps == 0
    assert {group.change for group in (breakdown.total, *breakdown.groups)} == {None}
    assert lacking("costs", table) == ()


async def test_a_review_goes_on_and_says_what_it_lacks(demo: Emulator) -> None:
    demo.faults.add(Lookback(match="usage.costs", days=40))
    demo.faults.add(Grouping(match="usage.completions", fields=("service_tier",)))
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
        review = examine(await fetch_facts(client, days=30))
    assert review.missing == ()
    lost = {part.kind: part.what({}) for part in review.not_known}
    assert lost.keys() == {"costs", "costs by consumer", "usage by service tier"}
    assert lost["costs"].startswith("costs of ")
    months = known(review.months)  # as far back as costs go
    assert months[-1].cost is None
    assert FINDINGS["months"].sentences(review)[-1].startswith("Not all costs of ")
    assert review.models is not None  # its tiers are as one
    assert review.reconciliation is None


async def test_what_was_spent_is_known_where_only_the_grouping_is_refused(demo: Emulator) -> None:
    demo.faults.add(Grouping(match="usage.costs", fields=("user_id",)))
    (spend,) = [tool for tool in insight_tools() if tool.name.endswith("insight_spend")]
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
        by_user = await spend.run(client, {"by": "user"})
        by_project = await spend.run(client, {"by": "project"})
    assert by_user.structured["total"] == by_project.structured["total"]
    assert dollars(by_user.structured["total"]["cost"]) > 0
    assert by_user.structured["groups"] is None
    assert not {"others", "days_missing"} & by_user.structured.keys()
    total, _, why = by_user.summary.partition(" Not checked: the API does not group that, “")
    assert by_project.summary.startswith(total)
    assert "““" not in why
    assert "(costs by user)" in why
