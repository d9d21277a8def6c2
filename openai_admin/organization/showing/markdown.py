"""A plan as Markdown: a comment of a pull request."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence

import attrs

from ..._text.markdown import code, escape
from ..planning.model import Plan
from .arranging import arranged, matters
from .model import SIGNS, Change, Group, Remark, Remarks, Row, Shown, Subject

LONGEST = 60_000
"""Characters of a text; GitHub takes 65,536 for a comment."""

_MANY = 12  # steps, or remarks of a kind; more are folded
_LEAST = 500  # characters; with less room, no further block begins


def to_markdown(plan: Plan, names: Mapping[str, str] | None = None, *, full: bool = False) -> str:
    """A plan as GitHub's Markdown, in which a name is never anything else than a name.

    What prevents the plan comes first, then what grants power or cannot be undone, then all steps,
    folded where they are many. It fits into a comment: what does not is counted.

    Args:
        plan: the plan.
        names: names of projects, groups and people by id, for what is not known of them.
        full: whether everything that stays as it is is named; else much of a kind is counted.
    """
    shown = arranged(plan, names, full=full)
    return written(f"Plan: {shown.summary}", shown)


def written(heading: str, shown: Shown) -> str:
    """What is shown as GitHub's Markdown, as much of it as fits into a comment."""
    return _fitted(f"### {escape(heading)}", [*_blocks(shown)])


@attrs.frozen(kw_only=True)
class _Block:
    """A heading and a list.

    Attributes:
        title: the heading, as Markdown.
        summary: the same in HTML, where the list is folded; ``None`` where it is not.
        items: what is listed, as Markdown.
    """

    title: str
    summary: str | None = None
    items: Sequence[str]


def _blocks(shown: Shown) -> Iterator[_Block]:
    yield from (_of_remarks(each) for each in shown.remarks if each.is_bad)
    is_long = sum(len(group.rows) for group in shown.groups) > _MANY
    first = [_row(row, group.title) for group in shown.groups for row in group.rows if matters(row)]
    if is_long and first:
        yield _Block(title="#### To be looked at first", items=first)
    yield from (_of_group(each, folded=is_long) for each in shown.groups)
    yield from (_of_remarks(each) for each in shown.remarks if not each.is_bad)


def _of_group(group: Group, *, folded: bool) -> _Block:
    noun, name = group.title.noun, group.title.name
    named = f" <code>{html.escape(name)}</code>" if name else ""
    return _Block(
        title=f"#### {_subject(group.title)}",
        summary=f"<b>{noun}{named}</b> ({len(group.rows):,})" if folded else None,
        items=[_row(row) for row in group.rows],
    )


def _of_remarks(remarks: Remarks) -> _Block:
    is_folded = len(remarks.rows) > _MANY and not remarks.is_bad
    return _Block(
        title=f"#### {'⛔ ' if remarks.is_bad else ''}{escape(remarks.title)}",
        summary=f"<b>{html.escape(remarks.title)}</b>" if is_folded else None,
        items=[_remark(each) for each in remarks.rows],
    )


def _remark(remark: Remark) -> str:
    what = f"**{escape(remark.what)}**"
    return f"- {what}{remark.joint}{escape(remark.text)}" if remark.text else f"- {what}"


def _row(row: Row, of: Subject | None = None) -> str:
    lines = [f"- `{SIGNS[row.action]}` {_subject(row.subject)}"]
    if of is not None:
        lines[0] = f"- {_subject(of)}: {lines[0].removeprefix('- ')}"
    if row.changes:
        lines[0] += f": {'; '.join(map(_change, row.changes))}"
    if row.power is not None:
        lines.append(f"  - ⚠️ **grants power**: {escape(row.power)}")
    if row.is_final:
        lines.append("  - ⚠️ **cannot be undone**")
    lines += [f"  - {escape(note)}" for note in row.notes]
    return "\n".join(lines)


def _subject(subject: Subject) -> str:
    return " ".join(filter(None, (subject.noun, code(subject.name) if subject.name else "")))


def _change(change: Change) -> str:
    values = change.joint.join(code(each.text) for each in change.values)
    return f"{escape(change.field)} {values}" if change.field else values


def _fitted(heading: str, blocks: Sequence[_Block]) -> str:
    """As much as fits into a comment, and how much does not."""
    parts, left, room = [heading], 0, LONGEST - len(heading)
    for block in blocks:
        opening, closing = _around(block)
        room -= len(opening) + len(closing) + 2
        kept: list[str] = []
        for item in block.items if room >= _LEAST else ():
            room -= len(item) + 1
            if room < 0:
                break
            kept.append(item)
        if kept:
            parts.append(opening + "\n".join(kept) + closing)
        left += len(block.items) - len(kept)
    if left:
        parts.append(f"**{left:,} more do not fit here: the plan as text has all of them.**")
    return "\n\n".join(parts) + "\n"


def _around(block: _Block) -> tuple[str, str]:
    if block.summary is None:
        return f"{block.title}\n\n", ""
    return f"<details><summary>{block.summary}</summary>\n\n", "\n\n</details>"
