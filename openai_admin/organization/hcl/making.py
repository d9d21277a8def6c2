"""What blocks are made with: names, and what else a block may refer to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import attrs

from ..document.model import Named, Role, SpendAlert
from ..state import State
from .blocks import Block, Reference
from .names import Taken

INTERVAL = {"currency": "USD", "interval": "month"}
"""What every amount has beside it."""


@attrs.define
class Making:
    """Blocks as they are made, section by section.

    Attributes:
        state: what there is.
        taken: the names of resources.
        people: what names a person's id, by label.
        groups: what names a group's id, by label.
        roles: what names the id of a role of the organization, by label.
        sections: the blocks, by what is said above them.
        left_out: what the provider has no resource for, or what cannot be said, a sentence each.
    """

    state: State
    taken: Taken = attrs.field(factory=Taken)
    people: dict[str, Reference | str] = attrs.field(factory=dict)
    groups: dict[str, Reference | str] = attrs.field(factory=dict)
    roles: dict[str, Reference | str] = attrs.field(factory=dict)
    sections: dict[str, list[Block]] = attrs.field(factory=dict)
    left_out: dict[str, None] = attrs.field(factory=dict)

    def add(
        self,
        section: str,
        kind: str,
        words: Iterable[str],
        attributes: Mapping[str, Any],
        imported: Iterable[str],
        comment: str = "",
    ) -> Block:
        """Add a block; what is ``None`` of its attributes is not set.

        Args:
            section: what is said above its section.
            kind: the resource's type, without the provider.
            words: what tells it from others of its type, for its name.
            attributes: what is set.
            imported: the ids that it is imported by.
            comment: what is said above it.
        """
        full = f"openai_{kind}"
        block = Block(
            kind=full,
            name=self.taken.name(full, *words),
            attributes={n: v for n, v in attributes.items() if v is not None},
            imported="/".join(imported),
            comment=comment,
        )
        self.sections.setdefault(section, []).append(block)
        return block

    def leave(self, sentence: str) -> None:
        """Say what is left out; the same is said once."""
        self.left_out[sentence] = None

    def lacks(self, what: str, needed: Mapping[str, Any]) -> bool:
        """Whether something that a resource needs is not known; it is left out then, and named.

        Args:
            what: the resource, in words.
            needed: what it needs, by name; ``None`` is not known.
        """
        missing = [name for name, value in needed.items() if value is None]
        if missing:
            self.leave(f"The API did not say the {' and the '.join(missing)} of {what}.")
        return bool(missing)

    def role_id(
        self, label: str, own: Mapping[str, Role] | None, project_id: str | None = None
    ) -> str | None:
        """The id of a role, which may be one of OpenAI's; ``None`` where it is not known.

        Args:
            label: the role's label.
            own: the roles of the organization, or of the project, by label.
            project_id: the project; ``None`` for the organization.
        """
        role = (own or {}).get(label)
        return self.state.role_ids.get((project_id, label)) if role is None else role.id


def name_of(thing: Named, label: str) -> str | None:
    """A thing's name; ``None`` where it is not known, so that it goes by its id."""
    return thing.name or (None if label == thing.id else label)


def cents(amount: Decimal) -> int:
    """An amount of dollars as the provider takes it."""
    return int(amount.scaleb(2))


def alert_of(alert: SpendAlert) -> dict[str, Any]:
    """The attributes of a spend alert."""
    return {
        **INTERVAL,
        "threshold_amount": cents(alert.amount),
        "notification_channel_type": "email",
        "notification_channel_recipients": alert.emails,
        "notification_channel_subject_prefix": alert.subject_prefix,
    }
