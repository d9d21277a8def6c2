"""Ids for names: a thing looked up by what a person calls it, where the API takes its id.

A value that looks like an id is taken for one and costs no request. Anything else is looked for in
the listing of its kind: as an id of another form, else as a name, else as one in other letter case.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from difflib import get_close_matches
from typing import Any

import attrs

from .._declare.arguments import one_of, shown, suggest
from .._declare.pagination import AsyncPager
from .._text.secrets import secret_in, without_secrets
from .._transport.tasks import run_all
from ..errors import APIError, InvalidInputError, NotFoundError
from .kinds import KINDS, Arguments, Client, Kind
from .lookup import label
from .search.query import Query
from .wording import unread

_NAMES = ("name", "email", "redacted_value", "model")
_AT_ONCE = 8  # listings that are read at once
_MOST_LISTED = 10  # of things that have the same name
_MOST_LISTINGS = 20  # that are read to say that a filter is of no use
_ACCOUNT = "svc_acct_"  # what the id of a service account begins with


@attrs.frozen
class Found:
    """A thing that was named.

    Attributes:
        kind: what it is.
        id: its id.
        name: what it is called, which may be more than how it was named.
    """

    kind: Kind
    id: str
    name: str

    def __str__(self) -> str:
        return f'The {self.kind.noun} is {self.id}, "{self.name}".'


@attrs.frozen
class UnknownId:
    """An id that nothing has, or may have.

    Attributes:
        sentence: what is known of that.
        is_certain: whether nothing has it.
    """

    sentence: str
    is_certain: bool


def to_find(arguments: Arguments) -> Iterator[tuple[str, Kind, str]]:
    """The arguments that do not look like the ids they should be, each with its kind and text."""
    for name, kind in KINDS.items():
        if kind.is_named(arguments):
            value = arguments.get(name)
            for text in [value] if isinstance(value, str) else value or ():
                if isinstance(text, str) and text and not kind.is_id(text):
                    yield name, kind, text


async def with_ids(
    client: Client, operation: str, arguments: Arguments, written: Callable[[str], str]
) -> tuple[dict[str, Any], list[Found], list[str]]:
    """The arguments of a call with ids in place of names.

    Args:
        client: an asynchronous client.
        operation: the name of the operation that is to be called.
        arguments: its arguments.
        written: what an argument is called in an error.

    Returns:
        the arguments; what was found; and what could not be looked through, a sentence each.

    Raises:
        InvalidInputError: no such thing is listed, or several are.
        APIError: a listing could not be read.
    """
    known = dict(arguments)
    found: list[Found] = []
    notes: list[str] = []
    searches: dict[str, _Search] = {}
    for name, kind, text in list(to_find(arguments)):
        search = searches.setdefault(kind.noun, _Search(kind))
        try:
            await search.look(client, operation, known, text)
        except APIError as error:
            error.add_note(
                f"{written(name)}: {shown(text)} does not look like an id ({kind.form}), so it was"
                f" to be looked up among the {kind.plural}."
            )
            raise
        thing = search.only(text, written(name))
        id = thing.id
        found.append(Found(kind, id, label(thing) or without_secrets(text)))
        value = known[name]
        known[name] = id if isinstance(value, str) else [id if v == text else v for v in value]
        if search.refused:
            notes.append(search.told(text))
    return known, found, notes


@attrs.define
class _Search:
    """The things of one kind, read once at most."""

    kind: Kind
    things: list[Any] = attrs.field(factory=list)
    refused: list[APIError] = attrs.field(factory=list)
    unreadable: int = 0
    is_whole: bool = False

    async def look(self, client: Client, operation: str, arguments: Arguments, text: str) -> None:
        """Read what may have a thing; a person is first asked for by the address, in one request.

        Raises:
            APIError: the one listing that there is could not be read.
        """
        if self.kind is KINDS["user_id"] and "@" in text and not self.is_whole:
            self.things += (await client.users.list(emails=[text])).data
            if self._matching(text):
                return
        if not self.is_whole:
            await self.read(await self.kind.listings(client, operation, arguments))

    async def read(self, listings: Sequence[AsyncPager[Any]]) -> None:
        """Read listings; of several, one that is refused costs itself alone.

        Raises:
            APIError: the one that there is could not be read.
        """
        self.is_whole = True
        self.things = []
        alone = len(listings) == 1
        left = iter(listings)

        async def follow() -> None:
            for listing in left:
                await self._follow(listing, alone=alone)

        await run_all([follow] * min(_AT_ONCE, len(listings)))

    async def _follow(self, listing: AsyncPager[Any], *, alone: bool) -> None:
        try:
            async with aclosing(listing.pages()) as pages:
                async for page in pages:
                    self.things += page.data
                    self.unreadable += len(page.unreadable)
        except APIError as error:
            if alone:
                raise
            self.refused.append(error)

    def only(self, text: str, where: str) -> Any:
        """The one thing that is called so.

        Raises:
            InvalidInputError: nothing is, or several things are.
        """
        found = list({thing.id: thing for thing in self._matching(text)}.values())
        if len(found) == 1:
            return found[0]
        kind = self.kind
        if not found:
            names = [name for thing in self.things for name in _names(thing)]
            unsure = [unread(self.unreadable) + "."] if self.unreadable else []
            unsure += [self.told(text)] if self.refused else []
            what = "address" if "@" in text else "name"
            near = _near(text, list(dict.fromkeys(names)))
            raise InvalidInputError(
                " ".join([f"{where}: no {kind.noun} has the {what} {shown(text)}{near}", *unsure])
            )
        listed = "; ".join(map(_described, found[:_MOST_LISTED]))
        more = f"; and {len(found) - _MOST_LISTED} more" if len(found) > _MOST_LISTED else ""
        raise InvalidInputError(
            f"{where}: {len(found)} {kind.plural} have the name {shown(text)}; pass the id of one:"
            f" {listed}{more}."
        )

    def told(self, text: str) -> str:
        """That not everything could be looked through for a text."""
        number = len(self.refused)
        others = "1 listing" if number == 1 else f"{number} listings"
        return (
            f"Another {self.kind.noun} may have the name {shown(text)}: {others} could not be read"
            f" ({self.refused[0].message.rstrip('.')})."
        )

    def _matching(self, text: str) -> Sequence[Any]:
        folded = text.casefold()
        if secret_in(text):
            query = Query.of(text)
            return [
                thing
                for thing in self.things
                if query.is_of(getattr(thing, "redacted_value", None))
            ]
        for is_it in (
            lambda thing: thing.id == text,
            lambda thing: text in _names(thing),
            lambda thing: folded in map(str.casefold, _names(thing)),
        ):
            if matching := [thing for thing in self.things if is_it(thing)]:
                return matching
        return []


def _names(thing: Any) -> list[str]:
    return [name for each in _NAMES if isinstance(name := getattr(thing, each, None), str) and name]


def _near(text: str, names: Sequence[str]) -> str:
    """The end of an error that names what is close; of an address, by what is before its ``@``."""
    name, at, _ = text.partition("@")
    if not at:
        return suggest(text, names, most=3)
    addresses = {each.partition("@")[0]: each for each in names if "@" in each}
    near = [addresses[each] for each in get_close_matches(name, addresses, n=3)]
    return f"; did you mean {one_of(near)}?" if near else "."


def _described(thing: Any) -> str:
    """An id, with what tells the thing from others of the same name."""
    status = getattr(thing, "status", None)
    told = [getattr(thing, "email", None), status if status != "active" else None]
    words = ", ".join(filter(None, told))
    return f"{thing.id} ({words})" if words else str(thing.id)


async def unknown_ids(client: Client, arguments: Arguments) -> list[str]:
    """What `missing_ids` finds, a sentence each."""
    return [unknown.sentence for unknown in await missing_ids(client, arguments)]


async def missing_ids(client: Client, arguments: Arguments) -> list[UnknownId]:
    """The ids in a query's filters that nothing has, or may have.

    Projects and people are asked for one by one; keys are looked for in the projects that the query
    names, or in all of them where they are few.

    Args:
        client: an asynchronous client.
        arguments: the query's arguments.
    """
    told: list[UnknownId] = []
    projects = []
    for id in arguments.get("project_ids") or ():
        sentence = await _unless_there(client.projects.retrieve(id), "No project", id)
        told += sentence
        projects += [] if sentence else [id]
    for id in arguments.get("user_ids") or ():
        if not id.startswith(_ACCOUNT):  # which is listed with its project alone
            told += await _unless_there(client.users.retrieve(id), "Nobody in the organization", id)
    if keys := arguments.get("api_key_ids"):
        within = {"project_ids": projects} if "project_ids" in arguments else {}
        try:
            told += await _unknown_keys(client, keys, within)
        except APIError as error:
            told += [
                UnknownId(f"Whether a key has the id {id} is not known: {error.message}", False)
                for id in keys
            ]
    return told


async def _unless_there(asked: Awaitable[Any], nothing: str, id: str) -> list[UnknownId]:
    """That nothing has an id, or that it is not known; nothing if something has it."""
    try:
        await asked
    except NotFoundError:
        return [UnknownId(f"{nothing} has the id {id}.", True)]
    except APIError as error:
        why = error.message.rstrip(".")
        return [UnknownId(f"Whether anything has the id {id} is not known: {why}.", False)]
    return []


async def _unknown_keys(client: Client, ids: Sequence[str], within: Arguments) -> list[UnknownId]:
    search = _Search(KINDS["api_key_ids"])
    listings = await search.kind.listings(client, "", within)
    is_known = len(listings) <= _MOST_LISTINGS
    if is_known:
        await search.read(listings)
        is_known = not (search.refused or search.unreadable)
    left = [id for id in ids if id not in {thing.id for thing in search.things}]
    if not is_known:
        return [UnknownId(f"Whether a key has the id {id} is not known.", False) for id in left]
    of = " of these projects" if within else ""
    return [UnknownId(f"No key{of} has the id {id} now.", True) for id in left]
