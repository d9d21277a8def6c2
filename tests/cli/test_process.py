"""Real processes: exit codes, pipes, full disks, Ctrl-C, prompts, colours, progress."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import re
import signal
import subprocess
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from openai_admin import AsyncOpenAIAdmin, AuditLogPosition
from openai_admin.emulator import Emulator, Latency, RateLimit

from .processes import COMMAND, Terminal, completed, environment

T = TypeVar("T")


@pytest.fixture
def env(demo: Emulator, tmp_path: Path) -> dict[str, str]:
    return {
        "OPENAI_BASE_URL": demo.base_url,
        "OPENAI_ADMIN_KEY": demo.admin_key,
        "XDG_CONFIG_HOME": str(tmp_path),
    }


async def apart(work: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Run blocking work in a thread, while the emulator answers in this one."""
    return await asyncio.to_thread(work, *args, **kwargs)


async def test_in_pipes_there_is_json_and_nothing_else(env: dict[str, str]) -> None:
    done = await apart(completed, "projects", "list", env=env)
    assert (done.returncode, done.stderr) == (0, "")
    assert all(project["id"].startswith("proj_") for project in json.loads(done.stdout))


async def test_exit_codes(env: dict[str, str]) -> None:
    wrong = await apart(completed, "projects", "lst", env=env)
    assert (wrong.returncode, wrong.stdout, wrong.stderr.count("\n")) == (2, "", 1)
    failed = await apart(completed, "projects", "retrieve", "proj_none", env=env)
    assert (failed.returncode, failed.stdout, failed.stderr.count("\n")) == (1, "", 1)
    bare = await apart(completed, env=env)
    assert bare.returncode == 2
    assert bare.stderr.startswith("Usage: openai-admin")


async def test_no_network(env: dict[str, str], demo: Emulator) -> None:
    await demo.stop()
    done = await apart(completed, "projects", "create", "--name", "x", env=env)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Could not connect to 127.0.0.1:")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("closed", "ended"),
    [
        (">&-", (1, b"standard output cannot be written: Bad file descriptor.\n")),
        ("2>&-", (0, b"")),
        (">&- 2>&-", (1, b"")),
    ],
)
async def test_output_that_goes_nowhere_is_an_error(
    env: dict[str, str], closed: str, ended: tuple[int, bytes]
) -> None:
    def run() -> tuple[int, bytes]:
        script = f'exec "$@" {closed}'
        command = ["sh", "-c", script, "sh", *COMMAND, "projects", "list"]
        done = subprocess.run(command, env=environment(env), capture_output=True, check=False)
        return done.returncode, done.stderr

    assert await apart(run) == ended


async def test_a_closed_pipe_is_not_an_error(env: dict[str, str]) -> None:
    def run() -> tuple[int, str]:
        with subprocess.Popen(
            [*COMMAND, "audit-logs", "list", "--all", "--format", "ndjson"],
            env=environment(env),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.readline()
            process.stdout.close()
            return process.wait(60), process.stderr.read()

    assert await apart(run) == (141, "")


@pytest.mark.parametrize("line", [["projects", "list"], ["costs"], ["--help"]])
async def test_a_file_that_takes_no_more(
    env: dict[str, str], line: list[str], tmp_path: Path
) -> None:
    # a limit of the process stands for a full disk: /dev/full is not on every machine
    limited = ["-c", 'ulimit -f 0 && exec "$@"', "sh"]

    def run() -> tuple[int, str]:
        with (tmp_path / "out").open("w") as full:
            done = subprocess.run(
                ["/bin/sh", *limited, *COMMAND, *line],
                env=environment(env),
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        return done.returncode, done.stderr

    code, said = await apart(run)
    assert code == 1
    assert os.strerror(errno.EFBIG) in said
    assert said.count("\n") == 1


async def test_ctrl_c_says_stopped(env: dict[str, str], demo: Emulator) -> None:
    demo.faults.add(Latency(match="projects.list", seconds=600))

    def run() -> tuple[int, str, str]:
        process = subprocess.Popen(
            [*COMMAND, "projects", "list"],
            env=environment(env),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        while not demo.requests:
            os.sched_yield()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    assert await apart(run) == (130, "", "Stopped.\n")


async def test_ctrl_c_while_it_writes(env: dict[str, str]) -> None:
    def run() -> tuple[int, str]:
        with subprocess.Popen(
            [*COMMAND, "audit-logs", "list", "--all", "--format", "ndjson"],
            env=environment(env),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()  # the rest is more than the pipe holds
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=60)
            return process.returncode, said

    assert await apart(run) == (130, "Stopped.\n")


async def test_a_destructive_command_names_its_target_and_asks(
    env: dict[str, str], demo: Emulator
) -> None:
    _default, project, *_ = demo.store.projects

    def run(answer: str, by: str = "id") -> tuple[int, str]:
        with Terminal("projects", "archive", project[by], env=env) as terminal:
            terminal.wait_for("Go on? [y/N]")
            assert f'"{project["name"]}", project {project["id"]}' in terminal.screen
            terminal.enter(answer)
            return terminal.code(), terminal.screen

    code, screen = await apart(run, "n\n")
    assert code == 1
    assert "Nothing was changed." in screen
    code, screen = await apart(run, "\x03", "name")
    assert code == 130
    assert f'The project is {project["id"]}, "{project["name"]}".' in screen
    assert "projects.archive" not in {r.operation for r in demo.requests}
    code, screen = await apart(run, "y\n")
    assert code == 0
    assert re.search(r"status.*archived", screen)


@pytest.mark.parametrize(
    ("line", "question"),
    [
        (
            ["update", "--threshold-amount", "100", "--currency", "USD", "--interval", "month"],
            (
                "spend-limit update: threshold amount $1.00, currency USD, interval month\n"
                "The spend limit falls from $30,000.00 to $1.00 a month"  # and what was spent
            ),
        ),
        (
            ["delete"],
            (
                "spend-limit delete: threshold amount $30,000.00\n"
                "Delete the organization's spend limit: spend is unlimited from then on.\n"
                "Go on? [y/N]: "
            ),
        ),
    ],
    ids=["update", "delete"],
)
async def test_amounts_are_asked_about_in_dollars(
    line: list[str], question: str, env: dict[str, str], demo: Emulator
) -> None:
    def run() -> tuple[int, str]:
        with Terminal("spend-limit", *line, env=env) as terminal:
            terminal.wait_for("Go on?")
            terminal.enter("n\n")
            return terminal.code(), terminal.screen

    code, screen = await apart(run)
    assert code == 1
    assert question in screen


async def test_a_secret_is_shown_once_on_a_terminal(env: dict[str, str]) -> None:
    def run() -> str:
        with Terminal("admin-api-keys", "create", "--name", "x", env=env) as terminal:
            assert terminal.code() == 0
            return terminal.screen

    screen = await apart(run)
    (secret,) = re.findall(r"shown this once: (sk-admin-\S+)", screen)
    assert screen.count(secret) == 1


async def test_colours_only_on_a_terminal_that_wants_them(env: dict[str, str]) -> None:
    def run(**changes: str) -> str:
        with Terminal("projects", "list", env={**env, **changes}) as terminal:
            assert terminal.code() == 0
            return terminal.screen

    assert "\x1b[1m" in await apart(run)
    assert "\x1b" not in await apart(run, NO_COLOR="1")
    piped = await apart(completed, "projects", "list", "--format", "table", env=env)
    assert "\x1b" not in piped.stdout


async def test_a_narrow_terminal_gets_the_columns_that_fit(env: dict[str, str]) -> None:
    def run(*line: str) -> list[str]:
        with Terminal(*line, env={**env, "COLUMNS": "80", "NO_COLOR": "1"}) as terminal:
            assert terminal.code() == 0
            return terminal.screen.splitlines()

    notice, *table = await apart(run, "users", "list", "--limit", "40")
    assert notice.startswith("Too wide for 80 columns, see --columns: role, ")
    assert len(table) == 41
    assert all(len(line) <= 80 for line in table)
    named = await apart(run, "users", "list", "--columns", "email,name,role,added_at,id")
    assert " ".join(named[:2]).split() == ["email", "name", "role", "added_at", "id"]
    assert not any("…" in line for line in named if "user-" in line)


async def test_the_completion_script(tmp_path: Path) -> None:
    env = {"_OPENAI_ADMIN_COMPLETE": "source_zsh", "XDG_CONFIG_HOME": str(tmp_path)}
    done = await apart(completed, env=env)
    assert done.returncode == 0
    assert done.stdout.lstrip().startswith("#compdef openai-admin")


async def test_progress_is_shown_on_a_terminal(env: dict[str, str], demo: Emulator) -> None:
    demo.faults.add(Latency(match="projects.list", seconds=600))

    def run() -> int:
        with Terminal("projects", "list", env=env) as terminal:
            terminal.wait_for("projects list")
            terminal.interrupt()
            return terminal.code()

    assert await apart(run) == 130


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (["audit-logs", "list", "--all", "--out"], "for GET /organization/audit_logs ("),
        (["export", "--endpoints", "audit_logs"], "s for GET /organization/audit_logs"),
    ],
    ids=["spinner", "bar"],
)
async def test_progress_shows_what_is_waited_for(
    line: list[str], shown: str, env: dict[str, str], demo: Emulator, tmp_path: Path
) -> None:
    demo.faults.add(RateLimit(match="audit_logs.list", limit=2, window=3))

    def run() -> int:
        with Terminal(*line, str(tmp_path / "log.json"), env={**env, "COLUMNS": "200"}) as terminal:
            terminal.wait_for(shown)
            terminal.interrupt()
            return terminal.code()

    assert await apart(run) == 130


async def test_the_emulator_serves_until_ctrl_c(tmp_path: Path) -> None:
    def run() -> tuple[int, int, int]:
        process = subprocess.Popen(
            [*COMMAND, "emulator", "--port", "0", "--fault", "503:projects.list:times=1"],
            env=environment({"XDG_CONFIG_HOME": str(tmp_path)}),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        lines = [process.stdout.readline().removeprefix("export ").strip() for _ in range(2)]
        settings = dict(line.split("=", 1) for line in lines)
        statuses = []
        for _ in range(2):
            request = urllib.request.Request(
                f"{settings['OPENAI_BASE_URL']}/organization/projects",
                headers={"Authorization": f"Bearer {settings['OPENAI_ADMIN_KEY']}"},
            )
            try:
                with urllib.request.urlopen(request) as response:
                    statuses.append(response.status)
            except urllib.error.HTTPError as error:
                statuses.append(error.code)
                error.close()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        return statuses[0], statuses[1], process.returncode

    assert await apart(run) == (503, 200, 130)


async def test_a_port_in_use(demo: Emulator, tmp_path: Path) -> None:
    env = {"XDG_CONFIG_HOME": str(tmp_path)}
    done = await apart(completed, "emulator", "--port", str(demo.port), env=env)
    assert done.returncode == 1
    assert f"port {demo.port} cannot be opened: Address already in use" in done.stderr
    assert done.stderr.count("\n") == 1


async def test_shell_completion(tmp_path: Path) -> None:
    def complete(line: str) -> list[str]:
        env = {
            "_OPENAI_ADMIN_COMPLETE": "complete_bash",
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(line.split(" ")) - 1),
            "XDG_CONFIG_HOME": str(tmp_path),
        }
        return completed(env=env).stdout.split()

    assert await apart(complete, "openai-admin proj") == ["projects"]
    assert "api-keys" in await apart(complete, "openai-admin projects a")
    assert await apart(complete, "openai-admin invites create --role o") == ["owner"]


async def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    program = (
        "import sys; from importlib.abc import MetaPathFinder\n"
        "import importlib.util as u; real = u.find_spec\n"
        "u.find_spec = lambda n, *a: None if n in ('typer', 'rich') else real(n, *a)\n"
        "from openai_admin.__main__ import main; sys.exit(main())\n"
    )
    done = await apart(
        subprocess.run,
        [COMMAND[0], "-c", program],
        env=environment({}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == (
        "The command line needs typer and rich: pip install 'openai-admin[cli]'.\n"
    )


async def test_help_imports_little(tmp_path: Path) -> None:
    """What makes help quick: a process that only shows help leaves the heavy modules alone."""
    program = (
        "import sys; from openai_admin.cli.app import run; code = run(sys.argv[1:])\n"
        "heavy = {'aiohttp', 'pydantic', 'rich.console', 'pyarrow', 'asyncio.base_events',"
        " 'tomlkit', 'platformdirs'}\n"
        "print(sorted(heavy & sys.modules.keys()), 'openai_admin._wire.codec' in sys.modules,"
        " file=sys.stderr)"
    )

    def heavy(*line: str) -> str:
        done = subprocess.run(
            [COMMAND[0], "-c", program, *line],
            env=environment({}),
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stderr.strip()

    assert await apart(heavy, "--help") == "[] False"
    for line in (["projects", "--help"], ["projects", "users", "list", "--help"]):
        said = await apart(heavy, *line)
        assert "aiohttp" not in said
        assert "pydantic" not in said


async def test_tail_goes_on_where_it_was(
    env: dict[str, str], demo: Emulator, tmp_path: Path
) -> None:
    position = tmp_path / "position.json"
    line = ["audit-logs", "tail", "--poll", "0.05", "--position", str(position)]

    async def follow(events: int, *further: str) -> list[str]:
        process = await asyncio.create_subprocess_exec(
            *COMMAND, *line, *further, env=environment(env), stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        demo.requests.clear()
        while len(demo.requests) < 2:  # it has seen where the log ends
            await asyncio.sleep(0.01)
        async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
            names = [f"new {n}" for n in range(events)]
            for name in names:
                await client.projects.create(name=name)
        lines = [json.loads(await process.stdout.readline()) for _ in names]
        while AuditLogPosition.from_file(position).seen.keys() < {line["id"] for line in lines}:
            await asyncio.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert await process.wait() == 130
        return [line["id"] for line in lines]

    first = await follow(2)
    second = await follow(3, "--event-types", "project.created")
    created = [e["id"] for e in demo.store.audit_logs if e["type"] == "project.created"]
    assert first + second == sorted(first + second, key=created.index)
    assert len(set(first + second)) == 5
