"""Whether somebody is a member of the organization: a listing may lag behind or be refused."""

from __future__ import annotations

import re
from collections.abc import Sequence

import attrs

from ..._declare.resource import Async
from ..._tree import AdminResources
from ...directory.not_known import not_known
from ...errors import APIError, InvalidInputError, NotFoundError, OpenAIAdminError
from .model import Person
from .people import People, UnknownPersonError
from .snapshot import Snapshot

_USER_ID = re.compile(r"user-\S+")


class PeopleNotKnownError(OpenAIAdminError):
    """Somebody was not found, and may be where the API refused to let be looked."""


class Membership:
    """Finds people, and asks for those by their ids whom the list of members does not have.

    Args:
        client: an asynchronous client.
        snapshot: the organization as it is listed.
    """

    def __init__(self, client: AdminResources[Async], snapshot: Snapshot) -> None:
        self._client = client
        self.snapshot = snapshot
        self.people = People.of(snapshot)
        self._asked: dict[str, str | None] = {}

    async def person(self, text: str) -> Person | None:
        """The one whom a text names; ``None`` where nobody is.

        Raises:
            UnknownPersonError: more than one thing is called so, or a service account.
        """
        person = self.people.only(text)
        if person is not None and person.is_member:
            return person
        ids = sorted(person.ids) if person is not None else []
        if person is None and _USER_ID.fullmatch(text.strip()):
            ids = [text.strip()]
        for id in ids:
            if await self._is_member(id):
                return self.people.only(text)
        if person is None:
            return None
        return attrs.evolve(person, is_member=self._none_or_no(ids))

    async def remembered(self, person: Person) -> Person:
        """Somebody of whom only a record still knows, as the API says what they are now."""
        ids = sorted(person.ids)
        for id in ids:
            if await self._is_member(id) and (now := self.people.only(id)) is not None:
                return now
        return attrs.evolve(person, is_member=self._none_or_no(ids), role=None)

    def _none_or_no(self, ids: Sequence[str]) -> bool | None:
        """Whether somebody with ids that were asked for is a member, who is not listed as one."""
        is_refused = any(self._asked[id] for id in ids)
        return None if is_refused or (not ids and self.snapshot.lacks_people) else False

    async def _is_member(self, id: str) -> bool:
        """Whether there is a member with an id, who then belongs to the snapshot."""
        if id in self._asked:
            return False
        self._asked[id] = None
        try:
            user = await self._client.users.retrieve(id)
        except NotFoundError:
            return False
        except APIError as error:
            self._asked[id] = not_known("", error).reason
            return False
        self.snapshot = attrs.evolve(self.snapshot, users=[*self.snapshot.users, user])
        self.people = People.of(self.snapshot)
        return True

    def unknown(self, sentences: str) -> InvalidInputError | PeopleNotKnownError:
        """The error that somebody is not found; where not all could be looked through, in doubt."""
        lacks = "; ".join(self.snapshot.not_known)
        if not lacks:
            return UnknownPersonError(sentences)
        return PeopleNotKnownError(f"{sentences} Not all could be looked through: {lacks}.")
