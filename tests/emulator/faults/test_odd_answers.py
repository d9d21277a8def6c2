"""Each odd answer is just the one that is described, seen on the socket."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import ODD_ANSWERS, Odd
from tests.emulator.faults.raw_client import Answer, read, send

DAY = 86_400
GONE: Any = object()
"""In place of a field's value: it is not there."""
HERE: Any = object()
"""In place of a field's value: it is there, and anything but null."""

USERS, PROJECTS = "/organization/users?limit=4", "/organization/projects?limit=4"
INVITES, ADMIN_KEYS = "/organization/invites?limit=4", "/organization/admin_api_keys?limit=4"
LOGS = "/organization/audit_logs?limit=4"

Fields = dict[str, Any]


@pytest.fixture(scope="module")
def made() -> Emulator:
    """One demo organization for all of these."""
    return Emulator()


@pytest.fixture
async def org(made: Emulator) -> AsyncIterator[Emulator]:
    """The demo organization as it was made."""
    async with made:
        yield made
    made.reset()


def _costs(org: Emulator, *, days: int = 4, limit: int | None = None) -> str:
    """Costs of the days before today, by line item."""
    today = org.store.now() // DAY * DAY
    window = f"start_time={today - days * DAY}&end_time={today}&limit={limit or days}"
    return f"/organization/costs?{window}&group_by=line_item"


def _usage(org: Emulator) -> str:
    return _costs(org).replace("costs", "usage/completions").replace("line_item", "model")


def _json(answer: Answer) -> Any:
    """The answer, its numbers with all their digits."""
    assert answer.status == 200
    return json.loads(answer.body, parse_float=Decimal)


def _as_described(item: Fields, was: Fields, changed: Fields) -> None:
    """Hold that these fields are changed and that all others are as they were."""
    for name, value in changed.items():
        if value is GONE:
            assert name not in item
        elif value is HERE:
            assert item[name] is not None
        else:
            assert item[name] == value
    kept = was.keys() - changed.keys()
    assert {k: v for k, v in item.items() if k not in changed} == {k: was[k] for k in kept}


# --- items ----------------------------------------------------------------------------------

_SESSION = {"type": "session", "session": HERE}
_FLAT_USER = {"user": GONE, "created": GONE}
_BOT = {"type": "service_account", "id": "svc_acct_odd", "name": "bot"}

ITEMS: list[tuple[str, str, Callable[[Fields], Fields]]] = [
    (
        "nested",
        USERS,
        lambda was: {
            **dict.fromkeys(was.keys() - {"object", "role", "created"}, GONE),
            **{name: False for name in was if name.startswith("is_")},
            "is_scale_tier_authorized_purchaser": GONE,
            "user": {
                "object": "user",
                "id": was["id"],
                "email": was["email"],
                "name": was["name"],
            },
        },
    ),
    ("flat", USERS, lambda was: _FLAT_USER),
    (
        "user_nulls",
        USERS,
        lambda was: {
            **_FLAT_USER,
            **dict.fromkeys(("name", "email", "role", "added_at")),
        },
    ),
    (
        "user_absent",
        USERS,
        lambda was: dict.fromkeys(was.keys() - {"object", "id", "added_at"}, GONE),
    ),
    (
        "title",
        PROJECTS,
        lambda was: {
            "name": GONE,
            "title": was["name"],
            "created_at": GONE,
            "created": was["created_at"],
        },
    ),
    ("invited_at", INVITES, lambda was: {"created_at": GONE, "invited_at": was["created_at"]}),
    ("email_null", INVITES, lambda was: {"email": None}),
    ("email_absent", INVITES, lambda was: {"email": GONE}),
    ("invite_nulls", INVITES, lambda was: {"expires_at": None, "projects": None}),
    ("owner_null", ADMIN_KEYS, lambda was: {"owner": None}),
    ("owner_absent", ADMIN_KEYS, lambda was: {"owner": GONE}),
    (
        "owner_nested",
        ADMIN_KEYS,
        lambda was: {
            "owner": {
                "type": "user",
                "user": {"id": was["owner"]["id"], "name": was["owner"]["name"]},
            }
        },
    ),
    ("owner_user_null", ADMIN_KEYS, lambda was: {"owner": {"type": "user", "user": None}}),
    (
        "owner_user_id_null",
        ADMIN_KEYS,
        lambda was: {"owner": {"type": "user", "user": {"id": None, "name": "Gone"}}},
    ),
    ("last_used_at_absent", ADMIN_KEYS, lambda was: {"last_used_at": GONE}),
    ("created_at_absent", ADMIN_KEYS, lambda was: {"created_at": GONE}),
    ("key_name_null", ADMIN_KEYS, lambda was: {"name": None}),
    (
        "project_key",
        ADMIN_KEYS,
        lambda was: {"redacted_value": "sk-svcacct-...abcd", "owner": _BOT},
    ),
    ("owner_service_account", ADMIN_KEYS, lambda was: {"owner": _BOT}),
    ("payload_list", LOGS, lambda was: {was["type"]: [was[was["type"]]]}),
    ("payload_text", LOGS, lambda was: {was["type"]: "odd"}),
    ("payload_null", LOGS, lambda was: {was["type"]: None}),
    ("payload_absent", LOGS, lambda was: {was["type"]: GONE, "type": "login.succeeded"}),
    (
        "payload_underscored",
        LOGS,
        lambda was: {was["type"]: GONE, was["type"].replace(".", "_"): was[was["type"]]},
    ),
    (
        "scopes_text",
        LOGS,
        lambda was: {
            was["type"]: GONE,
            "type": "api_key.created",
            "api_key.created": {"id": "key_odd", "data": {"scopes": "all"}},
        },
    ),
    (
        "allowed_ips_text",
        LOGS,
        lambda was: {
            was["type"]: GONE,
            "type": "ip_allowlist.updated",
            "ip_allowlist.updated": {"id": "ipallow_odd", "allowed_ips": "0.0.0.0/0"},
        },
    ),
    (
        "logging_ids_list",
        LOGS,
        lambda was: {
            was["type"]: GONE,
            "type": "organization.updated",
            "organization.updated": {
                "id": "org-odd",
                "changes_requested": {"api_call_logging_project_ids": ["proj_1", "proj_2"]},
            },
        },
    ),
    (
        "settings_nested",
        LOGS,
        lambda was: {
            was["type"]: GONE,
            "type": "organization.updated",
            "organization.updated": {
                "id": "org-odd",
                "changes_requested": {
                    "settings": {"threads_ui_visibility": "ANY_ROLE"},
                    "title": "Org",
                },
            },
        },
    ),
    ("actor_null", LOGS, lambda was: {"actor": None}),
    ("actor_text", LOGS, lambda was: {"actor": "system"}),
    ("session_details", LOGS, lambda was: {"actor": HERE}),
    (
        "decimal_time",
        LOGS,
        lambda was: {"effective_at": was["effective_at"] + Decimal("0.123")},
    ),
    ("future_time", LOGS, lambda was: {"effective_at": was["effective_at"] + 365 * DAY}),
    (
        "unknown_type",
        LOGS,
        lambda was: {
            was["type"]: GONE,
            "type": "dummy.event_type",
            "dummy.event_type": {"id": "x", "deep": {"a": [1]}},
        },
    ),
    ("item_without_id", PROJECTS, lambda was: {"id": GONE}),
    ("item_id_null", PROJECTS, lambda was: {"id": None}),
    ("item_id_number", PROJECTS, lambda was: {"id": 7}),
]


@pytest.mark.parametrize(("name", "target", "changed"), ITEMS, ids=[name for name, *_ in ITEMS])
async def test_items_are_odd(
    org: Emulator, name: str, target: str, changed: Callable[[Fields], Fields]
) -> None:
    due = _json(await read(org, target))
    org.faults.add(Odd(names=(name,), items=(2, 3)))
    page = _json(await read(org, target))
    assert len(page["data"]) >= 3
    for number, (item, was) in enumerate(zip(page["data"], due["data"], strict=True), 1):
        _as_described(item, was, changed(was) if number in (2, 3) else {})
    assert {**page, "data": 0} == {**due, "data": 0}


async def test_a_session_has_its_details(org: Emulator) -> None:
    org.faults.add(Odd(names=("session_details",)))
    for event in _json(await read(org, LOGS))["data"]:
        session = event["actor"]["session"]
        assert {"ja3", "ja4", "user_agent", "ip_address_details"} <= session.keys()
        assert session["ip_address_details"]["latitude"] == "19.07"


async def test_a_single_thing_is_odd_as_an_item_is(org: Emulator) -> None:
    user = _json(await read(org, USERS))["data"][1]
    org.faults.add(Odd(match="users.*", names=("nested",)))
    alone = _json(await read(org, f"/organization/users/{user['id']}"))
    assert "id" not in alone
    assert alone["user"]["id"] == user["id"]


async def test_an_owner_is_flat(org: Emulator) -> None:
    project_id, keys = max(org.store.project_api_keys.items(), key=lambda entry: len(entry[1]))
    target = f"/organization/projects/{project_id}/api_keys"
    due = _json(await read(org, target))["data"]
    org.faults.add(Odd(names=("owner_flat",)))
    flat = _json(await read(org, target))["data"]
    assert len(flat) == len(keys) > 2
    for key, was in zip(flat, due, strict=True):
        holder = was["owner"]["user"] or was["owner"]["service_account"]
        owner = {"type": was["owner"]["type"], "id": holder["id"], "name": holder["name"]}
        _as_described(key, was, {"owner": owner})


@pytest.mark.parametrize(
    ("name", "odd"),
    [
        ("item_text", lambda was: "odd"),
        ("item_null", lambda was: None),
        ("item_list", lambda i: [i]),
    ],
)
async def test_an_item_is_not_an_object(
    org: Emulator, name: str, odd: Callable[[Any], Any]
) -> None:
    for target in (PROJECTS, _costs(org)):
        due = _json(await read(org, target))
        fault = org.faults.add(Odd(names=(name,), items=(2,)))
        first, second, *others = _json(await read(org, target))["data"]
        org.faults.remove(fault)
        assert [first, *others] == [due["data"][0], *due["data"][2:]]
        assert second == odd(due["data"][1])


# --- rows -----------------------------------------------------------------------------------


def _amount(value: Any) -> Callable[[Fields], Fields]:
    return lambda was: {"amount": {"value": value, "currency": "usd"}}


ROWS: list[tuple[str, Callable[[Fields], Fields]]] = [
    ("amount_exponent", _amount("0E-6176")),
    ("amount_negative_zero", _amount("-0E-6176")),
    ("amount_small", _amount("1e-07")),
    ("amount_thousands", _amount("1E+3")),
    ("amount_number", _amount(Decimal("1E-7"))),
    ("amount_huge", _amount("1e1000000")),
    ("amount_credit", _amount("-12.5")),
    ("amount_word", _amount("free")),
    ("amount_decimals", lambda was: _amount(f"{Decimal(was['amount']['value']):.39f}")(was)),
    ("amount_text", lambda was: _amount(str(was["amount"]["value"]))(was)),
    ("amount_null", lambda was: {"amount": None}),
    ("currency_capitals", lambda was: {"amount": {**was["amount"], "currency": "USD"}}),
    ("currency_absent", lambda was: {"amount": {"value": was["amount"]["value"]}}),
    ("quantity_null", lambda was: {"quantity": None}),
    ("quantity_unit_null", lambda was: {"quantity_unit": None}),
    (
        "row_names",
        lambda was: {
            "project_name": "Old",
            "organization_id": "org-old",
            "organization_name": "Acme",
            "user_email": "gone@example.test",
        },
    ),
    ("line_item_tier", lambda was: {"line_item": "priority | gpt-5, output, long context"}),
    ("line_item_commas", lambda was: {"line_item": "ft:gpt-4o-mini:acme, inc::abc, Input"}),
]


def _rows(page: Any) -> list[Fields]:
    return [row for bucket in page["data"] for row in bucket["results"]]


@pytest.mark.parametrize(("name", "changed"), ROWS, ids=[name for name, _ in ROWS])
async def test_rows_are_odd(org: Emulator, name: str, changed: Callable[[Fields], Fields]) -> None:
    due = _json(await read(org, _costs(org)))
    org.faults.add(Odd(names=(name,), items=(1, 30)))
    page = _json(await read(org, _costs(org)))
    rows = _rows(page)
    assert len(rows) > 30
    for number, (row, was) in enumerate(zip(rows, _rows(due), strict=True), 1):
        _as_described(row, was, changed(was) if number in (1, 30) else {})


async def test_an_amount_is_a_number_with_an_exponent(org: Emulator) -> None:
    org.faults.add(Odd(names=("amount_number",)))
    assert b'"value":1E-7,' in (await read(org, _costs(org))).body


async def test_quantities_have_a_decimal(org: Emulator) -> None:
    due = _rows(_json(await read(org, _costs(org))))
    org.faults.add(Odd(names=("quantity_decimal",)))
    rows = _rows(_json(await read(org, _costs(org))))
    assert len(rows) == len(due)
    whole = [n for n, row in enumerate(due) if isinstance(row["quantity"], int)]
    assert len(whole) > 30
    assert [str(rows[n]["quantity"]) for n in whole] == [f"{due[n]['quantity']}.0" for n in whole]


@pytest.mark.parametrize(
    ("name", "odd"),
    [("count_text", "many"), ("count_list", [HERE]), ("count_null", None), ("count_absent", GONE)],
)
async def test_a_count_is_odd(org: Emulator, name: str, odd: Any) -> None:
    due = _rows(_json(await read(org, _usage(org))))
    org.faults.add(Odd(names=(name,)))
    for row, was in zip(_rows(_json(await read(org, _usage(org)))), due, strict=True):
        value = [was["input_tokens"]] if odd == [HERE] else odd
        _as_described(row, was, {"input_tokens": value})


# --- buckets --------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "zone"), [("iso_times", True), ("iso_times_without_zone", False)])
async def test_buckets_have_times_as_text(org: Emulator, name: str, zone: bool) -> None:
    org.faults.add(Odd(names=(name,)))
    for bucket in _json(await read(org, _costs(org)))["data"]:
        for edge in ("start_time", "end_time"):
            text = bucket[f"{edge}_iso"]
            moment = datetime.fromisoformat(text if zone else f"{text}+00:00")
            assert moment.timestamp() == bucket[edge]
            assert ("+" in text) is zone


async def _buckets(org: Emulator, name: str, **schedule: Any) -> tuple[list[Any], list[Any]]:
    """The buckets of a page as they are due, and under a fault."""
    due = _json(await read(org, _costs(org)))["data"]
    org.faults.add(Odd(names=(name,), **schedule))
    return due, _json(await read(org, _costs(org)))["data"]


async def test_rows_stand_under_result(org: Emulator) -> None:
    due, data = await _buckets(org, "result", items=(2,))
    for number, (bucket, was) in enumerate(zip(data, due, strict=True), 1):
        changed = {"results": GONE, "result": was["results"]} if number == 2 else {}
        _as_described(bucket, was, changed)


async def test_a_bucket_comes_twice(org: Emulator) -> None:
    due, data = await _buckets(org, "doubled_bucket")
    assert data == [due[0], *due]


async def test_a_bucket_is_from_before_the_window(org: Emulator) -> None:
    due, data = await _buckets(org, "outside_bucket")
    times = {edge: due[0][edge] - 7 * DAY for edge in ("start_time", "end_time")}
    assert data == [{**due[0], **times}, *due]


async def test_buckets_come_in_two_parts(org: Emulator) -> None:
    due, data = await _buckets(org, "split_bucket")
    assert len(data) == 2 * len(due)
    for was, one, other in zip(due, data[::2], data[1::2], strict=True):
        assert one["results"]
        assert other["results"]
        assert {**one, "results": one["results"] + other["results"]} == was
        assert {**other, "results": 0} == {**was, "results": 0}


async def test_a_bucket_is_missing(org: Emulator) -> None:
    due, data = await _buckets(org, "bucket_gap")
    assert data == due[:2] + due[3:]


async def test_buckets_come_in_the_other_order(org: Emulator) -> None:
    due, data = await _buckets(org, "reordered_buckets")
    assert data == due[::-1]


async def test_an_answer_is_short(org: Emulator) -> None:
    due = _json(await read(org, _costs(org, days=9, limit=4)))
    assert due["has_more"]
    org.faults.add(Odd(names=("short_answer",)))
    page = _json(await read(org, _costs(org, days=9, limit=4)))
    assert page == {**due, "data": due["data"][:2], "has_more": False, "next_page": None}


async def _pages(org: Emulator, target: str, most: int) -> list[Any]:
    """The pages of usage, one after the other, as their cursors say; so many at most."""
    pages = [_json(await read(org, target))]
    while pages[-1]["has_more"] and len(pages) < most:
        pages.append(_json(await read(org, f"{target}&page={pages[-1]['next_page']}")))
    return pages


async def test_empty_pages_follow_without_end(org: Emulator) -> None:
    target = _costs(org, days=5, limit=2)
    due = await _pages(org, target, 20)
    org.faults.add(Odd(names=("empty_pages",)))
    pages = await _pages(org, target, 20)
    assert len(due) == 3
    assert [page["data"] for page in pages] == [page["data"] for page in due] + [[]] * 17
    assert len({page["next_page"] for page in pages}) == 20


async def test_a_pages_last_bucket_comes_again(org: Emulator) -> None:
    target = _costs(org, days=5, limit=2)
    due = await _pages(org, target, 20)
    org.faults.add(Odd(names=("repeated_bucket",)))
    pages = await _pages(org, target, 20)
    one, two, three = (page["data"] for page in due)
    assert [page["data"] for page in pages] == [one, [one[-1], *two], [two[-1], *three]]
    assert await _pages(org, target, 20) == pages


# --- pages and answers ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("data_null", {"data": None}),
        ("has_more_absent", {"has_more": GONE}),
        ("cursor_empty", {"last_id": ""}),
        ("cursor_absent", {"last_id": GONE}),
    ],
)
async def test_a_page_is_odd(org: Emulator, name: str, changed: Fields) -> None:
    due = _json(await read(org, PROJECTS))
    org.faults.add(Odd(names=(name,)))
    _as_described(_json(await read(org, PROJECTS)), due, changed)


async def test_opaque_cursors_are_followed(org: Emulator) -> None:
    due = _json(await read(org, PROJECTS))
    following = _json(await read(org, f"{PROJECTS}&after={due['last_id']}"))
    org.faults.add(Odd(names=("cursor_opaque",)))
    page = _json(await read(org, PROJECTS))
    assert page["last_id"].startswith("cursor_")
    assert page["data"] == due["data"]
    after = _json(await read(org, f"{PROJECTS}&after={page['last_id']}"))
    assert after["data"] == following["data"]
    # The id of an item is a cursor still.
    again = _json(await read(org, f"{PROJECTS}&after={due['last_id']}"))
    assert again["data"] == following["data"]


DELETIONS = [
    ("empty", None),
    ("braces", {}),
    ("deleted_without_id", {"object": "organization.user.deleted", "deleted": True}),
    ("deleted_absent", {"object": "organization.user.deleted", "id": HERE}),
    ("deleted_false", {"object": "organization.user.deleted", "id": HERE, "deleted": False}),
]


@pytest.mark.parametrize(("name", "answer"), DELETIONS, ids=[name for name, _ in DELETIONS])
async def test_a_deletion_took_place_and_says_so_oddly(
    org: Emulator, name: str, answer: Any
) -> None:
    user = next(user for user in org.store.users if user["role"] != "owner")
    org.faults.add(Odd(names=(name,)))
    sent = await send(org, "DELETE", f"/organization/users/{user['id']}")
    assert (sent.status, user["id"] in org.store.users) == (200, False)
    if answer is None:
        assert sent.body == b""
    else:
        assert sent.json == {k: user["id"] if v is HERE else v for k, v in answer.items()}


CREATIONS = [
    ("created_id_absent", {"id"}),
    ("created_owner_absent", {"owner", "role", "name"}),
    ("created_at_absent", {"created_at"}),
]


@pytest.mark.parametrize(("name", "missing"), CREATIONS, ids=[name for name, _ in CREATIONS])
async def test_a_creation_shows_its_secret_and_lacks_the_rest(
    org: Emulator, name: str, missing: set[str]
) -> None:
    async def create() -> Any:
        target = "/organization/admin_api_keys"
        return _json(await send(org, "POST", target, body=b'{"name": "ci"}'))

    due = await create()
    org.faults.add(Odd(names=(name,)))
    created = await create()
    assert due.keys() - created.keys() == missing & due.keys()
    assert created["value"].startswith("sk-admin-")


async def test_an_error_comes_as_a_success(org: Emulator) -> None:
    org.faults.add(Odd(names=("error",)))
    for target in (PROJECTS, _costs(org), "/organization/spend_limit"):
        answer = await read(org, target)
        if answer.status == 200:
            assert answer.json.keys() == {"error"}
            assert answer.json["error"]["message"]


TRIED = {
    *(name for name, *_ in (*ITEMS, *ROWS, *DELETIONS, *CREATIONS)),
    *("owner_flat", "item_text", "item_null", "item_list", "quantity_decimal"),
    *("count_text", "count_list", "count_null", "count_absent"),
    *("iso_times", "iso_times_without_zone", "result", "empty_pages", "repeated_bucket"),
    *("doubled_bucket", "outside_bucket", "split_bucket", "bucket_gap", "reordered_buckets"),
    *("short_answer", "data_null", "has_more_absent", "cursor_empty", "cursor_absent"),
    *("cursor_opaque", "error"),
}


def test_every_odd_answer_is_tried() -> None:
    assert set(ODD_ANSWERS) == TRIED
