"""``python -m openai_admin.mcp``: the same as ``openai-admin mcp``."""

from __future__ import annotations

import sys

from ..cli.app import run

if __name__ == "__main__":
    sys.exit(run(["mcp", *sys.argv[1:]]))
