"""Usage and costs as tables, and the demo that shows them."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pyarrow.parquet
import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator, Status
from openai_admin.emulator.faults import ClockSkew
from openai_admin.emulator.faults.fault import Exchange
from openai_admin.emulator.faults.payloads import JSONFault

from .conftest import CLI, invoke

CENT = Decimal("0.01")


async def test_demo_agrees_with_costs_to_the_cent() -> None:
    """Two commands, each with an emulator of its own."""
    shown = (await invoke("demo")).out
    costs = await invoke("costs", "--demo", "--group-by", "project_id,line_item", "--with-names",
                         "--format", "json")  # fmt: skip
    projects: dict[str, Decimal] = {}
    models: dict[str, Decimal] = {}
    days: dict[str, Decimal] = {}
    for row in costs.json:
        amount = Decimal(row["amount"])
        model = row["line_item"].rpartition(" | ")[2].split(",")[0]
        day = row["start_time"][:10]
        for sums, key in ((projects, row["project_name"]), (models, model), (days, day)):
            sums[key] = sums.get(key, Decimal(0)) + amount
    by_project, by_model = shown.split("\n\n")[1:3]
    assert figures(by_project) == rounded(projects)
    assert figures(by_model) == rounded(models)
    busiest = max(days, key=days.__getitem__)
    assert f"The busiest day was {busiest}: {days[busiest]:,.2f} USD" in shown
    assert f": {sum(projects.values()):,.2f} USD\n" in shown
    plain = await invoke("costs", "--demo", "--format", "json")
    assert sum(Decimal(r["amount"]) for r in plain.json) == sum(projects.values())


def figures(table: str) -> dict[str, Decimal]:
    """The names and amounts of one of the demo's tables."""
    found = [re.match(r"(.+?) +([\d,]+\.\d\d) ", line) for line in table.splitlines()[1:]]
    return {m[1]: Decimal(m[2].replace(",", "")) for m in found if m}


def rounded(sums: dict[str, Decimal]) -> dict[str, Decimal]:
    return {name: Decimal(f"{amount:.2f}") for name, amount in sums.items()}


async def test_usage_is_what_the_client_gives(cli: CLI, demo: Emulator) -> None:
    shown = (await cli("usage", "completions", "--since", "2d", "--until", "yesterday",
                       "--width", "1h", "--group-by", "model",
                       "--models", "gpt-5,gpt-5-mini")).json  # fmt: skip
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
        table = await client.usage.collect(
            "completions",
            start_time=today - timedelta(days=1),
            end_time=today,
            bucket_width="1h",
            group_by=["model"],
            models=["gpt-5", "gpt-5-mini"],
        )
    assert [row["input_tokens"] for row in shown] == table["input_tokens"]
    assert [row["model"] for row in shown] == table["model"]
    assert {row["model"] for row in shown} == {"gpt-5", "gpt-5-mini"}
    assert len({row["start_time"] for row in shown}) == 24


async def test_without_words_it_is_the_last_thirty_days(cli: CLI) -> None:
    days = [row["start_time"] for row in (await cli("costs")).json]
    assert len(days) == 30
    today = datetime.now(UTC).date()
    assert days[-1].startswith(today.isoformat())


async def test_a_named_period_has_its_own_end(cli: CLI) -> None:
    days = [row["start_time"][:7] for row in (await cli("costs", "--since", "last-month")).json]
    month = datetime.now(UTC).date().replace(day=1) - timedelta(days=1)
    assert days == [f"{month:%Y-%m}"] * month.day


async def test_totals_with_names(cli: CLI, demo: Emulator) -> None:
    query = ("costs", "--since", "30d", "--until", "yesterday", "--group-by", "project_id")
    daily = (await cli(*query)).json
    totals = (await cli(*query, "--totals", "--with-names")).json
    names = {project["id"]: project["name"] for project in demo.store.projects}
    assert {row["project_id"]: row["project_name"] for row in totals}.items() <= names.items()
    for row in totals:
        one = [Decimal(d["amount"]) for d in daily if d["project_id"] == row["project_id"]]
        assert Decimal(row["amount"]) == sum(one)
    assert set(totals[0]) >= {"project_id", "project_name", "amount"}
    assert "start_time" not in totals[0]


async def test_costs_by_model_and_tier_are_what_the_client_gives(cli: CLI, demo: Emulator) -> None:
    query = ("costs", "--since", "3d", "--until", "yesterday", "--group-by", "model,tier")
    daily, totals = (await cli(*query)).json, (await cli(*query, "--totals")).json
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
        table = await client.usage.collect(
            "costs",
            start_time=daily[0]["start_time"],
            end_time=daily[-1]["end_time"],
            group_by=["model", "tier"],
        )
    assert [Decimal(row["amount"]) for row in daily] == table["amount"]
    assert [(row["model"], row["tier"]) for row in daily] == [
        *zip(table["model"], table["tier"], strict=True)
    ]
    sums = table.totals(by=["model", "tier"])
    assert [Decimal(row["amount"]) for row in totals] == sorted(sums["amount"], reverse=True)
    assert ("gpt-5", "priority") in {(row["model"], row["tier"]) for row in totals}


@attrs.frozen(kw_only=True)
class NoItems(JSONFault):
    """A listing that is empty."""

    def change(self, value: dict[str, Any], exchange: Exchange) -> Any:
        return value | {"data": [], "has_more": False}


SETTLED = ("--since", "9d", "--until", "7d")
"""Days that the API restates no more."""


async def test_names_that_may_not_be_read_do_not_cost_the_figures(cli: CLI, demo: Emulator) -> None:
    query = ("costs", *SETTLED, "--group-by", "api_key_id")
    plain = (await cli(*query)).json
    assert (await cli(*query, "--with-names")).code == 0
    demo.faults.add(Status(status=403, match="projects.list"))
    outcome = await cli(*query, "--with-names")
    assert outcome.code == 1
    rows = json.loads(outcome.out)
    assert [row.pop("api_key_name") for row in rows] == [None] * len(plain)
    assert rows == plain
    assert outcome.err.startswith("Names of keys are not known: 403")
    assert len(outcome.err.splitlines()) == 1


async def test_a_name_that_no_listing_has_is_no_failure(cli: CLI, demo: Emulator) -> None:
    demo.faults.add(NoItems(match="projects.api_keys.list"))
    outcome = await cli("costs", *SETTLED, "--group-by", "api_key_id", "--with-names")
    assert (outcome.code, outcome.err) == (0, "")
    rows = json.loads(outcome.out)
    assert {row["api_key_name"] for row in rows} == {None}
    assert any(row["api_key_id"] for row in rows)


async def test_an_endpoint_that_is_refused_costs_the_others_nothing(
    cli: CLI, demo: Emulator
) -> None:
    demo.faults.add(Status(match="usage.embeddings", status=403))
    line = ["usage", "all", *SETTLED, "--totals", "--format", "json"]
    for options, code in ((), 1), (("--allow-missing",), 0):
        outcome = await cli(*line, *options)
        assert outcome.code == code
        assert outcome.err.startswith(
            "Parts could not be fetched and are not in the result: embeddings from "
        )
        assert ": 403: " in outcome.err
        named = {row["endpoint"] for row in json.loads(outcome.out)}
        assert {"completions", "costs"} <= named
        assert "embeddings" not in named
    demo.faults.add(Status(match="usage.*", status=403))
    nothing = await cli(*line)
    assert (nothing.code, nothing.out) == (1, "")


async def test_all_endpoints_in_one_table(cli: CLI) -> None:
    outcome = await cli("usage", "all", "--since", "yesterday", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(outcome.out)))
    assert {"completions", "embeddings", "costs"} <= {row["endpoint"] for row in rows}


async def test_money_is_exact_in_files_and_to_the_cent_in_tables(cli: CLI, tmp_path: Path) -> None:
    out = tmp_path / "costs.parquet"
    written = await cli("costs", *SETTLED, "--totals", "--out", str(out))
    assert (written.code, written.err) == (0, f"Wrote 1 row to {out}.\n")
    stored = pyarrow.parquet.read_table(out)["amount"].to_pylist()
    (row,) = (await cli("costs", *SETTLED, "--totals")).json
    assert stored == [Decimal(row["amount"])]
    table = (await cli("costs", *SETTLED, "--totals", "--format", "table")).out
    header, line = table.splitlines()
    assert line.split()[0] == f"{stored[0]:,.2f}"
    assert header.index("amount") + len("amount") == line.index(line.split()[0]) + len(
        line.split()[0]
    )


@pytest.mark.parametrize("names", [["--with-names"], []])
async def test_a_line_item_keeps_its_comma(cli: CLI, names: list[str]) -> None:
    line = ["costs", "--since", "2d", "--group-by", "line_item", *names]
    items = {row["line_item"] for row in (await cli(*line)).json}
    one = next(item for item in sorted(items) if ", " in item)
    shown = (await cli(*line, "--line-items", one)).json
    assert {row["line_item"] for row in shown} == {one}


async def test_totals_by_period_say_what_is_so_far(cli: CLI) -> None:
    today = datetime.now(UTC).date()
    ends = ("--since", f"{today - timedelta(days=9)}", "--until", f"{today - timedelta(days=1)}")
    days = await cli("costs", *ends)
    weeks = await cli("costs", *ends, "--by", "week", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(weeks.out)))
    assert list(rows[0])[:2] == ["week", "amount"]
    assert {row["complete"] for row in rows} >= {"False"}
    total = sum(Decimal(row["amount"]) for row in days.json)
    assert sum(Decimal(row["amount"]) for row in rows) == total
    settled = [row["complete"] for row in days.json]
    first = days.json[settled.index(False)]["start_time"][:10]
    note = f"So far: days from {first} (UTC) on may still be restated.\n"
    assert days.err == note
    assert weeks.err.endswith(note)
    assert (await cli("costs", *SETTLED, "--by", "date")).err == ""


async def test_a_part_of_a_period_says_so(cli: CLI) -> None:
    """Of the two months before this one, each without its outer half."""
    first = datetime.now(UTC).date().replace(day=1)
    before = (first - timedelta(days=1)).replace(day=15)
    earlier = (before.replace(day=1) - timedelta(days=1)).replace(day=15)
    line = ["costs", "--since", f"{earlier}", "--until", f"{before}", "--by", "month"]
    shown = await cli(*line, "--format", "table")
    months = [f"{month:%Y-%m}" for month in (earlier, before)]
    lines = shown.out.splitlines()[1:]
    assert [row.split()[0] for row in lines] == [*months, "total"]
    assert [row.endswith("part") for row in lines] == [True, True, False]
    assert "so far" not in shown.out
    assert f"{months[1]} is of {before.replace(day=1)} to {before - timedelta(days=1)} alone." in (
        shown.err
    )


async def test_a_range_in_the_future_is_refused(cli: CLI) -> None:
    year = datetime.now(UTC).year + 1
    refused = await cli("costs", "--month", f"{year}-01", "--totals")
    assert f"--month lies in the future: '{year}-01'" in refused.err


async def test_days_of_a_zone(cli: CLI) -> None:
    line = ["--tz", "Asia/Tokyo", "--month", "last-month", "--by", "month"]
    tokens = await cli("usage", "completions", *line)
    (row,) = tokens.json
    hours = await cli("usage", "completions", "--since", "70d", "--width", "1h")
    tokyo = ZoneInfo("Asia/Tokyo")
    inside = [
        hour["input_tokens"]
        for hour in hours.json
        if datetime.fromisoformat(hour["start_time"]).astimezone(tokyo).strftime("%Y-%m")
        == row["month"]
    ]
    assert row["input_tokens"] == sum(inside) > 0
    costs = await cli("costs", *line)
    assert "Costs by days of Asia/Tokyo are estimates" in costs.err
    refused = await cli("costs", "--since", f"{row['month']}-01T15:00Z")
    assert refused.code == 2
    assert "pass --whole-days" in refused.err
    assert "'Asia/Tokyo'" in (await cli("costs", "--tz", "Asia/Tokio")).err


async def test_costs_tell_of_clocks_that_are_days_apart(cli: CLI, demo: Emulator) -> None:
    words = ("costs", "--since", "5d", "--until", "3d")
    told = "The server's clock is 6 d behind this machine's"
    assert told not in (await cli(*words)).err
    demo.faults.add(ClockSkew(seconds=-6 * 86_400))
    assert told in (await cli(*words)).err


@attrs.frozen(kw_only=True)
class Odd(JSONFault):
    """The second bucket never comes, and the first comes twice."""

    def change(self, value: dict[str, Any], exchange: Exchange) -> Any:
        whole = value["data"]
        if len(whole) > 2:
            value["data"] = [whole[0], *whole[2:], whole[0]]
        else:
            value["data"] = []
        return value


@pytest.mark.parametrize("more", [[], ["--totals"], ["--with-names", "--group-by", "project_id"]])
async def test_what_is_missing_or_left_out_is_said(
    cli: CLI, demo: Emulator, more: list[str]
) -> None:
    demo.faults.add(Odd(match="usage.costs"))
    outcome = await cli("costs", "--since", "6d", *more)
    assert outcome.code == 1
    assert "came again; counted once" in outcome.err
    assert "Parts could not be fetched" in outcome.err
    assert "no answer has a bucket for it" in outcome.err
    assert json.loads(outcome.out)


@pytest.mark.parametrize(
    "line",
    [
        ("usage", "completions", "--project-ids", ""),
        ("usage", "all", "--group-by", ""),
        ("costs", "--totals", "--project-ids", ""),
        ("users", "list", "--emails", ""),
        ("audit-logs", "tail", "--project-ids", ""),
    ],
    ids=" ".join,
)
async def test_an_empty_filter_is_refused_by_its_option(
    cli: CLI, demo: Emulator, line: tuple[str, ...]
) -> None:
    outcome = await cli(*line)
    assert outcome.code == 2
    assert f"{line[-2]} must not be empty: the API would answer as if" in outcome.err
    assert not demo.requests


async def test_the_longest_answer_can_be_set(cli: CLI, demo: Emulator) -> None:
    line = ("costs", "--since", "9d", "--until", "2d", "--whole-days", "--format", "json",
            "--group-by", "project_id,line_item")  # fmt: skip
    whole = await cli(*line)
    demo.requests.clear()
    in_parts = await cli(*line, "--max-response-bytes", "40000")
    assert in_parts.code == 0
    assert sorted(map(str, in_parts.json)) == sorted(map(str, whole.json))
    assert len(demo.requests) > 2
    assert (await cli(*line, "--max-response-bytes", "40kB")).json == in_parts.json
    for wrong in ("1 bit", "0", "-1", "0.5", "1e3"):
        refused = await cli(*line, f"--max-response-bytes={wrong}")
        assert refused.code == 2
        assert "is not a number of bytes of 1 or more, as 67108864 or 64MiB" in refused.err
    none = await cli(*line, "--max-response-bytes", "300")
    assert none.code == 1
    assert "more than 300 bytes" in none.err
    assert "; set --max-response-bytes, or max_response_bytes in the profile, to " in none.err
