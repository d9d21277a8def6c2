"""What the pages on access and on finding things show is what the commands say."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

import openai_admin
from openai_admin.emulator import Emulator
from tests.cli.conftest import CLI

_PACKAGE = Path(openai_admin.__file__).parent
_PAGES = {"insights/access/README.md": 150, "directory/README.md": 100}
"""Pages, with how wide the terminal is that they show."""

_LEFT_OUT = "…"
_TIMES = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d)?")


def _blocks() -> Iterator[tuple[str, str]]:
    for page in _PAGES:
        text = (_PACKAGE / page).read_text(encoding="utf-8")
        for block in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
            yield page, block


def _commands(block: str) -> Iterator[tuple[list[str], list[str]]]:
    """The commands of a block, each with the lines that follow it."""
    for part in re.split(r"^\$ openai-admin ", block, flags=re.MULTILINE)[1:]:
        line, *told = part.splitlines()
        yield shlex.split(line), told


def _is_told(told: list[str], lines: list[str]) -> bool:
    """Whether lines are those that are told, where an ellipsis stands for any."""
    pattern = "".join(
        r"(?:.*\n)*?" if line == _LEFT_OUT else f"{re.escape(line)}\n" for line in told
    )
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in lines)) is not None


@pytest.mark.parametrize(("page", "block"), [*_blocks()])
async def test_a_transcript_is_true(
    page: str,
    block: str,
    cli: CLI,
    demo: Emulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", str(_PAGES[page]))
    for arguments, told in _commands(block):
        asked = [word for word in arguments if word != "--demo"]
        is_table = not {"-o", "--yes"} & {*asked}
        ended = await cli(*asked, *(["--format", "table"] if is_table else []))
        shown = _TIMES.sub("TIME", ended.out + ended.err).splitlines()
        expected = _TIMES.sub("TIME", "\n".join(told)).splitlines()
        assert _is_told(expected, [line.rstrip() for line in shown]), "\n".join(
            [page, *arguments, *ended.out.splitlines(), *ended.err.splitlines()]
        )
