"""A file as a receiver: rotation, whoever moves it away, and what is told."""

from __future__ import annotations

import gzip
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from openai_admin.audit.delivery.file_receiver import FileReceiver
from openai_admin.audit.delivery.receiver import DeliveryError
from openai_admin.audit.delivery.rotation import Rotation, rotated
from openai_admin.errors import InvalidInputError

from .records import record, records
from .test_line_file import disk_of

NOON = datetime(2026, 11, 27, 12, 30, tzinfo=UTC)


def lines(path: Path) -> list[bytes]:
    """The lines of a file, which ends with one."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    *whole, rest = data.split(b"\n")
    assert rest == b""
    return whole


def everything(path: Path) -> list[bytes]:
    """The lines of a file and of those before it, in the order of the names."""
    return [line for each in [*rotated(path), path] for line in lines(each)]


async def test_a_file_gives_way_before_it_is_too_long(tmp_path: Path) -> None:
    path = tmp_path / "audit.ndjson"
    size = len(record(0).body) + 1
    receiver = FileReceiver(path, Rotation(bytes=3 * size), now=lambda: NOON)
    for each in records(8):
        await receiver.send([each])
    await receiver.aclose()
    assert [each.name for each in rotated(path)] == [
        "audit-20261127T123000Z-0000.ndjson",
        "audit-20261127T123000Z-0001.ndjson",
    ]
    assert everything(path) == [each.body for each in records(8)]
    assert len(lines(path)) == 2


@pytest.mark.parametrize(
    ("every", "later", "files"),
    [
        ("daily", timedelta(hours=11), 0),
        ("daily", timedelta(hours=12), 1),
        ("hourly", timedelta(minutes=29), 0),
        ("hourly", timedelta(minutes=30), 1),
        ("daily", timedelta(days=400), 1),
    ],
)
async def test_a_file_gives_way_when_its_day_or_hour_is_over_also_after_a_restart(
    every: str, later: timedelta, files: int, tmp_path: Path
) -> None:
    path = tmp_path / "audit.ndjson"
    receiver = FileReceiver(path, Rotation.of(every), now=lambda: NOON)
    await receiver.send([record(0)])
    await receiver.aclose()
    os.utime(path, (NOON.timestamp(), NOON.timestamp()))
    receiver = FileReceiver(path, Rotation.of(every), now=lambda: NOON + later)
    await receiver.send([record(1)])
    await receiver.aclose()
    assert len(rotated(path)) == files
    assert everything(path) == [each.body for each in records(2)]


async def test_names_are_sorted_also_where_the_clock_is_set_back(tmp_path: Path) -> None:
    path = tmp_path / "audit.ndjson"
    clock = [NOON]
    receiver = FileReceiver(path, Rotation(bytes=1), now=lambda: clock[0])
    for each in records(6):
        await receiver.send([each])
        clock[0] -= timedelta(hours=3)
    await receiver.aclose()
    assert everything(path) == [each.body for each in records(6)]


async def test_earlier_files_are_compressed_and_the_oldest_removed(tmp_path: Path) -> None:
    path = tmp_path / "audit.ndjson"
    rotation = Rotation(bytes=1, keep=2, compress=True)
    receiver = FileReceiver(path, rotation, now=lambda: NOON)
    other = tmp_path / "audit-of-others.ndjson"
    other.touch()
    await receiver.send([record(0)])
    path.chmod(0o640)
    for each in records(6)[1:]:
        await receiver.send([each])
    await receiver.aclose()
    names = sorted(each.name for each in tmp_path.iterdir())
    assert names == [
        "audit-20261127T123000Z-0003.ndjson.gz",
        "audit-20261127T123000Z-0004.ndjson.gz",
        "audit-of-others.ndjson",
        "audit.ndjson",
    ]
    assert everything(path) == [each.body for each in records(6)[3:]]
    modes = {each.stat().st_mode & 0o777 for each in [*rotated(path), path]}
    assert modes == {0o640}  # whoever could read the first can read all


async def test_what_a_killed_process_left_is_ended(tmp_path: Path) -> None:
    path = tmp_path / "audit.ndjson"
    plain = tmp_path / "audit-20261127T123000Z-0000.ndjson"
    plain.write_bytes(record(0).body + b"\n")
    plain.chmod(0o640)
    both = tmp_path / "audit-20261127T123000Z-0001.ndjson"
    both.write_bytes(record(1).body + b"\n")
    both.with_name(f"{both.name}.gz").write_bytes(gzip.compress(both.read_bytes()))
    receiver = FileReceiver(path, Rotation(bytes=10_000, compress=True))
    await receiver.send([record(2)])
    await receiver.aclose()
    assert [each.suffix for each in rotated(path)] == [".gz", ".gz"]
    assert everything(path) == [each.body for each in records(3)]


async def test_a_file_that_was_moved_away_or_cut_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "audit.ndjson"
    receiver = FileReceiver(path)
    await receiver.send([record(0)])
    path.rename(tmp_path / "moved")
    await receiver.send([record(1)])
    assert lines(path) == [record(1).body]
    path.write_bytes(b"")  # as logrotate's copytruncate does
    await receiver.send([record(2)])
    await receiver.aclose()
    assert lines(path) == [record(2).body]


async def test_a_full_disk_is_told_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "audit.ndjson"
    receiver = FileReceiver(path)
    await receiver.send([record(0)])
    with disk_of(500), pytest.raises(DeliveryError, match=r"audit\.ndjson cannot be written: "):
        await receiver.send(records(50))
    assert lines(path) == [record(0).body]
    await receiver.aclose()


def test_only_a_file_in_a_folder_will_do(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="is a folder or a device"):
        FileReceiver(tmp_path)
    with pytest.raises(InvalidInputError, match="is a folder or a device"):
        FileReceiver(Path("/dev/null"))
    with pytest.raises(InvalidInputError, match="there is no folder"):
        FileReceiver(tmp_path / "none" / "audit.ndjson")


@pytest.mark.parametrize("text", ["weekly", "size", "size:", "size:0", "size:many", "100MB", ""])
def test_a_rotation_that_is_none_is_told(text: str) -> None:
    with pytest.raises(InvalidInputError, match=r"rotate must be size:100MB, daily or hourly"):
        Rotation.of(text)
