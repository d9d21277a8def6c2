"""How a file is made and applied."""

from __future__ import annotations

from random import Random

import attrs

from openai_admin.organization.document.model import ALL
from openai_admin.organization.sections import PRUNABLE, SECTIONS


@attrs.frozen(kw_only=True)
class Way:
    """How the file is made and applied.

    Attributes:
        prune: the sections that are pruned.
        pins: whether everything has its id.
        only: the sections that stand in the file.
        is_strict: whether these sections are planned alone, and not what they belong to.
        is_alone: whether one project is planned alone.
        archives: whether projects are archived by hand.
    """

    prune: tuple[str, ...]
    pins: bool
    only: tuple[str, ...] | None
    is_strict: bool
    is_alone: bool
    archives: bool

    def __str__(self) -> str:
        only = "everything" if self.only is None else ", ".join(self.only)
        told = [f"prune {', '.join(self.prune) or 'nothing'}", f"of {only}"]
        told += [
            word
            for word, is_so in (
                ("pins", self.pins),
                ("--only", self.only is not None and self.is_strict),
                ("one project", self.is_alone),
                ("archives", self.archives),
            )
            if is_so
        ]
        return "; ".join(told)


def way_of(seed: int) -> Way:
    """The way of a seed; half of them prune everything and have the whole file."""
    random = Random(f"way/{seed}")
    some = dict.fromkeys(random.sample(PRUNABLE, 6))
    if "certificates" in some:  # none goes while a project keeps it active
        some["projects.certificates"] = None
    prune = random.choice(((ALL,), (ALL,), (), tuple(some)))
    only = tuple(random.sample(SECTIONS, random.randint(1, 8))) if random.random() < 0.3 else None
    return Way(
        prune=prune,
        pins=random.random() < 0.5,
        only=only,
        is_strict=random.random() < 0.5,
        is_alone=random.random() < 0.1,
        archives=random.random() < 0.15,
    )
