"""Run a part by its name, with its own options: ``python -m benchmarks.audit PART …``."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path


def _parts() -> list[str]:
    names = (module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
    return [name for name in names if not name.startswith("_")]


def main() -> int:
    """Run the part that is named; the exit code."""
    name, arguments = sys.argv[1:2], sys.argv[2:]
    if not name or name[0] not in _parts():
        print(f"python -m benchmarks.audit PART, of {', '.join(_parts())}", file=sys.stderr)
        return 2
    module = importlib.import_module(f"benchmarks.audit.{name[0]}")
    code: int = module.run(arguments)
    return code


if __name__ == "__main__":
    sys.exit(main())
