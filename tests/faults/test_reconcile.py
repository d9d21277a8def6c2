"""Whether a creation whose answer was lost took effect: the server's time decides, or nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.utils import formatdate
from typing import Any

import pytest

from openai_admin._declare.operation import OPERATIONS
from openai_admin.errors import InvalidInputError, OutcomeUnknownError
from tests.faults.scripted import LOST, Answer, Ask, Script, asking, running

# Far from this machine's time, which must not matter.
NOW = int(datetime(2001, 9, 9, tzinfo=UTC).timestamp())

Arguments = dict[str, Any]


@pytest.fixture
async def script() -> AsyncIterator[Script]:
    async with running(Script(formatdate(NOW, usegmt=True))) as script:
        script.answers["POST"] = [LOST]
        yield script


@pytest.fixture(params=["async", "blocking"])
def reconciled(request: pytest.FixtureRequest, script: Script) -> Ask:
    """Creates something, whose answer is lost, and gives what `reconcile` does."""
    ask = asking(request.param, script)

    async def asynchronously(client: Any, operation: str, wait: float, arguments: Arguments) -> Any:
        try:
            return await _created(client, operation, arguments)
        except OutcomeUnknownError as error:
            return await error.reconcile(wait=wait)

    def blockingly(client: Any, operation: str, wait: float, arguments: Arguments) -> Any:
        try:
            return _created(client, operation, arguments)
        except OutcomeUnknownError as error:
            return error.reconcile(wait=wait)

    async def reconciled(
        operation: str = "projects.create", /, *, wait: float = 0, **arguments: Any
    ) -> Any:
        work = asynchronously if request.param == "async" else blockingly
        arguments = arguments or {"name": "x"}
        return await ask(work, operation=operation, wait=wait, arguments=arguments)

    return reconciled


def _created(client: Any, operation: str, arguments: Arguments) -> Any:
    return OPERATIONS[operation].of(client)(**arguments)


def listed(*items: dict[str, Any]) -> Answer:
    return 200, {"object": "list", "data": list(items), "has_more": False}


def project(id: str, made: int | None, name: str = "x") -> dict[str, Any]:
    return {"id": id, "name": name, "created_at": None if made is None else NOW + made}


FOUND: list[tuple[list[dict[str, Any]], str | None]] = [
    ([project("a", 1)], "a"),
    ([project("a", 60)], "a"),
    ([project("old", -1), project("a", 1)], "a"),
    ([project("a", 1), project("other", 0, name="y")], "a"),
    ([project("old", -1)], None),
    ([project("old", -86_400)], None),
    ([project("other", 1, name="y")], None),
    ([], None),
]


@pytest.mark.parametrize(("items", "found"), FOUND)
async def test_what_was_created_since_is_found_and_nothing_else(
    reconciled: Ask, script: Script, items: list[dict[str, Any]], found: str | None
) -> None:
    script.answers["GET"] = [listed(*items)]
    made = await reconciled()
    assert (made.id if made is not None else None) == found
    assert [request.split()[0] for request in script.requests] == ["POST", "GET"]


UNDECIDED: list[list[dict[str, Any]]] = [
    [project("a", 0)],
    [project("a", None)],
    [project("a", 1), project("b", 2)],
    [project("a", 0), project("b", 1)],
    [project("a", 1), project("b", None)],
]


@pytest.mark.parametrize("items", UNDECIDED)
async def test_what_may_have_been_there_before_is_named_and_not_returned(
    reconciled: Ask, script: Script, items: list[dict[str, Any]]
) -> None:
    script.answers["GET"] = [listed(*items, project("old", -5), project("other", 9, name="y"))]
    with pytest.raises(OutcomeUnknownError, match="cannot be decided") as caught:
        await reconciled()
    ids = {item["id"] for item in items}
    assert {candidate.id for candidate in caught.value.candidates} == ids
    assert all(id in str(caught.value) for id in ids)
    assert caught.value.listing == "projects.list"


@pytest.mark.parametrize(
    ("made", "end"), [(-102, "nothing"), (-101, "nothing"), (-100, "doubt"), (-99, "found")]
)
async def test_the_server_s_time_at_the_call_is_what_counts(
    reconciled: Ask, script: Script, made: int, end: str
) -> None:
    """The answer was lost after a hundred seconds."""
    script.slow = 100.0
    script.answers["GET"] = [listed(project("a", made))]
    try:
        result = await reconciled()
    except OutcomeUnknownError:
        assert end == "doubt"
    else:
        assert end == ("found" if result is not None else "nothing")


async def test_without_the_server_s_time_nothing_is_decided(
    reconciled: Ask, script: Script
) -> None:
    script.date = "unknown"
    script.answers["GET"] = [listed(project("a", 1))]
    with pytest.raises(OutcomeUnknownError, match="cannot be decided"):
        await reconciled()
    script.answers["GET"] = [listed()]
    assert await reconciled() is None


async def test_what_nothing_distinguishes_is_not_returned(reconciled: Ask, script: Script) -> None:
    """A certificate without a name: the listing has others."""
    script.answers["GET"] = [listed({"id": "cert_old", "created_at": NOW - 5})]
    assert await reconciled("certificates.create", certificate="pem") is None
    script.answers["GET"] = [listed({"id": "cert_new", "created_at": NOW + 5})]
    with pytest.raises(OutcomeUnknownError, match="cert_new"):
        await reconciled("certificates.create", certificate="pem")


async def test_it_asks_again_before_it_says_that_there_is_nothing(
    reconciled: Ask, script: Script
) -> None:
    script.answers["GET"] = [listed(), listed(), listed(project("a", 1))]
    assert (await reconciled(wait=10)).id == "a"
    assert script.slept == [0.5, 1.0]
    script.slept.clear()
    script.answers["GET"] = [listed()]
    assert await reconciled(wait=10) is None
    assert script.slept == [0.5, 1.0, 2.0, 4.0, 2.5]


@pytest.mark.parametrize("wait", [-1, True, "10", float("nan"), float("inf")])
async def test_its_time_is_a_number_of_seconds(reconciled: Ask, script: Script, wait: Any) -> None:
    script.answers["GET"] = [listed()]
    with pytest.raises(InvalidInputError, match="wait must be a number of seconds"):
        await reconciled(wait=wait)
