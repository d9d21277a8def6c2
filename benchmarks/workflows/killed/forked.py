"""The process that commands are forked off: it has loaded them, and waits for each.

It reads a JSON object a line, and answers with one: ``{"load": [modules]}`` is not answered; a
command (`Order`) first with ``{"pid": …}`` and at its end with ``{"status": …}``, which is negative
for a signal.

A command finds its process id in ``$VICTIM``, and in ``$KILLED_AT`` the moment at which a program
that it starts is to kill it, as ``1 before``; programs must do so themselves.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module

from .orders import Order
from .points import Point
from .speed import hurry
from .writes import Writes


def _redirect(path: str, descriptor: int) -> None:
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(opened, descriptor)
    os.close(opened)


def _command(order: Order) -> int:
    """The command, in a process of its own; its exit code."""
    main: Callable[[Sequence[str]], int] = import_module(sys.argv[2]).main
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    _redirect(order["stdout"], 1)
    _redirect(order["stderr"], 2)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    at = Point(*order["at"]) if order["at"] else None
    os.environ["VICTIM"] = str(os.getpid())
    if at is not None and at.place == "command":
        os.environ["KILLED_AT"] = f"{at.number} {at.when}"
    notes = os.open(order["notes"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    write = os.write
    loaded = set(sys.modules)
    writes = Writes(at)
    writes.watch()
    try:
        code = main(order["arguments"])
    except SystemExit as exc:
        code = exc.code if isinstance(exc.code, int) else 1
    except BaseException:  # noqa: BLE001 - as the interpreter shows what nobody has caught
        traceback.print_exc()
        code = 1
    with suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    modules = [name for name in sys.modules if name not in loaded]
    write(notes, json.dumps({"writes": writes.calls, "modules": modules}).encode())
    return code


def _load(names: list[str]) -> None:
    for name in names:
        with suppress(ImportError):  # some are made by their package, and have no file
            import_module(name)
    gc.freeze()  # so that a fork copies less


def main() -> None:
    """Serve until the input ends; the arguments are the speed of time, and a module with `main`."""
    hurry(float(sys.argv[1]))
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    lines = os.fdopen(os.dup(0), "r", encoding="utf-8")
    for line in lines:
        order = json.loads(line)
        if "load" in order:
            _load(order["load"])
            continue
        if not (pid := os.fork()):
            os._exit(_command(order))
        print(json.dumps({"pid": pid}), file=answer, flush=True)
        _, status = os.waitpid(pid, 0)
        print(json.dumps({"status": os.waitstatus_to_exitcode(status)}), file=answer, flush=True)


if __name__ == "__main__":
    main()
