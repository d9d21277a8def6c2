"""What a receiver of events is, and what it may answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import attrs

from ..._transport.retry import AttemptFailure
from ...errors import OpenAIAdminError
from .records import Record


class DeliveryError(OpenAIAdminError):
    """Events cannot be delivered, and trying again does not help.

    Nothing is lost: what was not delivered lies after the saved position.
    """


class LaterError(Exception):
    """A batch may have arrived or not, and is to be sent again after a while.

    Args:
        why: what happened, without a full stop.
        failure: the same as the rules of retries see it.
    """

    def __init__(self, why: str, failure: AttemptFailure) -> None:
        super().__init__(why)
        self.why = why
        self.failure = failure


class RefusedError(Exception):
    """A receiver refused a batch for what is in it.

    Args:
        why: the reason, as the receiver gives it.
        place: the event of the batch that it names as the cause.
    """

    def __init__(self, why: str, place: int | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.place = place


@attrs.frozen
class Answer:
    """What became of a batch that was taken.

    Attributes:
        refused: the places of events that were refused each for itself, with the reasons.
        again: those of events that the receiver has no room for now.
    """

    refused: Mapping[int, str] = attrs.field(factory=dict)
    again: Sequence[int] = ()


TAKEN = Answer()
"""All of it was taken."""


class Receiver(Protocol):
    """Where events go.

    Attributes:
        name: what sentences call it, without any secret.
    """

    name: str

    async def send(self, batch: Sequence[Record]) -> Answer:
        """Deliver a batch, and return only once it is safe there.

        Raises:
            LaterError: it is to be sent again.
            RefusedError: something in it is refused.
            DeliveryError: nothing will be taken.
        """
        ...

    async def aclose(self) -> None:
        """Let go of what it holds."""
        ...


def capital(name: str) -> str:
    """A receiver's name where it begins a sentence."""
    return name[:1].upper() + name[1:]
