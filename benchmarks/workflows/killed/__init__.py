"""Commands that are killed, with SIGKILL, at a request or at a write of theirs.

::

    async with Launcher() as launcher:
        emulator.faults.add(KilledAtRequest(launcher=launcher))
        at = Point("request", 1, "after")
        run = await launcher.run(["projects", "list"], environment, folder=folder, at=at)

Each run is a process of its own with the command in it, forked off one that has loaded it, since
loading takes most of the time of a short command.
"""

from .launcher import Launcher, Run
from .points import Place, Point, When
from .requests import KilledAtRequest

__all__ = ["KilledAtRequest", "Launcher", "Place", "Point", "Run", "When"]
