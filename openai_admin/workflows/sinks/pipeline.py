"""A command line read as a shell reads it, without a shell: words in quotes, and pipes."""

from __future__ import annotations

import re
import shlex

from ...errors import InvalidInputError

_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_PIECE = re.compile(
    r"""
    '[^']*'
  | "(?:[^"\\$`]|\\.)*"
  | \\.
  | (?P<pipe>\|(?!\|))
  | (?P<syntax>"(?:[^"\\]|\\.)*"|&&|\|\||[&;<>()`$\n*]|(?<![^\s|])~)
  | (?P<unclosed>['"\\])
  | ~
  | [^'"\\|&;<>()`$\n*~]+
    """,
    re.VERBOSE | re.DOTALL,
)


def pipeline(text: str) -> list[list[str]]:
    """The words of each of the commands that a text connects by pipes.

    Nothing is expanded: no variables, no wildcards, no ``~``.

    Raises:
        InvalidInputError: there is none, or the text has more of a shell's syntax than quotes and
            pipes.
    """
    commands = [""]
    for piece in _PIECE.finditer(text):
        if piece["unclosed"]:
            raise InvalidInputError("A command has a quote that is not closed.")
        if piece["syntax"]:
            raise _needs_shell(piece["syntax"])
        if piece["pipe"]:
            commands.append("")
        else:
            commands[-1] += piece[0]
    words = [shlex.split(command) for command in commands]
    if not all(command and command[0] for command in words):
        raise InvalidInputError(
            "A command must be written as command:PROGRAM ARGUMENTS, or several of them with '|'"
            " between."
        )
    for name, *_ in words:
        if assignment := _ASSIGNMENT.match(name):
            raise _needs_shell(assignment[0])
    return words


def _needs_shell(syntax: str) -> InvalidInputError:
    return InvalidInputError(
        f"A command is run without a shell, which its {syntax!r} would need: only quotes and pipes"
        " are understood (write command:sh -c '…' where a shell is meant)."
    )
