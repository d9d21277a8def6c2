"""The jobs on the page are what their programs take, and call what there is."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest

from openai_admin.cli.app import root
from tests.schedules import Page

JOBS = Page("organization/README.md", after="## Every night")
LINES = JOBS.lines("org") + Page("organization/README.md").typed("org")
DRIFT, PLAN, APPLY = JOBS.parsed()


@pytest.mark.parametrize("line", LINES)
def test_a_command_is_one_that_there_is(line: str) -> None:
    # Of every command, and taken before it is looked for.
    words = [word for word in shlex.split(line, comments=True) if word != "--demo"]
    group, name, *arguments = words
    command: Any = root().load(group)
    assert command.load(name).make_context(name, arguments).args == []


def test_every_command_of_the_page_is_looked_at() -> None:
    assert {line.split()[1] for line in LINES} == {"pull", "plan", "apply", "drift", "hcl"}


def _steps(flow: Any) -> list[Any]:
    return [step for job in flow["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("flow", [DRIFT, PLAN, APPLY], ids=["drift", "plan", "apply"])
def test_a_workflow_has_steps_and_no_secret_in_a_line(flow: Any) -> None:
    assert flow[True]  # YAML 1.1 reads "on" as true, as GitHub does not
    assert flow["permissions"]["contents"] == "read"
    for step in _steps(flow):
        assert ("run" in step) != ("uses" in step)
        # What comes from outside is never a part of a script.
        assert "${{" not in step.get("run", "")
        values = {name: v for name, v in step.get("env", {}).items() if "OPENAI" in name}
        assert all(re.fullmatch(r"\$\{\{ secrets\.\w+ \}\}", value) for value in values.values())


def test_the_key_that_may_write_is_only_where_a_plan_is_applied() -> None:
    (line,) = [step for step in _steps(APPLY) if "org apply" in step.get("run", "")]
    assert "OPENAI_ADMIN_KEY }}" in line["env"]["OPENAI_ADMIN_KEY"]
    others = [step for flow in (DRIFT, PLAN, APPLY) for step in _steps(flow) if step is not line]
    keys = {value for step in others for value in step.get("env", {}).values()}
    assert line["env"]["OPENAI_ADMIN_KEY"] not in keys
    assert APPLY["jobs"]["apply"]["environment"]


def test_cron_has_a_time_and_a_command() -> None:
    (line,) = JOBS.blocks("cron")
    assert len(line.split(maxsplit=5)[:5]) == 5
    assert "org drift org.yaml --webhook" in line
