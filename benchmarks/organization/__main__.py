"""Measure all parts, or those that are named, and say what is missed."""

from __future__ import annotations

import sys

from benchmarks import organization
from benchmarks.parts import main

if __name__ == "__main__":
    sys.exit(main(organization))
