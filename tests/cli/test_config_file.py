"""The configuration file: its place, what is refused, and that an edit keeps the rest of it."""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import platformdirs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openai_admin.cli.config import Connection, find_connection, profile_names, store_connection
from openai_admin.cli.config_file import ConfigFileError, config_path
from openai_admin.emulator import Emulator

from .conftest import CLI

KEY = "sk-admin-new"
NEW = Connection(KEY, None, "org-new")
SECTION = f'admin_key = "{KEY}"\norganization = "org-new"\n'


def write(text: str) -> Path:
    """Write the configuration file, for its owner alone."""
    path = config_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    path.chmod(0o600)
    return path


def stored(text: str, profile: str) -> str:
    """What the file is after a profile was stored in it."""
    path = write(text)
    assert store_connection(profile, NEW, in_keyring=False) == str(path)
    assert find_connection(profile) == NEW
    return path.read_bytes().decode()


@pytest.mark.parametrize(
    ("before", "profile", "after"),
    [
        ("", "work", f"[profiles.work]\n{SECTION}"),
        ("a = 1", "work", f"a = 1\n\n[profiles.work]\n{SECTION}"),
        (
            (
                '# mine\n[profiles.work]  # at work\nadmin_key = "old"  # till May\n'
                'base_url = "u"\ncolor = 3\n\n[other]\na = 1\n'
            ),
            "work",
            (
                f'# mine\n[profiles.work]  # at work\nadmin_key = "{KEY}"  # till May\ncolor = 3\n'
                'organization = "org-new"\n\n[other]\na = 1\n'
            ),
        ),
        (
            'profiles.work.admin_key = "old"\nb = 1\n',
            "work",
            f'profiles.work.admin_key = "{KEY}"\nprofiles.work.organization = "org-new"\nb = 1\n',
        ),
        (
            'profiles.work.admin_key = "old"\nb = 1\n',
            "home",
            f'profiles.work.admin_key = "old"\nb = 1\n\n[profiles.home]\n{SECTION}',
        ),
        (
            'profiles = { work = { admin_key = "old" } }  # both\n[t]\nc=1\n',
            "work",
            (
                f'profiles = {{ work = {{ admin_key = "{KEY}", organization = "org-new"}} }}'
                "  # both\n[t]\nc=1\n"
            ),
        ),
        (
            'text = """\n[profiles.work]\nadmin_key = "old"\n"""\n',
            "work",
            f'text = """\n[profiles.work]\nadmin_key = "old"\n"""\n\n[profiles.work]\n{SECTION}',
        ),
        (
            '["profiles"."work"]\r\nkey = "keyring"\r\n[o]\r\n',
            "home",
            f'["profiles"."work"]\r\nkey = "keyring"\r\n[o]\r\n\n[profiles.home]\n{SECTION}',
        ),
    ],
)
def test_an_edit_keeps_the_rest(before: str, profile: str, after: str) -> None:
    assert stored(before, profile) == after


def test_a_profile_within_an_inline_table() -> None:
    text = stored('profiles = { work = { admin_key = "old" } }\n', "home")
    assert tomllib.loads(text) == {
        "profiles": {
            "work": {"admin_key": "old"},
            "home": {"admin_key": KEY, "organization": "org-new"},
        }
    }


# --- any document ----------------------------------------------------------------------------

_COMMENTS = st.sampled_from(["", "", " # why", "  # [profiles.work]", "# ü"])
_VALUES = st.sampled_from(
    [
        "1",
        "0x1F",
        "1_000",
        "6.02e23",
        "nan",
        "-inf",
        "true",
        '""',
        '"a # b"',
        '"\\u00fc\\t\\""',
        "'C:\\x'",
        '"""\n[profiles.work]\nadmin_key = "q"\n"""',
        "'''\n# no comment\n[x]'''",
        "1979-05-27T07:32:00Z",
        "1979-05-27",
        "07:32:00.5",
        "[]",
        "[1, 2, 3]",
        "[ # first\n  1, # one\n  [2, 3],\n]",
        "{}",
        '{ a = 1, b.c = "x" }',
        "[{ a = 1 }, { b = [1] }]",
    ]
)
_NAMES = st.sampled_from(["a", "b-1", '"c d"', "'e.f'", "g.h", 'i . "j"', "3"])
_GAPS = st.sampled_from(["", "\n", "# note\n", "\n\n  # indented\n"])


@st.composite
def _body(draw: st.DrawFn, prefix: str = "") -> str:
    lines = ""
    for name in draw(st.lists(_NAMES, unique=True, max_size=3)):
        lines += f"{draw(_GAPS)}{prefix}{name} = {draw(_VALUES)}{draw(_COMMENTS)}\n"
    return lines


@st.composite
def _tables(draw: st.DrawFn) -> list[str]:
    headers = ["[t]", "[u.v]", "[u]", "[[list]]", "[[list]]", '["q r".s]', "[ w . x ]"]
    chosen = draw(st.lists(st.sampled_from(range(len(headers))), unique=True, max_size=4))
    return [f"{draw(_GAPS)}{headers[n]}{draw(_COMMENTS)}\n{draw(_body())}" for n in sorted(chosen)]


_SETTINGS = st.sampled_from(
    [
        'admin_key = "old"\n',
        'key = "keyring"\nbase_url = "https://old.example/v1" # there\n',
        '# its key\nadmin_key = """old"""\n\norganization = \'org-old\'\n',
        'color = "red"\nadmin_key = "old"\n[profiles.{}.more]\nx = 1\n',
        "",
    ]
)


@st.composite
def _documents(draw: st.DrawFn) -> str:
    """A configuration file with all sorts of things in it, and profiles in one of many forms."""
    root, tables = draw(_body()), draw(_tables())
    form = draw(st.sampled_from(["none", "tables", "dotted", "inline", "parent"]))
    names = draw(st.lists(st.sampled_from(["work", "home"]), unique=True, min_size=1))
    if form == "tables":
        for name in names:
            section = f"[profiles.{name}]\n" + draw(_SETTINGS).replace("{}", name)
            tables.insert(draw(st.integers(0, len(tables))), section)
    if form == "dotted":
        root += "".join(f'profiles.{name}.admin_key = "old" # {name}\n' for name in names)
        root += draw(st.sampled_from(["", "last = 1\n"]))
    if form == "inline":
        inner = ", ".join(f'{name} = {{ admin_key = "old" }}' for name in names)
        root += f"profiles = {{ {inner} }}{draw(_COMMENTS)}\n"
    if form == "parent":
        inner = "".join(f'{name} = {{ admin_key = "old" }}\n' for name in names[:1])
        inner += "".join(f'{name}.admin_key = "old"\n' for name in names[1:])
        tables.insert(draw(st.integers(0, len(tables))), f"[profiles] # all\n{inner}")
    text = root + "".join(tables) + draw(_GAPS)
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text


def _plain(value: Any) -> Any:
    """A value that can be compared with another of its kind, a NaN as well."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return (type(value), "nan" if value != value else value)


def _comments(text: str) -> list[str]:
    return sorted(line.strip() for line in text.splitlines() if line.lstrip().startswith("#"))


@given(text=_documents(), profile=st.sampled_from(["work", "home", "third"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_document_keeps_all_but_the_profile(text: str, profile: str) -> None:
    before = tomllib.loads(text)
    after = stored(text, profile)
    expected = before.setdefault("profiles", {}).setdefault(profile, {})
    for name in ("admin_key", "key", "base_url", "organization"):
        expected.pop(name, None)
    expected |= {"admin_key": KEY, "organization": "org-new"}
    assert _plain(tomllib.loads(after)) == _plain(before)
    assert _comments(after) == _comments(text)


# --- what is refused -------------------------------------------------------------------------


@contextmanager
def refused(said: str) -> Iterator[None]:
    """The file is refused in one sentence that has no key in it."""
    with pytest.raises(ConfigFileError) as caught:
        yield
    sentence = str(caught.value)
    assert said in sentence
    assert sentence.count("\n") == 0
    assert sentence.endswith(".")
    assert "sk-admin" not in sentence


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'admin_key = "sk-admin-old', "is not valid TOML: "),
        (b"[profiles\n", "is not valid TOML: "),
        (b'a = "\xff"\n', "is not valid TOML: it must be UTF-8 text."),
        (b"a = " + b"[" * 5000, "is not valid TOML: "),
        (b"a = 1" + b"0" * 5000, "is not valid TOML: "),
        (b"profiles = 1\n", "must have its profiles as tables"),
        (b"[[profiles]]\nname = 'work'\n", "must have its profiles as tables"),
        (b"[profiles]\nwork = 'sk-admin-old'\n", "must have its profiles as tables"),
    ],
)
def test_a_file_that_is_not_understood_is_left_alone(content: bytes, said: str) -> None:
    path = write("")
    path.write_bytes(content)
    with refused(said):
        profile_names()
    with refused(said):
        store_connection("work", NEW, in_keyring=False)
    assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


async def test_login_refuses_it_before_a_key_is_asked_for(cli: CLI, demo: Emulator) -> None:
    write("profiles = 1\n")
    outcome = await cli("login", "--base-url", demo.base_url, stdin=demo.admin_key)
    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert not demo.requests


def test_a_file_that_others_can_read_is_left_alone() -> None:
    path = write("a = 1\n")
    path.chmod(0o604)
    with refused("can be read by others (mode 0604): run 'chmod 600 "):
        store_connection("work", NEW, in_keyring=False)
    assert path.read_text() == "a = 1\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


def test_a_read_only_file_is_left_alone() -> None:
    path = write("a = 1\n")
    path.chmod(0o400)
    with refused("cannot be edited: it is read-only."):
        store_connection("work", NEW, in_keyring=False)
    assert path.read_text() == "a = 1\n"


def test_what_is_not_a_file_is_left_alone() -> None:
    config_path().mkdir(parents=True, mode=0o700)
    refuse_both("cannot be read: it is not a regular file.")


def test_a_pipe_is_not_waited_for() -> None:
    config_path().parent.mkdir(parents=True)
    os.mkfifo(config_path(), mode=0o600)
    refuse_both("cannot be read: it is not a regular file.")


def test_a_link_to_itself() -> None:
    config_path().parent.mkdir(parents=True)
    config_path().symlink_to(config_path())
    refuse_both("cannot be read: Too many levels of symbolic links.")


def test_a_byte_order_mark_is_named() -> None:
    path = write("\ufeffa = 1\n")
    refuse_both("is not valid TOML: it must not begin with a byte order mark")
    assert path.read_text() == "\ufeffa = 1\n"


def refuse_both(sentence: str) -> None:
    """Neither reading nor storing goes on."""
    with refused(sentence):
        profile_names()
    with refused(sentence):
        store_connection("work", NEW, in_keyring=False)


def test_a_folder_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "/proc")
    with refused("/proc/openai-admin/config.toml cannot be written: "):
        store_connection("work", NEW, in_keyring=False)


def test_a_disk_that_is_full_leaves_the_file_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("a = 1\n")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with refused("cannot be written: No space left on device."):
        store_connection("work", NEW, in_keyring=False)
    assert path.read_text() == "a = 1\n"
    assert list(path.parent.iterdir()) == [path]


def test_a_document_that_the_editor_would_change_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = write('a = 1\n[profiles.work]\nadmin_key = "sk-admin-old"\n')
    monkeypatch.setattr("tomlkit.dumps", lambda document: "a = 2\n")
    with refused("cannot be edited safely: "):
        store_connection("work", NEW, in_keyring=False)
    assert path.read_text() == 'a = 1\n[profiles.work]\nadmin_key = "sk-admin-old"\n'


# --- its place and its mode ------------------------------------------------------------------


def test_nobody_else_can_read_it_at_any_time(monkeypatch: pytest.MonkeyPatch) -> None:
    modes: list[int] = []

    def seen(descriptor: int) -> None:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISREG(mode):  # and not the folder
            modes.append(stat.S_IMODE(mode))

    monkeypatch.setattr(os, "fsync", seen)
    before = os.umask(0)
    try:
        store_connection("work", NEW, in_keyring=False)
    finally:
        os.umask(before)
    assert modes == [0o600]
    assert stat.S_IMODE(config_path().stat().st_mode) == 0o600
    assert stat.S_IMODE(config_path().parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("exists", [True, False])
def test_a_link_is_followed(tmp_path: Path, exists: bool) -> None:
    target = tmp_path / "dotfiles" / "openai.toml"
    target.parent.mkdir()
    if exists:
        target.write_text("a = 1\n")
        target.chmod(0o600)
    config_path().parent.mkdir(parents=True)
    config_path().symlink_to(target)
    store_connection("work", NEW, in_keyring=False)
    assert config_path().is_symlink()
    assert target.read_text().endswith(f"[profiles.work]\n{SECTION}")
    assert find_connection("work") == NEW


def test_the_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert config_path() == platformdirs.user_config_path("openai-admin", False) / "config.toml"
    assert config_path() == tmp_path / ".config" / "openai-admin" / "config.toml"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "moved"))
    assert config_path() == tmp_path / "moved" / "openai-admin" / "config.toml"
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")
    assert config_path() == tmp_path / ".config" / "openai-admin" / "config.toml"


def test_a_file_at_the_old_place_is_read_and_edited_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As on macOS, where the usual place is a different one."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "old"))
    usual = tmp_path / "Library"
    monkeypatch.setattr(platformdirs, "user_config_path", lambda *_, **__: usual)
    assert config_path() == usual / "config.toml"
    old = tmp_path / "old" / "openai-admin" / "config.toml"
    old.parent.mkdir(parents=True)
    old.write_text('[profiles.work]\nadmin_key = "sk-admin-old"\n')
    old.chmod(0o600)
    assert profile_names() == ["work"]
    store_connection("home", NEW, in_keyring=False)
    assert profile_names() == ["work", "home"]
    assert not usual.exists()


def test_without_a_home_there_is_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setattr(Path, "home", unknown)
    with refused("set HOME or XDG_CONFIG_HOME."):
        profile_names()
