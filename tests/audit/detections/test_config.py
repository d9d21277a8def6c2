"""The file of settings: what it says, and how its mistakes are told."""

from __future__ import annotations

from datetime import date
from ipaddress import ip_network
from pathlib import Path

import pytest

from openai_admin.audit.detections.config import read_settings, settings_of
from openai_admin.audit.detections.exceptions import AcceptedRisk
from openai_admin.audit.detections.settings import DetectionSettings, Settings
from openai_admin.errors import InvalidInputError
from tests.audit.detections.examples import EXAMPLES

WHOLE = """
[organization]
domains = ["Acme.example", "@acme.dev"]

[detections.busy]
severity = "critical"
events = 20
share = 1

[detections.project_archived]
enabled = false

[[exceptions]]
detection = ["busy", "project_archived"]
person = "jo@acme.example"
key = ["key_1"]
project = "Search"
network = ["203.0.113.7", "2001:db8::/32"]
country = ["nl"]
reason = "Migration"
until = 2026-12-31
"""


def test_everything_that_it_can_say() -> None:
    assert settings_of(WHOLE, EXAMPLES) == Settings(
        domains=frozenset({"acme.example", "acme.dev"}),
        detections={
            "busy": DetectionSettings(severity="critical", thresholds={"events": 20, "share": 1.0}),
            "project_archived": DetectionSettings(enabled=False),
        },
        exceptions=(
            AcceptedRisk(
                detections=frozenset({"busy", "project_archived"}),
                reason="Migration",
                until=date(2026, 12, 31),
                persons=frozenset({"jo@acme.example"}),
                keys=frozenset({"key_1"}),
                projects=frozenset({"Search"}),
                networks=frozenset({ip_network("203.0.113.7"), ip_network("2001:db8::/32")}),
                countries=frozenset({"NL"}),
            ),
        ),
    )


def test_an_empty_file_changes_nothing() -> None:
    assert settings_of("", EXAMPLES) == Settings()


_EXCEPTION = '[[exceptions]]\ndetection = "busy"\nperson = "a"\nreason = "b"\nuntil = 2026-12-31\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[detection]\n", "line 1: there is no 'detection' here; what can be is"),
        ("[detections.bussy]\n", "line 1: there is no detection 'bussy'; did you mean 'busy'?"),
        (
            "[detections.zzz]\n",
            "line 1: there is no detection 'zzz'; there are busy, project_archived.",
        ),
        ("\n[detections]\nbusy = 3\n", "line 3: it must be a table, headed [detections.busy]."),
        ("detections = 3\n", "line 1: detections must be a table, headed [detections]."),
        (
            "[detections.busy]\nevent = 3\n",
            (
                "line 2: there is no 'event' here; what can be is 'enabled',"
                " 'severity', 'events' or"
                " 'share'; did you mean 'events'?"
            ),
        ),
        (
            '[detections.busy]\nevents = "3"\n',
            "line 2: events must be a whole number, as 3, not '3'.",
        ),
        (
            "[detections.busy]\nevents = 2.5\n",
            "line 2: events must be a whole number, as 3, not 2.5.",
        ),
        (
            "[detections.busy]\nevents = true\n",
            "line 2: events must be a whole number, as 3, not true.",
        ),
        ("[detections.busy]\nevents = 0\n", "line 2: events must be above 0, as 3, not 0."),
        ("[detections.busy]\nshare = -1\n", "line 2: share must be above 0, as 0.5, not -1."),
        ("[detections.busy]\nshare = nan\n", "line 2: share must be a number, as 0.5, not nan."),
        ("[detections.busy]\nenabled = 1\n", "line 2: enabled must be true or false."),
        (
            '[detections.busy]\nseverity = "hihg"\n',
            (
                "line 2: severity must be 'informational', 'low', 'medium', 'high' or"
                " 'critical', not"
                " 'hihg'; did you mean 'high'?"
            ),
        ),
        (
            '[organization]\ndomains = "a b"\n',
            "line 2: 'a b' is not a domain like example.com.",
        ),
        ("[organization]\ndomains = []\n", "line 2: domains is an empty list"),
        ("exceptions = 3\n", "line 1: exceptions are tables, each headed [[exceptions]]."),
        ("[detection.busy]\nleast = 1\n", "line 1: there is no 'detection' here; what can be is"),
        (
            _EXCEPTION.replace("reason", "raeson"),
            "line 4: there is no 'raeson' here; what can be is",
        ),
        (
            _EXCEPTION.replace('reason = "b"\n', ""),
            "line 1: the exception has no reason: say why the findings are accepted.",
        ),
        (
            _EXCEPTION.replace("until = 2026-12-31\n", ""),
            (
                "line 1: the exception has no until: give its last day, as until ="
                " 2026-12-31, for one"
                " without an end would hide what nobody thinks of any more."
            ),
        ),
        (
            _EXCEPTION.replace('person = "a"\n', ""),
            (
                "line 1: the exception must say whose findings it is for, by 'person', 'key',"
                " 'project', 'network' or 'country'; a detection is switched off by"
                " enabled = false in its own"
                " table."
            ),
        ),
        (
            _EXCEPTION.replace('"busy"', '"buzy"'),
            "line 2: there is no detection 'buzy'; did you mean 'busy'?",
        ),
        (
            _EXCEPTION.replace("2026-12-31", '"2026-12-31"'),
            "line 5: until must be a day without quotes, as 2026-12-31, not '2026-12-31'.",
        ),
        (_EXCEPTION.replace('"a"', '" "'), "line 3: person must not be empty."),
        (_EXCEPTION.replace('"a"', "7"), "line 3: person must be text in quotes, not 7."),
        (
            _EXCEPTION.replace('person = "a"', 'network = "203.0.113.7/24"'),
            (
                "line 3: '203.0.113.7/24' is not an address or a network, as 192.0.2.7"
                " or 192.0.2.0/24;"
                " did you mean 203.0.113.0/24?"
            ),
        ),
        (
            _EXCEPTION.replace('person = "a"', 'country = "Holland"'),
            "line 3: 'Holland' is not the code of a country, as NL or US.",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line_and_what_is_allowed(text: str, told: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        settings_of(text, EXAMPLES, "my.toml")
    assert str(raised.value).startswith(f"my.toml, {told}")


def test_a_mistake_in_the_second_exception_has_its_own_line() -> None:
    second = _EXCEPTION.replace('"a"', '""')
    with pytest.raises(InvalidInputError, match="line 8: person must not be empty"):
        settings_of(_EXCEPTION + second, EXAMPLES)


def test_a_file_that_is_no_toml_or_is_not_there(tmp_path: Path) -> None:
    file = tmp_path / "detect.toml"
    with pytest.raises(InvalidInputError, match="cannot be read: No such file"):
        read_settings(file, EXAMPLES)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidInputError, match="it must be UTF-8 text"):
        read_settings(file, EXAMPLES)
    file.write_text("[detections\n")
    with pytest.raises(InvalidInputError, match=r"is not valid TOML: .*line 1"):
        read_settings(file, EXAMPLES)
