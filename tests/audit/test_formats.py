"""The formats of the audit log's feed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from openai_admin.audit.event import AuditEvent
from openai_admin.audit.formats import FORMATS, encoder
from openai_admin.errors import InvalidInputError
from tests.audit.events import NOT_EVENTS, SESSION, event, every_event


@pytest.mark.parametrize("format", FORMATS)
def test_every_event_is_one_line_of_json(format: Any) -> None:
    encode = encoder(format)
    for raw in every_event():
        line = encode(AuditEvent.of_raw(raw))
        assert b"\n" not in line
        assert isinstance(json.loads(line), dict)


@pytest.mark.parametrize("format", ["raw", "ndjson"])
def test_an_event_is_written_as_it_came(format: Any) -> None:
    encode = encoder(format)
    for raw in every_event():
        assert json.loads(encode(AuditEvent.of_raw(raw))) == raw


@pytest.mark.parametrize("raw", NOT_EVENTS, ids=repr)
def test_what_could_not_be_read_says_so(raw: Any) -> None:
    line = encoder("raw")(AuditEvent.of_raw(raw, why_odd="it is odd"))
    made = json.loads(line)
    assert made == {"object": "unreadable", "id": None, "reason": "it is odd", "raw": raw}


@pytest.mark.parametrize("format", FORMATS)
def test_what_is_nested_too_deeply_costs_itself(format: Any) -> None:
    deep: Any = "the end"
    for _ in range(5000):
        deep = [deep]
    line = encoder(format)(AuditEvent.of_raw(event("x.y", {"id": "x_1", "deep": deep})))
    assert b"nested too deeply" in line
    assert b"x_1" in line


@pytest.mark.parametrize("format", FORMATS)
def test_text_that_is_not_unicode_is_escaped(format: Any) -> None:
    raw = event("project.created", {"id": "proj_1", "data": {"name": "half \ud800 a pair"}})
    assert rb"half \ud800 a pair" in encoder(format)(AuditEvent.of_raw(raw))


def test_the_raw_event_and_the_organization_are_as_asked_for() -> None:
    made = AuditEvent.of_raw(event("project.created", {"id": "proj_1"}, actor=SESSION))
    assert "raw_data" in json.loads(encoder("ocsf")(made))
    assert "raw_data" not in json.loads(encoder("ocsf", keep_raw=False)(made))
    assert "original" not in json.loads(encoder("ecs", keep_raw=False)(made))["event"]
    organization = json.loads(encoder("ecs", organization_id="org-1")(made))["organization"]
    assert organization == {"id": "org-1"}


def test_a_format_that_is_not_known_names_the_nearest() -> None:
    with pytest.raises(InvalidInputError, match=r"not 'ocfs'; did you mean 'ocsf'\?"):
        encoder("ocfs")  # type: ignore[arg-type]
