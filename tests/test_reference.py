"""The API reference that ``pdoc -d google openai_admin`` makes has everything that is public."""

from __future__ import annotations

import re
import subprocess
import sys
from inspect import ismodule
from pathlib import Path

import pytest

import openai_admin
from openai_admin import resources
from openai_admin._declare.operation import OPERATIONS, Operation

resources.load()

NAMES: list[str] = vars(openai_admin)["__all__"]


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the pages."""
    folder = tmp_path_factory.mktemp("reference")
    # Without the source code beside each entry, whose highlighting takes half of the time.
    flags = ["-d", "google", "--no-show-source"]
    command = ["-m", "pdoc", *flags, "openai_admin", "-o", str(folder)]
    subprocess.run([sys.executable, *command], check=True, capture_output=True)
    return folder


def _page(reference: Path, module: str) -> str:
    return reference.joinpath(*module.split(".")).with_suffix(".html").read_text(encoding="utf-8")


def _entry(page: str, name: str) -> str:
    """What a page says of one entry: its heading and its documentation."""
    start = re.search(rf'<(?:section|div) id="{re.escape(name)}"', page)
    assert start is not None, name
    return re.split(r'<(?:section|div) id="', page[start.end() :], maxsplit=1)[0]


def _place(operation: Operation) -> str:
    """The name of an operation's method on the page of its module."""
    (owner,) = (
        value.__name__
        for value in vars(sys.modules[operation.function.__module__]).values()
        if getattr(value, "resource_name", "") == operation.name.rpartition(".")[0]
        and value.__module__ == operation.function.__module__
    )
    return f"{owner}.{operation.function.__name__}"


def test_every_public_name_has_an_entry(reference: Path) -> None:
    page = _page(reference, "openai_admin")
    for name in NAMES:
        if ismodule(getattr(openai_admin, name)):
            assert "docstring" in _page(reference, f"openai_admin.{name}")
        else:
            assert f'<span class="name">{name}</span>' in _entry(page, name)


def test_every_operation_has_its_method_with_every_argument_described(reference: Path) -> None:
    for operation in OPERATIONS.values():
        page = _page(reference, operation.function.__module__)
        entry = _entry(page, _place(operation))
        assert '<span class="def">def</span>' in entry
        for argument in operation.parameters:
            assert re.search(rf"<strong>{argument}:</strong>\s+\S", entry), operation.name
