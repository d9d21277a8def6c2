"""An organization that spent nothing has a table that says so."""

from __future__ import annotations

import pytest

from openai_admin.emulator import Emulator

from .conftest import invoke


async def test_zeros_are_shown_with_their_currency(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Emulator(state="empty") as emulator:
        monkeypatch.setenv("OPENAI_ADMIN_KEY", emulator.admin_key)
        monkeypatch.setenv("OPENAI_BASE_URL", emulator.base_url)
        totals = await invoke("costs", "--since", "9d", "--until", "7d", "--totals", "-f", "table")
        assert totals.out.split() == ["amount", "currency", "0.00", "usd"]
        by_date = await invoke("costs", "--since", "3d", "--by", "date", "-f", "table")
        header, *lines = by_date.out.splitlines()
        assert header.split() == ["date", "amount", "currency"]
        assert len(lines) == 4
        assert all("0.00" in line for line in lines)
        (row,) = (await invoke("costs", "--since", "7d", "--totals", "-f", "json")).json
        assert (row["amount"], row["currency"]) == ("0", "usd")
