"""How many events a second become OCSF and ECS on one core."""

from __future__ import annotations

import argparse
import gc
import json
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from benchmarks.audit._events import events
from benchmarks.measure import machine
from openai_admin._wire.codec import decode
from openai_admin._wire.models import Page
from openai_admin.audit.event import AuditEvent
from openai_admin.audit.formats import FORMATS, encoder
from openai_admin.resources.audit_logs import AuditLog

_LEAST = 20_000  # events a second
_PAGE = 100
_CHUNK = 50  # events, short enough for a busy machine to leave each alone once


def run(argv: Sequence[str]) -> int:
    """Measure, print, and say what is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit mapping")
    parser.add_argument("--events", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=25)
    options = parser.parse_args(argv)
    raws = list(events(options.events))
    print(machine())
    print(f"{options.events:,} events, {options.rounds} rounds, seconds of CPU\n")
    works: dict[str, Callable[[Any], object]] = {"json.loads + json.dumps": _plain}
    works |= {f"event + {format}": _mapped(format) for format in FORMATS if format != "raw"}
    lines = [msgspec.json.encode(raw) for raw in raws]
    gc.freeze()  # a feed does not hold that many events, for each collection to look through
    missed = []
    peer = 0.0
    print(f"{'':<26}{'events a second':>16}{'at its best':>14}{'against json':>14}")
    for name, work in works.items():
        inputs: list[Any] = lines if work is _plain else raws
        mean, best = _microseconds(work, inputs, options.rounds)
        peer = peer or mean
        print(f"{name:<26}{1e6 / mean:>16,.0f}{1e6 / best:>14,.0f}{mean / peer:>13.2f}x")
        if name.endswith(("ocsf", "ecs")) and 1e6 / best < _LEAST:
            missed.append(f"{name}: {1e6 / best:,.0f} events a second, under {_LEAST:,}")
    _end_to_end(lines, options.rounds)
    print("\nmissed:\n" + "\n".join(missed) if missed else "\nall is kept")
    return 1 if missed else 0


def _plain(line: bytes) -> object:
    return json.dumps(json.loads(line))


def _mapped(format: Any) -> Callable[[Any], object]:
    encode = encoder(format)
    return lambda raw: encode(AuditEvent.of_raw(raw))


def _microseconds(
    work: Callable[[Any], object], inputs: Sequence[Any], rounds: int
) -> tuple[float, float]:
    """For one event: of the best round, and with the best of the rounds for each chunk."""
    chunks = [inputs[first : first + _CHUNK] for first in range(0, len(inputs), _CHUNK)]
    taken: list[list[float]] = []
    for _ in range(rounds):
        times = []
        for chunk in chunks:
            begin = time.process_time()
            for each in chunk:
                work(each)
            times.append(time.process_time() - begin)
        taken.append(times)
    least = min(sum(times) for times in taken)
    best = sum(min(times[n] for times in taken) for n in range(len(chunks)))
    return least / len(inputs) * 1e6, best / len(inputs) * 1e6


def _end_to_end(lines: Sequence[bytes], rounds: int) -> None:
    """From the bytes of pages through the models to lines, as a feed goes."""
    pages = [
        b'{"object":"list","data":[' + b",".join(lines[first : first + _PAGE]) + b"]}"
        for first in range(0, len(lines), _PAGE)
    ]
    encode = encoder("ocsf")

    def work(page: bytes) -> object:
        answer: Page[AuditLog] = decode(page, Page[AuditLog])
        return [encode(AuditEvent.of(item)) for item in answer.data]

    mean, best = (per / _PAGE for per in _microseconds(work, pages, rounds))
    print(f"{'pages + models + ocsf':<26}{1e6 / mean:>16,.0f}{1e6 / best:>14,.0f}")
