"""What is written on a command line, as the values that operations take."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from openai_admin._declare.dates import Period, period, span
from openai_admin._declare.operation import OPERATIONS
from openai_admin.cli.dates import time_range
from openai_admin.cli.parameters import Arguments
from openai_admin.errors import InvalidInputError
from openai_admin.resources import load

load()

NOW = datetime(2026, 11, 24, 13, 45, 30, 500, tzinfo=UTC)


def day(month: int, day_: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day_, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-10-31", Period(day(10, 31))),
        ("2026-10-31T12:30Z", Period(day(10, 31, 12, 30))),
        ("2026-10-31T12:30+02:00", Period(day(10, 31, 10, 30))),
        ("1793448000", Period(datetime.fromtimestamp(1793448000, UTC))),
        ("2026-10", Period(day(10, 1), day(11, 1))),
        ("2026-Q3", Period(day(7, 1), day(10, 1))),
        ("2026q4", Period(day(10, 1), datetime(2027, 1, 1, tzinfo=UTC))),
        ("2026-W40", Period(day(9, 28), day(10, 5))),
        ("2026", Period(day(1, 1), datetime(2027, 1, 1, tzinfo=UTC))),
        ("now", Period(NOW)),
        ("today", Period(day(11, 24), day(11, 25))),
        ("yesterday", Period(day(11, 23), day(11, 24))),
        ("this-week", Period(day(11, 23), day(11, 30))),
        ("last-week", Period(day(11, 16), day(11, 23))),
        ("this-month", Period(day(11, 1), day(12, 1))),
        ("last-month", Period(day(10, 1), day(11, 1))),
        ("Last_Month ", Period(day(10, 1), day(11, 1))),
        ("this-quarter", Period(day(10, 1), datetime(2027, 1, 1, tzinfo=UTC))),
        ("last-quarter", Period(day(7, 1), day(10, 1))),
        ("this-year", Period(day(1, 1), datetime(2027, 1, 1, tzinfo=UTC))),
        ("last-year", Period(datetime(2025, 1, 1, tzinfo=UTC), day(1, 1))),
        ("mtd", Period(day(11, 1), day(11, 25))),
        ("ytd", Period(day(1, 1), day(11, 25))),
        ("1d", Period(day(11, 24))),
        ("7d", Period(day(11, 18))),
        ("30d", Period(day(10, 26))),
        ("2w", Period(day(11, 11))),
        ("1mo", Period(day(10, 25))),
        ("3mo", Period(day(8, 25))),
        ("1y", Period(datetime(2025, 11, 25, tzinfo=UTC))),
        ("24h", Period(day(11, 23, 13))),
        ("90m", Period(day(11, 24, 12, 15))),
    ],
)
def test_period(text: str, expected: Period) -> None:
    assert period(text, "--since", now=NOW) == expected


def test_last_month_of_a_year_begins_in_december() -> None:
    new_year = datetime(2027, 1, 3, tzinfo=UTC)
    assert period("last-month", "--since", now=new_year) == Period(
        day(12, 1), datetime(2027, 1, 1, tzinfo=UTC)
    )


def test_months_end_on_the_last_day_where_they_are_shorter() -> None:
    end_of_march = datetime(2026, 3, 30, 9, tzinfo=UTC)
    assert period("1mo", "--since", now=end_of_march).start == day(2, 28)


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "7x", "d", "-3d", "7 d", "99999mo", "99999y", "12:00"),
        *("2026-13", "2026-02-30", "2026-Q5", "2026-W54", "0000"),
    ],
)
def test_what_is_not_a_time_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match=r"^--since is not a valid time: .* \(write 2026-"):
        period(text, "--since", now=NOW)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("last-mont", "; did you mean 'last-month'?"),
        ("this_qarter", "; did you mean 'this-quarter'?"),
        ("3M", " (write 3mo for months, 3m for minutes)."),
    ],
)
def test_what_is_nearly_a_time_is_named(text: str, hint: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        period(text, "--since", now=NOW)
    assert str(caught.value) == f"--since is not a valid time: {text!r}{hint}"


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("2026-08", "2026-10", (day(8, 1), day(11, 1))),
        ("2026-10-01", "2026-11-01", (day(10, 1), day(11, 1))),
        ("2026-10-01", None, (day(10, 1), None)),
        ("2026-10-01", "2026-11-01T00:00Z", (day(10, 1), day(11, 1))),
        ("30d", "7d", (day(10, 26), day(11, 18))),
        ("yesterday", "yesterday", (day(11, 23), day(11, 24))),
        ("last-month", None, (day(10, 1), day(11, 1))),
        ("last-month", "today", (day(10, 1), None)),
        ("this-month", None, (day(11, 1), None)),
        (None, None, (day(10, 26), None)),
    ],
)
def test_a_period_means_its_beginning_or_its_end(
    since: str | None, until: str | None, expected: tuple[datetime, datetime | None]
) -> None:
    assert time_range(since, until, now=NOW) == expected


def test_a_month_is_both_ends() -> None:
    assert time_range(None, None, month="2026-10", now=NOW) == (day(10, 1), day(11, 1))
    with pytest.raises(InvalidInputError, match=r"must be a period, such as .*, not '7d'"):
        time_range(None, None, month="7d", now=NOW)
    with pytest.raises(InvalidInputError, match="Pass --month, or --since and --until, not both"):
        time_range("7d", None, month="2026-10", now=NOW)


def test_an_end_is_after_the_beginning() -> None:
    with pytest.raises(InvalidInputError, match=r"^--until must be after --since: 2026-10-01T00"):
        time_range("2026-10", "2026-09", now=NOW)


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="needs a time zone"):
        period("2026-10-31T12:30", "--since", now=NOW)


def test_span() -> None:
    assert span("2026-10-01..2026-10-03", "x", now=NOW) == (day(10, 1), day(10, 3))
    assert span("..yesterday", "x", now=NOW) == (None, day(11, 24))
    assert span("last-month", "x", now=NOW) == (day(10, 1), day(11, 1))


def test_days_of_events_are_24_hours() -> None:
    assert span("7d..", "x", now=NOW) == (day(11, 17, 13), None)
    assert span("1d..", "x", now=NOW) == span("24h..", "x", now=NOW)
    assert span("2d..1d", "x", now=NOW) == (day(11, 22, 13), day(11, 23, 13))
    assert period("1mo", "x", now=NOW, whole_days=False).start == day(10, 24, 13)


def read(operation: str, **written: Any) -> dict[str, Any]:
    return Arguments(OPERATIONS[operation]).values(written)


@pytest.mark.parametrize(
    ("operation", "written", "value"),
    [
        ("roles.create", {"permissions": ["a,b", "c"]}, ["a", "b", "c"]),
        ("roles.create", {"permissions": ['["a,b", "c"]']}, ["a,b", "c"]),
        ("roles.create", {"permissions": [""]}, []),
        ("usage.costs", {"line_items": ["gpt-5, input,gpt-4.1, output"]},
         ["gpt-5, input", "gpt-4.1, output"]),
        ("roles.update", {"description": "null"}, None),
        ("roles.create", {"role_name": "null"}, "null"),
        ("projects.rate_limits.update", {"max_requests_per_1_minute": "500"}, 500),
        ("projects.service_tier_settings.update", {"enabled_tiers": ["all"]}, "all"),
        ("projects.service_tier_settings.update", {"enabled_tiers": ["flex,fast"]},
         ["flex", "fast"]),
        ("invites.create", {"projects": ["id=p1,role=member", '{"id": "p2", "role": "owner"}']},
         [{"id": "p1", "role": "member"}, {"id": "p2", "role": "owner"}]),
        ("invites.create", {"projects": ['[{"id": "p1", "role": "member"}]']},
         [{"id": "p1", "role": "member"}]),
        ("spend_alerts.create",
         {"notification_channel": "type=email,recipients=a@x.y,recipients=b@x.y,subject_prefix=1"},
         {"type": "email", "recipients": ["a@x.y", "b@x.y"], "subject_prefix": "1"}),
        ("projects.hosted_tool_permissions.update", {"mcp": "enabled=false"}, {"enabled": False}),
        ("workload_identity_providers.federation_rules.create",
         {"attribute_matchers": "repo=a/b,protected=true,runs=3"},
         {"repo": "a/b", "protected": True, "runs": 3}),
        ("projects.retrieve", {"project_id": "@not-a-file"}, "@not-a-file"),
        ("groups.create", {"name": "@@team"}, "@team"),
        ("audit_logs.list", {"effective_at": "2026-10-01..2026-10-03"},
         (day(10, 1), day(10, 3))),
        ("audit_logs.list", {"effective_at": "gte=2026-10-01,lt=2026-11"},
         {"gte": day(10, 1), "lt": day(11, 1)}),
        ("audit_logs.list", {"effective_at": "lte=2026-10,gt=2026-10-30T12:00Z"},
         {"lte": day(11, 1) - timedelta(seconds=1), "gt": day(10, 30, 12)}),
    ],
)  # fmt: skip
def test_read(operation: str, written: dict[str, Any], value: Any) -> None:
    (name,) = written
    assert read(operation, **written) == {name: value}


def test_what_was_not_written_is_left_out() -> None:
    assert read("roles.update", role_name=None, permissions=None, description=None) == {}


def test_a_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "body"
    file.write_text('{"type": "aws"}')
    assert read("external_storage.create", provider=f"@{file}") == {"provider": {"type": "aws"}}
    assert read("certificates.create", certificate=f"@{file}") == {"certificate": '{"type": "aws"}'}


@pytest.mark.parametrize(
    ("operation", "written", "sentence"),
    [
        ("certificates.create", {"certificate": "@/no/such.pem"},
         r"--certificate: the file '/no/such.pem' cannot be read: No such file or directory"),
        ("external_storage.create", {"provider": "{"}, r"--provider is not valid JSON: "),
        ("external_storage.create", {"provider": "aws"},
         r"--provider is written as key=value,… or as JSON; 'aws' has no '='\."),
        ("audit_logs.list", {"effective_at": "gte=soon"}, r"--effective-at.gte is not a valid"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(
    operation: str, written: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InvalidInputError, match=sentence):
        read(operation, **written)
