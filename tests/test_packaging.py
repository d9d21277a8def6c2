"""What is imported is declared: by the distribution itself, or by the extra that a folder needs."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OWN = {"openai_admin", "tests", "benchmarks"}
DISTRIBUTIONS = packages_distributions()

EXTRA_OF = {
    "openai_admin/cli": "cli",
    "openai_admin/mcp": "mcp",
    "openai_admin/usage": "data",
    "openai_admin/export": "data",
    "openai_admin/report": "report",
    "openai_admin/emulator": "emulator",
    "openai_admin/integrations/dlt": "dlt",
    "openai_admin/integrations/dlt/lake.py": "dev",  # dlt itself wants it where tables are Delta's
    "openai_admin/integrations/otel": "otel",
    "openai_admin/integrations/prometheus": "metrics",
    "openai_admin/_wire/pydantic.py": "dev",  # pydantic itself loads it
    "openai_admin/integrations/pytest_plugin.py": "dev",  # pytest itself loads it
    "openai_admin/cli/config.py": "keyring",
    "tests": "dev",
    "benchmarks": "bench",
    "benchmarks/slow_clients.py": "dev",
    "benchmarks/workflows": "dev",
    "benchmarks/organization": "dev",
}
"""The extra with which a folder or a module works; the others need none."""


def _name(requirement: str) -> str:
    """The name of a distribution, as names are compared."""
    found = re.match(r"[\w.-]+", requirement)
    assert found is not None
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def _declared(extra: str | None) -> set[str]:
    """What is installed with an extra, or without any, by name."""
    names = {_name(requirement) for requirement in PROJECT["dependencies"]}
    for requirement in PROJECT["optional-dependencies"].get(extra, ()):
        if _name(requirement) == PROJECT["name"]:
            for other in re.findall(r"[\w-]+", requirement.partition("[")[2]):
                names |= _declared(other)
        else:
            names.add(_name(requirement))
    return names


def _modules(tree: ast.AST) -> Iterator[str]:
    """What is imported, at the top or anywhere below."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module


def _required(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """The modules that are imported by `require`, each with the extra that is said to bring it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "require":
            (module,) = node.args
            (extra,) = (keyword.value for keyword in node.keywords)
            if isinstance(module, ast.Constant) and isinstance(extra, ast.Constant):
                yield str(module.value), str(extra.value)


def _undeclared(modules: Iterable[str], declared: set[str]) -> set[str]:
    """Those of some modules that come from other distributions, none of which is declared."""
    tops = {module.partition(".")[0] for module in modules} - OWN - sys.stdlib_module_names
    return {
        top
        for top in tops
        if not declared & {_name(distribution) for distribution in DISTRIBUTIONS[top]}
    }


def _extras(path: str) -> set[str]:
    """The extras with which a module works."""
    return {extra for place, extra in EXTRA_OF.items() if path == place or _within(path, place)}


def _within(path: str, folder: str) -> bool:
    return path.startswith(f"{folder}/")


FILES = {
    path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for folder in sorted(OWN)
    for path in sorted((ROOT / folder).rglob("*.py"))
}


def test_every_imported_distribution_is_declared() -> None:
    undeclared = {
        path: missing
        for path, tree in FILES.items()
        if (
            missing := _undeclared(
                _modules(tree), _declared(None).union(*map(_declared, _extras(path)))
            )
        )
    }
    assert not undeclared


def test_what_is_required_comes_with_the_extra_that_is_named() -> None:
    required = {(module, extra) for tree in FILES.values() for module, extra in _required(tree)}
    assert {extra for _, extra in required} >= {
        "arrow",
        "polars",
        "pandas",
        "excel",
        "report",
        "keyring",
    }
    for module, extra in required:
        assert not _undeclared([module], _declared(extra)), (module, extra)


@pytest.mark.parametrize("place", EXTRA_OF)
def test_each_place_with_an_extra_is_there(place: str) -> None:
    assert (ROOT / place).exists()
    assert EXTRA_OF[place] in PROJECT["optional-dependencies"]
