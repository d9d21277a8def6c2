"""What the process that forks is asked for."""

from __future__ import annotations

from typing import Any, TypedDict


class Order(TypedDict):
    """A command to run.

    `stdout`, `stderr` and `notes` are files. In the last one the process leaves, where it comes to
    its end, ``{"writes": [calls], "modules": [those it had to load]}``.
    """

    arguments: list[str]
    environment: dict[str, str]
    folder: str
    stdout: str
    stderr: str
    notes: str
    at: tuple[Any, ...] | None
