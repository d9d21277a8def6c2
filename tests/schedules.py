"""The schedules on a page: their blocks, and the commands that they run."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai_admin

yaml: Any = importlib.import_module("yaml")  # which has no types of its own


class Page:
    """A page of the package.

    Args:
        path: where it is, in the package.
        after: the text after which it begins.
    """

    def __init__(self, path: str, *, after: str = "") -> None:
        text = (Path(openai_admin.__file__).parent / path).read_text(encoding="utf-8")
        self._text = text.partition(after)[2] if after else text

    def blocks(self, language: str) -> list[str]:
        """The blocks of a language."""
        return re.findall(rf"^```{language}\n(.*?)^```", self._text, re.MULTILINE | re.DOTALL)

    def parsed(self) -> list[Any]:
        """The blocks of YAML."""
        return [yaml.safe_load(block) for block in self.blocks("yaml")]

    def lines(self, command: str) -> list[str]:
        """Every use of a command, with its arguments, by a schedule or a person."""
        scripts = [text for part in self.parsed() for text in _texts(part)]
        return _used(command, scripts + self.blocks("cron")) + self.typed(command)

    def typed(self, command: str) -> list[str]:
        """Every use of a command by a person."""
        return _used(command, self.blocks("console"))


def _used(command: str, scripts: list[str]) -> list[str]:
    pattern = rf"(?:openai-admin|python -m openai_admin)(?: --demo)? ({command} [^|>&\n]*)"
    return [line for script in scripts for line in re.findall(pattern, script)]


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict | list):
        for value in part.values() if isinstance(part, dict) else part:
            yield from _texts(value)
