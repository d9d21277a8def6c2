"""What comes next in a rotation, by its journal and what the sink holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from openai_admin import RotationError
from openai_admin.workflows import journal
from openai_admin.workflows.rotation.journal import JOURNALS
from openai_admin.workflows.rotation.state import Seen, State, due, next_step, states

_AT = "2026-11-27T12:00:00+00:00"
_BEGUN = {
    "what": "begun",
    "rotation": "r",
    "kind": "service_account",
    "address": "https://a/v1",
    "sink": "s",
    "sink_mark": "m",
    "name": "n",
    "old": "key_old",
    "old_held": "before",
}
_CREATING = {"what": "creating", "attempt": 1, "name": "n (rotation r-1)"}
_CREATED = {"what": "created", "attempt": 1, "key": "key_1", "held": "new"}
_PUTTING = {"what": "putting", "attempt": 1}
_SET = {"what": "set", "attempt": 1}


def _state(*entries: dict[str, Any]) -> State:
    return states([{**entry, "at": _AT} for entry in (_BEGUN, *entries)], Path("j"))[-1]


@pytest.mark.parametrize(
    ("entries", "seen", "step"),
    [
        ([], {}, "create"),
        ([_CREATING], {}, "reconcile"),
        ([_CREATING], {"current": "before"}, "reconcile"),
        ([_CREATING, _CREATED], {"in_hand": 1, "current": "before"}, "put"),
        ([_CREATING, _CREATED], {"current": "before"}, "discard"),
        ([_CREATING, _CREATED], {"current": "other"}, "discard"),
        ([_CREATING, _CREATED], {}, "discard"),
        ([_CREATING, _CREATED], {"current": "before", "staged": "new"}, "take"),
        ([_CREATING, _CREATED], {"current": "before", "staged": "older"}, "discard"),
        ([_CREATING, _CREATED, _PUTTING], {"current": "new"}, "confirm"),
        ([_CREATING, _CREATED, _PUTTING], {"current": "before"}, "discard"),
        ([_CREATING, _CREATED, _PUTTING], {"current": "before", "staged": "new"}, "take"),
        ([_CREATING, _CREATED, _PUTTING], {}, "create"),
        ([_CREATING, {"what": "cleared", "attempt": 1}], {}, "create"),
        ([_CREATING, {"what": "cleared", "attempt": 1}], {"current": "other"}, "begin anew"),
        ([_CREATING, _CREATED, _PUTTING, _SET], {}, "finish"),
        ([_CREATING, _CREATED, _PUTTING, _SET], {"current": "other"}, "finish"),
        ([_CREATING, _CREATED, _SET, {"what": "deleting"}], {}, "finish"),
        ([_CREATING, _CREATED, _SET, {"what": "finished"}], {}, "over"),
    ],
)
def test_the_next_step(entries: list[dict[str, Any]], seen: dict[str, Any], step: str) -> None:
    assert next_step(_state(*entries), Seen(**seen)) == step


def test_a_sink_that_somebody_else_changed_stops_it() -> None:
    with pytest.raises(RotationError, match=r"changed by somebody else.*--abandon"):
        next_step(_state(_CREATING, _CREATED, _PUTTING), Seen(current="other"))


def test_a_key_that_the_sink_may_have_is_kept_until_another_is_set() -> None:
    state = _state(_CREATING, _CREATED, _PUTTING, {**_CREATING, "attempt": 2})
    assert [attempt.number for attempt in state.attempts] == [1, 2]
    assert state.attempted == 2


def test_the_overlap_counts_from_the_later_of_setting_and_last_use() -> None:
    state = _state(_CREATING, _CREATED, _SET)
    at = datetime(2026, 11, 27, 12, tzinfo=UTC)
    used = at + timedelta(hours=5)

    def hour(*, until_unused: bool, last_used: datetime | None) -> datetime:
        return due(state, overlap=3600, until_unused=until_unused, last_used=last_used)

    assert hour(until_unused=False, last_used=used) == at + timedelta(hours=1)
    assert hour(until_unused=True, last_used=used) == at + timedelta(hours=6)
    assert hour(until_unused=True, last_used=None) == at + timedelta(hours=1)
    day = at.replace(hour=0)  # it may stand for any time of that day
    assert hour(until_unused=True, last_used=day) == at + timedelta(hours=13)


def test_a_torn_last_line_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with JOURNALS.opened(path) as journal:
        journal.append({"what": "begun"})
    with path.open("ab") as file:
        file.write(b'{"what": "crea')

    with JOURNALS.opened(path) as journal:
        assert journal.entries == [{"what": "begun"}]
        journal.append({"what": "finished"})

    assert path.read_text() == '{"what": "begun"}\n{"what": "finished"}\n'
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["not a journal\n", "not a journal", '{"what": "begun"}\n[]\n'])
def test_another_file_is_refused_and_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "journal"
    path.write_text(text)
    with pytest.raises(RotationError, match=r"journal.*name another file"), JOURNALS.opened(path):
        pass
    assert path.read_text() == text


def test_a_journal_that_every_user_may_write_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_text('{"what": "begun"}\n')
    path.chmod(0o666)
    with pytest.raises(RotationError, match=r"Every user may write.*chmod o-w"):
        JOURNALS.read(path)
    with pytest.raises(RotationError, match="Every user may write"), JOURNALS.opened(path):
        pass
    path.chmod(0o644)
    assert len(JOURNALS.read(path)) == 1


def test_a_journal_that_is_removed_while_it_is_opened_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "journal"
    path.touch()
    monkeypatch.setattr(journal, "lock", lambda descriptor: path.unlink())
    with pytest.raises(RotationError, match="Another process"), JOURNALS.opened(path):
        pass


def test_one_process_has_a_journal_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with (
        JOURNALS.opened(path),
        pytest.raises(RotationError, match="Another process"),
        JOURNALS.opened(path),
    ):
        pass
    assert not path.exists()  # nothing was written to it
