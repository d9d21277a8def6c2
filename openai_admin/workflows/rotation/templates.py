"""Places with placeholders, as ``file:secrets/{project}-{account}.env``: pure.

A name goes into a place as it is, or not at all: if it were changed on the way, its key would go to
another place than the one that programs read, and the key that they read would be deleted.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from ..._declare.arguments import one_of, shown
from ...errors import InvalidInputError
from ..sinks.file import VARIABLE
from ..sinks.forms import sink_of

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_JOINERS = "\u200c\u200d"  # parts of words, and of emoji
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # Unicode's categories
_WINDOWS = frozenset('<>:"|?*')
_IN_COMMANDS = frozenset("_.@+:,-")
_IN_AWS = re.compile(r"[A-Za-z0-9_+=.@-]+")
SERVICE_ACCOUNT = ("project", "project_id", "account", "account_id")
ADMIN_KEY = ("key", "key_id")


def check_template(template: str, names: Sequence[str]) -> None:
    """Refuse a template that several accounts cannot have.

    Args:
        template: a sink with placeholders.
        names: the placeholders that there are.

    Raises:
        InvalidInputError: it has none, or another one, or it is not a place.
    """
    used = _PLACEHOLDER.findall(template)
    known = [f"{{{name}}}" for name in names]
    for name in used:
        if name not in names:
            raise InvalidInputError(f"to: {{{name}}} is unknown; there are {one_of(known)}.")
    if not used:
        raise InvalidInputError(
            f"to: several keys cannot go to the same place: put {one_of(known)} into it."
        )
    sink_of(filled(template, dict.fromkeys(names, "x")))


def filled(template: str, values: Mapping[str, str]) -> str:
    """A template with its values, as they are but for Unicode's normal form (NFC).

    Raises:
        InvalidInputError: a value would be taken for more than a name there.
    """
    values = {name: unicodedata.normalize("NFC", value) for name, value in values.items()}
    kind = template.partition(":")[0]
    if kind == "file":
        return _file(template, values)
    for name in _PLACEHOLDER.findall(template):
        _check(name, values[name], kind)
    return _put_in(template, values)


def _put_in(text: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values[found[1]], text)


def _check(name: str, value: str, kind: str) -> None:
    """Refuse a value that a place of some kind would take for more than a name."""
    if kind == "command":  # a shell, here or on another machine, may read it
        first, usual = value[:1], all(_is_letter(c) or c in _IN_COMMANDS for c in value)
        if not (usual and (_is_letter(first) or first == "_")):
            allowed = "letters, digits and '_.@+:,-', and begins with a letter or digit"
            raise _unfit(name, value, f"a command takes a name that has only {allowed}")
    elif kind == "aws-secretsmanager" and not _IN_AWS.fullmatch(value):
        raise _unfit(name, value, "AWS takes only ASCII letters, digits and '_+=.@-'")
    elif "/" in value or any(map(_is_hidden, value)):
        raise _unfit(
            name, value, "a name with '/' or a character that cannot be seen is not put in"
        )


def _file(template: str, values: Mapping[str, str]) -> str:
    """A file with its variable, of which each part has what the template gives it, and no more."""
    path, variable = template, VARIABLE
    if "#" in template:
        path, _, variable = template.rpartition("#")
    for name in _PLACEHOLDER.findall(path):
        value = values[name]
        if "/" in value or "\\" in value or any(map(_is_hidden, value)):
            why = "a file's name cannot have '/', '\\' or a character that cannot be seen"
            raise _unfit(name, value, why)
        if os.name == "nt" and (_WINDOWS & set(value) or value[-1] in ". "):
            why = "on Windows, a file's name cannot have '<>:\"|?*', nor '.' or ' ' at its end"
            raise _unfit(name, value, why)
    for name in _PLACEHOLDER.findall(variable):
        if not re.fullmatch(r"\w+", values[name], re.ASCII):
            why = "a variable has only ASCII letters, digits and '_'"
            raise _unfit(name, values[name], why)
    separator = r"[/\\]" if os.name == "nt" else "/"
    for position, part in enumerate(re.split(separator, path.removeprefix("file:"))):
        whole = _put_in(part, values)
        leads = whole in (".", "..") or (position == 0 and whole[:1] == "~" != part[0])
        if part != whole and leads:
            name = _PLACEHOLDER.findall(part)[0]
            raise _unfit(name, values[name], "it would lead to another folder")
    return f"{_put_in(path, values)}#{_put_in(variable, values)}"


def _unfit(name: str, value: str, why: str) -> InvalidInputError:
    id = name if name.endswith("_id") else f"{name}_id"
    return InvalidInputError(
        f"to: {shown(value)} cannot be put in for {{{name}}}: {why}. Use {{{id}}} instead, or"
        " rotate this one by itself."
    )


def _is_letter(character: str) -> bool:
    """Whether it is a letter, a digit, or a mark on one, of whichever script."""
    return unicodedata.category(character)[0] in "LMN" if character else False


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in _HIDDEN and character not in _JOINERS


def refuse_shared(sinks: Iterable[tuple[str, str]]) -> None:
    """Refuse two accounts that have the same place.

    Args:
        sinks: what each account is called, and its place.

    Raises:
        InvalidInputError: two have, perhaps only on a disk that takes upper and lower case for the
            same.
    """
    seen: dict[str, str] = {}
    for whose, sink in sinks:
        place = unicodedata.normalize("NFC", sink)
        if place.startswith("file:"):
            path, _, variable = place.removeprefix("file:").rpartition("#")
            place = f"{os.path.realpath(path).casefold()}#{variable}"
        if place in seen:
            raise InvalidInputError(
                f"to: {seen[place]} and {whose} would have the same place, {shown(sink)}: put an id"
                " into it, as {account_id}."
            )
        seen[place] = whose
