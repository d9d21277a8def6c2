"""The schedules on the report's page are what their programs take, and call what there is."""

from __future__ import annotations

import re
import shlex

import pytest

from openai_admin.cli.app import root
from tests.schedules import Page

PAGE = Page("report/README.md")
LINES = PAGE.lines("report")


def test_the_page_has_three_schedules() -> None:
    assert len(PAGE.parsed()) == 2
    assert len(PAGE.blocks("cron")) == 1
    assert len(LINES) > 5


@pytest.mark.parametrize("line", LINES)
def test_a_command_is_one_that_there_is(line: str) -> None:
    name, *arguments = shlex.split(line, comments=True)
    command = root().load(name)
    parsed = command.make_context(name, arguments)
    assert parsed.args == []


def test_github_has_a_job_with_steps_and_no_secret_in_a_line() -> None:
    flow = PAGE.parsed()[0]
    (schedule,) = flow[True]["schedule"]  # YAML 1.1 reads "on" as true, as GitHub does not
    assert len(schedule["cron"].split()) == 5
    (job,) = flow["jobs"].values()
    assert all(("run" in step) != ("uses" in step) for step in job["steps"])
    (step,) = [step for step in job["steps"] if "openai-admin report" in step.get("run", "")]
    assert all(value.startswith("${{ secrets.") for value in step["env"].values())


def test_kubernetes_has_one_container_that_posts_once() -> None:
    job = PAGE.parsed()[1]
    assert (job["apiVersion"], job["kind"]) == ("batch/v1", "CronJob")
    assert len(job["spec"]["schedule"].split()) == 5
    of = job["spec"]["jobTemplate"]["spec"]
    assert of["backoffLimit"] == 0
    pod = of["template"]["spec"]
    assert pod["restartPolicy"] == "Never"
    (container,) = pod["containers"]
    assert {"name", "image", "command", "args", "envFrom"} <= set(container)


def test_cron_has_five_fields_and_no_percent_sign() -> None:
    *settings, line = PAGE.blocks("cron")[0].splitlines()
    assert all(re.fullmatch(r"[A-Z_]+=\S+", each) for each in settings)
    assert all(re.fullmatch(r"[\d*,/-]+", field) for field in line.split()[:5])
    assert "%" not in line  # which cron takes for the end of the line
