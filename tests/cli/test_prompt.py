"""Prompts and Ctrl-C in real processes: nothing hangs, and the terminal is left as it was."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from openai_admin.emulator import Emulator

from .processes import COMMAND, Terminal, environment


@pytest.fixture
def env(demo: Emulator, tmp_path: Path) -> dict[str, str]:
    return {
        "OPENAI_BASE_URL": demo.base_url,
        "OPENAI_ADMIN_KEY": demo.admin_key,
        "XDG_CONFIG_HOME": str(tmp_path),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }


@pytest.fixture
def project(demo: Emulator) -> str:
    _default, project, *_ = demo.store.projects
    return str(project["id"])


def program(
    text: str,
    *arguments: str,
    stdin: int = subprocess.DEVNULL,
    env: Mapping[str, str] | None = None,
) -> tuple[int, str, str]:
    """Run a program in the interpreter of the tests."""
    done = subprocess.run(
        [sys.executable, "-c", text, *arguments],
        env=environment(env or {}),
        stdin=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


async def test_ctrl_c_wakes_a_loop_that_no_signal_interrupts() -> None:
    """As if it came just before the wait: another thread is told, and the waiting one is not."""
    text = (
        "import asyncio, signal, sys, threading, time\n"
        "from openai_admin.cli.loop import run\n"
        "def press():\n"
        "    time.sleep(0.5)\n"  # the loop waits by now; where it does not, it has less to show
        "    signal.pthread_kill(threading.get_ident(), signal.SIGINT)\n"
        "async def wait():\n"
        "    threading.Thread(target=press).start()\n"
        "    try: await asyncio.Event().wait()\n"
        "    finally: print('cleaned up')\n"
        "try: run(wait())\n"
        "except KeyboardInterrupt: print('stopped', signal.set_wakeup_fd(-1))\n"
    )
    assert await asyncio.to_thread(program, text) == (0, "cleaned up\nstopped -1\n", "")


async def test_ctrl_c_at_once_after_each_of_many_prompts(env: dict[str, str], project: str) -> None:
    def run() -> tuple[int, str]:
        with Terminal("projects", "archive", project, env=env) as terminal:
            terminal.wait_for("Go on?")
            terminal.interrupt()
            return terminal.code(), terminal.screen

    for _ in range(5):
        code, screen = await asyncio.to_thread(run)
        assert code == 130
        assert screen.endswith("[y/N]: ^C\nStopped.\n")


async def test_what_is_neither_yes_nor_no_is_asked_again(
    env: dict[str, str], project: str, demo: Emulator
) -> None:
    def run() -> tuple[int, str]:
        with Terminal("projects", "archive", project, env=env) as terminal:
            terminal.wait_for("Go on? [y/N]: ")
            terminal.enter("perhaps\n")
            terminal.wait_for("Answer y or n.\nGo on? [y/N]: ")
            terminal.enter("Yes\n")
            return terminal.code(), terminal.screen

    code, screen = await asyncio.to_thread(run)
    assert code == 0, screen
    assert demo.requests[-1].operation == "projects.archive"


async def test_the_end_of_input_is_not_an_answer(
    env: dict[str, str], project: str, demo: Emulator
) -> None:
    def run() -> tuple[int, str]:
        with Terminal("projects", "archive", project, env=env) as terminal:
            terminal.wait_for("Go on? [y/N]: ")
            terminal.enter("\x04")
            return terminal.code(), terminal.screen

    code, screen = await asyncio.to_thread(run)
    assert code == 130
    assert screen.endswith("Go on? [y/N]: \nStopped.\n")
    assert "projects.archive" not in {r.operation for r in demo.requests}


async def test_the_terminal_may_edit_the_line(env: dict[str, str], project: str) -> None:
    def run() -> tuple[int, str]:
        with Terminal("projects", "archive", project, env=env) as terminal:
            terminal.wait_for("Go on? [y/N]: ")
            terminal.enter("y\x7fn\n")  # a backspace
            return terminal.code(), terminal.screen

    code, screen = await asyncio.to_thread(run)
    assert code == 1
    assert screen.endswith("Nothing was changed.\x1b[0m\n")


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (lambda terminal: terminal.interrupt(), 130),
        (lambda terminal: terminal.enter("\x04"), 130),
        (lambda terminal: terminal.enter("\x1c"), -signal.SIGQUIT),
        (lambda terminal: terminal.signal(signal.SIGTERM), -signal.SIGTERM),
        (lambda terminal: terminal.signal(signal.SIGHUP), -signal.SIGHUP),
        (lambda terminal: terminal.enter("sk-proj-wrong\n"), 2),
    ],
    ids=["ctrl-c", "ctrl-d", "quit", "term", "hup", "wrong"],
)
async def test_the_terminal_echoes_again_after_a_hidden_prompt(
    env: dict[str, str], tmp_path: Path, end: Callable[[Terminal], None], code: int
) -> None:
    def run() -> tuple[int, bool, str]:
        with Terminal("login", env=env) as terminal:
            terminal.wait_for("Admin key")
            terminal.wait_for_hidden_input()
            end(terminal)
            return terminal.code(), terminal.is_echoing, terminal.screen

    ended, echoing, screen = await asyncio.to_thread(run)
    assert (ended, echoing) == (code, True), screen
    assert "Traceback" not in screen
    assert "sk-proj-wrong" not in screen
    assert not (tmp_path / "openai-admin").exists()


async def test_a_hidden_prompt_stays_hidden_after_the_shell_had_the_terminal(
    env: dict[str, str], demo: Emulator
) -> None:
    def run() -> tuple[int, str]:
        with Terminal("login", "--base-url", demo.base_url, env=env) as terminal:
            terminal.wait_for("Admin key")
            terminal.wait_for_hidden_input()
            terminal.echo(True)
            terminal.signal(signal.SIGCONT)
            terminal.wait_for_hidden_input()
            terminal.enter(f"{demo.admin_key}\n")
            return terminal.code(), terminal.screen

    code, screen = await asyncio.to_thread(run)
    assert code == 0, screen
    assert demo.admin_key not in screen


async def test_a_prompt_ends_with_the_process(env: dict[str, str], project: str) -> None:
    def run() -> int:
        with Terminal("projects", "archive", project, env=env) as terminal:
            terminal.wait_for("Go on? [y/N]: ")
            terminal.signal(signal.SIGTERM)
            return terminal.code()

    assert await asyncio.to_thread(run) == -signal.SIGTERM


async def test_ctrl_c_while_a_pipe_has_no_key_yet(env: dict[str, str]) -> None:
    text = (
        "import signal, sys, threading, time\n"
        "from openai_admin.__main__ import main\n"
        "def press():\n"
        "    while 'standard input' not in {t.name for t in threading.enumerate()}:\n"
        "        time.sleep(0.01)\n"
        "    signal.pthread_kill(threading.get_ident(), signal.SIGINT)\n"
        "threading.Thread(target=press).start()\n"
        "sys.exit(main(['login']))\n"
    )

    def run() -> tuple[int, str, str]:
        reading, writing = os.pipe()
        try:
            return program(text, stdin=reading, env=env)
        finally:
            os.close(reading)
            os.close(writing)

    assert await asyncio.to_thread(run) == (130, "", "Stopped.\n")


# --- the beginning and the end of a process --------------------------------------------------

_STOPPED_AT_AN_IMPORT = """
import signal, sys
from importlib.abc import MetaPathFinder
from openai_admin.__main__ import main
class Press(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == sys.argv[1]:
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Press())
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.parametrize(
    "module",
    [
        "typer",
        "openai_admin.cli.app",
        "openai_admin._extras",
        "openai_admin.cli.operations",
        "openai_admin.resources.projects",
        "aiohttp",
        "openai_admin.client",
        "openai_admin.emulator",
    ],
)
async def test_ctrl_c_while_modules_are_imported(module: str) -> None:
    line = ["projects", "list", "--demo"]
    ended = await asyncio.to_thread(program, _STOPPED_AT_AN_IMPORT, module, *line)
    assert ended == (130, "", "Stopped.\n")


async def test_ctrl_c_when_all_is_done() -> None:
    text = (
        "import atexit, signal, sys\n"
        "from openai_admin.__main__ import main\n"
        "atexit.register(signal.raise_signal, signal.SIGINT)\n"
        "sys.exit(main(['--version']))\n"
    )
    code, out, err = await asyncio.to_thread(program, text)
    assert (code, err) == (-signal.SIGINT, "")
    assert out.startswith("openai-admin ")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("login", "No key came on standard input.\n"),
        ("projects archive x", "pass --yes if you mean it.\n"),
    ],
)
async def test_an_input_that_the_shell_closed(env: dict[str, str], line: str, said: str) -> None:
    def run() -> tuple[int, str]:
        command = ["sh", "-c", 'exec "$@" <&-', "sh", *COMMAND, *line.split()]
        done = subprocess.run(
            command, env=environment(env), capture_output=True, text=True, check=False
        )
        return done.returncode, done.stderr

    code, err = await asyncio.to_thread(run)
    assert code == 2
    assert err.endswith(said)
    assert err.count("\n") == 1
