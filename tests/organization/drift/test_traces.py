"""What is looked for in the audit log is something that there is."""

from __future__ import annotations

import pytest

from openai_admin._declare.effect import Effect
from openai_admin._declare.operation import OPERATIONS
from openai_admin.organization.drift.traces import OF_RESOURCES, Trace
from openai_admin.resources import load
from openai_admin.resources.audit_logs import EVENT_TYPES

load()
TRACES = [(f"{of}.{verb}", t) for of, table in OF_RESOURCES.items() for verb, t in table.items()]


@pytest.mark.parametrize(("name", "trace"), TRACES, ids=[name for name, _ in TRACES])
def test_a_trace_is_of_a_change_and_of_known_events(name: str, trace: Trace) -> None:
    operation = OPERATIONS[name]
    assert operation.effect is not Effect.READS
    assert {*trace.ids} <= {*operation.parameters}
    assert {*trace.types, *trace.named_by} <= {*EVENT_TYPES}
    assert trace.ids or trace.named_by or trace.setting
