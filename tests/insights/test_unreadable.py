"""What a review is based on and cannot be read: said wherever a finding would count it."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio

from openai_admin import AsyncOpenAIAdmin
from openai_admin.cli.report_text import write_report
from openai_admin.insights import Review, known
from openai_admin.insights.findings import ACCESS, FINDINGS, LIMITS
from openai_admin.insights.unread import NOUNS, sentences
from openai_admin.mcp.insight import insight_tools
from openai_admin.report import document, figures, to_markdown
from tests.cli.conftest import invoke
from tests.odd import KEY, OddServer, odd_server

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
RECENT = int((NOW - timedelta(days=2)).timestamp())
ODD = int(datetime(2026, 11, 10, tzinfo=UTC).timestamp())


@pytest_asyncio.fixture
async def server() -> AsyncIterator[OddServer]:
    """An organization in which all is well, as far as can be read."""

    def key(id: str) -> dict[str, Any]:
        owner = {"type": "user", "user": {"id": "user-1", "name": "A"}}
        return {"id": id, "created_at": 1, "last_used_at": RECENT, "owner": owner}

    def rows(endpoint: str, start: int) -> list[Any]:
        if endpoint == "costs":
            return [
                {
                    "amount": {"value": "1", "currency": "usd"},
                    "project_id": "proj_1",
                    "user_id": "user-1",
                    "line_item": "gpt-5, input",
                    "quantity": 2,
                    "quantity_unit": "tokens",
                }
            ]
        return [{"input_tokens": 2, "output_tokens": 1, "model": "gpt-5", "project_id": "proj_1"}]

    async with odd_server() as server:
        server.listings |= {
            "projects": [{"id": "proj_1", "name": "One", "status": "active"}],
            "users": [{"id": "user-1", "role": "owner", "added_at": RECENT}],
            "projects/proj_1/api_keys": [key("key_1")],
            "admin_api_keys": [
                {**key("key_2"), "redacted_value": "sk-admin-***", "expires_at": 4_000_000_000}
            ],
        }
        server.rows = rows
        yield server


async def reviewed(server: OddServer) -> Review:
    """A review of three weeks."""
    async with AsyncOpenAIAdmin(KEY, base_url=server.base_url) as client:
        return await client.insights.review(days=21, now=NOW)


def said(review: Review, key: str) -> str:
    """What a finding says."""
    return " ".join(FINDINGS[key].sentences(review))


def test_every_finding_says_what_it_is_based_on() -> None:
    for finding in FINDINGS.values():
        assert finding.based_on
        assert set(finding.based_on) <= NOUNS.keys()


async def test_where_all_was_read_nothing_is_said(server: OddServer) -> None:
    review = await reviewed(server)
    assert review.unread == {}
    assert sentences(review.unread) == ()
    assert said(review, "stale_admin_keys") == "Every admin key was used in the last 90 days."
    assert (ACCESS.worst(review), LIMITS.worst(review)) == ("good", "good")


@pytest.mark.parametrize(
    ("listing", "kind", "finding", "success", "what"),
    [
        (
            "admin_api_keys",
            "admin keys",
            "stale_admin_keys",
            "every admin key was used in the last 90 days.",
            "1 admin key",
        ),
        (
            "projects/proj_1/api_keys",
            "keys of projects",
            "keys_of_former_members",
            "no key belongs to a former member.",
            "1 key of a project",
        ),
        (
            "users",
            "people",
            "inactive_owners",
            "every owner of the organization was seen in the last 90 days.",
            "1 person",
        ),
        (
            "projects",
            "projects",
            "never_used_keys",
            "every key older than 30 days has been used.",
            "1 project",
        ),
        (
            "invites",
            "invites",
            "pending_invites",
            "no invite has been pending for more than 14 days.",
            "1 invite",
        ),
        (
            "certificates",
            "certificates",
            "ending_certificates",
            "no certificate in use ends within 30 days.",
            "1 certificate",
        ),
        (
            "projects/proj_1/spend_alerts",
            "spend alerts of projects",
            "thresholds",
            "there are no spend limits or alerts.",
            "1 spend alert of a project",
        ),
    ],
)
async def test_doubt_is_not_told_as_success(
    server: OddServer, listing: str, kind: str, finding: str, success: str, what: str
) -> None:
    server.listings[listing] = [*server.listings.get(listing, []), {"odd": True}]
    review = await reviewed(server)
    assert review.unread == {kind: 1}
    hedged = f"As far as could be read: {success} {what} could not be read."
    assert said(review, finding) == hedged
    assert FINDINGS[finding].worst(review) == "warn"


async def test_keys_whose_last_use_or_end_cannot_be_read_are_told_of(server: OddServer) -> None:
    key = {"id": "key_1", "name": "a", "created_at": 1, "redacted_value": "sk-admin-...abcd"}
    odd = {**key, "last_used_at": "lately", "expires_at": "never"}
    server.listings["admin_api_keys"] = [odd]
    server.listings["projects/proj_1/api_keys"] = [
        {**odd, "id": "key_2", "redacted_value": "sk-proj-...abcd"}
    ]
    review = await reviewed(server)
    for finding, what in (
        ("non_expiring_admin_keys", "expiry dates of admin keys"),
        ("stale_admin_keys", "last uses of admin keys"),
        ("stale_keys", "last uses of keys of projects"),
    ):
        told = said(review, finding)
        assert told.startswith("As far as could be read: every ")
        assert f"{what}: 1 of them could not be read" in told
        assert FINDINGS[finding].worst(review) == "warn"


async def test_unknown_counts_and_amounts_are_in_no_sum_and_named(server: OddServer) -> None:
    before = server.rows

    def rows(endpoint: str, start: int) -> list[Any]:
        (row,) = before(endpoint, start)
        if start != ODD:
            return [row]
        odd: Any = {"amount": []} if endpoint == "costs" else {"input_tokens": "many"}
        return [row, {**row, **odd}]

    server.rows = rows
    review = await reviewed(server)
    assert known(review.by_project).total.cost == Decimal(21)
    (model,) = known(review.models)
    # Three endpoints read, and two of them write: on the odd day, also in the row of unknown input.
    assert (model.input_tokens, model.output_tokens) == (None, 2 * 22)
    assert (model.tokens, model.cost_per_million, model.cache_share) == (None, None, None)
    assert review.unread["costs"] == review.unread["costs by consumer"] == 1
    assert "1 part of the costs could not be read." in said(review, "by_project")
    assert "1 part of the costs by user and key could not be read." in said(review, "by_user")
    assert "of the usage could not be read." in said(review, "models")
    assert "1 part of the costs" in said(review, "projection")


UNREADABLE_ROWS = (
    {"amount": None, "project_id": "proj_1"},
    {"amount": {"value": "oops", "currency": "usd"}, "project_id": "proj_1"},
    "a row",
    {"amount": {"value": "1", "currency": "usd"}, "project_id": []},
)


@pytest.mark.parametrize("odd", UNREADABLE_ROWS, ids=["null", "no number", "text", "of what"])
async def test_a_day_of_which_not_all_could_be_read_is_not_known(
    server: OddServer, odd: Any
) -> None:
    before = server.rows
    # Other days have a count that cannot be read, which is no amount.
    uncounted = {"amount": {"value": "0", "currency": "usd"}, "quantity": "many"}

    def rows(endpoint: str, start: int) -> list[Any]:
        more = [odd if start == ODD else uncounted] if endpoint == "costs" else []
        return [*before(endpoint, start), *more]

    server.rows = rows
    review = await reviewed(server)
    found = known(review.by_project)
    assert (found.gaps, found.total.change, review.movers) == (1, None, None)
    assert said(review, "by_project").startswith("At least $2")
    assert "costs of 2026-11-10: not all of it could be read" in said(review, "by_project")
    assert known(review.projection).expected is None
    assert known(review.anomalies).found == ()
    assert known(review.daily).gaps == {date(2026, 11, 10)}
    days = {row["day"]: row["cost"] for row in figures(review)["daily"]}
    assert (days["2026-11-10"], days["2026-11-11"]) == (None, "1")
    assert {part.window for part in review.not_known} == {
        "2026-11-10T00:00:00Z to 2026-11-11T00:00:00Z"
    }


async def test_what_can_be_read_is_a_lower_bound_where_no_day_is_known(server: OddServer) -> None:
    before = server.rows
    server.rows = lambda endpoint, start: [*before(endpoint, start), "odd"]
    assert said(await reviewed(server), "by_project").startswith("At least $21.00 in all")
    server.rows = lambda endpoint, start: ["odd"]
    assert said(await reviewed(server), "by_project").startswith("Not checked: not all of it")


async def test_a_last_day_that_cannot_be_read_is_missing(server: OddServer) -> None:
    server.buckets = lambda endpoint, buckets: [*buckets[:-1], "odd"]
    async with AsyncOpenAIAdmin(KEY, base_url=server.base_url) as client:
        table = await client.usage.collect("costs", start_time=ODD, end_time=ODD + 3 * 86_400)
    assert [(lost.window.start, lost.window.end) for lost in table.missing] == [
        (ODD + 2 * 86_400, ODD + 3 * 86_400)
    ]


@pytest.mark.parametrize("listing", ["audit_logs", "admin_api_keys"])
async def test_nobody_is_inactive_where_not_every_sign_could_be_read(
    server: OddServer, listing: str
) -> None:
    (tool,) = [tool for tool in insight_tools() if tool.name.endswith("access_review")]
    server.listings["users"] = [{"id": "user-2", "role": "owner", "added_at": 1}]
    assert [owner.user_id for owner in known((await reviewed(server)).inactive_owners)] == [
        "user-2"
    ]
    server.listings[listing] = [{"odd": True}]
    review = await reviewed(server)
    assert review.inactive_owners is None
    assert said(review, "inactive_owners").startswith("Not checked: not all of it could be read")
    async with AsyncOpenAIAdmin(KEY, base_url=server.base_url) as client:
        answer = await tool.run(client, {})
    assert answer.structured["inactive_owners"] is None
    assert any("not all of it could be read" in why for why in answer.structured["not_known"])


async def test_a_day_that_does_not_come_is_named(server: OddServer) -> None:
    server.buckets = lambda endpoint, buckets: [
        b for b in buckets if endpoint != "costs" or b["start_time"] != ODD
    ]
    review = await reviewed(server)
    assert known(review.by_project).gaps == 1
    span = "2026-11-10T00:00:00Z to 2026-11-11T00:00:00Z"
    assert [(part.kind, part.window) for part in review.not_known] == [
        ("costs", span),
        ("costs by consumer", span),
        ("costs by month", span),
    ]
    assert "Not looked at: costs of 2026-11-10: " in said(review, "by_project")
    assert "Not looked at: costs by user and key of 2026-11-10: " in said(review, "by_user")


async def test_every_form_of_the_report_says_it(server: OddServer) -> None:
    server.listings["admin_api_keys"].append("odd")
    review = await reviewed(server)
    made = document(review)
    note = "Could not be read, and is in no figure: 1 admin key."
    assert note in made.notes
    (tile,) = [tile for tile in made.tiles if tile.label == "Keys and people that need attention"]
    assert tile.tone == "warn"
    assert tile.note.endswith("(1 admin key could not be read)")
    (keys,) = [s for part in made.parts for s in part.sections if s.key == "keys"]
    assert keys.text == (
        (
            "As far as could be read: every key is in use, its owner is still a member, and every"
            " admin key expires."
        ),
        "1 admin key could not be read.",
    )
    assert "1 admin key could not be read" in to_markdown(review)
    written = io.StringIO()
    write_report(review, written)
    assert note in written.getvalue()
    assert figures(review)["unread"] == {"admin keys": 1}


async def test_the_command_writes_the_report_and_says_so(
    server: OddServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", KEY)
    server.listings["invites"] = ["odd"]
    outcome = await invoke("report", "--days", "7")
    assert outcome.code == 1
    assert "Could not be read, and is in no figure: 1 invite." in outcome.out
    assert outcome.err == (
        "1 item could not be read:\n  invites.list: $.data[0]: expected an object, not text\n"
    )


@pytest.mark.parametrize("users", [None, [{"id": ["user-1"]}]], ids=["null", "odd"])
async def test_nobody_has_left_where_people_could_not_be_read(
    server: OddServer, users: Any
) -> None:
    server.listings["users"] = [{"id": "user-2"}]
    assert [key.key_id for key in known((await reviewed(server)).keys_of_former_members)] == [
        "key_1"
    ]
    server.listings["users"] = users
    review = await reviewed(server)
    assert (known(review.keys_of_former_members), review.unread) == ((), {"people": 1})
    assert said(review, "keys_of_former_members").startswith("As far as could be read: no key")
    (tool,) = [tool for tool in insight_tools() if tool.name.endswith("stale_keys")]
    async with AsyncOpenAIAdmin(KEY, base_url=server.base_url) as client:
        answer = await tool.run(client, {})
    assert answer.structured["counts"]["of_former_members"] is None
    assert all("of_former_members" not in key["why"] for key in answer.structured["keys"])
    assert "1 person could not be read." in answer.structured["not_known"]
