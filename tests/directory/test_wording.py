"""The arguments of a call in words."""

from __future__ import annotations

from typing import Any

import pytest

from openai_admin.directory.wording import argument_text, dollars


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("project_id", "proj_1", "project proj_1"),
        ("threshold_amount", 10_000_050, "threshold amount $100,000.50"),
        ("threshold_amount", None, "threshold amount none"),
        ("max_requests_per_1_minute", 5000, "max requests per 1 minute 5,000"),
        ("allowed", False, "allowed no"),
        ("model_ids", ["gpt-5", "o3"], "model ids gpt-5, o3"),
        ("model_ids", [], "model ids none"),
        ("owner", {"id": "user-1"}, 'owner {"id": "user-1"}'),
    ],
)
def test_an_argument(name: str, value: Any, text: str) -> None:
    assert argument_text(name, value) == text


def test_dollars() -> None:
    assert [dollars(0), dollars(1), dollars(123_456)] == ["$0.00", "$0.01", "$1,234.56"]
