"""Groups of commands that know their commands' names, and import them when they are run."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

from ..errors import DocumentError, InvalidInputError

_HEADINGS = ["Arguments", "Options", "Output", "Delivery", "Connection", "HTTP", "Network"]
_WIDTH = 100  # columns of help, where the terminal has them
_TYPED = f"{__name__}.typed"
_DEMO = f"{__name__}.demo"


DEMO = "--demo"
"""The option of commands that may stand before the command as well."""


class Entry(NamedTuple):
    """A command that is not loaded yet.

    Attributes:
        help: one sentence, for the list of commands.
        load: returns the command itself.
        section: the heading it is listed under.
    """

    help: str
    load: Callable[[], Any]
    section: str = "Commands"


def command(module: str, app: str = "app") -> Callable[[], Any]:
    """Load a command from a module below `openai_admin.cli`.

    Args:
        module: the module's name.
        app: its `typer.Typer`, or its function that makes a command.
    """

    def load() -> Any:
        found = getattr(import_module(f"{__package__}.{module}"), app)
        return typer.main.get_command(found) if isinstance(found, typer.Typer) else found()

    return load


class Command(TyperCommand):
    """A command whose help keeps the options that all commands share apart from its own.

    Of an option with several names, errors have the one that was typed.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse what was typed, and a ``--demo`` that stood before the command."""
        if ctx.meta.get(_DEMO):
            args = [DEMO, *args]
        ctx.meta[_TYPED] = {arg.partition("=")[0] for arg in args}
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command.

        Raises:
            InvalidInputError: with the names of options as they were typed.
        """
        try:
            return super().invoke(ctx)
        except DocumentError:
            raise  # it is about a file
        except InvalidInputError as exc:
            raise InvalidInputError(self._as_typed(str(exc), ctx.meta[_TYPED])) from exc.__cause__

    def _as_typed(self, text: str, typed: set[str]) -> str:
        for parameter in self.params:
            if found := [name for name in parameter.opts if name in typed]:
                text = text.replace("/".join(parameter.opts), found[0])
        return text

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """What follows the command's name in the usage line; arguments by their bare names."""
        return [re.sub("[{}]", "", piece) for piece in super().collect_usage_pieces(ctx)]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """List arguments and options, those of a panel under its heading."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if parameter.param_type_name == "argument":
                row = (parameter.metavar or parameter.name, getattr(parameter, "help", None) or "")
                sections.setdefault("Arguments", []).append(row)
            elif record is not None:
                heading = getattr(parameter, "rich_help_panel", None) or "Options"
                sections.setdefault(heading, []).append(record)
        for heading in sorted(sections, key=_HEADINGS.index):
            with formatter.section(heading):
                formatter.write_dl(sections[heading])


class LazyGroup(TyperGroup):
    """A group whose `commands` are placeholders with a name and a help text.

    A command is loaded when it is resolved to be run (or completed), so that a list of commands
    costs no import.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse what stands before the command; a ``--demo`` there is kept for the command."""
        at = next((i for i, arg in enumerate(args) if not arg.startswith("-")), len(args))
        if DEMO in args[:at]:
            ctx.meta[_DEMO] = True
            args = [*(arg for arg in args[:at] if arg != DEMO), *args[at:]]
        return super().parse_args(ctx, args)

    def offer(self, entries: Mapping[str, Entry]) -> None:
        """Add commands by name."""
        self._entries = dict(entries)
        for name, entry in entries.items():
            self.commands[name] = TyperCommand(name, help=entry.help, rich_markup_mode=None)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command that some arguments begin with, loaded."""
        name, stand_in, rest = super().resolve_command(ctx, args)
        return name, self.load(name) if name is not None and stand_in is not None else None, rest

    def load(self, name: str) -> Any:
        """A command by name, loaded."""
        loaded = self._entries[name].load()
        loaded.name = name
        return loaded

    def get_help_option(self, ctx: Any) -> Any:
        """The option ``--help``, off by default: typer imports pydantic to convert a ``None``."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.default = False
        return option

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """List the commands by section."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for name, entry in self._entries.items():
            sections.setdefault(entry.section, []).append((name, entry.help))
        for section, rows in sections.items():
            with formatter.section(section):
                formatter.write_dl(rows)


def group(
    help: str, entries: Mapping[str, Entry], callback: Callable[..., Any] | None = None
) -> LazyGroup:
    """A group of commands; without one, it shows its help."""
    app = typer.Typer(
        cls=LazyGroup,
        help=help,
        add_completion=False,
        rich_markup_mode=None,
        no_args_is_help=True,
        context_settings={"max_content_width": _WIDTH},
    )
    app.callback()(callback or (lambda: None))
    made = typer.main.get_command(app)
    assert isinstance(made, LazyGroup)  # noqa: S101 - says to mypy what `cls` says to typer
    made.offer(entries)
    return made


def single(name: str, function: Callable[..., Any], *, help: str) -> Any:
    """A command made from a function."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(name, help=help, cls=Command)(function)
    return typer.main.get_command(app)
