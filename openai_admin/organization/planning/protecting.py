"""What the file protects is there: a name that stands for nothing would protect nothing."""

from __future__ import annotations

from ..._declare.arguments import shown, suggest
from .context import Planning
from .needed import Needed
from .protected import Meant


def refuse_unknown(planning: Planning) -> None:
    """Say which names under `protect` stand for nothing, or that it is not known what for."""
    for kind in planning.guard.protection.kinds:
        for name in kind.missing:
            _refuse(planning, kind, name)


def _refuse(planning: Planning, kind: Meant, name: str) -> None:
    under = ("protect", kind.section.rpartition(".")[2])
    if name in kind.open:
        planning.needed |= Needed(parts=kind.parts)
        reason = (
            f"`protect` names it, and whether there is such a {kind.noun} could not be read:"
            " what it may stand for stays as it is"
        )
        planning.untouched(kind.section, name, "not_known", reason, named=name, under=under)
        return
    near = suggest(name, kind.known)
    reason = f"`protect` names it, and there is no {kind.noun} {shown(name)}{near}"
    planning.impossible(kind.section, name, reason, named=name, under=under)
