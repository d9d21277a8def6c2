"""`client.audit.search`: of both clients, around a moment, and refused before anything is sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.audit.search import count_by
from openai_admin.emulator import Emulator
from openai_admin.errors import InvalidInputError
from tests.conftest import AsyncSurface, BlockingSurface
from tests.directory.acme import USERS, page
from tests.directory.api import API, serving

LOG = "/organization/audit_logs"
MOMENT = datetime(2026, 11, 18, 10, tzinfo=UTC)


@pytest.fixture
async def api() -> AsyncIterator[API]:
    async with serving() as api:
        api.said[USERS] = page({"id": "user-ada", "name": "Ada", "email": "ada@acme.example"})
        yield api


@pytest.fixture
async def client(api: API) -> AsyncIterator[AsyncOpenAIAdmin]:
    async with AsyncOpenAIAdmin("sk-admin-canary0123456789abcd", base_url=api.url) as client:
        yield client


@pytest.mark.parametrize("client", [AsyncSurface, BlockingSurface])
async def test_both_clients_say_who_did_what(
    demo: Emulator, client: type[AsyncSurface | BlockingSurface]
) -> None:
    surface = client(demo)
    found = await surface.call(
        lambda c: c.audit.search(person="Ingrid Solheim", types="api_key.*", limit=None)
    )
    await surface.close()
    user = next(u for u in demo.store.users if u["name"] == "Ingrid Solheim")
    assert found.events
    assert {event.actor for event in found.events} == {user["email"]}
    assert [f"The person is {user['id']}" in told for told in found.told] == [True]
    (count,) = count_by(found.events, ["actor"])
    assert (count.values, count.events) == ((user["email"],), len(found.events))


async def test_a_stretch_around_a_moment(api: API, client: AsyncOpenAIAdmin) -> None:
    await client.audit.search(around=MOMENT, window=timedelta(hours=2))
    (query,) = api.queries[LOG]
    assert int(query["effective_at[gte]"]) == MOMENT.timestamp() - 3600
    assert int(query["effective_at[lt]"]) == MOMENT.timestamp() + 3600


async def test_a_month_before_the_end_is_searched(api: API, client: AsyncOpenAIAdmin) -> None:
    await client.audit.search(until=MOMENT)
    (query,) = api.queries[LOG]
    month = timedelta(days=30)
    assert int(query["effective_at[gte]"]) == (MOMENT - month).timestamp()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"around": MOMENT, "since": MOMENT}, "Pass around, or since and until, not both."),
        ({"window": timedelta(hours=1)}, "window needs around, the moment to look around."),
        ({"around": MOMENT, "window": timedelta(0)}, "window must be longer than 0."),
        ({"since": MOMENT, "until": MOMENT}, "since must be before until"),
        ({"since": datetime(2026, 11, 18)}, "since needs a time zone"),  # noqa: DTZ001
        ({"types": "api_kee.*"}, "no type of event matches the pattern 'api_kee.*'"),
        ({"ip": "203.0.113"}, "ip must be an address or a network"),
        ({"limit": 0}, "limit must be at least 1, not 0."),
    ],
)
async def test_wrong_use_is_refused_before_anything_is_sent(
    api: API, client: AsyncOpenAIAdmin, arguments: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidInputError, match=said.replace("*", r"\*")):
        await client.audit.search(**arguments)
    assert not api.asked
