"""Where in a user's program this package was called."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_PACKAGE = str(Path(__file__).parents[1]) + os.sep


def caller_level() -> int:
    """The ``stacklevel`` of a warning that names the user's line, for whoever calls this.

    A coroutine that runs as a task has no such line above it: then it is the outermost frame.
    """
    level = 1
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame, level = frame.f_back, level + 1
    return level
