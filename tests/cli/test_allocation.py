"""Costs by team on the command line, and the check of an allocation."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import Grouping

from .conftest import CLI

RULES = """\
[teams.Support]
cost_center = "4100"
[teams.Product]
cost_center = "4200"

[[rule]]
project = "Customer Support *"
team = "Support"

[[rule]]
project = ["Mobile App", "voice notes"]
team = "Product"

[[rule]]
key = "*-ci"
team = "Product"
tags = { purpose = "tests" }

[[rule]]
project = "Document Intake"
shares = [{ team = "Support", weight = 2 }, { team = "Product", weight = 1 }]

[[rule]]
project = "Developer Copilot"
shares = "usage"
measured = "organization"
"""
NO_SUCH = '\n[[rule]]\nproject = "Markting"\nteam = "Product"\n'
PERSON = '\n[[rule]]\nuser = "ingrid.solheim@*"\nteam = "Product"\n'


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules.toml"
    path.write_text(RULES)
    return path


def total(rows: Iterable[dict[str, Any]]) -> Decimal:
    return sum((Decimal(row["amount"]) for row in rows), Decimal(0))


async def test_costs_by_team_add_up_to_all_costs(cli: CLI, rules: Path) -> None:
    month = ("costs", "--since", "37d", "--until", "7d", "--format", "json")
    whole = total((await cli(*month, "--totals")).json)
    teams = (await cli(*month, "--totals", "--group-by", "team", "--allocation", str(rules))).json
    assert {row["team"] for row in teams} == {"Support", "Product", "(not allocated)"}
    assert total(teams) == whole
    query = ("--group-by", "cost_center,purpose,project_id,model", "--allocation", str(rules))
    rows = (await cli(*month, *query, "--with-names")).json
    assert total(rows) == whole
    assert list(rows[0])[4:9] == ["cost_center", "purpose", "project_id", "project_name", "model"]
    intake = [row for row in rows if row["project_name"] == "Document Intake"]
    shared = {row["cost_center"] for row in intake if row["purpose"] == "(not allocated)"}
    assert shared == {"4100", "4200"}
    by_day = await cli(
        *month[:-1], "csv", "--by", "date", "--group-by", "team", "--allocation", str(rules)
    )
    days = list(csv.DictReader(io.StringIO(by_day.out)))
    assert total(days) == whole
    assert len(days) == 30 * 3


async def test_usage_by_team_has_whole_tokens(cli: CLI, rules: Path) -> None:
    query = ("usage", "completions", "--since", "3d", "--until", "today", "--totals", "-f", "json")
    (whole,) = (await cli(*query)).json
    teams = (await cli(*query, "--group-by", "team", "--allocation", str(rules))).json
    assert sum(row["input_tokens"] for row in teams) == whole["input_tokens"]
    assert len(teams) == 3


async def test_teams_are_compared_with_those_of_the_period_before(cli: CLI, rules: Path) -> None:
    shown = await cli(
        *("costs", "--since", "7d", "--until", "today", "--group-by", "team"),
        *("--compare", "previous", "-f", "json", "--allocation", str(rules)),
    )
    assert all(row["change"] is not None for row in shown.json)
    assert "matched nothing" not in shown.err


async def test_where_the_rules_are_taken_from(
    cli: CLI, rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = ("costs", "--since", "1d", "--until", "today", "--totals", "--group-by", "team")
    missing = await cli(*query)
    default = tmp_path / "config" / "openai-admin" / "allocation.toml"
    assert missing.code == 2
    assert f"with --allocation or in OPENAI_ADMIN_ALLOCATION, or put it at {default}" in missing.err
    default.parent.mkdir(parents=True)
    default.write_text(RULES.replace('"Product"', '"Goods"').replace("Product]", "Goods]"))
    assert '"Goods"' in (await cli(*query, "-f", "json")).out
    monkeypatch.setenv("OPENAI_ADMIN_ALLOCATION", str(rules))
    assert '"Product"' in (await cli(*query, "-f", "json")).out
    monkeypatch.setenv("OPENAI_ADMIN_ALLOCATION", str(tmp_path / "none.toml"))
    assert "none.toml cannot be read" in (await cli(*query)).err
    assert '"Product"' in (await cli(*query, "-f", "json", "--allocation", str(rules))).out


WRONG: dict[tuple[str, ...], str] = {
    ("--group-by", "project_id"): "gives costs the columns 'team', 'cost_center' or 'purpose'",
    ("--group-by", "temperature"): "--group-by: neither has the API 'temperature', nor has",
    ("--group-by", "team,lineitem"): "neither has the API 'lineitem'",
}


@pytest.mark.parametrize("arguments", WRONG)
async def test_what_cannot_be_grouped_by_is_refused_before_anything_is_sent(
    arguments: tuple[str, ...], cli: CLI, rules: Path, demo: Emulator
) -> None:
    demo.requests.clear()
    refused = await cli("costs", *arguments, "--allocation", str(rules))
    assert refused.code == 2
    assert WRONG[arguments] in refused.err
    assert not demo.requests


async def test_rules_that_match_nothing_are_told_unless_filters_leave_things_out(
    cli: CLI, rules: Path
) -> None:
    rules.write_text(RULES + NO_SUCH)
    query = ("costs", "--since", "1d", "--until", "today", "--totals", "--group-by", "team",
             "--allocation", str(rules))  # fmt: skip
    told = await cli(*query)
    assert told.code == 0
    assert f"{rules}, line 28: the rule for project 'Markting' matched nothing." in told.err
    assert "matched" not in (await cli(*query, "--project-ids", "Mobile App")).err
    rules.write_text(RULES + '[[rule]]\nproject = "voice *"\nproject = 1\n')
    assert "is not valid TOML: Cannot overwrite a value (at line" in (await cli(*query)).err


async def test_a_contradiction_is_an_error_with_both_lines(cli: CLI, rules: Path) -> None:
    rules.write_text('[[rule]]\nproject = "*Notes"\nteam = "A"\n[[rule]]\nproject = "Voice*"\n'
                     'team = "B"\n')  # fmt: skip
    refused = await cli("costs", "--since", "1d", "--group-by", "team", "--allocation", str(rules))
    assert refused.code == 2
    assert (
        "lines 1 and 4: both rules decide the team of project 'Voice Notes' (proj_" in refused.err
    )


async def test_what_the_api_does_not_tell_is_not_allocated_and_said(
    cli: CLI, rules: Path, demo: Emulator
) -> None:
    """By default it does not group costs by person and project: owners of keys tell most."""
    rules.write_text(RULES + PERSON)
    query = ("costs", "--since", "2d", "--until", "today", "--totals", "--group-by", "team",
             "-f", "json", "--allocation", str(rules))  # fmt: skip
    shown = await cli(*query)
    assert shown.code == 1
    assert f"where the rule of {rules}, line 28, may apply: they are not known by user_id." in (
        shown.err
    )
    demo.faults.add(Grouping(match="usage.costs", fields=("api_key_id",)))
    refused = await cli(*query)
    demo.faults.clear()
    assert refused.code == 1
    assert "line 14, may apply: they are not known by api_key_id." in refused.err
    plain = await cli(*query[:6], "-f", "json")
    assert '"(not allocated)"' in refused.out
    assert len(plain.out) < len(refused.out)


async def test_a_check_shows_what_each_rule_decides_and_exits_with_3_if_asked(
    cli: CLI, rules: Path, demo: Emulator
) -> None:
    rules.write_text(RULES + NO_SUCH)
    days = ("--since", "14d", "--until", "7d", "-f", "json")
    shown = await cli("allocation", "check", str(rules), *days)
    rows = shown.json
    assert [row["line"] for row in rows[:6]] == [6, 10, 14, 19, 23, 28]
    assert rows[3]["allocated_to"] == "team 'Support' 66.67 %, team 'Product' 33.33 %"
    assert rows[5]["amount"] == "0"
    assert all(row["allocated_to"] == "(not allocated): no rule" for row in rows[6:])
    assert "project 'Marketing Studio'" in {row["matches"] for row in rows[6:]}
    whole = await cli("costs", *days, "--totals")
    assert total(rows) == total(whole.json)
    failed = await cli("allocation", "check", str(rules), *days, "--fail-not-allocated")
    assert failed.code == 3
    assert failed.err.endswith("Not all costs have a team.\n")
    demo.requests.clear()
    read = await cli("allocation", "check", str(rules), "--offline")
    assert read.code == 0
    assert "6 rules for team, cost_center, purpose; no texts contradict each other." in read.err
    assert not demo.requests


async def test_a_report_has_costs_by_team(cli: CLI, rules: Path) -> None:
    shown = await cli("report", "--days", "7", "-f", "md", "--allocation", str(rules))
    assert shown.code == 0, shown.err
    section = shown.out.partition("### Cost by team")[2].partition("###")[0]
    for team in ("Support", "Product", "(not allocated)"):
        assert f"| {team} | $" in section
    assert "not known" not in section
    rules.write_text('[[rule]]\nproject = "*"\ncost_center = "1"\n')
    refused = await cli("report", "--allocation", str(rules))
    assert (refused.code, refused.err.endswith("as costs by team need.\n")) == (2, True)


@pytest.mark.parametrize("command", ["costs", "usage completions"])
async def test_a_filter_leaves_what_is_divided_by_usage_as_it_is(
    cli: CLI, rules: Path, command: str
) -> None:
    query = (*command.split(), "--since", "9d", "--until", "7d", "--totals", "-f", "json")
    by_team = (*query, "--allocation", str(rules))
    measure = "amount" if command == "costs" else "num_model_requests"
    rows = (await cli(*by_team, "--group-by", "team,project_id", "--with-names")).json
    whole = {r["team"]: r[measure] for r in rows if r["project_name"] == "Developer Copilot"}
    assert whole.keys() == {"Support", "Product"}
    narrowed = await cli(*by_team, "--group-by", "team", "--project", "Developer Copilot")
    assert {row["team"]: row[measure] for row in narrowed.json} == whole
