"""What a run fetches, writes and keeps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import attrs
import pyarrow.dataset
import pyarrow.parquet
import pytest

from openai_admin import AsyncOpenAIAdmin, InvalidInputError
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import UnknownFields
from openai_admin.emulator.faults.fault import Exchange
from openai_admin.emulator.faults.payloads import JSONFault
from openai_admin.emulator.received import ReceivedRequest
from openai_admin.export import ENDPOINTS, ExportLockedError, chosen, export
from openai_admin.export.dataset import Table
from openai_admin.export.lock import locked
from openai_admin.export.source import Day, Source
from openai_admin.export.sources import DIRECTORY
from tests.export.conftest import NOW, Clock, Twice
from tests.export.datasets import days, differences, endpoints_in, files, query, rows, source

SINCE = NOW - timedelta(days=40)
DATED = {name for name in ENDPOINTS if name not in DIRECTORY}


def _span(requests: Iterable[ReceivedRequest], operation: str) -> tuple[datetime, datetime]:
    """The range that a usage endpoint was asked for, over all requests to it."""
    queries = [parse_qs(r.query_string) for r in requests if r.operation == operation]
    starts = [int(q["start_time"][0]) for q in queries]
    ends = [int(q["end_time"][0]) for q in queries]
    return datetime.fromtimestamp(min(starts), UTC), datetime.fromtimestamp(max(ends), UTC)


def _answered(requests: Iterable[ReceivedRequest]) -> list[ReceivedRequest]:
    """Those that were not refused, as costs by person and project are."""
    return [request for request in requests if request.status == 200]


def test_every_endpoint_has_every_day(twice: Twice) -> None:
    (done, _), _ = twice.runs
    assert endpoints_in(twice.root) == set(ENDPOINTS)
    every_day = {str(twice.since.date() + timedelta(days=i)) for i in range(41)}
    today = {str(NOW.date())}
    assert days(twice.root) == {(e, d) for e in DATED for d in every_day} | {
        (e, d) for e in DIRECTORY for d in today
    }
    assert done.written == len(days(twice.root))
    assert done.rows == rows(twice.root)


def test_the_second_run_asks_for_what_may_be_restated_and_no_more(twice: Twice) -> None:
    (first, all_requests), (second, requests) = twice.runs
    # Three walks over the projects at once share their request; names are in what is read anyway.
    assert len(_answered(all_requests)) == first.pages - 2
    trailing = datetime(2026, 11, 21, tzinfo=UTC)
    assert _span(requests, "usage.costs")[0] == trailing
    assert _span(requests, "usage.completions")[0] == trailing
    assert Counter(request.operation for request in _answered(requests)) == {
        **{f"usage.{name}": 1 for name in DATED - {"audit_logs"}},
        "audit_logs.list": 1,
    }
    assert second.pages == len(DATED)
    assert second.written == 4 * len(DATED)  # today and the three days before
    assert second.written + second.kept == first.written


def test_a_settled_month_is_not_written_again(twice: Twice) -> None:
    untouched = {path for path in twice.root.rglob("*.parquet") if path.stat().st_mtime == 0}
    october = {path for _, path in files(twice.root) if path.parent.name == "month=2026-10"}
    listed = set((twice.root / "dimensions").rglob("*.parquet"))
    assert untouched == october | listed
    assert len(october) == len(DATED)
    assert len(listed) == 2 * len(DIRECTORY)


@pytest.mark.parametrize(("restate_days", "first"), [(0, 24), (1, 23), (7, 17)])
async def test_how_far_back_is_fetched_again_is_a_choice(
    restate_days: int, first: int, client: AsyncOpenAIAdmin, organization: Emulator, tmp_path: Path
) -> None:
    for _ in range(2):
        organization.requests.clear()
        await export(
            client,
            tmp_path,
            since=SINCE,
            now=NOW,
            endpoints=["costs"],
            restate_days=restate_days,
        )
    assert _span(organization.requests, "usage.costs")[0] == datetime(2026, 11, first, tzinfo=UTC)


async def test_after_a_pause_it_is_as_if_all_had_been_fetched_now(
    client: AsyncOpenAIAdmin, organization: Emulator, clock: Clock, tmp_path: Path
) -> None:
    """What was fetched too early is fetched again, however long ago that was."""
    await export(client, tmp_path / "kept", since=SINCE, now=clock.now, endpoints=["costs"])
    clock.pass_days(10)
    organization.requests.clear()
    await export(client, tmp_path / "kept", since=SINCE, now=clock.now, endpoints=["costs"])
    assert _span(organization.requests, "usage.costs")[0] == datetime(2026, 11, 21, tzinfo=UTC)
    await export(client, tmp_path / "new", since=SINCE, now=clock.now, endpoints=["costs"])
    assert differences(tmp_path / "kept", tmp_path / "new") == {}


async def test_an_earlier_beginning_fetches_only_the_days_before(
    client: AsyncOpenAIAdmin, organization: Emulator, tmp_path: Path
) -> None:
    week = timedelta(days=7)
    until = NOW - 2 * week
    for since in (NOW - 4 * week, NOW - 6 * week):
        organization.requests.clear()
        await export(client, tmp_path, since=since, until=until, now=NOW, endpoints=["completions"])
    start, end = _span(organization.requests, "usage.completions")
    assert (start.date(), end.date()) == ((NOW - 6 * week).date(), (NOW - 4 * week).date())


async def test_money_is_exact_and_its_sum_the_apis(
    client: AsyncOpenAIAdmin, tmp_path: Path
) -> None:
    await export(client, tmp_path, since=SINCE, now=NOW, endpoints=["costs"])
    by_project = query(
        f"SELECT project_id, sum(amount) FROM {source(tmp_path, 'costs')} GROUP BY ALL"
    )
    start = SINCE.replace(hour=0, minute=0)
    table = await client.usage.collect(
        "costs", start_time=start, end_time=NOW, group_by=["project_id"]
    )
    totals = table.totals(by="project_id")
    assert dict(by_project) == dict(zip(totals["project_id"], totals["amount"], strict=True))


def test_every_file_of_an_endpoint_has_the_same_columns(twice: Twice) -> None:
    schemas: dict[str, list[Any]] = {endpoint: [] for endpoint in ENDPOINTS}
    for endpoint, path in files(twice.root):
        schemas[endpoint].append(pyarrow.parquet.ParquetFile(path).schema_arrow)
    for endpoint, found in schemas.items():
        assert len(found) == (2 if endpoint in DATED else 1)
        assert all(schema.equals(found[0]) for schema in found)
        assert ("date" in found[0].names) == (endpoint in DATED)
        assert not {"month", "snapshot"} & set(found[0].names)
        assert "null" not in {str(t) for t in found[0].types}


async def test_a_field_that_is_new_becomes_a_column_on_all_days(
    client: AsyncOpenAIAdmin, organization: Emulator, tmp_path: Path
) -> None:
    names = ["costs", "users", "project_api_keys"]
    whole = tmp_path / "plain"
    for root in (tmp_path / "grown", whole):
        await export(client, root, since=SINCE, now=NOW, endpoints=names)
    organization.faults.add(UnknownFields())
    done = await export(client, tmp_path / "grown", since=SINCE, now=NOW, endpoints=["costs"])
    assert done.aligned == 1  # October; November was written anyway
    last = {
        pyarrow.parquet.ParquetFile(path).schema_arrow.names[-1]
        for endpoint, path in files(tmp_path / "grown")
        if endpoint == "costs"
    }
    assert last == {"emulator_unknown"}
    columns = f"SELECT * EXCLUDE (emulator_unknown) FROM {source(tmp_path / 'grown', 'costs')}"
    assert query(f"({columns}) EXCEPT ALL FROM {source(whole, 'costs')}") == []
    filled = f"SELECT DISTINCT date FROM {source(tmp_path / 'grown', 'costs')}"
    when = query(f"{filled} WHERE emulator_unknown IS NOT NULL ORDER BY 1")
    assert [day for (day,) in when] == [date(2026, 11, d) for d in (21, 22, 23, 24)]
    organization.faults.clear()
    again = await export(client, tmp_path / "grown", since=SINCE, now=NOW, endpoints=["costs"])
    assert again.aligned == 0


async def test_hours_are_kept_by_day_and_widths_do_not_mix(
    client: AsyncOpenAIAdmin, tmp_path: Path
) -> None:
    arguments: dict[str, Any] = {"since": NOW - timedelta(days=9), "now": NOW}
    names = ["completions", "costs"]
    await export(client, tmp_path, bucket_width="1h", endpoints=names, **arguments)
    hours = query(
        f"SELECT count(DISTINCT start_time), min(date) FROM {source(tmp_path, 'completions')}"
    )
    assert hours == [(9 * 24 + 10, date(2026, 11, 15))]
    with pytest.raises(InvalidInputError, match="with bucket_width '1h': go on with that"):
        await export(client, tmp_path, endpoints=names, **arguments)


async def test_a_damaged_file_is_fetched_again(client: AsyncOpenAIAdmin, tmp_path: Path) -> None:
    arguments: dict[str, Any] = {"since": SINCE, "now": NOW, "endpoints": ["costs"]}
    await export(client, tmp_path / "whole", **arguments)
    await export(client, tmp_path / "damaged", **arguments)
    (_, october), (_, november) = files(tmp_path / "damaged")
    october.write_bytes(october.read_bytes()[:-20])
    november.write_bytes(b"")
    done = await export(client, tmp_path / "damaged", **arguments)
    assert all(
        str(path) in note for path, note in zip((october, november), done.notes, strict=True)
    )
    assert differences(tmp_path / "damaged", tmp_path / "whole") == {}
    assert (tmp_path / "damaged" / "_damaged" / "costs-2026-10.parquet").stat().st_size > 0


async def test_two_runs_do_not_write_at_once(client: AsyncOpenAIAdmin, tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(ExportLockedError, match="Another export writes"):
        await export(client, tmp_path, since=SINCE, now=NOW)
    await export(client, tmp_path, since=NOW, now=NOW, endpoints=["users"])


async def test_what_the_key_may_not_read_is_left_out_and_named(
    organization: Emulator, tmp_path: Path
) -> None:
    key = organization.add_key(scopes=["api.usage.read"])
    async with AsyncOpenAIAdmin(key, base_url=organization.base_url) as client:
        done = await export(client, tmp_path, since=NOW, now=NOW)
    listings = ", ".join(list(DIRECTORY)[:-1]) + f" and {list(DIRECTORY)[-1]}"
    assert done.refused == (
        f"{listings}: the key lacks `api.management.read`",
        "audit_logs: the key lacks `api.audit_logs.read`",
    )
    assert endpoints_in(tmp_path) == DATED - {"audit_logs"}
    (unnamed,) = done.notes
    assert unnamed.startswith("Names of ")
    assert "are not known" in unnamed
    completions = "SELECT count(project_id) > 0, count(project_name), count(user_name) FROM "
    assert query(completions + source(tmp_path, "completions")) == [(True, 0, 0)]


async def test_an_empty_organization_has_days_without_rows(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        await export(client, tmp_path, since=datetime.now(UTC) - timedelta(days=2))
    assert len([e for e, _ in days(tmp_path) if e == "costs"]) == 3
    assert query(f"SELECT count(*) FROM {source(tmp_path, 'costs')}") == [(0,)]


def test_progress_reaches_its_end(twice: Twice) -> None:
    (done, _), seen = twice.runs[0], twice.progress
    assert seen[-1].done == seen[-1].total
    assert [p.done for p in seen] == sorted(p.done for p in seen)
    assert (seen[-1].rows, seen[-1].pages) == (done.rows, done.pages)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"since": datetime(2026, 11, 1)}, "since must have a time zone"),  # noqa: DTZ001
        ({"since": NOW + timedelta(days=1)}, "since must not lie in the future"),
        ({"since": SINCE, "until": SINCE - timedelta(days=3)}, "until must be after since"),
        ({"since": SINCE, "endpoints": ["cost"]}, "no endpoint 'cost' to export"),
        ({"since": SINCE, "endpoints": []}, "Name at least one"),
        ({"since": SINCE, "bucket_width": "5m"}, "bucket_width must be '1m', '1h' or '1d'"),
        ({"since": SINCE, "restate_days": -1}, "restate_days must be at least 0"),
    ],
)
async def test_it_refuses_before_it_asks(
    arguments: dict[str, Any],
    sentence: str,
    client: AsyncOpenAIAdmin,
    organization: Emulator,
    tmp_path: Path,
) -> None:
    with pytest.raises(InvalidInputError, match=sentence):
        await export(client, tmp_path / "none", now=NOW, **arguments)
    assert not organization.requests
    assert not (tmp_path / "none").exists()


def test_groups_of_endpoints_have_names() -> None:
    names = {group: {s.name for s in chosen(group)} for group in ("all", "usage", "directory")}
    assert names["all"] == set(ENDPOINTS)
    assert names["directory"] == set(DIRECTORY)
    assert names["usage"] == DATED - {"audit_logs", "costs"}


def test_an_amount_of_many_digits_is_rounded_at_the_last(tmp_path: Path) -> None:
    costs = Source("costs", {"amount": Decimal}, snapshot=False, steps=lambda *_: [])
    amounts = [Decimal("0.0000000000000000125"), Decimal("12345678901234567890.5"), None]
    Table(tmp_path, costs).write([Day(NOW.date(), {"amount": amounts}, 3)], NOW, "1d")
    read = pyarrow.parquet.ParquetFile(next(tmp_path.rglob("*.parquet"))).read()
    assert read["amount"].to_pylist() == [
        Decimal("0.000000000000000012"),
        Decimal("12345678901234567890.5"),
        None,
    ]


@attrs.frozen(kw_only=True)
class Lost(JSONFault):
    """The bucket that begins at a time is in no answer."""

    start: int

    def change(self, value: dict[str, Any], exchange: Exchange) -> Any:
        value["data"] = [b for b in value["data"] if b["start_time"] != self.start]
        return value


@attrs.frozen(kw_only=True)
class Repeated(JSONFault):
    """The first bucket comes twice, and its rows name their project."""

    def change(self, value: dict[str, Any], exchange: Exchange) -> Any:
        for bucket in value["data"]:
            for row in bucket["results"]:
                row |= {"project_name": f"once {row['project_id']}", "colour": "red"}
        value["data"].append(value["data"][0])
        return value


async def test_a_day_that_does_not_come_is_named_and_fetched_by_the_next_run(
    client: AsyncOpenAIAdmin, organization: Emulator, tmp_path: Path
) -> None:
    lost = NOW.replace(hour=0, minute=0) - timedelta(days=9)
    organization.faults.add(Lost(match="usage.costs", start=int(lost.timestamp())))
    done = await export(client, tmp_path, since=SINCE, now=NOW, endpoints=["costs"])
    (missing,) = done.missing
    assert missing.startswith(f"costs from {lost:%Y-%m-%d}T00:00:00Z to ")
    assert ("costs", str(lost.date())) not in days(tmp_path)
    assert done.written == 40
    organization.requests.clear()
    still = await export(client, tmp_path, since=SINCE, now=NOW, endpoints=["costs"])
    assert len(still.missing) == 1
    assert str(lost.date()) in still.missing[0]
    assert ("costs", str(lost.date())) not in days(tmp_path)
    organization.faults.clear()
    again = await export(client, tmp_path, since=SINCE, now=NOW, endpoints=["costs"])
    assert ("costs", str(lost.date())) in days(tmp_path)
    assert again.missing == ()
    assert again.written == 1 + 4


@attrs.frozen(kw_only=True)
class Trimmed(JSONFault):
    """Buckets that begin at a time or later are in no answer."""

    start: int

    def change(self, value: dict[str, Any], exchange: Exchange) -> Any:
        value["data"] = [b for b in value["data"] if b["start_time"] < self.start]
        return value


async def test_days_at_the_end_without_a_bucket_are_asked_for_until_one_comes(
    client: AsyncOpenAIAdmin, organization: Emulator, tmp_path: Path
) -> None:
    arguments: dict[str, Any] = {"since": SINCE, "now": NOW, "endpoints": ["costs", "completions"]}
    end = NOW.replace(hour=0, minute=0) - timedelta(days=9)
    organization.faults.add(Trimmed(match="usage.*", start=int(end.timestamp())))
    for written in (2 * 31, 0):
        organization.requests.clear()
        done = await export(client, tmp_path, **arguments)
        assert (done.written, done.missing) == (written, ())
        assert done.notes == (
            (
                "No buckets came for 2026-11-15 to 2026-11-24 (completions, costs): they count as"
                " days without any, and the next run asks for them again."
            ),
        )
    assert len({(r.operation, r.query_string) for r in organization.requests}) == 2
    organization.faults.clear()
    done = await export(client, tmp_path, **arguments)
    assert (done.written, done.notes) == (2 * 10, ())


async def test_a_day_that_the_dataset_has_is_not_replaced_by_nothing(
    client: AsyncOpenAIAdmin, organization: Emulator, tmp_path: Path
) -> None:
    arguments: dict[str, Any] = {"since": SINCE, "now": NOW, "endpoints": ["costs"]}
    await export(client, tmp_path, **arguments)
    before = query(f"SELECT sum(amount), count(*) FROM {source(tmp_path, 'costs')}")
    organization.faults.add(Trimmed(match="usage.costs", start=int(NOW.timestamp()) - 2 * 86400))
    done = await export(client, tmp_path, **arguments)
    assert done.missing == ("costs of 2026-11-23 to 2026-11-24: no bucket came",)
    assert query(f"SELECT sum(amount), count(*) FROM {source(tmp_path, 'costs')}") == before


async def test_a_bucket_that_comes_twice_is_written_once_with_its_names(
    client: AsyncOpenAIAdmin, organization: Emulator, tmp_path: Path
) -> None:
    await export(client, tmp_path / "a", since=SINCE, now=NOW, endpoints=["costs"])
    organization.faults.add(Repeated(match="usage.costs"))
    await export(client, tmp_path / "b", since=SINCE, now=NOW, endpoints=["costs"])
    for what in ("sum(amount)", "count(*)"):
        one, other = (
            query(f"SELECT {what} FROM {source(tmp_path / n, 'costs')}") for n in ("a", "b")
        )
        assert one == other
    names = query(
        f"SELECT DISTINCT project_name = 'once ' || project_id, colour"
        f" FROM {source(tmp_path / 'b', 'costs')} WHERE project_id IS NOT NULL"
    )
    assert names == [(True, "red")]


async def test_a_file_and_a_dataset_have_the_same_types(
    client: AsyncOpenAIAdmin, tmp_path: Path
) -> None:
    await export(client, tmp_path, since=NOW - timedelta(days=3), now=NOW, endpoints=["costs"])
    dataset = pyarrow.dataset.dataset(tmp_path / "facts" / "costs", partitioning="hive").schema
    table = await client.usage.collect("costs", start_time=SINCE.date(), end_time=NOW)
    table.write_parquet(tmp_path / "one.parquet")
    file = pyarrow.parquet.read_schema(tmp_path / "one.parquet")
    both = set(file.names) & set(dataset.names)
    assert both >= {"start_time", "end_time", "amount", "currency", "quantity", "quantity_unit"}
    assert {n: str(file.field(n).type) for n in both} == {
        n: str(dataset.field(n).type) for n in both
    }
    assert str(file.field("amount").type) == "decimal128(38, 18)"
    assert str(file.field("start_time").type) == "timestamp[us, tz=UTC]"
