"""The options for whole days, and the names of files that they give."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from openai_admin.cli.comparison import Before
from openai_admin.cli.errors import CommandError
from openai_admin.cli.file_names import named
from openai_admin.cli.period_options import period_of, projects_of
from openai_admin.errors import InvalidInputError
from openai_admin.insights import Period

from .conftest import CLI

NOW = datetime(2026, 11, 20, 14, 40, tzinfo=UTC)
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))


@pytest.mark.parametrize(
    ("options", "start", "end"),
    [
        ({"month": "2026-10"}, "2026-10-01", "2026-11-01"),
        ({"last_month": True}, "2026-10-01", "2026-11-01"),
        ({"month": "this-month"}, "2026-11-01", "2026-12-01"),  # whole; a review cuts it
        ({"month": "2026-Q3"}, "2026-07-01", "2026-10-01"),
        ({"since": "2026-10"}, "2026-10-01", "2026-11-01"),
        ({"since": "2026-10", "until": "2026-11"}, "2026-10-01", "2026-12-01"),
        ({"since": "2026-10-05", "until": "2026-10-12"}, "2026-10-05", "2026-10-12"),
        ({"since": "2026-11-18"}, "2026-11-18", "2026-11-21"),
        ({"since": "7d"}, "2026-11-14", "2026-11-21"),
    ],
)
def test_options_name_days(options: dict[str, Any], start: str, end: str) -> None:
    found = period_of(**options, now=NOW)
    assert found == Period(date.fromisoformat(start), date.fromisoformat(end))


def test_without_options_there_is_no_period() -> None:
    assert period_of(now=NOW) is None


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"month": "2026-10", "last_month": True}, "Pass --last-month without --month"),
        ({"last_month": True, "since": "7d"}, "Pass --last-month without --month"),
        ({"month": "2026-10", "until": "2026-11"}, "Pass --month, or --since and --until"),
        ({"month": "2026-10-01"}, "--month must be a period, such as 2026-10"),
        ({"month": "2026-13"}, "--month is not a valid time: '2026-13'"),
        ({"month": "2027-01"}, "--month lies in the future: '2027-01'; it must have begun."),
        ({"since": "2026-12-01"}, "--since lies in the future: '2026-12-01'"),
        ({"until": "2026-11-01"}, "--until needs --since"),
        ({"since": "2026-10-05", "until": "2026-10-05"}, "--until must be after --since"),
        ({"since": "2026-10-05", "until": "2026-10-01"}, "--until must be after --since"),
        ({"since": "2026-10-05T12:00Z"}, "--since must be the beginning of a day"),
        ({"since": "2026-10-05", "until": "2026-10-06T00:30Z"}, "--until must be the beginning"),
        ({"since": "24h"}, "--since must be the beginning of a day"),
    ],
)
def test_what_names_no_days_is_refused_in_a_sentence(
    options: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        period_of(**options, now=NOW)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("spend.html", "spend.html"),
        ("spend-{month}.html", "spend-2026-10.html"),
        ("{start}_{end}.csv", "2026-10-01_2026-10-31.csv"),
        ("{date}/{project}.md", "2026-11-20/Voice-Notes+proj_1.md"),
    ],
)
def test_words_in_braces_stand_for_what_a_file_is_of(name: str, made: str) -> None:
    days = (OCTOBER.start, OCTOBER.end)
    found = named(Path(name), days=days, projects=["Voice Notes", "proj_1"], now=NOW)
    assert found == Path(made)


def test_a_month_may_be_one_that_is_not_over() -> None:
    days = (date(2026, 11, 1), date(2026, 11, 21))
    assert named(Path("{month}"), days=days, now=NOW) == Path("2026-11")


def test_no_project_leads_to_another_folder() -> None:
    days = (OCTOBER.start, OCTOBER.end)
    found = named(Path("out/{project}.md"), days=days, projects=["../../etc/pass wd"], now=NOW)
    assert found == Path("out/etc-pass-wd.md")


def test_a_dash_is_standard_output() -> None:
    assert named(Path("-")) is None
    assert named(None) is None


@pytest.mark.parametrize(
    ("name", "days", "sentence"),
    [
        ("{moth}", (OCTOBER.start, OCTOBER.end), "{moth} stands for nothing"),
        ("{}", (OCTOBER.start, OCTOBER.end), "{} stands for nothing"),
        ("{month}", (date(2026, 10, 1), date(2026, 10, 31)), "{month} needs one month"),
        ("{month}", (date(2026, 10, 1), date(2026, 12, 1)), "{month} needs one month"),
        ("{project}", (OCTOBER.start, OCTOBER.end), "{project} needs --project"),
        ("{month}", None, "there is '{date}'"),
    ],
)
def test_a_word_that_stands_for_nothing_is_refused(
    name: str, days: tuple[date, date] | None, sentence: str
) -> None:
    with pytest.raises(CommandError) as refused:
        named(Path(name), days=days, now=NOW)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("start", "end", "width", "before"),
    [
        ("2026-10-01", "2026-11-01", "1d", "2025-10-01 to 2025-10-31"),
        ("2026-10-05", "2026-10-12", "1d", "2025-10-05 to 2025-10-11"),
        ("2024-02-01", "2024-03-01", "1d", "2023-02-01 to 2023-02-28"),
        ("2024-02-29", "2024-03-02", "1d", "2023-02-28 to 2023-03-01"),
        ("2026-10-05T06:30", "2026-10-05T08:10", "1h", "2025-10-05 06:00 to 2025-10-05 09:00"),
    ],
)
def test_totals_are_compared_with_the_same_dates_of_the_year_before(
    start: str, end: str, width: str, before: str
) -> None:
    moments = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (start, end)]
    found = Before.of(moments[0], moments[1], width=width, zone=UTC, compare="last-year")
    assert str(found) == before


def test_totals_of_more_than_a_year_are_not_compared_with_the_year_before() -> None:
    start, end = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    with pytest.raises(InvalidInputError, match="it must be at most a year"):
        Before.of(start, end, width="1d", zone=UTC, compare="last-year")


async def test_costs_of_last_month_have_its_name_and_no_zero_for_a_year_unknown(
    cli: CLI, tmp_path: Path
) -> None:
    out = tmp_path / "costs-{month}-{project}.json"
    arguments = ("costs", "--last-month", "--project", "Voice Notes", "--totals")
    done = await cli(*arguments, "--compare", "last-year", "-o", str(out))
    assert done.code == 1, done.err
    assert "No change is stated, since not all of both periods is known: costs from" in done.err
    (file,) = tmp_path.glob("costs-????-??-Voice-Notes.json")
    (compared,) = json.loads(file.read_text())
    assert (compared["previous"], compared["change"]) == (None, None)
    (alone,) = (await cli(*arguments, "-o", "-")).json
    assert alone["amount"] == compared["amount"]
    refused = await cli("costs", "--last-month", "-o", "{moth}.csv")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith("--out: {moth} stands for nothing; there are '{date}', ")


@pytest.mark.parametrize("named", [[""], [" "], ["Search", ""], ["Search,"], ["[]"], ['["A", ""]']])
def test_a_project_without_a_name_is_not_the_whole_organization(named: list[str]) -> None:
    with pytest.raises(InvalidInputError, match="--project must not be empty"):
        projects_of(named)


async def test_no_command_takes_an_empty_project_for_all_of_them(cli: CLI, tmp_path: Path) -> None:
    out = str(tmp_path / "focus.csv")
    for command in (
        ("report",),
        ("costs",),
        ("focus", "-o", out),
        ("export", str(tmp_path / "set")),
        ("budget", "--limit", "5"),
    ):
        refused = await cli(*command, "--project", "")
        assert refused.code == 2, command
        assert "--project must not be empty" in refused.err
    assert not list(tmp_path.iterdir())
