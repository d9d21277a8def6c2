"""Line items of costs read."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from openai_admin.usage import LineItem

READ = [
    ("gpt-5, input", ("gpt-5", "input", None, None)),
    ("GPT-5, Cached  Input ", ("GPT-5", "cached input", None, None)),
    ("priority | gpt-5, output, long context", ("gpt-5", "output", "priority", "long context")),
    ("Batch|gpt-5,input", ("gpt-5", "input", "batch", None)),
    ("standard | gpt-5, input", ("gpt-5", "input", None, None)),
    ("turbo | gpt-5, dreams", ("gpt-5", "dreams", "turbo", None)),
    ("gpt-5, long context", ("gpt-5", None, None, "long context")),
    ("gpt-5, output, high latitude", ("gpt-5", "output", None, "high latitude")),
    ("dall-e-3, 1024x1024", ("dall-e-3", "1024x1024", None, None)),
    ("my, model, output", ("my, model", "output", None, None)),
    (
        "ft:gpt-4o-mini:acme, inc::abc, Input",
        ("ft:gpt-4o-mini:acme, inc::abc", "input", None, None),
    ),
    ("ft:gpt-4o-mini:acme, inc::abc", ("ft:gpt-4o-mini:acme, inc::abc", None, None, None)),
    ("ft:gpt-4o:the firm::a, cargo", ("ft:gpt-4o:the firm::a", "cargo", None, None)),
    ("gpt-5", ("gpt-5", None, None, None)),
    ("web search tool calls", (None, "web search tool calls", None, None)),
    ("Flex | Vector Storage", (None, "vector storage", "flex", None)),
    ("Assistants API | file search", (None, "assistants api | file search", None, None)),
    ("Credit", (None, "credit", None, None)),
    ("credit, output", ("credit", "output", None, None)),
    (", input", (None, "input", None, None)),
    ("priority |", (None, None, "priority", None)),
    ("", (None, None, None, None)),
]


@pytest.mark.parametrize(("text", "parts"), READ)
def test_read(text: str, parts: tuple[str | None, ...]) -> None:
    item = LineItem.parse(text)
    assert (item.model, item.kind, item.tier, item.context) == parts


def test_a_missing_line_item_is_an_empty_one() -> None:
    assert LineItem.parse(None) == LineItem.parse("") == LineItem("")


def test_the_subject_is_the_model_or_the_tool() -> None:
    subjects = [LineItem.parse(t).subject for t in ("gpt-5, input", "vector storage", None)]
    assert subjects == ["gpt-5", "vector storage", None]


MODELS = st.one_of(
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True),
    st.from_regex(
        r"ft:gpt-4o(-mini)?:([a-z ]{0,6}, ){0,2}[a-z]{1,5}:[a-z]{0,5}:[a-z0-9]{1,6}", fullmatch=True
    ),
)
KINDS = st.sampled_from(
    [
        "input",
        "Input",
        "cached input",
        "output",
        "Audio Output",
        "cache writes",
        "1024x1024",
        "dust",
    ]
)
TIERS = st.sampled_from(["priority", "Flex", "batch", "turbo"])
CONTEXTS = st.sampled_from(["long context", "Short Context"])


@given(
    model=MODELS,
    kind=st.none() | KINDS,
    tier=st.none() | TIERS,
    context=st.none() | CONTEXTS,
)
def test_parts_put_together_are_read_again(
    model: str, kind: str | None, tier: str | None, context: str | None
) -> None:
    assume(kind or context or re.search(r"[\d:-]", model))  # else it may be a tool's
    text = ", ".join(part for part in (model, kind, context) if part)
    item = LineItem.parse(f"{tier} | {text}" if tier else text)
    assert item.model == model
    assert [item.kind, item.tier, item.context] == [
        part and part.lower() for part in (kind, tier, context)
    ]


@given(st.text() | st.text(alphabet="a, |:\t\n"))
def test_every_text_is_read_and_given_back(text: str) -> None:
    assert str(LineItem.parse(text)) == text
