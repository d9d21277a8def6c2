"""Measure all parts, or those that are named, and say what is missed."""

from __future__ import annotations

import argparse
import pkgutil
import sys
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType

from .. import workflows
from ..measure import machine


def _parts() -> Mapping[str, ModuleType]:
    """The parts of this folder by their names."""
    names = [m.name for m in pkgutil.iter_modules(workflows.__path__) if m.name != "__main__"]
    modules = {name: import_module(f"{workflows.__name__}.{name}") for name in names}
    return {name: module for name, module in modules.items() if hasattr(module, "measure")}


def main() -> int:
    """Run, print."""
    parts = _parts()
    parser = argparse.ArgumentParser(prog="python -m benchmarks.workflows", description=__doc__)
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


if __name__ == "__main__":
    sys.exit(main())
