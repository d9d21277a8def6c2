"""A rotation that is cut off at any of its points, twice in a row, comes to its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from openai_admin import AsyncOpenAIAdmin, AuthenticationError
from openai_admin._transport.session import Caller
from openai_admin.workflows.journal import Journal
from tests.workflows.rotation.conftest import Organization
from tests.workflows.rotation.places import Place, StagedPlace


class Killed(BaseException):  # nothing that the code catches
    """The process is gone."""


class Points:
    """Counts the points that a run passes, and ends it at one of them.

    Attributes:
        at: the point; 0 for none.
        check: is called at each.
    """

    def __init__(self, check: Callable[[], None]) -> None:
        self.at = self.passed = 0
        self.check = check

    def __call__(self) -> None:
        self.check()
        self.passed += 1
        if self.passed == self.at:
            raise Killed


@pytest.fixture
def points(monkeypatch: pytest.MonkeyPatch) -> Points:
    """A point before and after each request, and before, in and after each line of the journal."""
    points = Points(lambda: None)
    execute, append = Caller.execute, Journal.append

    def executed(self: Caller, call: Any) -> Any:
        async def run() -> Any:
            points()
            result = await execute(self, call)
            points()
            return result

        return run()

    def appended(self: Journal, entry: Any) -> None:
        points()
        try:
            points()
        except Killed:
            with self.path.open("ab") as file:
                file.write(b'{"what": "crea')
            raise
        append(self, entry)
        points()

    monkeypatch.setattr(Caller, "execute", executed)
    monkeypatch.setattr(Journal, "append", appended)
    return points


async def _ends(run: Callable[[], Any], points: Points, *, at: int) -> bool:
    """Whether a run that is to be cut off at a point came to its end before."""
    points.at, points.passed = at, 0
    try:
        await run()
    except Killed:
        return False
    return True


def _place(kind: str, secret: str, points: Points) -> Place:
    """A place that is passed as points, too, and holds a key that works at each of them."""
    made = StagedPlace if kind == "stages" else Place
    return made(secret, readable=kind != "command", event=points)


def _valid(organization: Organization, place: Place) -> Callable[[], None]:
    def check() -> None:
        assert organization.accepts(place.secret)

    return check


_KINDS = ("file", "command", "stages")


@pytest.mark.parametrize("kind", _KINDS)
async def test_a_service_account(kind: str, organization: Organization, points: Points) -> None:
    place = _place(kind, organization.secret, points)
    points.check = _valid(organization, place)
    first = 1
    while True:

        def run() -> Any:
            return organization.rotate(place, finish=True, again=True)

        if await _ends(run, points, at=first):
            break
        await _ends(run, points, at=1 + first % 7)
        points.at = 0
        result = await run()
        assert result.is_finished
        assert organization.accepts(place.secret)
        (key,) = await organization.keys()
        assert place.secret is not None
        assert place.secret.endswith((key.redacted_value or "")[-4:])
        first += 2
    assert first > 20


@pytest.mark.parametrize("kind", _KINDS)
async def test_the_own_admin_key(kind: str, organization: Organization, points: Points) -> None:
    first, ended = 1, False
    while not ended:
        made = await organization.client.admin_api_keys.create(name="mine")
        place = _place(kind, made.value, points)
        points.check = _valid(organization, place)
        own = organization.client.with_options(admin_key=made.value)
        journal = organization.folder / str(first)

        def run(
            client: AsyncOpenAIAdmin = own,
            id: str = made.id,
            place: Place = place,
            to: Any = journal,
        ) -> Any:
            return client.workflows.rotate_admin_key(id, to=place, finish=True, journal=to)

        ended = await _ends(run, points, at=first)
        points.at = 0
        result = await run()
        assert result.is_finished
        keys = [key async for key in organization.client.admin_api_keys.list()]
        (key,) = (key for key in keys if (key.name or "").startswith("mine"))
        assert key.id == result.new_key
        assert organization.accepts(place.secret)
        with pytest.raises(AuthenticationError):
            await own.projects.list()
        points.check = lambda: None
        await organization.client.admin_api_keys.delete(key.id)
        first += 2
    assert first > 20
