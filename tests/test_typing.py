"""Type checkers refuse what would fail at run time: mypy reads small snippets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from mypy import api

ROOT = Path(__file__).parent.parent

HEAD = """\
from openai_admin import AsyncOpenAIAdmin, OpenAIAdmin

async def asynchronous(client: AsyncOpenAIAdmin) -> None:
    {asynchronous}

async def blocking(client: OpenAIAdmin) -> None:
    {blocking}
"""

REFUSED = {
    "a misspelt parameter": (
        "await client.projects.create(nmae='x')",
        "client.projects.create(nmae='x')",
        "call-arg",
    ),
    "a misspelt parameter of a listing": (
        "client.users.list(limti=5)",
        "client.users.list(limti=5)",
        "call-arg",
    ),
    "a missing parameter": (
        "await client.projects.retrieve()",
        "client.projects.retrieve()",
        "call-arg",
    ),
    "a value of another type": (
        "await client.projects.create(name=5)",
        "client.projects.create(name=5)",
        "arg-type",
    ),
    "an unknown choice": (
        "client.usage.costs(start_time=0, group_by=['model'])",
        "client.usage.costs(start_time=0, group_by=['model'])",
        "list-item",
    ),
    "an unknown width": (
        "client.usage.completions(start_time=0, bucket_width='1w')",
        "client.usage.completions(start_time=0, bucket_width='1w')",
        "arg-type",
    ),
    "an unknown group of a stream": (
        "client.usage.stream('completions', start_time=0, group_by=['modl'])",
        "client.usage.stream('completions', start_time=0, group_by=['modl'])",
        "list-item|arg-type|call-overload",
    ),
    "another endpoint's group": (
        "await client.usage.collect('completions', start_time=0, group_by=['line_item'])",
        "client.usage.collect('completions', start_time=0, group_by=['line_item'])",
        "list-item|arg-type|call-overload",
    ),
    "another endpoint's filter": (
        "await client.usage.collect('costs', start_time=0, models=['gpt-5'])",
        "client.usage.collect('costs', start_time=0, models=['gpt-5'])",
        "list-item|arg-type|call-overload",
    ),
    "a page in place of its listing": (
        "[user for user in await client.users.list()]",
        "[user for user in next(client.users.list().pages())]",
        "attr-defined",
    ),
    "the length of a page": (
        "len(await client.users.list())",
        "len(client.users.list())",
        "arg-type",
    ),
    "an unknown operation": (
        "client.projects.destroy('p')",
        "client.projects.destroy('p')",
        "attr-defined",
    ),
    "the other way of calling": (
        "client.projects.retrieve('p').name",
        "await client.projects.retrieve('p')",
        "misc|attr-defined",
    ),
    "the other way of walking": (
        "[user for user in client.users.list()]",
        "[user async for user in client.users.list()]",
        "attr-defined",
    ),
    "several requests with one response": (
        "client.with_response.usage.stream('costs', start_time=0)",
        "client.with_response.usage.stream('costs', start_time=0)",
        "call-overload|misc|arg-type",
    ),
    "a walk with one response": (
        "client.with_response.audit_logs.tail()",
        "client.with_response.audit_logs.tail()",
        "call-overload|misc|arg-type",
    ),
    "the value of a response that is not awaited": (
        "client.with_response.projects.retrieve('p').value",
        "await client.with_response.projects.retrieve('p')",
        "misc|attr-defined",
    ),
    "a coroutine that is not awaited": (
        "client.projects.archive('p')",
        "await client.projects.archive('p')",
        "unused-coroutine|misc",
    ),
}


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What mypy says of each snippet, all read in one run."""
    folder = tmp_path_factory.mktemp("snippets")
    for number, (asynchronous, blocking, _) in enumerate(REFUSED.values()):
        snippet = HEAD.format(asynchronous=asynchronous, blocking=blocking)
        (folder / f"snippet_{number}.py").write_text(snippet)
    (folder / "good.py").write_text(
        HEAD.format(
            asynchronous="await client.projects.create(name='x')",
            blocking="client.projects.create(name='x')",
        )
    )
    out, err, _ = api.run(
        [
            "--config-file",
            str(ROOT / "pyproject.toml"),
            "--cache-dir",
            str(ROOT / ".mypy_cache"),
            "--no-pretty",
            str(ROOT / "tests" / "typing" / "api.py"),
            *map(str, sorted(folder.glob("*.py"))),
        ]
    )
    assert not err, err
    said = dict.fromkeys(("api", "good", *REFUSED), "")
    for line in out.splitlines():
        found = re.match(r".*?(?:snippet_(\d+)|(\w+))\.py:(\d+): error: ", line)
        if found:
            name = list(REFUSED)[int(found[1])] if found[1] else found[2]
            said[name] = said.get(name, "") + line + "\n"
    return said


def test_what_both_clients_give_is_pinned(verdicts: dict[str, str]) -> None:
    assert verdicts["api"] == ""


def test_a_right_call_is_accepted(verdicts: dict[str, str]) -> None:
    assert verdicts["good"] == ""


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_call_is_refused_on_both_clients(verdicts: dict[str, str], name: str) -> None:
    lines = verdicts[name].splitlines()
    assert {int(line.split(":")[1]) for line in lines} == {4, 7}
    for line in lines:
        assert re.search(rf"\[({REFUSED[name][2]})\]$", line), line
