"""What there is in an organization, as the file that a person would keep."""

from __future__ import annotations

import attrs

from .._forks import importing
from .._wire.portable import Portable
from ..directory.not_known import NotKnown, told
from .document.model import Document
from .state import State

_HEAD = (
    "What stands here is managed; the rest stays as it is unless 'prune' names its section.",
    "After an edit, see what would change: openai-admin org plan FILE",
)


@attrs.frozen(kw_only=True)
class Pulled(Portable):
    """The organization as a file.

    Attributes:
        document: what stands in the file.
        state: what there is, with every id.
    """

    document: Document
    state: State

    @property
    def not_known(self) -> tuple[NotKnown, ...]:
        """What the API refused, or did not answer, and what therefore does not stand there."""
        return self.state.not_known

    def lacks(self) -> tuple[str, ...]:
        """What is not known, with the reason, a text each."""
        return told(self.not_known, _names(self.state), most=None)

    def text(self) -> str:
        """The text of the file, with ids as comments where it needs none; the same for the same."""
        with importing():
            from .document.writing import text_of

        notes = [*_HEAD, *(f"Not known, and so not in this file: {lack}." for lack in self.lacks())]
        managed = self.state.scim_people | self.state.scim_groups
        return text_of(self.document, known=self.state.document, managed=managed, notes=notes)


def _names(state: State) -> dict[str, str]:
    """What things are called, by id."""
    document = state.document
    named = (document.projects, document.groups, document.identity_providers, document.people)
    return {
        thing.id: label
        for of in named
        for label, thing in (of or {}).items()
        if thing.id is not None
    }
