"""Faults on demand: what a real service and a real network do wrong, one class for each kind.

A fault sits between the socket and the handler. It gets an `Exchange`, decides whether the
request is carried out (`await exchange.run()`), and returns the answer to send, or acts on the
transport itself. Every fault says which operations it hits and how often (`Fault`)::

    emulator.faults.add(Latency(match="usage.*", seconds=0.2, jitter=0.1))
    emulator.faults.add(RateLimit(limit=8, window=60, headers=True))
    emulator.faults.add(Drop(match="projects.create", rate=0.2, after_effect=True))
    emulator.faults.add(Status(status=503, body=HTML, only=(2, 5)))
    emulator.faults.add(parse_fault("reset:projects.*:every=3"))
    emulator.faults.add(Lookback(match="usage.costs", days=90))

The first one added is the outermost. What is random comes from the emulator's seed: the same
requests in the same order meet the same faults.
"""

from .broken_bodies import BadChunks, BrokenGzip, Stall, Truncate, WrongLength
from .connection import Drop, Refuse, Reset
from .cursors import ExpiredCursor, MissingCursor, RepeatedCursor, StrictCursor
from .described import described
from .event_times import EventTimes, FutureEvents, LateEvents
from .fault import Environment, Exchange, Fault
from .odd import Odd
from .odd_answers import ODD_ANSWERS
from .owners import OwnerLeft, UndeletableKeys
from .payloads import (
    CutJSON,
    JSONFault,
    Nulls,
    OtherShape,
    StringAmounts,
    UnknownEvents,
    UnknownFields,
    UnknownValues,
)
from .rate_limit import RateLimit
from .refusals import (
    FeatureOff,
    Grouping,
    Lookback,
    MissingScope,
    OtherRefusal,
    ProjectFails,
    QueryRefusal,
    TooWide,
)
from .registry import Faults
from .status import HTML, Redirect, Status
from .text import KINDS, parse_fault
from .timing import ClockSkew, Latency
from .visibility import NotYetVisible, Propagation, UnseenAtFirst

__all__ = [
    "HTML",
    "KINDS",
    "ODD_ANSWERS",
    "BadChunks",
    "BrokenGzip",
    "ClockSkew",
    "CutJSON",
    "Drop",
    "Environment",
    "EventTimes",
    "Exchange",
    "ExpiredCursor",
    "Fault",
    "Faults",
    "FeatureOff",
    "FutureEvents",
    "Grouping",
    "JSONFault",
    "LateEvents",
    "Latency",
    "Lookback",
    "MissingCursor",
    "MissingScope",
    "NotYetVisible",
    "Nulls",
    "Odd",
    "OtherRefusal",
    "OtherShape",
    "OwnerLeft",
    "ProjectFails",
    "Propagation",
    "QueryRefusal",
    "RateLimit",
    "Redirect",
    "Refuse",
    "RepeatedCursor",
    "Reset",
    "Stall",
    "Status",
    "StrictCursor",
    "StringAmounts",
    "TooWide",
    "Truncate",
    "UndeletableKeys",
    "UnknownEvents",
    "UnknownFields",
    "UnknownValues",
    "UnseenAtFirst",
    "WrongLength",
    "described",
    "parse_fault",
]
