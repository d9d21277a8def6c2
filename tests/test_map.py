"""The map in the package's folder says what is so: the layers, the files, the way of a call."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import openai_admin
from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from tests.test_layers import LAYERS

PACKAGE = Path(openai_admin.__file__).parent
MAP = (PACKAGE / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (PACKAGE.parent / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")

MOST_FILES = 14
MOST_CALLS = 120


def _section(title: str) -> str:
    return MAP.partition(f"## {title}\n")[2].partition("\n## ")[0]


def _trace(emulator: Emulator) -> list[str]:
    """The file of every call that the second listing of a client makes within the package."""
    calls: list[str] = []
    emulators = PACKAGE / "emulator"

    def profile(frame: FrameType, event: str, _: Any) -> None:
        file = Path(frame.f_code.co_filename)
        if event == "call" and file.is_relative_to(PACKAGE) and not file.is_relative_to(emulators):
            calls.append(file.relative_to(PACKAGE).as_posix())

    async def listed() -> None:
        url = emulator.base_url
        async with AsyncOpenAIAdmin(emulator.admin_key, base_url=url) as client:
            await client.projects.list()
            sys.setprofile(profile)
            try:
                await client.projects.list()
            finally:
                sys.setprofile(None)

    asyncio.run(listed())
    return calls


async def test_the_way_of_a_call_is_the_one_that_a_trace_shows(demo: Emulator) -> None:
    calls = await asyncio.to_thread(_trace, demo)  # the emulator runs in this thread
    steps = _section("The way of one call").partition("\nThe blocking client")[0]
    named = re.findall(r"`([\w/]+\.py)`", steps.partition("\n1. ")[2])
    assert list(dict.fromkeys(named)) == list(dict.fromkeys(calls))


async def test_a_call_is_short(demo: Emulator) -> None:
    calls = await asyncio.to_thread(_trace, demo)
    assert len(set(calls)) <= MOST_FILES
    assert 0 < len(calls) <= MOST_CALLS


def test_the_layers_are_those_that_are_checked() -> None:
    block = re.search(r"^```\n(.*?)^```", _section("Layers"), re.MULTILINE | re.DOTALL)
    assert block is not None
    assert [frozenset(line.split()) for line in block[1].splitlines()] == list(LAYERS)


def test_every_folder_is_on_the_map() -> None:
    folders = {f"{path.parent.name}/" for path in PACKAGE.glob("*/__init__.py")}
    named = re.findall(r"^\| `(\w+/)` \|", _section("Folders"), re.MULTILINE)
    assert set(named) == folders


NAMED = sorted(set(re.findall(r"`((?:[\w/]+/)?[\w.]+\.pyi?|\w[\w/]*/)`", MAP)))


@pytest.mark.parametrize("name", NAMED)
def test_what_the_map_names_is_there(name: str) -> None:
    root = PACKAGE.parent if name.startswith("tests/") else PACKAGE
    assert (root / name).exists()


PATHS = sorted(set(re.findall(r"`((?:openai_admin|tests|benchmarks)/[\w./]*)`", CONTRIBUTING)))


@pytest.mark.parametrize("path", PATHS)
def test_what_the_recipes_name_is_there(path: str) -> None:
    assert (PACKAGE.parent / path).exists()
