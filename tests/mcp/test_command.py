"""``openai-admin mcp`` as a separate program."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import sys
from pathlib import Path

import httpx2
import pytest

from openai_admin.cli.app import run as command
from openai_admin.emulator import Emulator
from openai_admin.mcp import Settings
from tests.mcp.serving import call, http_client, stdio_client

TOKEN = "a-token-that-is-long-enough"
PING = b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n'


async def run(*options: str, **environment: str) -> tuple[int | None, str]:
    """The exit code of a command that must end by itself, and its last words."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "openai_admin.mcp",
        *options,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **environment},
    )
    out, errors = await asyncio.wait_for(process.communicate(), 60)
    assert not out
    return process.returncode, errors.decode().strip()


@pytest.mark.parametrize(
    ("options", "environment", "said"),
    [
        (["--demo", "--toolset", "sead"], {}, "did you mean 'seed'?"),
        (["--demo", "--seed-names"], {}, "--seed-names is for the toolset seed alone"),
        (["--demo", "--seed-names", "--toolset", "all"], {}, "for the toolset seed alone"),
        (["--demo", "--tools", "nothing_*"], {}, "No tool matches"),
        (["--demo", "--allow", "remove"], {}, "did you mean 'removes'?"),
        (["--demo", "--http", "--host", "0.0.0.0"], {}, "OPENAI_ADMIN_MCP_TOKEN"),
        (["--demo", "--http"], {"OPENAI_ADMIN_MCP_TOKEN": "short"}, "at least 16"),
        (["--demo", "--profile", "work"], {}, "not both"),
        (["--demo", "--http", "--allow-origin", "app.example.com"], {}, "An origin is written"),
        (["--demo", "--http", "--allow-host", "https://a.b"], {}, "A host is written"),
        (["--demo", "--http", "--oauth-issuer", "https://a.b"], {}, "pass --public-url"),
        (["--demo", "--http", "--oauth-jwks", "https://a.b"], {}, "go with --oauth-issuer"),
        (["--http", "--key-from-header", "Cookie"], {}, "a name of its own"),
        (["--demo", "--http", "--key-from-header", "X-Key"], {}, "leave out --demo"),
        (
            ["--http", "--key-from-header", "X-Key", "--sink", "prod=file:.env#KEY"],
            {},
            "--key-from-header and --sink exclude each other",
        ),
        (["--demo", "--public-url", "https://a.b"], {}, "go with --http"),
        (["--profile", "work"], {}, "There is no profile 'work'"),
        ([], {"OPENAI_ADMIN_KEY": ""}, "There is no admin key"),
        ([], {"OPENAI_ADMIN_KEY": "sk-proj-abc"}, "not an admin key"),
    ],
)
def test_wrong_usage_is_one_sentence(
    options: list[str],
    environment: dict[str, str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert command(["mcp", *options]) == 2
    out, errors = capfd.readouterr()
    assert not out
    assert said in errors
    assert len(errors.splitlines()) == 1
    assert "sk-proj-abc" not in errors


async def test_it_ends_with_its_input() -> None:
    assert await run("--demo") == (0, "")


@pytest.mark.parametrize(
    ("options", "unasked"),
    [
        ([], ""),
        (["--allow", "removes"], "removes"),
        (["--allow", "grants", "--allow", "locks-out"], "grants locks-out"),
        (["--allow-destructive"], "removes grants locks-out"),
    ],
)
def test_what_is_allowed_is_given_to_the_server(
    options: list[str], unasked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Settings] = []

    async def served(opened: object, settings: Settings, address: object) -> None:
        given.append(settings)

    monkeypatch.setattr("openai_admin.cli.mcp._serve", served)
    assert command(["mcp", "--demo", *options]) == 0
    assert {danger.value for danger in given[0].allowed} == {*unasked.split()}


async def test_options_that_do_nothing_any_more_are_taken() -> None:
    assert await run("--demo", "--plain-names", "--full-text") == (0, "")


@pytest.mark.parametrize("options", [["--demo"], ["--demo", "--http", "--port", "0"]])
async def test_ctrl_c_ends_it_with_a_word(options: list[str]) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "openai_admin", "mcp", *options),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    if "--http" in options:
        await process.stderr.readline()
    else:
        process.stdin.write(PING)
        assert b"jsonrpc" in await process.stdout.readline()
    process.send_signal(signal.SIGINT)
    # Standard input stays open: it is not what ends the server.
    assert await asyncio.wait_for(process.wait(), 30) == 130
    assert await process.stderr.read() == b"Stopped.\n"
    process.stdin.close()


async def test_profiles_are_the_connections(emulator: Emulator, tmp_path: Path) -> None:
    config = tmp_path / "openai-admin" / "config.toml"
    config.parent.mkdir()
    async with Emulator(state="empty", seed=2) as other:
        lines = [
            f'[profiles.{name}]\nadmin_key = "{one.admin_key}"\nbase_url = "{one.base_url}"'
            for name, one in (("main", emulator), ("lab", other))
        ]
        config.write_text("\n".join(lines))
        config.chmod(0o600)
        async with stdio_client(environment={"XDG_CONFIG_HOME": str(tmp_path)}) as client:
            for name, one in (("main", emulator), ("lab", other)):
                page = await call(client, "list_users", PCID=name)
                assert [u["id"] for u in page["data"]] == [u["id"] for u in one.store.users]
            unnamed = await client.call_tool("openai_admin_list_users", {})
            assert unnamed.is_error
        async with stdio_client(
            "--profile", "lab", environment={"XDG_CONFIG_HOME": str(tmp_path)}
        ) as client:
            page = await call(client, "list_users")
            assert [u["id"] for u in page["data"]] == [u["id"] for u in other.store.users]


async def test_a_port_that_is_taken_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, errors = await run("--demo", "--http", "--port", port)
    assert code == 2
    assert errors == f"127.0.0.1 port {port} cannot be opened: Address already in use."


async def test_over_http_with_a_token() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "openai_admin",
        *("mcp", "--demo", "--http", "--port", "0", "--read-only", "--toolset", "seed"),
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "OPENAI_ADMIN_MCP_TOKEN": TOKEN},
    )
    try:
        assert process.stderr is not None
        line = (await asyncio.wait_for(process.stderr.readline(), 60)).decode()
        url = line.split()[-1]
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/openai-admin", url)
        async with http_client(url, headers={"Authorization": f"Bearer {TOKEN}"}) as client:
            tools = (await client.list_tools()).tools
            assert len(tools) == 26
            assert (await call(client, "list_projects"))["data"]
        async with httpx2.AsyncClient() as bare:
            assert (await bare.post(url, json={})).status_code == 401
    finally:
        process.terminate()
        errors = (await process.communicate())[1].decode()
    assert TOKEN not in errors
    assert "Traceback" not in errors


async def test_an_input_that_the_shell_closed_is_an_end() -> None:
    process = await asyncio.create_subprocess_exec(
        *("sh", "-c", 'exec "$@" <&-', "sh", sys.executable, "-m", "openai_admin.mcp", "--demo"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert await asyncio.wait_for(process.communicate(), 60) == (b"", b"")
    assert process.returncode == 0


async def test_each_request_may_bring_its_own_key(emulator: Emulator) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "openai_admin", "mcp", "--http", "--port", "0", "-vv"),
        *("--toolset", "seed", "--key-from-header", "X-OpenAI-Admin-Key"),
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "OPENAI_BASE_URL": emulator.base_url, "OPENAI_ADMIN_KEY": ""},
    )
    assert process.stderr is not None
    try:
        line = (await asyncio.wait_for(process.stderr.readline(), 60)).decode()
        url = line.split()[-1]
        async with http_client(url, headers={"X-OpenAI-Admin-Key": emulator.admin_key}) as client:
            page = await call(client, "list_users")
        assert [u["id"] for u in page["data"]] == [u["id"] for u in emulator.store.users]
    finally:
        process.terminate()
        errors = (await process.communicate())[1].decode()
    assert "/organization/users" in errors  # it logs each request, and never the key
    assert emulator.admin_key not in errors
    assert "Traceback" not in errors


async def test_sigterm_ends_a_server_that_nobody_called_without_a_traceback() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "openai_admin", "mcp", "--http", "--port", "0"),
        *("--key-from-header", "X-OpenAI-Admin-Key"),
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    await asyncio.wait_for(process.stderr.readline(), 60)
    process.terminate()
    assert (await asyncio.wait_for(process.communicate(), 60))[1] == b""
    assert process.returncode == -signal.SIGTERM
