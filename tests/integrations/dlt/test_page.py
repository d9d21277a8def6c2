"""The lines of the page run, on all resources."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import openai_admin.integrations.dlt
from openai_admin.emulator import Emulator
from openai_admin.export import ENDPOINTS
from tests.cli.processes import ROOT, environment
from tests.integrations.dlt.warehouses import QUIET

NO_THREAD_YET = """
import sys
from openai_admin.integrations.dlt import openai_admin_source
before = "pandas" in sys.modules
openai_admin_source("key")
print(before, "pandas" in sys.modules)
"""
PAGE = Path(openai_admin.integrations.dlt.__file__).with_name("README.md")


def test_the_lines_of_the_page(
    organization: Emulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENAI_ADMIN_KEY", organization.admin_key)
    monkeypatch.setenv("OPENAI_BASE_URL", organization.base_url)
    since = datetime.now(UTC).date() - timedelta(days=1)
    monkeypatch.setenv("SOURCES__OPENAI_ADMIN__SINCE", str(since))
    page = PAGE.read_text(encoding="utf-8")
    (lines, *_) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(lines.splitlines()) <= 12
    exec(lines, {})
    counts, *spent = capsys.readouterr().out.splitlines()
    tables = dict(each.split(" ") for each in counts.split(", "))
    assert tables.keys() >= {*ENDPOINTS, "roles"}
    assert all(int(tables[name]) > 0 for name in ENDPOINTS)
    assert tables["not_known"] == "1"  # that costs are not grouped by user_id
    assert len(spent) == 3
    documented = page.partition("```\n_dlt")[2].partition("\n")[0]
    shown = {name for name, _ in (each.split(" ") for each in f"_dlt{documented}".split(", "))}
    assert shown == tables.keys()


def test_pandas_is_imported_before_there_are_threads(tmp_path: Path) -> None:
    """It is a process of its own, since this one may have imported it."""
    (tmp_path / "pandas.py").write_text("DataFrame = type('DataFrame', (), {})\n")
    done = subprocess.run(
        [sys.executable, "-c", NO_THREAD_YET],
        env=environment({**QUIET, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["False", "True"], done.stderr
