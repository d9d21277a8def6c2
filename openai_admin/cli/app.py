"""The command ``openai-admin``: its table of commands, and what becomes of errors."""

from __future__ import annotations

import ast
import io
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from .ending import (
    TerminatedError,
    clear_away_on_sigterm,
    end_at_once_on_sigterm,
    end_by_sigterm,
    say_notes,
)
from .errors import PipeClosedError, explain
from .lazy import Entry, LazyGroup, command, group
from .unread import noting

_HELP = """Administer an OpenAI organization: spend, projects, people, keys, limits, audit log.

The key comes from OPENAI_ADMIN_KEY or from a profile that 'openai-admin login' stored. All
commands but login, logout, profiles, emulator and demo take --demo, before or after the command:
it uses a demo organization in this process instead.
"""


def _tree() -> dict[str, str]:
    """The resources of the tree's first level with what they are, by their commands' names.

    They are read from the tree's source: importing it would double the time that help takes.
    """
    source = Path(__file__).parent.parent.joinpath("_tree.py").read_text(encoding="utf-8")
    methods = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    return {node.name.replace("_", "-"): ast.get_docstring(node) or "" for node in methods}


RESOURCES: Mapping[str, str] = _tree()
"""The commands of the tree's first level, with their help."""


def _resource(name: str) -> Callable[[], Any]:
    def load() -> Any:
        from .operations import resource_group

        return resource_group(name.replace("-", "_"))

    return load


COMMANDS: Mapping[str, Entry] = {
    "demo": Entry("Show what the demo organization spent, by project and model.", command("demo")),
    "costs": Entry("Show what was spent.", command("usage", "costs")),
    "report": Entry(
        "Report spend, changes, forecast, unused keys: here or as a page.", command("report")
    ),
    "budget": Entry(
        "Compare spending with budgets; exit with 3 where one is passed.", command("budget")
    ),
    "allocation": Entry(
        "Check the rules that allocate costs to teams.",
        command("allocation", "allocation_group"),
    ),
    "find": Entry(
        "Find people, projects, keys by name, id, address or last characters.", command("find")
    ),
    "access": Entry(
        "Say who can do what and why, and review it.", command("access", "access_group")
    ),
    "detect": Entry(
        "Find what in the audit log should be looked at; exit with 3 for it.", command("detect")
    ),
    "export": Entry(
        "Keep usage, costs, directory and audit log as a Parquet dataset.", command("export")
    ),
    "metrics": Entry("Serve spend, use of limits and findings to Prometheus.", command("metrics")),
    "guard": Entry("Find keys that are used far more than usual, by the minute.", command("guard")),
    "org": Entry(
        "Keep the organization as a file: pull, plan, apply.", command("org", "org_group")
    ),
    "offboard": Entry("Take away everything that a person holds: keys first.", command("offboard")),
    "focus": Entry("Write costs as a FOCUS 1.2 file, for finance.", command("focus")),
    "rotate": Entry(
        "Replace a key without a moment in which none works.", command("rotate", "rotate_group")
    ),
    "emulator": Entry("Run the demo organization as a server.", command("emulator")),
    "mcp": Entry("Offer the API as tools to an assistant.", command("mcp")),
    "login": Entry("Store an admin key.", command("login")),
    "whoami": Entry(
        "Show whose organization the key is of, and what it may read.", command("whoami")
    ),
    "profiles": Entry("List what login has stored.", command("profiles", "profiles_group")),
    "logout": Entry("Remove what login has stored.", command("profiles", "leaving")),
    **{
        name: Entry(
            help,
            command("usage", "usage_group") if name == "usage" else _resource(name),
            "Resources",
        )
        for name, help in RESOURCES.items()
    },
}
"""Every command of the first level.

A new one is a line here, and a module with ``app = typer.Typer(…)`` whose command has the class
`lazy.Command`; the module is imported when the command runs.
"""


def _version(value: bool) -> bool:
    if value:
        from ..version import __version__

        typer.echo(f"openai-admin {__version__}")
        raise typer.Exit
    return value


def _install_completion(ctx: typer.Context, value: bool) -> bool:
    if value:
        from typer.completion import install_callback

        typer.main.get_install_completion_arguments()  # makes the shells known
        install_callback(ctx, _NO_PARAMETER, value)
    return value


def _show_completion(ctx: typer.Context, value: bool) -> bool:
    if value:
        from typer.completion import show_callback

        typer.main.get_install_completion_arguments()
        show_callback(ctx, _NO_PARAMETER, value)
    return value


_NO_PARAMETER: Any = None  # the callbacks take it for click's sake and do not look at it


def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
    install_completion: Annotated[
        bool,
        typer.Option(
            "--install-completion",
            callback=_install_completion,
            is_eager=True,
            help="Install completion for this shell.",
        ),
    ] = False,
    show_completion: Annotated[
        bool,
        typer.Option(
            "--show-completion",
            callback=_show_completion,
            is_eager=True,
            help="Show the completion script for this shell.",
        ),
    ] = False,
) -> None:
    pass


def root() -> LazyGroup:
    """The whole command."""
    return group(_HELP, COMMANDS, _root)


def run(arguments: Sequence[str]) -> int:
    """Run a command line, and say in one sentence what went wrong.

    Returns:
        The exit code: 0; 1 for a failure, or where something of an answer could not be read; 2
        for wrong usage or input; 3 where the command found what it was asked to tell of; 130 after
        Ctrl-C; 141 when the reader of a pipe went away. After SIGTERM it does not return: the
        process ends by that signal, once what was begun is cleared away.
    """
    _open_closed_streams()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # for terminals that are not UTF-8
    if "_OPENAI_ADMIN_COMPLETE" in os.environ:
        typer.main.get_install_completion_arguments()  # makes the shells known
    try:
        clear_away_on_sigterm()
        with noting() as unread:
            code = _run(arguments)
            unread.tell()
        end_at_once_on_sigterm()
    except TerminatedError:
        _silence_stdout()
        end_by_sigterm()
    return code or (1 if unread else 0)


def _run(arguments: Sequence[str]) -> int:
    try:
        code = root().main(list(arguments), prog_name="openai-admin", standalone_mode=False)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except (PipeClosedError, BrokenPipeError):
        _silence_stdout()
        return 141
    except typer.Abort:  # the input ended at a prompt
        print(file=sys.stderr)
        return 130
    except Exception as exc:
        explained = explain(exc)
        if explained is None:
            raise
        message, code = explained
        _say(message)
        say_notes(exc)
        _silence_stdout()  # what could not be written will not be written at exit either
    return code if isinstance(code, int) else 0


def _open_closed_streams() -> None:
    """Where a shell closed a stream: read nothing, say nothing, and let no output be written.

    Output that goes nowhere is an error, as it is on a full disk. The file also keeps the
    descriptor's number from a socket, which would be used otherwise.
    """
    streams = (
        ("stdin", os.O_RDONLY, "r"),
        ("stdout", os.O_RDONLY, "w"),
        ("stderr", os.O_WRONLY, "w"),
    )
    for name, allowed, mode in streams:
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, allowed), mode, encoding="utf-8"))


def _say(message: str) -> None:
    from .terminal import paint

    is_help = "\n" in message
    print(message if is_help else paint(message, "31", sys.stderr), file=sys.stderr)


def _silence_stdout() -> None:
    """Keep the interpreter from writing what is left in the buffer, and from complaining."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, sys.stdout.fileno())
        os.close(devnull)
