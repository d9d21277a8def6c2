"""The rows that answer a question about access."""

from __future__ import annotations

import attrs

from ..._wire.portable import Portable
from .answers import Path


@attrs.frozen(kw_only=True)
class Holding(Portable):
    """A permission that somebody has, or may have, as it is shown.

    Attributes:
        kind: ``person``, ``service account``, ``key`` or ``admin key``.
        id: its id.
        name: its name; ``None`` where the API does not say.
        email: a person's address.
        permission: what; ``None`` where that is not known.
        project_id: where; ``None`` in the organization and every project.
        project_name: the project's name.
        why: each path as a sentence without its subject, or why it is not known.
        by: each path shortly: ``group Platform Engineering > role Prompt editor``.
        paths: the same as data.
    """

    kind: str
    id: str
    name: str | None
    email: str | None
    permission: str | None
    project_id: str | None
    project_name: str | None
    why: tuple[str, ...]
    by: tuple[str, ...]
    paths: tuple[Path, ...]


@attrs.frozen(kw_only=True)
class Answer(Portable):
    """What is known of a question.

    Attributes:
        holdings: who has what, those that are not known last.
        lacks: what was not looked at, a sentence each.
        notes: what is said besides, a sentence each.
        unheard: that no role grants the permission, with the nearest that one does; ``None`` where
            one does.
    """

    holdings: tuple[Holding, ...]
    lacks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    unheard: str | None = None

    @property
    def is_known(self) -> bool:
        """Whether nothing of it is in doubt."""
        return not (
            self.lacks or self.unheard or any(one.permission is None for one in self.holdings)
        )
