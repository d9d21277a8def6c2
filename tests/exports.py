"""Write the package's public names: ``python -m tests.exports``.

Every model of a resource is exported. The table in ``openai_admin/__init__.py`` gets them from the
resources' modules and keeps what stands there of other modules; ``__init__.pyi``, which type
checkers read, is made from the table.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import is_typeddict

import attrs

import openai_admin
from openai_admin import resources

FACE = Path(openai_admin.__file__)
STUB = FACE.with_suffix(".pyi")
_TABLE = re.compile(r"(?<=^_NAMES = \{\n).*?(?=^\}\n)", re.DOTALL | re.MULTILINE)
_RESOURCES = "resources."


def _models() -> dict[str, list[str]]:
    """The public models and parameters of each resource's module."""
    resources.load()
    found: dict[str, list[str]] = {}
    for name, module in sorted(sys.modules.items()):
        if not name.startswith(f"openai_admin.{_RESOURCES}"):
            continue
        for attribute, value in sorted(vars(module).items()):
            own = getattr(value, "__module__", None) == name and isinstance(value, type)
            if own and not attribute.startswith("_") and (attrs.has(value) or is_typeddict(value)):
                found.setdefault(name.removeprefix("openai_admin."), []).append(attribute)
    return found


def table() -> dict[str, list[str]]:
    """The public names of each module: as they stand there, those of resources anew."""
    names: dict[str, tuple[str, ...]] = vars(openai_admin)["_NAMES"]
    kept = {m: [*n] for m, n in names.items() if not m.startswith(_RESOURCES)}
    return dict(sorted({**kept, **_models()}.items()))


def face(names: dict[str, list[str]]) -> str:
    """``__init__.py`` with these names."""
    lines = [
        f'    "{module}": ({"".join(f"{exported!r}, " for exported in names_of)}),\n'
        for module, names_of in names.items()
    ]
    return _formatted(_TABLE.sub("".join(lines), FACE.read_text()), FACE.name)


def stub(names: dict[str, list[str]]) -> str:
    """``__init__.pyi`` with these names."""
    found = {"": vars(openai_admin)["_SUBMODULES"], **names}
    imports = "".join(
        f"from .{module} import (\n{''.join(f'    {n} as {n},{chr(10)}' for n in exported)})\n"
        for module, exported in found.items()
    )
    head = "# Made by `python -m tests.exports`: the names that __init__.py finds at run time.\n\n"
    return _formatted(head + imports, STUB.name)


def _formatted(source: str, name: str) -> str:
    """A file as the linter wants it."""
    for line in (["check", "--fix-only"], ["format"]):
        command = [sys.executable, "-m", "ruff", *line, "--quiet", "--stdin-filename", name, "-"]
        source = subprocess.run(
            command, input=source, capture_output=True, text=True, check=True
        ).stdout
    return source


if __name__ == "__main__":
    names = table()
    FACE.write_text(face(names))
    STUB.write_text(stub(names))
