"""Files that are replaced, through symbolic links as well."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from openai_admin._files import replaced


@pytest.mark.parametrize("there", [True, False])
def test_a_link_stays_and_its_target_is_replaced(there: bool, tmp_path: Path) -> None:
    target = tmp_path / "folder" / "target"
    target.parent.mkdir()
    if there:
        target.write_text("before")
    (tmp_path / "nearer").symlink_to(target)
    link = tmp_path / "link"
    link.symlink_to("nearer")
    with replaced(link) as temporary:
        temporary.write_text("after")
    assert link.is_symlink()
    assert (link.read_text(), target.read_text()) == ("after", "after")
    assert [each.name for each in target.parent.iterdir()] == ["target"]


def _fail_over(link: Path) -> None:
    with replaced(link) as temporary:
        temporary.write_text("half")
        raise RuntimeError


def test_after_an_error_the_target_is_as_it_was(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("before")
    link.symlink_to(target)
    with pytest.raises(RuntimeError):
        _fail_over(link)
    assert target.read_text() == "before"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["link", "target"]


@pytest.mark.parametrize("through_link", [True, False])
def test_a_pipe_is_written_to_and_stays(through_link: bool, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    path = pipe
    if through_link:
        path = tmp_path / "link"
        path.symlink_to(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with replaced(path) as temporary:
            temporary.write_text("whole")
            assert os.read(reader, 99) == b""  # a half would have been seen
        assert os.read(reader, 99) == b"whole"
        with pytest.raises(RuntimeError):
            _fail_over(path)
        assert os.read(reader, 99) == b""
    finally:
        os.close(reader)
    assert pipe.is_fifo()
    assert path.is_symlink() == through_link


def test_a_folder_is_not_replaced(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError), replaced(tmp_path):
        raise AssertionError
    assert list(tmp_path.iterdir()) == []
