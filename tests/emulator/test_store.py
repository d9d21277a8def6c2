"""The emulator's state: tables that a cursor survives in, ids, keys, audit log, snapshots."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_admin.emulator.replies import EmulatedError
from openai_admin.emulator.store import ID_PREFIXES, Store
from openai_admin.emulator.table import Order, Record, Table, public

NOW = 1_790_000_000


def table_of(*ids: str) -> Table:
    table = Table("thing")
    for id in ids:
        table.add({"id": id})
    return table


def ids(records: Iterator[Record]) -> list[str]:
    return [record["id"] for record in records]


def new_store(seed: int = 1, now: Callable[[], int] = lambda: NOW) -> Store:
    return Store(seed=seed, now=now)


def test_an_unknown_id_is_the_apis_404() -> None:
    table = table_of("a")
    for attempt in (table.get, table.remove, lambda gone: table.update(gone, {"x": 1})):
        with pytest.raises(EmulatedError) as caught:
            attempt("b")
        assert caught.value.status == 404
        assert caught.value.message == "No thing found with id 'b'."
    assert table.find("b") is None
    assert "b" not in table


def test_a_second_record_under_one_id_is_refused() -> None:
    table = table_of("a")
    with pytest.raises(ValueError, match="already has a thing 'a'"):
        table.add({"id": "a"})


def test_an_update_leaves_the_old_record_as_it_was() -> None:
    table = table_of("a")
    before = table.get("a")
    after = table.update("a", {"name": "new"})
    assert before == {"id": "a"}
    assert table.get("a") == after == {"id": "a", "name": "new"}


def test_listing_both_ways_from_a_cursor_and_to_a_bound() -> None:
    table = table_of("a", "b", "c", "d")
    assert ids(table.walk("asc")) == ["a", "b", "c", "d"]
    assert ids(table.walk("desc")) == ["d", "c", "b", "a"]
    assert ids(table.walk("asc", after="b")) == ["c", "d"]
    assert ids(table.walk("desc", after="b")) == ["a"]
    assert ids(table.walk("asc", until="c")) == ["a", "b"]
    assert ids(table.walk("desc", after="d", until="a")) == ["c", "b"]
    assert ids(table.walk("asc", after="d")) == []


def test_a_cursor_outlives_its_record_and_its_neighbours() -> None:
    table = table_of("a", "b", "c", "d", "e")
    for id in ("c", "b", "d"):
        table.remove(id)
    assert ids(table.walk("asc", after="c")) == ["e"]
    assert ids(table.walk("desc", after="c")) == ["a"]
    assert not table.has_cursor("z")
    table.remove("e")
    assert ids(table.walk("asc", after="c")) == []
    table.add({"id": "f"})
    assert ids(table.walk("asc", after="c")) == ["f"]


def test_a_record_that_comes_back_takes_its_old_place() -> None:
    table = table_of("a", "b", "c")
    table.remove("b")
    assert ids(table.walk("asc", after="a")) == ["c"]
    table.add({"id": "b"})
    assert ids(table.walk("asc")) == ["a", "b", "c"]
    assert ids(table.walk("desc", after="c")) == ["b", "a"]


@given(
    changes=st.lists(
        st.tuples(st.sampled_from(["add", "remove"]), st.integers(0, 12)), max_size=40
    ),
    cursor=st.integers(0, 12),
)
def test_listings_agree_with_a_plain_list(changes: list[tuple[str, int]], cursor: int) -> None:
    """The plain model: every id at its first rank forever, live or not."""
    table, ranks, live = Table("thing"), [], set()
    for change, number in changes:
        id = str(number)
        if change == "add" and id not in live:
            table.add({"id": id})
            live.add(id)
            if id not in ranks:
                ranks.append(id)
        elif change == "remove" and id in live:
            table.remove(id)
            live.remove(id)
        expected = [id for id in ranks if id in live]
        assert ids(table.walk("asc")) == expected
        assert ids(table.walk("desc")) == expected[::-1]
    if str(cursor) in ranks:
        at = ranks.index(str(cursor))
        assert ids(table.walk("asc", after=str(cursor))) == [
            i for i in ranks[at + 1 :] if i in live
        ]
        assert ids(table.walk("desc", after=str(cursor))) == [
            i for i in ranks[:at][::-1] if i in live
        ]


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_a_long_listing_loses_and_repeats_nothing_amid_changes(order: Order) -> None:
    dice = random.Random(7)
    table = Table("thing")
    for number in range(100_000):
        table.add({"id": str(number)})
    steady = {str(number) for number in range(0, 100_000, 2)}
    seen: list[str] = []
    cursor: str | None = None
    added = 100_000
    while True:
        walk = table.walk(order, after=cursor)
        page = [record["id"] for record, _ in zip(walk, range(100), strict=False)]
        if not page:
            break
        seen.extend(page)
        cursor = page[-1]
        for _ in range(20):
            loose = str(dice.randrange(1, 100_000, 2))
            if loose in table:
                table.remove(loose)
        if int(cursor) % 2 and cursor in table:
            table.remove(cursor)
        if added < 110_000:
            table.add({"id": str(added)})
            added += 1
    assert len(seen) == len(set(seen))
    assert steady <= set(seen)
    assert seen == sorted(seen, key=int, reverse=order == "desc")


def test_a_page_beside_many_removed_records_takes_few_steps() -> None:
    """Counted, not timed: how often the second listing asks whether a record is there."""

    class Counting(dict[str, Record]):
        asked = 0

        def __contains__(self, id: object) -> bool:
            Counting.asked += 1
            return super().__contains__(id)

    table = table_of(*map(str, range(50_000)))
    for number in range(1, 49_999):
        table.remove(str(number))
    table._records = Counting(table._records)
    assert ids(table.walk("asc", after="0")) == ["49999"]
    Counting.asked = 0
    assert ids(table.walk("asc", after="0")) == ["49999"]
    assert ids(table.walk("asc", after="25000")) == ["49999"]
    assert Counting.asked < 10


def test_scoped_tables_come_into_being_when_asked_for() -> None:
    store = new_store()
    store.project_users["proj_1"].add({"id": "user-1"})
    assert "user-1" in store.project_users["proj_1"]
    assert "user-1" not in store.project_users["proj_2"]
    with pytest.raises(EmulatedError, match="No user found with id 'user-1'"):
        store.project_users["proj_2"].get("user-1")


def test_ids_follow_from_the_seed_and_look_like_the_apis() -> None:
    first, again, other = new_store(1), new_store(1), new_store(2)
    made = [first.new_id(kind) for kind in ID_PREFIXES]
    assert made == [again.new_id(kind) for kind in ID_PREFIXES]
    assert made != [other.new_id(kind) for kind in ID_PREFIXES]
    assert len(set(made)) == len(made)
    for kind, id in zip(ID_PREFIXES, made, strict=True):
        assert id.startswith(ID_PREFIXES[kind])
        assert len(id) == len(ID_PREFIXES[kind]) + 24


def test_public_leaves_private_fields_out() -> None:
    assert public({"id": "a", "_value": "sk-secret"}) == {"id": "a"}


def test_audit_events_have_their_payload_under_their_type_newest_first() -> None:
    store = new_store()
    actor = {"type": "api_key", "api_key": {"id": "key_1"}}
    project = {"id": "proj_1", "name": "One", "status": "active"}
    created = {"id": "proj_1", "data": {"name": "One"}}
    old = store.audit("project.created", created, actor=actor, project=project, effective_at=5)
    new = store.audit("logout.succeeded", {}, actor=actor)
    assert old == {
        "id": old["id"],
        "type": "project.created",
        "effective_at": 5,
        "project": {"id": "proj_1", "name": "One"},
        "actor": actor,
        "project.created": created,
    }
    assert old["id"].startswith("audit_log-")
    assert new["effective_at"] == NOW
    assert "project" not in new
    assert list(store.audit_logs.walk(store.audit_logs.order)) == [new, old]


def test_an_admin_key_is_accepted_redacted_and_revoked() -> None:
    store = new_store()
    owner = store.first_owner()
    assert store.first_owner() is owner
    record, value = store.issue_admin_key("Night job", owner, expires_at=NOW + 10)
    assert value.startswith("sk-admin-")
    assert record["redacted_value"] == f"sk-admin-...{value[-4:]}"
    assert value not in repr(record)
    credential = store.keys.authenticate(f"Bearer {value}", now=NOW)
    assert value not in repr(credential)
    assert credential.actor == {
        "type": "api_key",
        "api_key": {
            "id": record["id"],
            "type": "user",
            "user": {"id": owner["id"], "email": owner["email"]},
        },
    }
    with pytest.raises(EmulatedError, match="Incorrect API key provided"):
        store.keys.authenticate(f"Bearer {value}", now=NOW + 10)
    store.keys.revoke(record["id"])
    store.keys.revoke(record["id"])
    with pytest.raises(EmulatedError, match="Incorrect API key provided"):
        store.keys.authenticate(f"Bearer {value}", now=NOW)


def test_a_snapshot_brings_everything_back_more_than_once() -> None:
    store = new_store()
    store.projects.add({"id": "proj_1", "name": "One"})
    store.project_users["proj_1"].add({"id": "user-1"})
    store.settings["spend_limit",] = {"threshold_amount": 5}
    _, value = store.issue_admin_key("Key", store.first_owner())
    snapshot = store.snapshot()

    def disturb() -> str:
        store.projects.update("proj_1", {"name": "Two"})
        store.project_users["proj_1"].remove("user-1")
        store.project_users["proj_2"].add({"id": "user-2"})
        del store.settings["spend_limit",]
        store.keys.revoke(store.keys.authenticate(f"Bearer {value}", now=NOW).id)
        return store.new_id("project")

    ids_after = set()
    for _ in range(2):
        ids_after.add(disturb())
        store.restore(snapshot)
        assert store.projects.get("proj_1") == {"id": "proj_1", "name": "One"}
        assert "user-1" in store.project_users["proj_1"]
        assert len(store.project_users["proj_2"]) == 0
        assert store.settings["spend_limit",] == {"threshold_amount": 5}
        assert store.keys.authenticate(f"Bearer {value}", now=NOW).admin
    assert len(ids_after) == 1
