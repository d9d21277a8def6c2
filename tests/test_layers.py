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
        "version errors events _causes _extras _files _forks _text",
        "_wire",
        "_declare",
        "resources",
        "_transport",
        "_tree",
        "directory",
        "usage",
        "allocation",
        "insights",
        "workflows",
        "organization",
        "audit",
        "client",
        "_portal sync",
        "export report",
        "integrations",
        "cli mcp __main__",
    )
)
"""From the bottom; no circle is allowed within a layer or within a package either."""

LAYER_OF = {name: height for height, layer in enumerate(LAYERS) for name in layer}
SURFACES = LAYERS[-1]
EMULATOR_MAY_USE = {"errors", "_extras", "_wire", "_declare", "resources", "version"}
MAY_USE_EMULATOR = {"integrations.pytest_plugin"}  # beside the surfaces: it brings its fixtures
FACE = {"__init__"}  # the public names, from wherever they come


def _modules() -> dict[str, Path]:
    """Every module of the package by its dotted name below the package."""
    return {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts): path
        for path in sorted(PACKAGE.rglob("*.py"))
    }


OWN = "openai_admin."
MODULES = _modules()
NAMES = {name.removesuffix(".__init__") for name in MODULES}


def _statements(path: Path) -> list[ast.Import | ast.ImportFrom]:
    """The import statements of a module, at the top or anywhere below.

    Statements have no statements in their expressions, which are most of a module.
    """
    found: list[ast.Import | ast.ImportFrom] = []
    nodes: list[ast.AST] = [ast.parse(path.read_text())]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.append(node)
        for field in ("body", "orelse", "finalbody", "handlers", "cases"):
            nested = getattr(node, field, ())
            nodes += nested if isinstance(nested, list) else ()
    return found


def _imports(name: str) -> set[str]:
    """The package's modules that a module imports, for type checkers or lazily as well."""
    here = ["openai_admin", *name.split(".")]
    found: set[str] = set()
    for node in STATEMENTS[name]:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        else:
            base = here[: len(here) - node.level] if node.level else []
            whole = ".".join([*base, *(node.module.split(".") if node.module else [])])
            for alias in node.names:
                inner = f"{whole}.{alias.name}"
                found.add(inner if inner.removeprefix(OWN) in NAMES else whole)
    return {name.removeprefix(OWN) for name in found if name.startswith(OWN)}


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


STATEMENTS = {name: _statements(path) for name, path in MODULES.items()}
IMPORTS = {name: _imports(name) for name in MODULES}


def _top(name: str) -> str:
    """The module or the package of the top level that a module is or is in."""
    return name.partition(".")[0]


def test_every_module_has_its_layer() -> None:
    assert {_top(name) for name in MODULES} <= LAYER_OF.keys() | FACE | {"emulator"}


@pytest.mark.parametrize("name", [n for n in MODULES if _top(n) in LAYER_OF])
def test_imports_point_down(name: str) -> None:
    own = LAYER_OF[_top(name)]
    used = {_top(i) for i in IMPORTS[name]} - {_top(name)}
    upwards = {u for u in used - {"emulator"} if LAYER_OF.get(u, len(LAYERS)) > own}
    assert not upwards


@pytest.mark.parametrize("name", [n for n in MODULES if _top(n) == "emulator"])
def test_the_emulator_knows_the_declarations_but_no_client(name: str) -> None:
    used = {_top(i) for i in IMPORTS[name]} - {"emulator"}
    assert used <= EMULATOR_MAY_USE


@pytest.mark.parametrize("name", [n for n in MODULES if _top(n) not in SURFACES | {"emulator"}])
def test_nothing_below_the_surfaces_uses_the_emulator(name: str) -> None:
    if name not in MAY_USE_EMULATOR:
        assert "emulator" not in {_top(i) for i in IMPORTS[name]}


def test_there_is_no_circle_of_any_kind() -> None:
    """Between modules, imports for type checkers and those inside of functions included."""
    graph = {
        name.removesuffix(".__init__"): {i for i in used if i != name.removesuffix(".__init__")}
        for name, used in IMPORTS.items()
        if name not in FACE
    }
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def test_the_top_level_is_small() -> None:
    flat = [name for name in MODULES if "." not in name]
    assert len(flat) <= 13


def _users_of(library: str) -> set[str]:
    users = set()
    for name, statements in STATEMENTS.items():
        for node in statements:
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif not node.level:
                modules = [node.module or ""]
            else:
                continue
            if any(_top(module) == library for module in modules):
                users.add(name)
    return users


def test_only_the_transport_speaks_http() -> None:
    users = {name for name in _users_of("aiohttp") if _top(name) != "emulator"}
    modules = ("connection", "failures", "opened", "sessions")
    # Beside the API's, there are a SIEM and a webhook that are posted to, a server that is scraped,
    # and the issuer of access tokens that is asked about them.
    others = {
        "audit.delivery.posting",
        "cli.webhook",
        "integrations.prometheus.connections",
        "integrations.prometheus.serving",
        "mcp.http.fetching",
    }
    assert users == {f"_transport.{name}" for name in modules} | others


@pytest.mark.parametrize("library", ["typer", "rich", "mcp"])
def test_the_surfaces_libraries_stay_there(library: str) -> None:
    assert {_top(name) for name in _users_of(library)} <= SURFACES


def test_importing_the_package_imports_no_surface_and_no_extra() -> None:
    loaded = _loaded_by("import openai_admin; openai_admin.AsyncOpenAIAdmin")
    heavy = {
        "typer",
        "rich",
        "mcp",
        "pyarrow",
        "pandas",
        "polars",
        "jinja2",
        "cryptography",
        "pydantic",
    }
    assert not loaded & heavy
    assert not {name for name in loaded if name.startswith("openai_admin.emulator")}
    assert "openai_admin.client" in loaded
