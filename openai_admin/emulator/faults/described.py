"""What faults there are, in lines for people."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from .odd_answers import ODD_ANSWERS
from .status import Status
from .text import KINDS, own_options, shared_options


def described() -> Iterator[str]:
    """A line for each fault and each odd answer: how it is written, what it does, and where."""
    yield f"503: {_first_paragraph(Status)} Options: {', '.join(own_options(Status))}."
    for kind, fault in KINDS.items():
        own = ", ".join(own_options(fault))
        yield f"{kind}: {_first_paragraph(fault)}{f' Options: {own}.' if own else ''}"
    yield f"Options of every fault: {', '.join(shared_options())}."
    for name, odd in ODD_ANSWERS.items():
        yield f"odd:*:{name}: {odd.summary} ({', '.join(odd.operations)})"


def _first_paragraph(fault: type) -> str:
    return " ".join((inspect.getdoc(fault) or "").partition("\n\n")[0].split())
