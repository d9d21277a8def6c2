"""``openai-admin metrics``: once, as a server, and what it refuses."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
from pathlib import Path

import aiohttp
import pytest

from openai_admin.cli.metrics import _exposed
from openai_admin.emulator import Emulator, Status
from openai_admin.emulator.faults import MissingScope
from openai_admin.integrations.prometheus.web_config import WebConfig
from tests.integrations.promtool.tool import DASHBOARD, RULES

from .conftest import CLI, invoke
from .processes import Terminal


async def test_once(cli: CLI, demo: Emulator, tmp_path: Path) -> None:
    out = tmp_path / "openai.prom"
    out.write_text("old")
    done = await cli("metrics", "--once", "--only", "spend,names", "-o", str(out))
    assert (done.code, done.out, done.err) == (0, "", "")
    text = out.read_text(encoding="utf-8")
    assert 'openai_admin_figure_known{figure="spend_month"} 1.0\n' in text
    assert {path.name for path in tmp_path.iterdir()} == {"openai.prom"}

    demo.faults.add(Status(match="projects.list", status=403))
    done = await cli("metrics", "--once", "--only", "spend,names")
    assert done.code == 1
    assert 'openai_admin_refresh_success{refresh="names"} 0.0\n' in done.out
    assert done.err.startswith("The refresh of names failed: 403: ")
    assert done.err.count("\n") == 1
    done = await cli("metrics", "--once", "--only", "spend,names", "--allow-missing")
    assert done.code == 0
    # Names that nobody asked for are labels.
    done = await cli("metrics", "--once", "--only", "spend")
    assert (done.code, done.err) == (0, "")
    demo.faults.clear()

    # Where nothing is known at all, what was there stays.
    demo.faults.add(Status(match="*", status=401))
    for missing in ([], ["--allow-missing"]):
        done = await cli("metrics", "--once", "--only", "spend", "-o", str(out), *missing)
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith("The refresh of spend failed: 401: ")
        assert out.read_text(encoding="utf-8") == text
    demo.faults.clear()
    demo.faults.add(MissingScope(match="*"))
    for only in ("access", "access,limits,certificates,spend"):
        done = await cli("metrics", "--once", "--only", only, "-o", str(out), "--allow-missing")
        assert (done.code, done.out) == (1, "")
        assert "the key lacks" in done.err
        assert out.read_text(encoding="utf-8") == text
    demo.faults.clear()

    demo.faults.add(MissingScope(match="invites.list"))
    done = await cli("metrics", "--once", "--only", "access")
    assert done.code == 1
    assert "pending_invites" in done.err
    assert "invites: the key lacks `api.management.read`" in done.err


async def test_once_where_nothing_was_used_lately(
    monkeypatch: pytest.MonkeyPatch, emulator: Emulator
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", emulator.base_url)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", emulator.admin_key)
    arguments = ("metrics", "--once", "--only", "usage,limits")
    done = await invoke(*arguments)
    assert (done.code, done.err) == (0, "")
    assert 'openai_admin_figure_known{figure="rate_limits"} 0.0\n' in done.out
    # It is another matter where minutes are refused.
    emulator.faults.add(MissingScope(match="usage.images"))
    done = await invoke(*arguments)
    assert done.code == 1
    assert "Not everything is known: " in done.err
    assert "usage_images" in done.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-o", "x.prom"], "--out is for --once: a server writes no file."),
        (["--once", "--only", "cost"], "There is no refresh 'cost'; there are 'usage',"),
        (["--only", "spend,budgets"], "--only budgets needs --budgets FILE."),
        (["--once", "--max-series", "9"], "max_series must be 600 or more, not 9"),
        (["--web-config", "none.yml"], "none.yml cannot be read: No such file or directory."),
    ],
)
async def test_what_makes_no_sense(cli: CLI, arguments: list[str], told: str) -> None:
    done = await cli("metrics", *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(told)
    assert done.err.count("\n") == 1


async def test_an_address_of_another_machine(cli: CLI) -> None:
    done = await cli("metrics", "--address", "192.0.2.1", "--port", "0")
    assert done.code == 1
    assert done.err.startswith("192.0.2.1 is not an address of this machine: ")
    assert done.err.count("\n") == 1  # nobody reaches it


async def test_a_port_in_use(cli: CLI) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = await cli("metrics", "--port", port)
    assert done.code == 1
    assert done.err == (
        f"Port {port} of 127.0.0.1 is in use: pass another with --port, or 0 for a free one.\n"
    )


def test_what_others_may_read_is_told() -> None:
    assert _exposed("127.0.0.1", WebConfig()) == _exposed("::1", WebConfig()) == []
    (told,) = _exposed("0.0.0.0", WebConfig())
    assert told.startswith(
        "Whoever reaches 0.0.0.0 can read the metrics without TLS and a password"
    )
    (told,) = _exposed("node", WebConfig(users={"a": "b"}))
    assert "without TLS: see --web-config" in told


@pytest.mark.parametrize("by", ["SIGTERM", "Ctrl-C"])
async def test_a_server_ends_in_order(demo: Emulator, tmp_path: Path, by: str) -> None:
    env = {
        "OPENAI_BASE_URL": demo.base_url,
        "OPENAI_ADMIN_KEY": demo.admin_key,
        "XDG_CONFIG_HOME": str(tmp_path),
    }

    def started() -> Terminal:
        terminal = Terminal("metrics", "--port", "0", "--only", "names", env=env)
        terminal.wait_for("/metrics.")
        return terminal

    with await asyncio.to_thread(started) as terminal:
        found = re.search(r"Serving metrics at (http://127\.0\.0\.1:\d+/metrics)", terminal.screen)
        assert found is not None, terminal.screen
        async with aiohttp.ClientSession() as session, session.get(found[1]) as answer:
            assert answer.status == 200
            assert "openai_admin_figure_known" not in await answer.text()  # names are no figure
        if by == "SIGTERM":
            for _ in range(3):  # as `timeout` sends it to a process, and then to its group
                terminal.signal(signal.SIGTERM)
        else:
            terminal.interrupt()
        assert await asyncio.to_thread(terminal.code) == (0 if by == "SIGTERM" else 130)
        assert "Traceback" not in terminal.screen


async def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openai_admin.cli.metrics.missing", lambda *names: ["bcrypt", "yaml"])
    done = await invoke("metrics")
    assert (done.code, done.err) == (
        2,
        "This needs bcrypt and yaml: pip install 'openai-admin[metrics]'.\n",
    )


async def test_the_rules_and_the_dashboard_are_written(cli: CLI, tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    done = await cli("metrics", "--write-rules", str(folder))
    paths = [folder / "openai_admin_alerts.yml", folder / "openai_admin_dashboard.json"]
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [str(path) for path in paths]
    for path, shipped in zip(paths, (RULES, DASHBOARD), strict=True):
        assert path.read_bytes() == shipped.read_bytes()
    assert (await cli("metrics", "--write-rules", str(folder))).code == 0

    paths[0].write_text("groups: []  # our own thresholds")
    done = await cli("metrics", "--write-rules", str(folder))
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"{paths[0]} exists and says something else: ")
    done = await cli("metrics", "--write-rules", str(paths[0]))
    assert (done.code, done.err) == (2, f"{paths[0]} is a file; name a folder.\n")
