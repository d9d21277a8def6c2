"""What there is in an organization, as the file that a person would keep."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from .._forks import importing
from .._text.secrets import without_secrets
from .._wire.portable import Portable
from ..directory.not_known import NotKnown
from .document.model import Document
from .lacking import lacking
from .planning.wording import counted
from .state import State

_HEAD = (
    "What stands here is managed; the rest stays as it is unless 'prune' names its section.",
    "After an edit, see what would change: openai-admin org plan FILE",
)
_DEFAULTS = (
    "What stands in 'defaults' holds for every project here that says nothing else, new ones too."
)


@attrs.frozen(kw_only=True)
class Pulled(Portable):
    """The organization as a file.

    Attributes:
        document: what stands in the file.
        state: what there is, with every id.
        unsaid: what is known and does not stand there, since a file cannot say it: values that
            this version does not know.
    """

    document: Document
    state: State
    unsaid: tuple[str, ...] = ()

    @property
    def not_known(self) -> tuple[NotKnown, ...]:
        """What the API refused, or did not answer, and what therefore does not stand there."""
        return self.state.not_known

    def lacks(self) -> tuple[str, ...]:
        """What is not in the file, with the reason, a sentence each."""
        lost = lacking(self.state)
        return tuple(
            without_secrets(text)
            for text in (
                *(f"Not known, and so not in this file: {what}." for what in lost),
                *(f"Not in this file: {what}." for what in self.unsaid),
            )
        )

    def _head(self) -> Iterator[str]:
        """What is said at the top of the file."""
        yield from self.lacks()
        yield from _HEAD
        if self.document.defaults is not None:
            yield _DEFAULTS
        projects = self.state.document.projects if self.document.projects is not None else None
        left = len(self.state.archived)
        if left and projects and all(p.id in self.state.read_into for p in projects.values()):
            yield f"{counted(left, 'archived project')} {'is' if left == 1 else 'are'} left out."

    def text(self) -> str:
        """The text of the file, with ids as comments where it needs none; the same for the same."""
        with importing():
            from .document.writing import text_of

        managed = self.state.scim_people | self.state.scim_groups
        known = self.state.document
        return text_of(self.document, known=known, managed=managed, notes=[*self._head()])
