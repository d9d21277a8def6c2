"""The API reference that ``pdoc -d google openai_admin`` makes has all that is public."""

from __future__ import annotations

import html
import re
import subprocess
import sys
from functools import cache
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
    subprocess.run(
        [sys.executable, "-m", "pdoc", "-d", "google", "openai_admin", "-o", str(folder)],
        check=True,
        capture_output=True,
    )
    return folder


@cache  # a page has many entries
def _page(path: Path) -> dict[str, str]:
    """What a page says of each of its entries, by their names: heading and documentation."""
    text = path.read_text(encoding="utf-8")
    entries = re.split(r'<(?:div|section) id="([\w.]+)" class="(?:classattr)?">|<section id="([\w.]+)">', text)
    raise NotImplementedError
