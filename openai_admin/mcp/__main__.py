"""``python -m openai_admin.mcp``: the same as ``openai-admin mcp``."""

from __future__ import annotations

import sys

from ..__main__ import main

if __name__ == "__main__":
    sys.exit(main(["mcp", *sys.argv[1:]]))
