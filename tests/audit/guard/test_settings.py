"""What the guard may be asked for."""

from __future__ import annotations

from typing import Any

import pytest

from openai_admin import InvalidInputError
from openai_admin.audit.guard.settings import GuardSettings


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"threshold": 1}, "threshold must be more than 1"),
        ({"min_spend": -1}, "min_spend must be 0 or more"),
        ({"key_ids": ["sk-secret"]}, "key_ids takes ids of keys"),
    ],
)
def test_what_makes_no_sense_is_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInputError, match=said) as caught:
        GuardSettings(**settings)
    assert "sk-secret" not in str(caught.value)
