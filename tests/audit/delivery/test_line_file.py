"""A file has whole lines only, whatever ended the process that wrote it."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from openai_admin.audit.delivery.line_file import LineFile


@contextmanager
def disk_of(size: int) -> Iterator[None]:
    """Let files be no longer than so many bytes: a write is cut short there, then refused."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize(
    ("found", "left"),
    [
        (b"", b""),
        (b'{"a":1}\n', b'{"a":1}\n'),
        (b'{"a":1}\n{"b":', b'{"a":1}\n'),
        (b'{"a":1}\n{"b":2}', b'{"a":1}\n{"b":2}\n'),
        (b'{"a":', b""),
        (b'{"a":1}\n12', b'{"a":1}\n'),  # it may be the beginning of 123
        (b'{"a":1}\n' + b'{"x":"' + b"y" * 200_000, b'{"a":1}\n'),
    ],
)
def test_what_was_torn_is_mended_before_anything_is_added(
    found: bytes, left: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "events.ndjson"
    path.write_bytes(found)
    with LineFile(path) as file:
        file.append(b'{"c":3}\n')
        assert file.size == len(left) + 8
    assert path.read_bytes() == left + b'{"c":3}\n'


def test_on_a_full_disk_nothing_of_a_batch_stays(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    with LineFile(path) as file:
        file.append(b'{"a":1}\n')
        with disk_of(1_000), pytest.raises(OSError):
            file.append(b'{"b":2}\n' * 500)
        assert path.read_bytes() == b'{"a":1}\n'
        file.append(b'{"c":3}\n')
    assert path.read_bytes() == b'{"a":1}\n{"c":3}\n'


def test_a_new_one_is_its_owners_alone(tmp_path: Path) -> None:
    with LineFile(tmp_path / "events.ndjson"):
        pass
    assert (tmp_path / "events.ndjson").stat().st_mode & 0o777 == 0o600
