"""``python -m benchmarks.organization.size.planned ADDRESS KEY FILE``: a file planned, measured.

Where there is no such file, it is pulled first, and edited as a person would. The last line is
JSON: seconds of CPU by part, the peak of the process in megabytes, and what was planned.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from pathlib import Path

import attrs

from openai_admin import AsyncOpenAIAdmin
from openai_admin.organization.document.defaults import settled
from openai_admin.organization.document.model import ALL, Document, Member
from openai_admin.organization.document.reading import read as read_file
from openai_admin.organization.document.writing import text_of
from openai_admin.organization.planning.digest import stamped
from openai_admin.organization.planning.making import plan

_EVERY = 10
"""Of so many projects one is edited."""


async def _measured(address: str, key: str, path: Path) -> dict[str, float]:
    async with AsyncOpenAIAdmin(key, base_url=address) as client:
        if not path.exists():
            pulled = await client.organization.pull(pins=True)
            path.write_text(text_of(_edited(pulled.document)), encoding="utf-8")
            return {}
        begin = time.process_time()
        document = settled(read_file(path).document)
        read = time.process_time()
        state = await client.organization.observe()
        observed = time.process_time()
        made = stamped(plan(document, state), document, state)
        planned = time.process_time()
    return {
        "bytes of the file": path.stat().st_size,
        "the file, s": read - begin,
        "the reads, s": observed - read,
        "the plan, s": planned - observed,
        "peak, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "projects": len(document.projects or ()),
        "people": len(document.people or ()),
        "steps": len(made.steps),
        "impossible": len(made.impossible),
    }


def _edited(document: Document) -> Document:
    """The file with somebody else in some projects, some people less, and everything pruned."""
    people = {
        label: each
        for n, (label, each) in enumerate(sorted((document.people or {}).items()))
        if n % 50 or each.role == "owner"
    }
    somebody = next(label for label, each in people.items() if "@" in label and each.id)
    projects = {
        label: attrs.evolve(
            project, members={**(project.members or {}), somebody: Member(role="owner")}
        )
        if number % _EVERY == 0
        else project
        for number, (label, project) in enumerate((document.projects or {}).items())
    }
    projects = {
        label: attrs.evolve(
            project, members={n: m for n, m in (project.members or {}).items() if n in people}
        )
        for label, project in projects.items()
    }
    groups = {
        label: attrs.evolve(group, members=tuple(m for m in group.members or () if m in people))
        for label, group in (document.groups or {}).items()
    }
    return attrs.evolve(document, people=people, projects=projects, groups=groups, prune=(ALL,))


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_measured(sys.argv[1], sys.argv[2], Path(sys.argv[3])))))
