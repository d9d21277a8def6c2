"""What went wrong, in one sentence, and the exit code for it."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

from typer import TyperException

from .._text.secrets import without_secrets
from .terminal import printable


class PipeClosedError(Exception):
    """The reader of standard output went away."""


class CommandError(Exception):
    """A command was not carried out, for a reason that its sentence says.

    Args:
        message: the sentence.
        code: the exit code, 2 for wrong usage.
    """

    def __init__(self, message: str, *, code: int = 2) -> None:
        super().__init__(message)
        self.code = code


def end_lacking(*sentences: str, allowed: bool) -> None:
    """Tell what a result lacks that is written already; nothing where it lacks nothing.

    Args:
        sentences: what it lacks.
        allowed: whether it may; else the command ends with exit code 1.

    Raises:
        CommandError: it may not.
    """
    if sentences and not allowed:
        raise CommandError(" ".join(sentences), code=1)
    for sentence in sentences:
        print(printable(_with_options(sentence)), file=sys.stderr)


FOUND = 3
"""The exit code of a command that looked, and found what it was asked to tell of; it outranks 1."""


def end_found(found: Sequence[str], *lacks: str, allowed: bool) -> None:
    """Tell what a command was to look for, then what its result lacks.

    Args:
        found: what it found, a sentence each.
        lacks: what the result lacks.
        allowed: whether it may lack that; but what was found is told in any case.

    Raises:
        CommandError: something was found, with exit code `FOUND`, or the result lacks something
            that it may not.
    """
    if found:
        raise CommandError(" ".join([*found, *lacks]), code=FOUND)
    end_lacking(*lacks, allowed=allowed)


def explain(error: BaseException) -> tuple[str, int] | None:
    """The sentence and the exit code for an error; ``None`` for a bug in this program."""
    if isinstance(error, BaseExceptionGroup):
        return explain(error.exceptions[0])
    if isinstance(error, CommandError):
        return _sentence(str(error)), error.code
    if isinstance(error, TyperException):
        return _usage(error)
    if isinstance(error, OSError):
        where = f" ({error.filename})" if error.filename else ""
        return _sentence(f"{error.strerror or error}{where}"), 1
    return _from_client(error)


def _from_client(error: BaseException) -> tuple[str, int] | None:
    from .. import errors
    from .config_file import ConfigFileError

    if not isinstance(error, errors.OpenAIAdminError):
        return None
    if isinstance(error, errors.DocumentError):  # a line each
        return "\n".join(map(_sentence, error.mistakes)), 2
    if isinstance(error, errors.ConfigurationError | errors.InvalidInputError | ConfigFileError):
        return _sentence(str(error)), 2
    if isinstance(error, errors.OutcomeUnknownError):
        return _sentence(error.message), 1  # its advice is for Python
    if isinstance(error, errors.RateLimitError) and not error.sent:
        return _sentence(error.message), 1  # likewise
    text = str(error).rstrip(".")
    if isinstance(error, errors.AuthenticationError):
        text += "; check OPENAI_ADMIN_KEY or store a key with 'openai-admin login'"
    elif isinstance(error, errors.PermissionDeniedError) and not error.missing_scopes:
        text += "; the key lacks permission for this"
    elif isinstance(error, errors.APIConnectionError) and not error.is_lasting:
        text += "; check the network and the address"
    return _sentence(text), 1


def _usage(error: TyperException) -> tuple[str, int]:
    context = getattr(error, "ctx", None)
    text = error.format_message()
    if type(error).__name__ == "NoArgsIsHelpError":  # its message is the help, to be kept whole
        return text, error.exit_code
    # Typer passes on how pydantic words it.
    text = text.replace(": Value error, ", ": ").replace("Input should be", "it must be")
    text = re.sub(r", unable to parse string as an? \w+", "", text)
    if context is not None:
        text = f"{text.rstrip('.')} (see '{context.command_path} --help')"
    return _sentence(text), error.exit_code


def _with_options(text: str) -> str:
    """A sentence with what the command line calls the longest answer that is accepted."""
    setting = "set max_response_bytes"
    text = text.replace(
        f"; {setting}", "; set --max-response-bytes, or max_response_bytes in the profile,"
    )
    return text.replace(f"or {setting}", f"or {setting} in the profile")  # of any command


def _sentence(text: str) -> str:
    line = printable(re.sub(r"\s+", " ", without_secrets(_with_options(text)))).strip()
    return line if line.endswith((".", "!", "?")) else f"{line}."
