"""A receiver that events are posted to."""

from __future__ import annotations

from collections.abc import Sequence

from .forms import Form, answer_of
from .hec import Acknowledgements
from .posting import Poster
from .receiver import Answer
from .records import Record


class WebReceiver:
    """Posts batches to an address.

    Args:
        poster: posts there.
        form: what the receiver wants to be sent.
        acknowledgements: waits until a batch is indexed, of Splunk alone.
    """

    def __init__(
        self, poster: Poster, form: Form, acknowledgements: Acknowledgements | None = None
    ) -> None:
        self.name = poster.name
        self._poster = poster
        self._form = form
        self._acknowledgements = acknowledgements

    async def send(self, batch: Sequence[Record]) -> Answer:
        """Post a batch once, and wait until the receiver has taken it.

        Raises:
            LaterError: it is to be sent again.
            RefusedError: something in it is refused.
            DeliveryError: nothing will be taken.
        """
        form, address = self._form, self._form.address(self._poster.address)
        reply = await self._poster.post(address, form.body(batch), form.type)
        answer = answer_of(form, reply, batch, self.name)
        if self._acknowledgements is not None:
            await self._acknowledgements.until_indexed(self._poster, address, reply)
        return answer

    async def aclose(self) -> None:
        """Close the connections."""
        await self._poster.aclose()
