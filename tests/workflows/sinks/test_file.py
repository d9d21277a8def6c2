"""A secret in a file: for its owner alone, whole or not at all."""

from __future__ import annotations

import asyncio
import os
import resource
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from openai_admin import SinkError
from openai_admin.workflows.sinks.file import FileSink
from openai_admin.workflows.sinks.sink import check

OLD, NEW = "sk-old-1", "sk-new-2"
NOBODY = 65534


@pytest.fixture
def env(tmp_path: Path) -> Path:
    """A file that has a key."""
    path = tmp_path / ".env"
    path.write_text(f"A=1\nOPENAI_API_KEY={OLD}\n")
    path.chmod(0o600)
    return path


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    sink = FileSink(path, "KEY")
    before = os.umask(0)
    try:
        assert await check(sink) is None
        await sink.put(NEW)
    finally:
        os.umask(before)
    assert (path.read_text(), _mode(path), await sink.get()) == (f"KEY={NEW}\n", 0o600, NEW)
    assert str(sink) == f"file:{path}#KEY"


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
async def test_a_file_that_is_the_secret_alone(end: str, tmp_path: Path) -> None:
    path = tmp_path / "openai_api_key"
    path.touch(0o600)
    sink = FileSink(path, None)
    assert (await check(sink), str(sink)) == (None, f"secret-file:{path}")
    path.write_bytes(f"{OLD}{end}".encode())
    assert await check(sink) == OLD
    await sink.put(NEW)
    assert path.read_bytes() == f"{NEW}{end}".encode()
    assert await sink.get() == NEW
    for content in (f"OPENAI_API_KEY={OLD}\n{OLD}", f"{OLD} # it", "-----BEGIN KEY-----\n"):
        path.write_text(content)
        with pytest.raises(SinkError, match="has more than a key in it"):
            await check(sink)


async def test_a_link_stays_and_its_target_keeps_mode_and_owner(env: Path, tmp_path: Path) -> None:
    env.chmod(0o700)
    if os.geteuid() == 0:
        os.chown(env, NOBODY, NOBODY)
    owner = env.stat().st_uid
    link = tmp_path / "link"
    link.symlink_to(env)
    await FileSink(link).put(NEW)
    assert link.is_symlink()
    assert env.read_text() == f"A=1\nOPENAI_API_KEY={NEW}\n"
    assert (_mode(env), env.stat().st_uid) == (0o700, owner)


def _readable(env: Path) -> Path:
    env.chmod(0o640)
    return env


def _linked(env: Path) -> Path:
    env.chmod(0o604)
    link = env.with_name("link")
    link.symlink_to(env)
    return link


def _read_only(env: Path) -> Path:
    env.chmod(0o400)
    return env


def _of_two_names(env: Path) -> Path:
    env.with_name("other").hardlink_to(env)
    return env


def _pipe(env: Path) -> Path:
    os.mkfifo(env.with_name("pipe"), 0o600)
    return env.with_name("pipe")


def _of_another_encoding(env: Path) -> Path:
    env.write_bytes("A=ü\n".encode("utf-16"))
    return env


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_readable, r"can be read or changed by others \(mode 0640\): run 'chmod 600 .*/\.env'"),
        (_linked, r"link can be read .* by others \(mode 0604\): run 'chmod 600 .*/\.env'"),
        (_read_only, r"is read-only: run 'chmod 600 "),
        (_of_two_names, r"has 2 names \(hard links\)"),
        (_pipe, "it is not a regular file"),
        (_of_another_encoding, "is not UTF-8 text: save it as UTF-8"),
        (lambda env: env.parent, "it is a folder"),
        (lambda env: env.parent / "none" / ".env", "there is no folder .*/none"),
        (lambda env: env / ".env", "Not a directory|there is no folder"),
    ],
)
async def test_what_others_could_read_or_is_no_file_is_refused(
    change: Callable[[Path], Path], why: str, env: Path
) -> None:
    sink = FileSink(change(env))
    before = env.read_bytes()
    for call in (check(sink), sink.put(NEW)):
        with pytest.raises(SinkError, match=why) as caught:
            await call
        assert not caught.value.in_doubt
    assert env.read_bytes() == before


async def test_the_file_of_another_user_is_refused(
    env: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: me + 1)
    with pytest.raises(SinkError, match=rf"belongs to another user \(id {me}\)"):
        await FileSink(env).put(NEW)


async def test_a_link_into_the_folder_of_another_user_is_refused(
    env: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    if os.geteuid() == 0:
        os.chown(theirs, NOBODY, NOBODY)
    else:
        me = os.geteuid()
        monkeypatch.setattr(os, "geteuid", lambda: me + 1)
    link = tmp_path / "link"
    link.symlink_to(theirs / ".env")
    with pytest.raises(SinkError, match=r"leads into a folder of another user .* itself"):
        await FileSink(link).put(NEW)
    assert list(theirs.iterdir()) == []


def test_a_read_only_folder_is_refused_before_a_key_is_made() -> None:
    """In a process of its own, since nothing is read-only for the superuser."""
    script = """
import asyncio, os, sys, tempfile
from openai_admin import SinkError
from openai_admin.workflows.sinks.file import FileSink
with tempfile.TemporaryDirectory() as folder:
    os.chmod(folder, 0o500)
    asyncio.run(FileSink("none").get())  # all is loaded while it can be
    if os.geteuid() == 0:
        os.chown(folder, 65534, 65534)
        os.setuid(65534)
    try:
        asyncio.run(FileSink(folder + "/.env").get())
    except SinkError as exc:
        print(str(exc).replace(folder, "FOLDER"))
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == ("FOLDER/.env cannot be replaced: you may not change the folder FOLDER.\n")


async def test_a_full_disk_leaves_the_old_file(env: Path) -> None:
    before = env.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) - 4, limits[1]))
    try:
        with pytest.raises(SinkError, match="cannot be written: File too large") as caught:
            await FileSink(env).put(NEW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not caught.value.in_doubt
    assert env.read_bytes() == before
    assert [each.name for each in env.parent.iterdir()] == [".env"]


async def test_writers_at_the_same_time_lose_nothing_and_leave_nothing(env: Path) -> None:
    left = env.with_name(f".{env.name}.99999.part")  # by a killed process
    left.write_text("a secret")
    names = [f"KEY{n}" for n in range(12)]
    await asyncio.gather(*(FileSink(env, name).put(f"sk-{name}") for name in names))
    assert [await FileSink(env, name).get() for name in names] == [f"sk-{name}" for name in names]
    assert [each.name for each in env.parent.iterdir()] == [".env"]


@pytest.mark.parametrize("secret", ["", "sk-a b", "sk-'", "sk-a\nB=1", "sk-$A", "s" * 4097])
async def test_what_is_no_key_is_not_written(secret: str, env: Path) -> None:
    before = env.read_bytes()
    with pytest.raises(SinkError, match="cannot be stored") as caught:
        await FileSink(env).put(secret)
    assert not secret or secret not in str(caught.value)
    assert env.read_bytes() == before
