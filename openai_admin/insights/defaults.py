"""The default thresholds from which on something is worth a look."""

from __future__ import annotations

from ..usage.settled import RESTATED_DAYS as RESTATED_DAYS

STALE_DAYS = 90
"""Days without use after which a key, and without activity an owner, counts as forgotten."""

NEVER_USED_DAYS = 30
"""Days within which a new key should be used for the first time."""

PENDING_DAYS = 14
"""Days after which an invite that nobody accepted counts as pending."""

ENDING_DAYS = 30
"""Days before its expiry from which on a certificate counts as ending."""

URGENT_DAYS = 7
"""Days before its expiry from which on a certificate needs attention at once."""

QUIET_DAYS = 7
"""How long before a period costs are looked at, to tell quiet days from those before the first cost
of all."""

HISTORY_DAYS = 84
"""Days of costs that say what is usual; older weeks say little about the present."""

NEAR = 0.8
"""The fraction of a limit from which on it counts as near."""
