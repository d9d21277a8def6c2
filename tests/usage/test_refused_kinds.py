"""Refusals that read like another kind than they are: what is lost, and what finding out costs."""

from __future__ import annotations

import math
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

import pytest

from openai_admin import UsageWindowError
from openai_admin.usage.refusals import API_KEY_COSTS_SINCE, told_since
from openai_admin.usage.table import UsageTable
from tests.usage.refusing import Asked, RefusingServer, Rule, before, by, refused
from tests.usage.test_adapt import collected, date_of, days_of
from tests.usage.times import DAY, NOW, TODAY

FIELDS = ["project_id", "line_item", "user_id", "api_key_id", "api_source"]
START = {"param": "start_time"}


def values_of(table: UsageTable, field: str) -> dict[int, Any]:
    return dict(zip(days_of(table), table[field], strict=True))


def bound(days: int, fields: int) -> int:
    """The requests that a look-back or a floor may cost, with one for each field."""
    return math.ceil(math.log2(days)) + 1 + fields


# --- the floor of a field ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "since", "message", "most"),
    [
        ("api_key_id", API_KEY_COSTS_SINCE, "start_time is too early for api_key_id", 1),
        ("api_key_id", API_KEY_COSTS_SINCE, "start_time is too early", bound(400, 1)),
        ("user_id", TODAY - 100 * DAY, "start_time is too early for user_id", bound(400, 1)),
        ("user_id", TODAY - 100 * DAY, "start_time is too early", bound(400, 2)),
        ("user_id", TODAY - 100 * DAY, "start_time must be on or after {date}.", 3),
    ],
)
async def test_the_floor_of_a_field_costs_that_field_alone(
    field: str, since: int, message: str, most: int
) -> None:
    text = message.format(date=date_of(since))
    async with RefusingServer(by(field, text, since=since, **START)) as server:
        table = await collected(
            server,
            "costs",
            start_time=TODAY - 400 * DAY,
            group_by=["project_id", field],
            adapt="all",
        )
    found = values_of(table, field)
    assert list(found) == list(range(TODAY - 400 * DAY, TODAY, DAY))
    assert all((value is None) == (day < since) for day, value in found.items())
    assert set(table["project_id"]) == {"project_id-1"}
    (adapted,) = table.adapted
    assert (adapted.what, adapted.field, table.missing) == ("grouping", field, [])
    assert f"not grouped by {field} before {date_of(since)}" in str(adapted)
    # The window of the floor is asked for in two parts; the oldest, again without the field.
    assert len(server.asked) - 3 - 2 <= most


async def test_a_look_back_below_the_floor_of_a_field_is_told_beside_it() -> None:
    first, since = TODAY - 150 * DAY, TODAY - 100 * DAY
    rules = [before(first), by("user_id", "start_time is too early", since=since, **START)]
    async with RefusingServer(*rules) as server:
        table = await collected(
            server,
            "costs",
            start_time=TODAY - 170 * DAY,
            group_by=["project_id", "user_id"],
            adapt="all",
        )
    found = values_of(table, "user_id")
    assert list(found) == list(range(first, TODAY, DAY))
    assert all((value is None) == (day < since) for day, value in found.items())
    assert [each.what for each in table.adapted] == ["start", "grouping"]
    assert len(server.asked) - 1 <= 2 * bound(170, 2)


async def test_a_floor_within_the_only_window_is_found() -> None:
    since = TODAY - 9 * DAY
    rule = by("user_id", "user_id is not available for that range.", since=since)
    async with RefusingServer(rule) as server:
        table = await collected(
            server, "costs", start_time=TODAY - 30 * DAY, group_by=FIELDS[:3], adapt="all"
        )
    found = values_of(table, "user_id")
    assert all((value is None) == (day < since) for day, value in found.items())
    assert len(server.asked) - 1 <= bound(30, 1) + 1


async def test_where_no_field_may_be_left_out_the_days_of_a_floor_are_missing() -> None:
    since = TODAY - 20 * DAY
    rule = by("user_id", "start_time is too early.", since=since, **START)
    query: dict[str, Any] = {"start_time": TODAY - 40 * DAY, "group_by": ["user_id"]}
    async with RefusingServer(rule) as server:
        table = await collected(server, "costs", partial=True, **query)
        with pytest.raises(UsageWindowError, match="too early"):
            await collected(server, "costs", **query)
    assert days_of(table) == list(range(since, TODAY, DAY))
    assert set(table["user_id"]) == {"user_id-1"}
    (missing,) = table.missing
    assert (missing.window.start, missing.window.end) == (TODAY - 40 * DAY, since)
    assert table.adapted == []


# --- fields that are allowed ---------------------------------------------------------------------


def only(allowed: Collection[str], message: str, **error: Any) -> Rule:
    """Refuse what is grouped by any other field."""
    return lambda asked: None if set(asked.groups) <= set(allowed) else refused(message, **error)


@pytest.mark.parametrize(
    ("message", "most"),
    [
        ("You can only group costs by project_id and line_item.", 1),
        ("Only project_id and line_item are supported for group_by", 1),
        ("project_id and line_item are the supported group_by fields.", 1),
        ("Invalid group_by. project_id and line_item are supported.", 1),
        ("You can only group by project_id and line_item, not by user_id.", 1),
        ("Costs have project_id and line_item for group_by.", 3),  # read as refused at first
    ],
)
async def test_fields_that_a_message_allows_are_kept(message: str, most: int) -> None:
    async with RefusingServer(only(FIELDS[:2], message)) as server:
        table = await collected(
            server, "costs", start_time=TODAY - 9 * DAY, group_by=FIELDS, adapt="all"
        )
    for field in FIELDS:
        assert set(table[field]) == {f"{field}-1" if field in FIELDS[:2] else None}
    assert [each.field for each in table.adapted] == FIELDS[2:]
    assert len(server.asked) - 1 <= most


async def test_each_refused_field_that_is_named_beside_those_allowed_takes_one_request() -> None:
    def rule(asked: Asked) -> Any:
        bad = [field for field in asked.groups if field not in FIELDS[:2]]
        message = f"Invalid value: '{bad[:1]}'. Supported values are: 'project_id' and 'line_item'."
        return refused(message, param="group_by[0]") if bad else None

    async with RefusingServer(rule) as server:
        table = await collected(
            server, "costs", start_time=TODAY - 9 * DAY, group_by=FIELDS, adapt="all"
        )
    assert [each.field for each in table.adapted] == FIELDS[2:]
    assert len(server.asked) - 1 == 3


@pytest.mark.parametrize("field", FIELDS)
async def test_what_was_left_out_is_exactly_what_is_told(field: str) -> None:
    """However the field that is refused was found, no other one is null, or told as lost."""
    for message in (f"Cannot group by {field}.", "Bad group_by.", "Invalid value."):
        async with RefusingServer(by(field, message, code="invalid_value")) as server:
            table = await collected(
                server, "costs", start_time=TODAY - 9 * DAY, group_by=FIELDS, adapt="all"
            )
        assert [each.field for each in table.adapted] == [field]
        assert [name for name in FIELDS if set(table[name]) == {None}] == [field]


# --- days that a message says --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "days"),
    [
        ("Only available for the past 12 months.", 365),
        ("Only available for the past 12 months.", 366),
        ("You can only query the last 3 months.", 92),
        ("You can only query the last 3 months.", 90),
        ("start_time must be within the past year.", 366),
        ("start_time must be on or after {later}.", 90),
        ("start_time must be before {future}, and on or after {future}.", 90),
        ("start_time must be on or after {earlier}.", 90),
    ],
)
@pytest.mark.parametrize("groups", [{}, {"group_by": ["project_id"]}])
async def test_a_day_that_a_message_says_is_a_guess(
    message: str, days: int, groups: dict[str, Any]
) -> None:
    first = TODAY - days * DAY
    text = message.format(
        later=date_of(first + 5 * DAY),
        earlier=date_of(first - 2 * DAY),
        future=date_of(TODAY + 900 * DAY),
    )
    async with RefusingServer(before(first, text, **START)) as server:
        table = await collected(
            server, "costs", start_time=TODAY - 400 * DAY, **groups, adapt="all"
        )
    assert days_of(table) == list(range(first, TODAY, DAY))
    (adapted,) = table.adapted
    assert str(adapted) == (
        f"Costs start on {date_of(first)}: the API refuses earlier days (“{text.rstrip('.')}”)."
    )
    assert len(server.asked) - 3 <= bound(400, len(groups)) + 1


def test_months_and_years_are_those_of_the_calendar() -> None:
    at = {name: int(datetime(*day, 7, tzinfo=UTC).timestamp()) for name, day in DAYS.items()}
    assert [
        date_of(told_since(f"the past {span}", now=at[name]) or 0)
        for name, span in [("may", "3 months"), ("leap", "year"), ("may", "90 days")]
    ] == ["2026-02-28", "2027-02-28", "2026-03-02"]
    assert told_since("the past 9999 years", now=NOW) is None


DAYS = {"may": (2026, 5, 31), "leap": (2028, 2, 29)}


# --- widths --------------------------------------------------------------------------------------


@pytest.mark.parametrize("groups", [{}, {"group_by": ["project_id"]}])
@pytest.mark.parametrize(
    ("message", "error", "most"),
    [
        ("The time range must not exceed 31 days.", START, 12),
        ("The range between start_time and end_time must not exceed 31 days.", {}, 12),
        ("Only 31 days can be asked for at once.", {}, 12),
        ("The time range is too long.", {}, 22),
        ("Invalid time range.", START, 32),  # the words may mean the start as well
    ],
)
async def test_a_range_that_is_refused_as_too_wide_is_cut(
    message: str, error: dict[str, Any], most: int, groups: dict[str, Any]
) -> None:
    def wide(asked: Asked) -> Any:
        return refused(message, **error) if asked.end - asked.start > 31 * DAY else None

    async with RefusingServer(wide) as server:
        table = await collected(
            server, "costs", start_time=TODAY - 200 * DAY, **groups, adapt="all"
        )
    assert days_of(table) == list(range(TODAY - 200 * DAY, TODAY, DAY))
    assert table.missing == []
    (adapted,) = table.adapted
    assert (adapted.what, adapted.loses) == ("width", False)
    assert len(server.asked) <= most


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ("user_id is not available for such a range.", {}),
        ("Invalid start_time for user_id.", START),
        ("Costs by user_id: the time range must not exceed 31 days.", {}),
    ],
)
async def test_a_field_that_only_wide_ranges_are_refused_for_is_kept(
    message: str, error: dict[str, Any]
) -> None:
    def wide(asked: Asked) -> Any:
        is_wide = asked.end - asked.start > 31 * DAY and "user_id" in asked.groups
        return refused(message, **error) if is_wide else None

    async with RefusingServer(wide) as server:
        table = await collected(
            server, "costs", start_time=TODAY - 200 * DAY, group_by=FIELDS[1:3], adapt="all"
        )
    assert set(table["user_id"]) == {"user_id-1"}
    assert len(table) == 200
    assert [each.what for each in table.adapted] == ["width"]
    assert len(server.asked) <= 40


async def test_a_look_back_that_reads_like_a_width_loses_no_more_than_it_must() -> None:
    first = TODAY - 90 * DAY
    async with RefusingServer(before(first, "The time range exceeds 90 days.", **START)) as server:
        table = await collected(server, "costs", start_time=TODAY - 200 * DAY)
    assert days_of(table) == list(range(first, TODAY, DAY))
    assert table.adapted[0].what == "start"


@pytest.mark.parametrize(
    ("field", "since", "most"),
    [
        ("api_key_id", API_KEY_COSTS_SINCE, 2),
        ("user_id", 2**40, 2 + 4),
        ("line_item", 2**40, 2 + 4),
    ],
)
async def test_a_refusal_that_says_nothing_costs_the_field_that_it_is_for(
    field: str, since: int, most: int
) -> None:
    groups = list(dict.fromkeys(["project_id", field, "api_key_id"]))
    async with RefusingServer(by(field, "Invalid request", since=since)) as server:
        table = await collected(
            server, "costs", start_time=TODAY - 400 * DAY, group_by=groups, adapt="all"
        )
    found = values_of(table, field)
    assert all((value is None) == (day < since) for day, value in found.items())
    assert all(None not in table[other] for other in groups if other != field)
    (adapted,) = table.adapted
    until = None if since == 2**40 else datetime.fromtimestamp(since, UTC)
    assert (adapted.what, adapted.field, adapted.until) == ("grouping", field, until)
    assert len(server.asked) - 3 - 2 <= most


async def test_a_refusal_that_says_nothing_of_any_query_is_told() -> None:
    async with RefusingServer(lambda asked: refused("Invalid request")) as server:
        with pytest.raises(UsageWindowError, match="Invalid request"):
            await collected(
                server,
                "costs",
                start_time=TODAY - 20 * DAY,
                group_by=["project_id", "user_id"],
                adapt="all",
            )
    assert len(server.asked) <= 2
