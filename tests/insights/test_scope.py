"""A review of a month, of a project, beside the year before: on the demo organization."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio

from openai_admin import AsyncOpenAIAdmin
from openai_admin.directory.not_known import told
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import Lookback
from openai_admin.errors import InvalidInputError
from openai_admin.insights import Period, known, review
from openai_admin.report import document, figures, to_brief, to_markdown, to_slack

NOW = datetime(2026, 11, 20, 14, 40, tzinfo=UTC)
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
NOVEMBER = Period(date(2026, 11, 1), date(2026, 12, 1))
SPENDING = ("by_project", "by_model", "by_key", "movers", "projection", "daily")

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def client() -> AsyncIterator[AsyncOpenAIAdmin]:
    """A client of a demo organization whose clock stands still."""
    async with (
        Emulator(state="demo", now=lambda: int(NOW.timestamp())) as emulator,
        AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client,
    ):
        yield client


async def _cost(client: AsyncOpenAIAdmin, period: Period, **filters: Any) -> Decimal:
    """What the API says that a period cost."""
    end = min(period.end, date(2026, 11, 21))
    table = await client.usage.collect(
        "costs", start_time=f"{period.start}T00:00Z", end_time=f"{end}T00:00Z", **filters
    )
    return sum(table["amount"], Decimal(0))


async def test_a_month_that_is_over_has_its_bill_and_no_projection(
    client: AsyncOpenAIAdmin,
) -> None:
    found = await review(client, period=OCTOBER, only=SPENDING, now=NOW)
    total = known(found.by_project).total
    assert total.cost == await _cost(client, OCTOBER)
    assert total.previous == await _cost(client, Period(date(2026, 9, 1), date(2026, 10, 1)))
    assert sum(group.cost for group in known(found.by_model).groups) == total.cost
    assert known(found.by_project).previous == Period(date(2026, 9, 1), date(2026, 10, 1))
    assert found.projection is None
    assert not found.is_about("projection")
    assert told(found.why_not_known("projection"), {}) == ("costs: the period is over",)
    assert found.unsettled_from is None
    report = document(found)
    assert report.tiles[0].label == "Spent in October 2026"
    assert (report.tiles[1].label, report.tiles[1].value) == ("May still be restated", "nothing")
    assert "What will the month cost?" not in [part.title for part in report.parts]
    as_of = "(as of 2026-11-20 14:40 UTC)"
    assert [as_of in part.title for part in report.parts] == [False, False, True, True]
    assert [as_of in tile.label for tile in report.tiles] == [False, False, False, True, True]


async def test_the_bill_of_days_that_may_be_restated_is_not_final(
    client: AsyncOpenAIAdmin,
) -> None:
    days = Period(date(2026, 11, 9), date(2026, 11, 19))
    found = await review(client, period=days, only=SPENDING, now=NOW)
    assert found.unsettled_from == date(2026, 11, 17)
    unsettled = Period(date(2026, 11, 17), days.end)
    tile = document(found).tiles[1]
    assert tile.value == f"${await _cost(client, unsettled):,.2f}"
    assert "final from 2026-11-22 on" in tile.note


async def test_a_month_that_is_not_over_is_so_far_with_today(client: AsyncOpenAIAdmin) -> None:
    found = await review(client, period=NOVEMBER, only=SPENDING, now=NOW)
    assert found.period == Period(date(2026, 11, 1), date(2026, 11, 21))
    assert known(found.by_project).total.cost == await _cost(client, NOVEMBER)
    assert known(found.projection).spent == known(found.by_project).total.cost
    report = document(found)
    assert "2026-11-20 (20 days) so far, UTC" in report.subtitle
    assert report.tiles[0].label == "Spent in November 2026 so far"
    assert any("it is not over" in note for note in report.notes)


async def test_some_projects_are_looked_at_alone(client: AsyncOpenAIAdmin) -> None:
    ids = {project.name: project.id async for project in client.projects.list()}
    names = [ids["Voice Notes"], intake := ids["Document Intake"]]
    found = await review(client, period=OCTOBER, project=["voice notes", intake], now=NOW)
    assert set(found.scope.project_ids) == set(names)
    assert {group.group[0] for group in known(found.by_project).groups} == set(names)
    filtered = await _cost(client, OCTOBER, project_ids=names)
    assert known(found.by_project).total.cost == filtered < await _cost(client, OCTOBER)
    keys = (*known(found.stale_keys), *known(found.never_used_keys))
    assert {key.project_id for key in keys} <= set(names)
    # The limits of the organization are not held against what two of its projects cost.
    assert {limit.project_id for limit in known(found.thresholds)} <= set(names)
    assert {use.project_id for use in known(found.rate_limits)} <= set(names)
    for other in (
        *("stale_admin_keys", "non_expiring_admin_keys", "inactive_owners"),
        *("pending_invites", "ending_certificates"),
    ):
        assert getattr(found, other) is None
        assert not found.is_about(other)
    assert found.not_known == ()
    report = document(found)
    assert report.title == "Spend and access of 2 projects"
    assert "Voice Notes" in report.subtitle
    assert [tile.label.partition(" (")[0] for tile in report.tiles[3:]] == [
        "Keys that need attention",
        "Limits",
    ]
    assert not {"owners", "invites", "certificates"} & {
        section.key for part in report.parts for section in part.sections
    }


async def test_a_year_before_that_the_api_does_not_answer_for_is_not_zero(
    client: AsyncOpenAIAdmin,
) -> None:
    found = await review(client, period=OCTOBER, compare="last-year", only=SPENDING, now=NOW)
    assert found.scope.compared == Period(date(2025, 10, 1), date(2025, 11, 1))
    for breakdown in (known(found.by_project), known(found.by_model), known(found.by_key)):
        assert breakdown.total.cost == await _cost(client, OCTOBER)
        assert breakdown.gaps == 0
        assert {group.previous for group in breakdown.groups} == {None}
        assert breakdown.total.change is None
    assert found.movers is None
    (why,) = told(found.not_known, {})
    assert why.startswith("costs of the year before and costs by user and key of the year before:")
    assert "available for the past year" in why
    assert document(found).tiles[0].note == "the year before is not known"


async def test_a_year_before_that_is_known_is_compared_with(client: AsyncOpenAIAdmin) -> None:
    today = Period(date(2026, 11, 20), date(2026, 11, 21))
    found = await review(client, period=today, compare="last-year", only=SPENDING, now=NOW)
    before = Period(date(2025, 11, 20), date(2025, 11, 21))
    total = known(found.by_project).total
    assert total.previous == await _cost(client, before)
    assert total.change == total.cost - total.previous
    assert known(found.movers)
    # Keys are not in the costs of that year; the week before the day is too long ago, and not
    # asked about.
    assert known(found.by_key).total.previous is None
    assert [part.kind for part in found.not_known] == ["costs of the year before by key"]


async def test_nothing_is_compared_where_that_is_not_asked_for(client: AsyncOpenAIAdmin) -> None:
    found = await review(client, period=OCTOBER, compare="none", only=SPENDING, now=NOW)
    assert known(found.by_project).previous is None
    assert found.movers is None
    report = document(found)
    assert "compared" not in report.subtitle
    assert report.tiles[0].note == ""
    titles = [
        column.title
        for part in report.parts
        for section in part.sections
        for table in section.tables
        for column in table.columns
    ]
    assert "Cost" in titles
    assert not {"Before", "Change", "%"} & set(titles)
    assert figures(found)["compared"] is None
    assert figures(found)["previous_total"] is None


@pytest.mark.parametrize(
    ("project", "sentence"),
    [
        (
            "Voice Noes",
            "project: no project has the name 'Voice Noes'; did you mean 'Voice Notes'?",
        ),
        ("proj_nothing", "project: no project has the id 'proj_nothing'."),
    ],
)
async def test_an_unknown_project_is_one_sentence(
    client: AsyncOpenAIAdmin, project: str, sentence: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        await review(client, period=OCTOBER, project=project, now=NOW)
    assert str(refused.value) == sentence


async def test_an_ambiguous_project_is_told_by_its_ids(client: AsyncOpenAIAdmin) -> None:
    twins = [await client.projects.create(name="Twin") for _ in range(2)]
    with pytest.raises(InvalidInputError, match="2 projects have the name 'Twin'") as refused:
        await review(client, period=OCTOBER, project="Twin", now=NOW)
    assert all(twin.id in str(refused.value) for twin in twins)
    one = await review(client, period=OCTOBER, project=twins[0].id, now=NOW, compare="none")
    assert known(one.by_project).total.cost == 0
    assert document(one).title == "Spend and access of Twin"


async def test_only_days_that_a_figure_needs_are_missed(client: AsyncOpenAIAdmin) -> None:
    only = (*SPENDING, "thresholds", "anomalies")
    back = (NOW.date() - date(2026, 9, 1)).days
    async with (
        Emulator(state="demo", now=lambda: int(NOW.timestamp())) as emulator,
        AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as other,
    ):
        emulator.faults.add(Lookback(match="usage.costs", days=back))
        found = await review(other, period=OCTOBER, only=only, now=NOW)
        september = Period(date(2026, 9, 1), date(2026, 10, 1))
        before = await review(other, period=september, only=["by_project"], now=NOW)
    assert found.not_known == ()
    whole = await review(client, period=OCTOBER, only=["by_project"], now=NOW)
    assert known(found.by_project).total == known(whole.by_project).total
    assert known(found.thresholds)
    assert known(found.movers)
    assert known(before.by_project).total.previous is None
    (why,) = told(before.not_known, {})
    assert "to 2026-08-31" in why


async def test_what_is_not_over_is_not_compared_as_if_it_were(client: AsyncOpenAIAdmin) -> None:
    today = Period(date(2026, 11, 20), date(2026, 11, 21))
    found = await review(client, period=today, only=SPENDING, now=NOW)
    caveat = "in the whole of 2026-11-19 to 2026-11-19"
    assert " so far, against $" in document(found).tiles[0].note
    for form in (to_brief(found), str(to_slack(found)), to_markdown(found)):
        assert caveat in form.replace("\\", "")
    assert "Moved most so far" in to_brief(found)
