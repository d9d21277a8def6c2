"""The schedules on the report's page are what their programs take, and call what there is."""

from __future__ import annotations

import importlib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from openai_admin.cli.app import root

PAGE = (Path(__file__).parents[2] / "openai_admin" / "report" / "README.md").read_text()
yaml: Any = importlib.import_module("yaml")  # which has no types of its own


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict | list):
        for value in part.values() if isinstance(part, dict) else part:
            yield from _texts(value)


def _scripts() -> Iterator[str]:
    """Every text that a schedule runs."""
    for block in _blocks("yaml"):
        yield from _texts(yaml.safe_load(block))
    yield from _blocks("cron")
    yield from _blocks("console")


LINES = [
    line
    for script in _scripts()
    for line in re.findall(r"(?:openai-admin|python -m openai_admin) (report .*)", script)
]


def test_the_page_has_three_schedules() -> None:
    assert len(_blocks("yaml")) == 2
    assert len(_blocks("cron")) == 1
    assert len(LINES) > 5


@pytest.mark.parametrize("line", LINES)
def test_a_command_is_one_that_there_is(line: str) -> None:
    name, *arguments = shlex.split(line, comments=True)
    command = root().load(name)
    parsed = command.make_context(name, arguments)
    assert parsed.args == []


def test_github_has_a_job_with_steps_and_no_secret_in_a_line() -> None:
    flow = yaml.safe_load(_blocks("yaml")[0])
    (schedule,) = flow[True]["schedule"]  # YAML 1.1 reads "on" as true, as GitHub does not
    assert len(schedule["cron"].split()) == 5
    (job,) = flow["jobs"].values()
    assert all(("run" in step) != ("uses" in step) for step in job["steps"])
    (step,) = [step for step in job["steps"] if "openai-admin report" in step.get("run", "")]
    assert all(value.startswith("${{ secrets.") for value in step["env"].values())


def test_kubernetes_has_one_container_that_posts_once() -> None:
    job = yaml.safe_load(_blocks("yaml")[1])
    assert (job["apiVersion"], job["kind"]) == ("batch/v1", "CronJob")
    assert len(job["spec"]["schedule"].split()) == 5
    of = job["spec"]["jobTemplate"]["spec"]
    assert of["backoffLimit"] == 0
    pod = of["template"]["spec"]
    assert pod["restartPolicy"] == "Never"
    (container,) = pod["containers"]
    assert {"name", "image", "command", "args", "envFrom"} <= set(container)


def test_cron_has_five_fields_and_no_percent_sign() -> None:
    *settings, line = _blocks("cron")[0].splitlines()
    assert all(re.fullmatch(r"[A-Z_]+=\S+", each) for each in settings)
    assert all(re.fullmatch(r"[\d*,/-]+", field) for field in line.split()[:5])
    assert "%" not in line  # which cron takes for the end of the line
