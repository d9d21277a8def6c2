"""A package of benchmarks as a program: measure all of its parts, or those that are named."""

from __future__ import annotations

import argparse
import pkgutil
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType

from .measure import machine


def _parts(package: ModuleType) -> Mapping[str, ModuleType]:
    """The parts of a package by their names: what can be measured."""
    names = [m.name for m in pkgutil.iter_modules(package.__path__) if m.name != "__main__"]
    modules = {name: import_module(f"{package.__name__}.{name}") for name in names}
    return {name: module for name, module in modules.items() if hasattr(module, "measure")}


def main(package: ModuleType) -> int:
    """Measure, print, and say what is missed; 1 if anything is."""
    parts = _parts(package)
    parser = argparse.ArgumentParser(
        prog=f"python -m {package.__name__}",
        description="Measure all parts, or those that are named, and say what is missed.",
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(parts)}")
    parser.add_argument("--sample", type=int, help="of everything that is tried, so many")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(parts):
        parser.error(f"no part is named {', '.join(sorted(unknown))}")

    print(machine())
    missed: list[str] = []
    for name in options.parts or parts:
        print(f"\n{name}: {parts[name].DESCRIPTION}")
        missed += [f"{name}: {what}" for what in parts[name].measure(options.sample)]
    print("\nmissed:\n" + "\n".join(missed) if missed else "\nall is kept")
    return 1 if missed else 0
