"""A burst as a terminal shows it."""

from __future__ import annotations

from collections.abc import Iterator

from ..audit.guard.findings import KeyBurst
from .terminal import printable


def text_of(burst: KeyBurst) -> str:
    """A finding in lines, the command for each step ready to be copied."""
    return "".join(f"{printable(line)}\n" for line in _lines(burst)) + "\n"


def _lines(burst: KeyBurst) -> Iterator[str]:
    holder = burst.holder
    yield burst.summary
    owner = " ".join(filter(None, (holder.name, f"({holder.id})" if holder.id else None)))
    kind = {"user": "person ", "service_account": "service account "}.get(holder.kind or "", "")
    yield f"  owner    {kind}{owner or 'not known'}"
    made = "not known" if holder.created_at is None else f"{holder.created_at:%Y-%m-%d}"
    yield f"  created  {made}, which is when it was last rotated"
    for use in burst.models:
        cost = "price not known" if use.cost is None else f"about ${use.cost:,.2f}"
        tokens = f"{use.input_tokens:,} tokens read, {use.output_tokens:,} written"
        model = use.model or "no model named"
        yield f"  used     {model}: {use.requests:,} requests, {tokens}, {cost}"
    for done in burst.done:
        yield f"  done     {done.what}"
        if done.undo is not None:
            yield f"           undo: {done.undo}"
    for proposal in () if burst.done else burst.proposals:
        yield f"  {proposal.action:<7}  {proposal.what}"
        yield f"           {proposal.command}"
    if burst.why_no_limit is not None and not burst.done:
        yield f"  limit    none is proposed to be lowered: {burst.why_no_limit}"
    for sentence in burst.not_known:
        yield f"  not known: {sentence}"
