"""The forms in which a sink is written, as for ``--to``."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from ..._declare.arguments import one_of
from ..._text.secrets import secret_in
from ...errors import InvalidInputError
from .aws import SecretsManagerSink
from .command import CommandSink
from .file import VARIABLE, FileSink
from .keyring import KeyringSink
from .sink import Sink

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def sink_of(text: str) -> Sink:
    """The sink that a text names.

    Args:
        text: ``file:PATH[#VARIABLE]``, ``secret-file:PATH``, ``command:PROGRAM ARGUMENTS``,
            ``keyring:SERVICE/USER`` or ``aws-secretsmanager:ID[#JSON_KEY]``.

    Raises:
        InvalidInputError: it names none.
    """
    if secret_in(text):
        raise InvalidInputError(
            "A place must not have a key in it: the new key is put there by itself."
        )
    kind, colon, rest = text.partition(":")
    if not colon or kind not in _KINDS:  # what it is instead is not shown: it may be a key
        forms = one_of([f"{kind}:…" for kind in _KINDS])
        raise InvalidInputError(f"A place for the new key must be written as {forms}.")
    return _KINDS[kind](rest)


def _file(text: str) -> Sink:
    path, _, variable = text.rpartition("#") if "#" in text else (text, "", VARIABLE)
    if not path or "\0" in path or not _NAME.fullmatch(variable):
        raise InvalidInputError(
            "A file must be written as file:PATH or file:PATH#VARIABLE, the variable with letters,"
            f" digits and '_' (end a path that has a '#' itself with #{VARIABLE})."
        )
    if path != text and Path(text).expanduser().exists():
        raise InvalidInputError(
            f"There is a file of the whole name as well, its '#' included: write file:{text}#NAME"
            f" if that is meant, or rename it if the variable {variable} of another file is."
        )
    return FileSink(_checked_path(path, "file"), variable)


def _secret_file(text: str) -> Sink:
    if not text or "\0" in text:
        raise InvalidInputError("A file that has the key alone must be written secret-file:PATH.")
    return FileSink(_checked_path(text, "secret-file"), None)


def _checked_path(path: str, form: str) -> str:
    if path.endswith(("/", os.sep)):
        raise InvalidInputError(f"{form}:{path} is a folder: name a file in it.")
    return path


def _keyring(text: str) -> Sink:
    service, _, user = text.rpartition("/")
    if not service or not user:
        raise InvalidInputError("An entry of the keyring must be written as keyring:SERVICE/USER.")
    return KeyringSink(service, user)


def _secrets_manager(text: str) -> Sink:
    secret_id, hash, key = text.partition("#")
    if not secret_id or (hash and not key):
        raise InvalidInputError(
            "A secret of AWS must be written as aws-secretsmanager:ID or, for one key of a JSON"
            " object, aws-secretsmanager:ID#KEY."
        )
    return SecretsManagerSink(secret_id, key or None)


_KINDS: Mapping[str, Callable[[str], Sink]] = {
    "file": _file,
    "secret-file": _secret_file,
    "command": CommandSink,
    "keyring": _keyring,
    "aws-secretsmanager": _secrets_manager,
}
