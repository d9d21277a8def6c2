"""The console script ``openai-admin``, also ``python -m openai_admin``."""

from __future__ import annotations

import sys

from ._extras import install, missing


def main() -> int:
    """Run the command line.

    Returns:
        The exit code: 0, 1 for what failed, 2 for wrong usage, 130 after Ctrl-C.
    """
    if lacking := missing("typer", "rich"):
        print(install("The command line", *lacking, extra="cli"), file=sys.stderr)
        return 2
    from .cli.app import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
