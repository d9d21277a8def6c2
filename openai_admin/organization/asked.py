"""What a caller passes: a file of an organization, what it says, or a plan."""

from __future__ import annotations

import os
from os import PathLike
from pathlib import Path

from ..errors import InvalidInputError
from .document.model import Document
from .document.reading import Read, read
from .planning import saved
from .planning.model import Plan


def read_of(file: str | PathLike[str] | Document) -> Read:
    """What a file says, and where.

    Raises:
        DocumentError: it has mistakes.
        InvalidInputError: it is a saved plan.
    """
    asked = plan_or_read(file)
    if isinstance(asked, Plan):
        raise InvalidInputError(
            f"{file} is a saved plan: name the file of the organization, or apply the plan."
        )
    return asked


def plan_or_read(asked: str | PathLike[str] | Document | Plan) -> Read | Plan:
    """The plan that a file is, or what a file of an organization says.

    Raises:
        DocumentError: it has mistakes.
        InvalidInputError: it is a plan that was changed, or is of another version, or nothing of
            the kind.
    """
    if isinstance(asked, Plan):
        return asked
    if isinstance(asked, Document):
        return Read(asked)
    if not isinstance(asked, str | PathLike):
        raise InvalidInputError(
            f"A path, a document or a plan must be passed, not {type(asked).__name__}."
        )
    path = Path(os.fspath(asked))
    if path.is_file():
        text = path.read_bytes().decode("utf-8-sig", errors="replace")
        if saved.is_plan(text):
            return saved.read(path)
        if "".join(text.split()) == "{}":  # what is left of a plan, or of a file
            raise InvalidInputError(f"{path} has nothing in it: it is neither a file nor a plan.")
    return read(path)
