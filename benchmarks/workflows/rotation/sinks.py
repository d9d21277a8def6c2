"""The sinks that keys are rotated into, seen from outside."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

from ..killed.store import Store

_BEFORE = "# The app's settings.\nDEBUG=1\n"
_AFTER = "\nexport NAME='a b' # kept\n"
# Stands for the program that a secret is handed to. It kills the process that started it where
# $KILLED_AT says, and itself as well if that ends in "both".
_COMMAND = """\
#!/bin/sh
cd {folder} || exit 1
umask 077
tr '\\0' '\\n' < /proc/$$/cmdline >> seen
tr '\\0' '\\n' < /proc/$$/environ | grep -v ^OPENAI_ADMIN_KEY= >> seen
tr '\\0' '\\n' < /proc/$PPID/cmdline >> seen
echo >> "times.$VICTIM"
now="$(wc -l < "times.$VICTIM") "
moment() {{
    case "$KILLED_AT" in
        "$now$1") kill -9 "$VICTIM" ;;
        "$now$1, both") kill -9 "$VICTIM" $$ ;;
    esac
}}
moment before
cat > new
moment read
mv new held
moment after
"""


class Sink(Protocol):
    """A place for the secret, of one rotation after the other."""

    to: str
    """The value of ``--to``."""
    environment: Mapping[str, str]
    """What the command needs besides."""

    @property
    def started(self) -> int:
        """How many programs were started for it since `fill`."""
        ...

    def fill(self, secret: str) -> None:
        """Make it hold a secret, and all else as before a rotation."""
        ...

    def held(self) -> str | None:
        """The secret that it holds now."""
        ...

    def wrong(self) -> Iterator[str]:
        """What is not as it should be besides, while a rotation is under way."""
        ...

    def left(self) -> Iterator[str]:
        """What should not be there once a rotation has ended."""
        ...


class FileSink:
    """A variable of a dotenv file, between others."""

    environment: Mapping[str, str] = {}
    started = 0

    def __init__(self, folder: Path, variable: str) -> None:
        self._path = folder / "app.env"
        self._variable = variable
        self.to = f"file:{self._path}#{variable}"

    def fill(self, secret: str) -> None:
        self._path.write_text(f"{_BEFORE}{self._variable}={secret}{_AFTER}", encoding="utf-8")
        self._path.chmod(0o600)

    def held(self) -> str | None:
        found = re.search(
            rf"^{self._variable}=[\"']?([^\"'\n]*)", self._path.read_text("utf-8"), re.MULTILINE
        )
        return found[1] if found else None

    def wrong(self) -> Iterator[str]:
        expected = f"{_BEFORE}{self._variable}={self.held()}{_AFTER}"
        if self._path.read_text("utf-8") != expected:
            yield "the file has other lines than before"
        if (mode := self._path.stat().st_mode & 0o777) != 0o600:
            yield f"the file's mode is {mode:o}"

    def left(self) -> Iterator[str]:
        for path in self._path.parent.iterdir():
            if path != self._path:
                yield f"{path.name} is left beside the file"


class CommandSink:
    """A program that is given the secret, and keeps it where the command cannot read it back."""

    environment: Mapping[str, str] = {}

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(exist_ok=True)
        script = folder / "keep"
        script.write_text(_COMMAND.format(folder=shlex.quote(str(folder))), encoding="utf-8")
        script.chmod(0o700)
        self.to = f"command:{script}"

    @property
    def started(self) -> int:
        return sum(path.read_text().count("\n") for path in self._folder.glob("times.*"))

    def fill(self, secret: str) -> None:
        for path in (*self._folder.glob("times.*"), self._folder / "seen"):
            path.unlink(missing_ok=True)
        (self._folder / "held").write_text(secret, encoding="utf-8")

    def held(self) -> str | None:
        return self._read("held").strip()

    def wrong(self) -> Iterator[str]:
        if "emulated-" in self._read("seen"):
            yield "a secret stood in the list of processes"

    def left(self) -> Iterator[str]:
        yield from ()

    def _read(self, name: str) -> str:
        path = self._folder / name
        return path.read_text("utf-8") if path.exists() else ""


class StoreSink:
    """A secret of AWS Secrets Manager, with its staging labels."""

    started = 0

    def __init__(self, store: Store) -> None:
        self._store = store
        self._name = "app/openai"
        self.to = f"aws-secretsmanager:{self._name}"
        self.environment: Mapping[str, str] = store.environment

    def fill(self, secret: str) -> None:
        self._store.fill(self._name, secret)

    def held(self) -> str | None:
        return self._store.held(self._name)

    def wrong(self) -> Iterator[str]:
        yield from ()

    def left(self) -> Iterator[str]:
        versions = self._store.versions(self._name)
        if versions.get("AWSPENDING", versions.get("AWSCURRENT")) != versions.get("AWSCURRENT"):
            yield "another secret is left as AWSPENDING"
