"""One run as a process that kills itself: ADDRESS KEY KIND FOLDER SINCE UNTIL STEP COUNT NAME …"""

from __future__ import annotations

import os
import signal
import sys
from datetime import date
from pathlib import Path

from dlt.common.runtime.collector import NullCollector

from tests.integrations.dlt.warehouses import Warehouse


class Killer(NullCollector):
    """Ends the process when a step has told of its progress so often."""

    def __init__(self, step: str, count: int) -> None:
        super().__init__()
        self.left = count
        self.at = step

    def update(
        self,
        name: str,
        inc: int = 1,
        total: int | None = None,
        inc_total: int | None = None,
        message: str | None = None,
        label: str | None = None,
    ) -> None:
        """Count, and kill."""
        if self.step.startswith(self.at) and inc:
            self.left -= 1
            if not self.left:
                os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    address, key, kind, folder, since, until, step, count, *resources = sys.argv[1:]
    Warehouse(kind, Path(folder)).load(
        *resources,
        progress=Killer(step, int(count)),
        admin_key=key,
        base_url=address,
        since=date.fromisoformat(since),
        until=date.fromisoformat(until),
    )


if __name__ == "__main__":
    main()
