"""Imports point one way: a module imports only from the layers below its own."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "openai_admin"

LAYERS: tuple[frozenset[str], ...] = tuple(
    frozenset(layer.split())
    for layer in (
        "version errors",
        "rows scalars compounds codec inputs",
        "retry settings limiter pacing pace limits budget waits",
        "protocol",
        "pagination",
        "operation",
        "resource",
        "resources",
        "transport reconcile events",
        "gate otel",
        "exchange",
        "session",
        "usage",
        "insights",
        "tree",
        "client",
        "report export",
        "portal",
        "sync",
    )
)
"""From the bottom. What stands on one line may import one another, but not in a circle."""

LAYER_OF = {name: height for height, layer in enumerate(LAYERS) for name in layer}
SURFACES = {"cli", "mcp", "__main__"}  # above everything, the emulator included
TESTING = {"pytest_plugin"}
# Imported for type checkers alone: which client a method is given says how its result comes.
NAMED_ABOVE = {
    "usage.table": {"client", "sync"},
    "insights.gather": {"tree"},
    "insights.resource": {"tree"},
}
EMULATOR_MAY_USE = {"errors", "codec", "scalars", "rows", "inputs", "operation", "pagination"} | {
    "protocol",
    "resource",
    "resources",
    "retry",
    "version",
}
FACE = {"__init__"}  # the public names, from wherever they come


def _modules() -> dict[str, Path]:
    """Every module of the package by its dotted name below the package."""
    return {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts): path
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def _imports(name: str, path: Path) -> set[str]:
    """The package's modules that a module imports, for type checkers or lazily as well."""
    here = ["openai_admin", *name.split(".")]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level] if node.level else []
            whole = ".".join([*base, *(node.module.split(".") if node.module else [])])
            found |= {whole} if node.module else {f"{whole}.{alias.name}" for alias in node.names}
    own = "openai_admin."
    return {name.removeprefix(own) for name in found if name.startswith(own)}


def _loaded_by(code: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after some code."""
    run = subprocess.run(
        [sys.executable, "-c", f"import sys; {code}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=PACKAGE.parent,
    )
    return set(run.stdout.split())


MODULES = _modules()
IMPORTS = {name: _imports(name, path) for name, path in MODULES.items()}


def _top(name: str) -> str:
    return name.partition(".")[0]


def test_every_module_has_its_layer() -> None:
    known = LAYER_OF.keys() | SURFACES | TESTING | FACE | {"emulator"}
    assert {_top(name) for name in MODULES} <= known


@pytest.mark.parametrize("name", [n for n in MODULES if _top(n) in LAYER_OF])
def test_imports_point_down(name: str) -> None:
    own = LAYER_OF[_top(name)]
    upwards = {
        used
        for used in IMPORTS[name]
        if _top(used) != _top(name) and LAYER_OF.get(_top(used), len(LAYERS)) > own
    }
    assert upwards == NAMED_ABOVE.get(name, set())


@pytest.mark.parametrize("name", NAMED_ABOVE)
def test_what_is_named_above_is_not_imported_at_run_time(name: str) -> None:
    loaded = _loaded_by(f"import openai_admin.{name}")
    assert f"openai_admin.{name}" in loaded
    assert not loaded & {f"openai_admin.{above}" for above in NAMED_ABOVE[name]}


@pytest.mark.parametrize("name", [n for n in MODULES if _top(n) == "emulator"])
def test_the_emulator_knows_the_declarations_but_no_client(name: str) -> None:
    used = {_top(i) for i in IMPORTS[name]} - {"emulator"}
    assert used <= EMULATOR_MAY_USE


@pytest.mark.parametrize("name", [n for n in MODULES if _top(n) in LAYER_OF])
def test_nothing_below_the_surfaces_uses_the_emulator(name: str) -> None:
    assert not {_top(i) for i in IMPORTS[name]} & {"emulator", *SURFACES, *TESTING}


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: min(layer))
def test_within_a_layer_there_is_no_circle(layer: frozenset[str]) -> None:
    beside: dict[str, set[str]] = {name: set() for name in layer}
    for name, used in IMPORTS.items():
        if _top(name) in layer:
            beside[_top(name)] |= ({_top(i) for i in used} & layer) - {_top(name)}
    TopologicalSorter(beside).prepare()  # raises CycleError


def _users_of(library: str) -> set[str]:
    users = set()
    for name, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                modules = [node.module or ""]
            else:
                continue
            if any(_top(module) == library for module in modules):
                users.add(name)
    return users


def test_only_the_transport_speaks_http() -> None:
    users = {name for name in _users_of("aiohttp") if _top(name) in LAYER_OF}
    assert users == {"transport"}


@pytest.mark.parametrize("library", ["typer", "rich", "mcp"])
def test_the_surfaces_libraries_stay_there(library: str) -> None:
    assert {_top(name) for name in _users_of(library)} <= SURFACES


def test_importing_the_package_imports_no_surface_and_no_extra() -> None:
    loaded = _loaded_by("import openai_admin; openai_admin.AsyncOpenAIAdmin")
    heavy = {"typer", "rich", "mcp", "pyarrow", "pandas", "polars", "altair", "cryptography"}
    assert not loaded & heavy
    assert not {name for name in loaded if name.startswith("openai_admin.emulator")}
    assert "openai_admin.client" in loaded
