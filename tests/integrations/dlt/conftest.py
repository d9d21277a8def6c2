"""A server in a thread of its own, and warehouses that are loaded from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal

from openai_admin.emulator import Emulator
from tests.integrations.dlt.warehouses import KINDS, QUIET, Warehouse
from tests.odd import OddServer, odd_server


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """dlt reports nothing to its makers, and reads nobody's settings."""
    for name, value in QUIET.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path / "dlt"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def server() -> Iterator[OddServer]:
    """A server without anything but what a test gives it."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(odd_server()) as server,
    ):
        yield server


@pytest.fixture
def organization() -> Iterator[Emulator]:
    """The demo organization."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Emulator()) as emulator,
    ):
        yield emulator


@pytest.fixture(params=KINDS)
def warehouse(request: pytest.FixtureRequest, tmp_path: Path) -> Warehouse:
    """A warehouse of each kind in turn: a database, and a table format."""
    return Warehouse(request.param, tmp_path)


@pytest.fixture
def database(tmp_path: Path) -> Warehouse:
    """A warehouse that is a database."""
    return Warehouse("duckdb", tmp_path)
