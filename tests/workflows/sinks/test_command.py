"""A secret that a command takes: nobody else sees it, and what came of it is told."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from openai_admin import InvalidInputError, SinkError
from openai_admin.workflows.sinks import command as command_sink
from openai_admin.workflows.sinks.command import CommandSink
from openai_admin.workflows.sinks.pipeline import pipeline
from openai_admin.workflows.sinks.sink import check
from tests.workflows.sinks.programs import program

SECRET = "sk-svcacct-" + "abcDEF0123456789" * 8
HIDDEN = "sk-svcacct-…6789"


async def _failure(command: str, *, in_doubt: bool, timeout: float = 60.0) -> str:
    with pytest.raises(SinkError) as caught:
        await CommandSink(command, timeout=timeout).put(SECRET)
    assert caught.value.in_doubt == in_doubt
    assert SECRET not in repr(caught.value)
    return str(caught.value)


async def test_what_is_printed_is_shown_without_the_secret() -> None:
    shown: list[str] = []
    script = (
        "sh -c 's=$(cat); echo a $s; echo $s >&2; printf %s $s | base64 -w 0; printf \"\\033[1m\"'"
    )
    await CommandSink(script, show=shown.append).put(SECRET)
    assert shown == [f"a {HIDDEN}", f"{HIDDEN}\\u001b[1m", HIDDEN]


async def test_no_form_and_no_piece_of_the_secret_is_shown() -> None:
    secret = f"sk-svcacct-{hashlib.sha512(b'1').hexdigest()}"
    for script in (
        *("base64", "base64 -w 30", "{ printf ab; cat; } | base64", "fold -w 20", "fold -w 3"),
        *("head -c 60; cat >/dev/null", "od", "od -c", "od -b", "od -x", "od -t x1"),
    ):
        shown: list[str] = []
        await CommandSink(f"sh -c 'echo here; {script}'", show=shown.append).put(secret)
        assert shown[0] == "here"
        text = "".join("".join(shown).split())
        assert secret[11:19] not in text, script
        assert len(text) < 130, script


async def test_another_key_is_not_shown_either() -> None:
    shown: list[str] = []
    other = f"sk-proj-{'Xy1' * 20}"
    await CommandSink(f"sh -c 'cat >/dev/null; echo was {other}'", show=shown.append).put(SECRET)
    assert shown == [f"was sk-proj-…{other[-4:]}"]


async def test_of_megabytes_only_the_end_is_shown() -> None:
    shown: list[str] = []
    script = "sh -c 's=$(cat); yes $s | head -c 3000000; echo; echo end'"
    await CommandSink(script, show=shown.append).put(SECRET)
    assert (shown[0], shown[-1]) == ("… (what was printed before is not shown)", "end")
    assert set(shown[1:-2]) == {HIDDEN}
    assert sum(map(len, shown)) < 5000


@pytest.mark.parametrize(
    ("command", "why", "in_doubt"),
    [
        ("sh -c 'cat >&2; exit 3'", f"The command sh failed (exit code 3): {HIDDEN}.", False),
        ("sh -c 'cat; echo a; echo b. >&2; exit 1'", "(exit code 1): b.", False),
        ("sh -c 'kill -9 $$'", "The command sh was ended by signal 9.", True),
        ("sh -c 'exit 143'", "The command sh was ended by signal 15.", True),
        ("sh -c 'exit 4' | cat", "The command sh failed (exit code 4).", False),
        ("cat | sh -c 'exit 4'", "The command sh failed (exit code 4).", False),
        ("true", "The command true succeeded without reading the secret", False),
        ("sh -c 'sleep 9 & exit 0'", "The command sh succeeded without reading", False),
        ("nowhere --at all", "The command nowhere was not found on the PATH.", False),
        ("./nowhere", "The command ./nowhere was not found.", False),
        ("./data", "The command ./data is not a program that you may run.", False),
        ("./broken", "The command ./broken cannot be run: Exec format error.", False),
        ("cat | ./broken", "The command ./broken cannot be run: Exec format error.", True),
    ],
)
async def test_a_command_that_fails(command: str, why: str, in_doubt: bool, programs: Path) -> None:
    (programs / "data").touch(0o644)
    (programs / "broken").touch(0o755)
    (programs / "broken").write_bytes(b"\0\1\2")
    assert why in await _failure(command, in_doubt=in_doubt)


async def test_a_missing_program_is_told_before_a_key_is_made() -> None:
    with pytest.raises(SinkError, match="The command nowhere was not found on the PATH"):
        await check(CommandSink("cat | nowhere"))


async def test_what_it_leaves_in_the_background_is_not_waited_for(programs: Path) -> None:
    shown: list[str] = []
    await CommandSink("sh -c 'cat > kept; sleep 60 & echo $!'", show=shown.append, timeout=50).put(
        SECRET
    )
    os.kill(int(shown[0]), signal.SIGKILL)  # it is there
    assert (programs / "kept").read_text() == SECRET


async def test_a_command_that_does_not_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command_sink, "_GRACE", 0.1)
    why = await _failure("sh -c 'trap \"\" TERM; exec sleep 60'", timeout=0.1, in_doubt=True)
    assert why == (
        "command:sh … did not end within 0.1 s and was stopped; whether it has stored the new"
        " secret is not known."
    )


async def test_a_cancellation_stops_it_and_says_that_nothing_is_known(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command_sink, "_AFTER_CTRL_C", 0.1)
    program(programs, "slow", "echo $$ > pid; exec sleep 60")
    task = asyncio.create_task(CommandSink("slow").put(SECRET))
    while not ((programs / "pid").exists() and (programs / "pid").read_text().strip()):
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    assert caught.value.__notes__ == [
        "Whether command:slow has stored the new secret is not known."
    ]
    with pytest.raises(ProcessLookupError):
        os.kill(int((programs / "pid").read_text()), 0)


def test_ctrl_c_reaches_the_command(programs: Path) -> None:
    waiting = """
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # it is not lost while nobody waits
open("here", "w").close()
if signal.sigtimedwait([signal.SIGINT], 60):
    open("told", "w").write("got it")
raise SystemExit(130)
"""
    (programs / "waiting.py").write_text(waiting)
    program(programs, "slow", f"exec {shlex.quote(sys.executable)} waiting.py")
    script = """
import asyncio
from openai_admin.workflows.sinks.command import CommandSink
try:
    asyncio.run(CommandSink("slow").put("sk-secret"))
except KeyboardInterrupt as exc:
    print("interrupted")
"""
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    while not (programs / "here").exists():
        assert process.poll() is None
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    assert process.communicate()[0] == "interrupted\n"
    assert (programs / "told").read_text() == "got it"


def test_a_command_line_is_read_as_a_shell_reads_it() -> None:
    assert pipeline(r"""a 'b|c $x' "d \"e\" ;" f\ g | h --i='j k' '*' l~ m=n""") == [
        ["a", "b|c $x", 'd "e" ;', "f g"],
        ["h", "--i=j k", "*", "l~", "m=n"],
    ]


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("a > b", "'>' would need"),
        ("a && b", "'&&' would need"),
        ("a || b", "'||' would need"),
        ("a; b", "';' would need"),
        ("a $B", "'$' would need"),
        ('a "$B"', "'\"$B\"' would need"),
        ("a `b`", "'`' would need"),
        ("a *.key", "'*' would need"),
        ("~/bin/a", "'~' would need"),
        ("a |~/bin/b", "'~' would need"),
        ("a | B=1 c", "'B=' would need"),
        ("a 'b", "a quote that is not closed"),
        ("a |", "must be written as command:PROGRAM ARGUMENTS"),
        ("", "must be written as command:PROGRAM ARGUMENTS"),
        ("''", "must be written as command:PROGRAM ARGUMENTS"),
    ],
)
def test_what_needs_a_shell_or_is_no_command_is_refused(command: str, why: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        CommandSink(command)
    assert why in str(caught.value)
