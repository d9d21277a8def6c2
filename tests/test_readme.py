"""The README keeps its word: its lines run, and CI runs its second command."""

from __future__ import annotations

import ast
import asyncio
import itertools
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import openai_admin
from openai_admin.emulator import Emulator
from tests.cli.conftest import invoke
from tests.integrations.promtool.tool import RULES

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def _blocks(language: str, page: str = README) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def _commands() -> list[str]:
    """Each command line that begins with `openai-admin`: in the README, the pages, the alerts."""
    pages = [ROOT / "README.md", *ROOT.glob("openai_admin/**/README.md")]
    told = " ".join(RULES.read_text(encoding="utf-8").split())
    return [
        line
        for page in pages
        for block in _blocks("console", page.read_text())
        for line in re.findall(r"^\$ openai-admin (.*?)(?:\s+#.*|\s+\|.*)?$", block, re.MULTILINE)
    ] + sorted({*re.findall(r"`openai-admin ([^`]+)`", told)})


def test_ci_runs_the_second_command_word_for_word() -> None:
    second = _blocks("sh")[1].strip()
    assert "\n" not in second
    for copy in (".ci/run", ".github/CONTRIBUTING.md"):
        assert second in (ROOT / copy).read_text().splitlines()


async def test_the_first_lines_of_python_run(demo: Emulator) -> None:
    eight = next(block for block in _blocks("python") if "asyncio.run(main())" in block)
    environment = os.environ | {
        "OPENAI_ADMIN_KEY": demo.admin_key,
        "OPENAI_BASE_URL": demo.base_url,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", eight, env=environment, stdout=subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    lines = output.decode().splitlines()
    assert len(lines) == 10
    assert all(re.fullmatch(r"\S.{27} +\d+\.\d\d usd", line) for line in lines)


def test_every_block_of_python_parses_and_names_what_there_is() -> None:
    pages = [README, *(page.read_text() for page in ROOT.glob("openai_admin/**/README.md"))]
    for block in itertools.chain.from_iterable(_blocks("python", page) for page in pages):
        tree = ast.parse(block)
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "openai_admin":
                for alias in node.names:
                    assert hasattr(openai_admin, alias.name)


@pytest.mark.parametrize("line", _commands())
async def test_every_command_line_has_options_that_there_are(line: str) -> None:
    outcome = await invoke(*shlex.split(line), "--help")
    assert outcome.code == 0, outcome.err
    for option in re.findall(r" (--[a-z-]+)", f" {line}"):
        assert option in outcome.out or option == "--demo"
