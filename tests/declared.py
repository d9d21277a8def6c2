"""A small resource with an operation of every kind; it is not among `OPERATIONS`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Annotated, Any, Literal

import attrs
from annotated_types import Interval, MinLen

from openai_admin._declare.arguments import Timestamp, Wire
from openai_admin._declare.decorators import batched, composed, delete, get, listing, post, streamed
from openai_admin._declare.effect import Effect
from openai_admin._declare.pagination import Paging
from openai_admin._declare.resource import Async, Mode, Resource
from openai_admin._wire.models import Entity, Page
from openai_admin.errors import InvalidInputError


@attrs.frozen(kw_only=True)
class Thing(Entity):
    """A thing."""

    id: str
    size: int = 0


def _not_both(arguments: Mapping[str, Any]) -> None:
    if "size" in arguments and "colour" in arguments:
        raise InvalidInputError("size and colour do not go together.")


class Things(Resource[Mode]):
    """Things, in boxes."""

    @listing("/boxes/{box_id}/things", paging=Paging.LAST_ID)
    def list(
        self,
        box_id: str,
        *,
        limit: Annotated[int | None, Interval(ge=1, le=100)] = None,
        after: str | None = None,
        before: str | None = None,
        kinds: Annotated[Sequence[Literal["a", "b"]] | None, Wire("kinds[]")] = None,
        since: Timestamp | None = None,
    ) -> Page[Thing]:
        """List the things of a box. The newest come first.

        Args:
            box_id: the box's id.
            kinds: only things of
                these kinds.
            since: only newer things, see https://example.org/a: it explains.

        Raises:
            NotFoundError: there is no such box.
        """

    @listing("/by-item", paging=Paging.LAST_ITEM)
    def by_item(self, *, after: str | None = None, before: str | None = None) -> Page[Thing]:
        """List by the last item."""

    @listing("/by-next", paging=Paging.NEXT)
    def by_next(self, *, after: str | None = None) -> Page[Thing]:
        """List by ``next``."""

    @listing("/by-page", paging=Paging.NEXT_PAGE)
    def by_page(self, *, page: str | None = None, limit: int | None = None) -> Page[Thing]:
        """List by ``next_page``."""

    @get("/boxes/{box_id}/things/{thing_id}")
    def retrieve(self, box_id: str, thing_id: str, *, full: bool | None = None) -> Thing:
        """Retrieve a thing."""

    @post("/boxes/{box_id}/things", Effect.ADDS, check=_not_both)
    def create(
        self,
        box_id: str,
        *,
        name: Annotated[str, MinLen(1)],
        size: int = ...,
        colour: str | None = ...,
        note: Annotated[str | None, Wire("note.text")] = ...,
    ) -> Thing:
        """Create a thing."""

    @post("/boxes/{box_id}/things/{thing_id}/archive", Effect.REMOVES)
    def archive(self, box_id: str, thing_id: str) -> Thing:
        """Archive a thing."""

    @delete("/boxes/{box_id}/things/{thing_id}")
    def delete(self, box_id: str, thing_id: str) -> Thing:
        """Delete a thing."""

    @composed
    async def total_size(self: Things[Async], box_id: str, *, limit: int | None = None) -> int:
        """Add up the sizes of a box."""
        total = 0
        async for thing in self.list(box_id, limit=limit):
            total += thing.size
        return total

    @batched
    async def sizes(self: Things[Async], box_id: str) -> AsyncGenerator[Sequence[int], None]:
        """Give the sizes of a box, one by one."""
        async for page in self.list(box_id).pages():
            yield [thing.size for thing in page.data]

    @streamed
    async def ids(self: Things[Async], box_id: str) -> AsyncGenerator[str, None]:
        """Give the ids of a box, one by one."""
        async for thing in self.list(box_id):
            yield thing.id
