"""The alert rules, the dashboard and the exporter's output, as promtool takes them.

Where promtool is not installed, they are compared with what it has accepted, as
``UPDATE_SNAPSHOTS=1`` records it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from openai_admin.integrations.prometheus import FAMILIES
from tests.integrations.promtool.samples import record, samples, series
from tests.integrations.promtool.tool import DASHBOARD, RULE_TESTS, RULES, SAMPLES, check, digest

# What Grafana puts in place of a variable: "All", or a choice.
CHOSEN = {
    **dict.fromkeys(("instance", "project", "model", "team"), ".*"),
    "currency": "usd",
    "__rate_interval": "10m",
}
LABELS = {family.full_name: {*family.labels, "job", "instance"} for family in FAMILIES} | {
    family.full_name: {*family.labels, "team", "job", "instance"}
    for family in FAMILIES
    if family.by_team
}


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    return found


def panels() -> list[dict[str, Any]]:
    return [panel for panel in dashboard()["panels"] if panel["type"] != "row"]


def queries() -> Iterator[tuple[str, str, str]]:
    """The title of each panel with each of its queries and their legends."""
    for panel in panels():
        for target in panel["targets"]:
            yield panel["title"], target["expr"], target["legendFormat"]


async def test_each_metric_is_among_the_recorded_samples() -> None:
    if os.environ.get("UPDATE_SNAPSHOTS"):
        await record()
    recorded: dict[str, set[str]] = {}
    for sample in samples():
        recorded.setdefault(sample.name, set()).update(sample.labels)
    assert recorded == {
        family.full_name: {*family.labels_with(teams="team" in recorded.get(family.full_name, ()))}
        for family in FAMILIES
    }


def test_the_rules_do_what_their_tests_say() -> None:
    check(
        "rules",
        digest(RULES, *RULE_TESTS),
        [(("check", "rules", RULES), None), (("test", "rules", *RULE_TESTS), None)],
    )


def test_each_alert_says_what_to_do_and_has_a_test_of_its_words() -> None:
    rules = RULES.read_text(encoding="utf-8")
    tests = "".join(path.read_text(encoding="utf-8") for path in RULE_TESTS)
    page = (RULES.parents[1] / "README.md").read_text(encoding="utf-8")
    alerts = re.split(r"- alert: ", rules)[1:]
    assert len(alerts) > 15
    for alert in alerts:
        name = alert.partition("\n")[0]
        severity = re.search(r"severity: (critical|warning|info)\n", alert)
        assert severity, name
        assert re.search(rf"^\| `{name}` \|.*\| {severity[1]} \|$", page, re.MULTILINE), name
        for said in ("for:", "summary:", "description:", "runbook:"):
            assert said in alert, (name, said)
        assert f"- alertname: {name}\n" in tests, name


def test_the_exposition_is_clean() -> None:
    check("metrics", digest(SAMPLES), [(("check", "metrics"), SAMPLES.read_text())])


def test_no_query_of_the_dashboard_is_empty(tmp_path: Path) -> None:
    text = _query_tests()
    file = tmp_path / "dashboard_test.yml"
    file.write_text(text, encoding="utf-8")
    check("dashboard", digest(text), [(("test", "rules", file), None)])


def _query_tests() -> str:
    """A file of promtool's, in which each query has to give something."""
    told = [
        {
            "series": series(sample),
            # A counter counts on, else its rate would be none.
            "values": f"{sample.value!r}+{int(sample.name.endswith('_total'))}x30",
        }
        for sample in samples()
    ]
    tried = []
    for _, query, _ in queries():
        chosen = re.sub(r"\$(\w+)", lambda name: CHOSEN[name[1]], query)
        tried.append(
            {
                "expr": f"count({chosen}) > bool 0",
                "eval_time": "30m",
                "exp_samples": [{"labels": "{}", "value": 1}],
            }
        )
    test = {"interval": "1m", "input_series": told, "promql_expr_test": tried}
    return json.dumps({"evaluation_interval": "1m", "tests": [test]}, indent=1)  # YAML has JSON


def test_queries_and_legends_name_labels_that_there_are() -> None:
    for title, query, legend in queries():
        used = set(re.findall(r"openai_admin_\w+", query))
        assert used, title
        assert used <= LABELS.keys(), title
        named = set(re.findall(r"\{\{(\w+)\}\}", legend))
        for group in re.findall(r"by \(([^)]*)\)", query):
            named |= set(group.replace(" ", "").split(","))
            assert set(re.findall(r"\{\{(\w+)\}\}", legend)) <= set(
                group.replace(" ", "").split(",")
            )
        for name in named:
            assert any(name in LABELS[metric] for metric in used), (title, name)
        for metric, matchers in re.findall(r"(openai_admin_\w+)\{([^}]*)\}", query):
            matched = set(re.findall(r"(\w+)=", matchers))
            assert matched <= LABELS[metric], (title, metric)
            assert "instance" in matched, title
    variables = {each["name"]: each for each in dashboard()["templating"]["list"]}
    text = json.dumps(panels())
    assert {*re.findall(r"\$\{?(\w+)", text)} - {"__rate_interval"} == variables.keys()
    for name in CHOSEN.keys() - {"__rate_interval"}:
        metric, label = re.findall(
            r"label_values\((\w+).*, (\w+)\)", variables[name]["definition"]
        )[0]
        assert label in LABELS[metric]


def test_each_metric_has_its_place_in_the_dashboard() -> None:
    shown = {name for _, query, _ in queries() for name in re.findall(r"openai_admin_\w+", query)}
    assert shown == {family.full_name for family in FAMILIES}


def test_panels_are_whole_and_do_not_overlap() -> None:
    places: set[tuple[int, int]] = set()
    ids = [panel["id"] for panel in dashboard()["panels"]]
    assert len(set(ids)) == len(ids)
    for panel in dashboard()["panels"]:
        grid = panel["gridPos"]
        assert grid["x"] + grid["w"] <= 24
        taken = {
            (x, y)
            for x in range(grid["x"], grid["x"] + grid["w"])
            for y in range(grid["y"], grid["y"] + grid["h"])
        }
        assert not taken & places, panel["title"]
        places |= taken
    for panel in panels():
        assert panel["description"], panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        for target in (panel, *panel["targets"]):
            assert target["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        if panel["type"] != "timeseries":  # else the last of a range would pass for the present
            assert all(target["instant"] for target in panel["targets"]), panel["title"]
        if panel["type"] in ("stat", "bargauge"):
            assert panel["fieldConfig"]["defaults"]["noValue"], panel["title"]


def test_amounts_name_their_currency() -> None:
    for panel in panels():
        text = " ".join(target["expr"] for target in panel["targets"])
        amounts = re.findall(r"_(?:spend|budget)_\w*(?:date|forecast|spend_limit|spent)\b", text)
        if amounts and "budget_spent" not in text:
            assert "$currency" in panel["title"], panel["title"]
            assert 'currency="$currency"' in text, panel["title"]


@pytest.mark.parametrize("file", [RULES, DASHBOARD], ids=lambda path: path.name)
def test_nothing_of_one_installation_is_shipped(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert "localhost" not in text
    assert '"uid": "$' in text or file == RULES
    assert "id" not in dashboard()
    assert "uid" not in dashboard()
