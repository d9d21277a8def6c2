"""Where output goes: standard output, or a file that is written whole or not at all."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from .._files import replaced
from .errors import CommandError, PipeClosedError


def check_target(out: Path | None, *, force: bool) -> None:
    """Refuse a file that exists or cannot be created, before any work is done.

    Raises:
        CommandError: it exists and must not be replaced, or its folder does not exist.
    """
    if out is None:
        return
    if out.is_dir():
        raise CommandError(f"{out} is a folder; name a file.")
    if not out.parent.is_dir():
        raise CommandError(f"{out} cannot be written: there is no folder {out.parent}.")
    if out.is_file() and not force:
        raise CommandError(f"{out} exists; pass --force to replace it.")


def check_folder(folder: Path | None, *, force: bool) -> None:
    """Refuse a folder that has files or cannot be made, before any work is done.

    Raises:
        CommandError: it is a file, it has files and they must not be replaced, or the folder that
            it is in does not exist.
    """
    if folder is None:
        return
    if folder.exists() and not folder.is_dir():
        raise CommandError(f"{folder} is a file; name a folder.")
    if not folder.absolute().parent.is_dir():
        raise CommandError(f"{folder} cannot be made: there is no folder {folder.parent}.")
    if folder.is_dir() and not force and any(folder.iterdir()):
        raise CommandError(f"{folder} is not empty; pass --force to replace files in it.")


@contextmanager
def opened(out: Path | None, *, force: bool = False) -> Iterator[IO[str]]:
    """A text file to write to.

    A file appears under its name once all of it is written; after an error or an interruption
    nothing is left. A device or a pipe is written to directly.

    Raises:
        PipeClosedError: the reader of standard output went away.
        CommandError: the file exists, or cannot be written.
    """
    if out is None:
        with reported("standard output"):
            yield sys.stdout
            sys.stdout.flush()
        return
    check_target(out, force=force)
    with reported(str(out)):
        if out.exists() and not out.is_file():
            with out.open("w", encoding="utf-8", newline="") as file:
                yield file
            return
        with replaced(out) as temporary, temporary.open("x", encoding="utf-8", newline="") as file:
            yield file


@contextmanager
def reported(name: str) -> Iterator[None]:
    """Say in a sentence what could not be written, and why.

    Raises:
        PipeClosedError: the reader went away.
        CommandError: the disk is full, the folder does not exist, or the like.
    """
    try:
        yield
    except BrokenPipeError as exc:
        raise PipeClosedError from exc
    except OSError as exc:
        raise CommandError(f"{name} cannot be written: {exc.strerror or exc}", code=1) from exc
