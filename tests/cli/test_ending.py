"""SIGTERM that comes more than once, as `timeout` sends it to a process and then to its group."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator

import pytest

from openai_admin.cli.ending import TerminatedError, end_at_once_on_sigterm, terminate
from openai_admin.cli.loop import run


@pytest.fixture(autouse=True)
def handled() -> Iterator[None]:
    """SIGTERM is handled as in a command."""
    before = signal.signal(signal.SIGTERM, terminate)
    yield
    signal.signal(signal.SIGTERM, before)


def test_the_second_does_nothing_while_the_first_ends_a_command() -> None:
    with pytest.raises(TerminatedError):
        signal.raise_signal(signal.SIGTERM)
    signal.raise_signal(signal.SIGTERM)
    end_at_once_on_sigterm()
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_IGN


def test_after_all_is_done_the_first_ends_the_process() -> None:
    end_at_once_on_sigterm()
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_clearing_away_is_not_interrupted() -> None:
    steps: list[str] = []

    async def work() -> None:
        try:
            signal.raise_signal(signal.SIGTERM)
            await asyncio.Event().wait()
        finally:
            signal.raise_signal(signal.SIGTERM)
            await asyncio.sleep(0)
            steps.append("cleared away")

    with pytest.raises(TerminatedError):
        run(work())
    assert steps == ["cleared away"]
    signal.raise_signal(signal.SIGTERM)
