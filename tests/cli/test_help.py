"""The help of every command, read against snapshots.

``UPDATE_SNAPSHOTS=1 pytest tests/cli/test_help.py`` rewrites them; read what changed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from openai_admin.cli.app import COMMANDS, root
from openai_admin.cli.lazy import LazyGroup

from .conftest import invoke

SNAPSHOTS = Path(__file__).parent / "snapshots"


def command_lines(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Each group and command below one, itself included."""
    yield path
    if isinstance(command, LazyGroup):
        for name in command.commands:
            yield from command_lines(command.load(name), (*path, name))


@pytest.mark.parametrize("name", ["openai-admin", *COMMANDS])
async def test_help(name: str) -> None:
    first: list[tuple[str, ...]] = [()]
    paths = first if name == "openai-admin" else list(command_lines(root().load(name), (name,)))
    texts = []
    for path in paths:
        outcome = await invoke(*path, "--help")
        assert (outcome.code, outcome.err) == (0, "")
        texts.append(f"$ openai-admin {' '.join((*path, '--help'))}\n{outcome.out}")
    text = "\n".join(texts)
    snapshot = SNAPSHOTS / f"{name}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        snapshot.write_text(text, encoding="utf-8")
    assert text == snapshot.read_text(encoding="utf-8")


def test_which_commands_take_the_demo() -> None:
    without = set()
    for name in COMMANDS:
        for text in (SNAPSHOTS / f"{name}.txt").read_text(encoding="utf-8").split("$ ")[1:]:
            is_group = "COMMAND [ARGS]" in " ".join(text.split())
            if not is_group and "\n  --demo " not in text:
                without.add(name)
    assert without == {"login", "logout", "profiles", "emulator", "demo"}


def test_no_snapshot_is_left_over() -> None:
    assert {p.stem for p in SNAPSHOTS.iterdir()} == {"openai-admin", *COMMANDS}
