"""What there is in an organization as HCL, which Terraform adopts by its ``import`` blocks."""

from __future__ import annotations

from collections.abc import Sequence

from ..folding import folded
from ..state import State
from .blocks import Block, comment
from .making import Making
from .organization import add_organization
from .projects import add_project

_HEAD = """\
# Terraform adopts what there is by the import blocks: a plan should have nothing but imports.
# Once it has, Terraform deletes whatever is taken out of this file.
terraform {
  required_version = ">= 1.5"

  required_providers {
    openai = {
      source  = "openai/openai"
      version = ">= 1.0.0"
    }
  }
}

provider "openai" {}
"""


def hcl_of(state: State, *, notes: Sequence[str] = ()) -> str:
    """The organization as HCL for the official Terraform provider; the same for the same state.

    Args:
        state: what there is; projects that were not read into are left out.
        notes: what else is said at the top, a sentence each.
    """
    making = Making(state)
    add_organization(making)
    projects: dict[str, Block] = {}
    for label, project in (state.document.projects or {}).items():
        if project.id in state.read_into:
            block = add_project(making, label, project)
            if block is not None and project.id is not None:
                projects[label] = block
    _invites(making, projects)
    lines = [comment(note) for note in (*notes, *making.left_out)]
    parts = ["\n".join(lines)] if lines else []
    for section, blocks in making.sections.items():
        texts = ["\n".join(block.lines()) for block in blocks]
        parts += [comment(section), *texts]
    return "\n\n".join([_HEAD.rstrip("\n"), *parts]) + "\n"


def _invites(making: Making, projects: dict[str, Block]) -> None:
    document = making.state.document
    for label, person in (document.people or {}).items():
        id = making.state.invites.get(folded(label))
        if id is None:
            continue
        if person.id is not None:
            making.leave(f"The pending invite to {label}, who is a member already, is left out.")
            continue
        if making.lacks(f"the invite to {label}", {"role": person.role}):
            continue
        if ("people", frozenset({id}), "projects") in making.state.unsaid:
            making.leave(f"The API did not say which projects the invite to {label} grants.")
            continue
        granted = [
            {"id": projects[name].its("project_id"), "role": project.members[label].role}
            for name, project in (document.projects or {}).items()
            if name in projects and project.members is not None and label in project.members
        ]
        making.add(
            "Pending invites",
            "invite",
            [label.partition("@")[0]],
            {"email": label, "role": person.role, "projects": granted or None},
            [id],
        )
