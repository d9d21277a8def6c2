"""How long a client may take, and how much it may occupy."""

from __future__ import annotations

import attrs


@attrs.frozen(kw_only=True)
class Limits:
    """The bounds of connections, bodies and sessions. Answers and event streams have none in time.

    Attributes:
        connections: the most connections; beyond, the one that has been waited for longest makes
            room for a new one. Half of the files that the process may open, where that is less.
        headers: seconds from a connection, or the first byte of a further request, until its
            headers have come.
        body: seconds from the headers until the body has come.
        idle: seconds for which a connection is kept for a further request.
        stalled: seconds for which a client may leave an answer unread.
        body_bytes: the longest body.
        bodies_bytes: what all unfinished bodies may have together.
        sessions: the most sessions; beyond, one that is not in use makes room for a new one.
        sessions_each: the most sessions of one key or person, where they are told apart.
        owners: the most keys or persons who have sessions, where they are told apart.
        session_idle: seconds without a request or an open stream after which a session ends.
    """

    connections: int = 500
    headers: float = 10
    body: float = 30
    idle: int = 65
    stalled: float = 60
    body_bytes: int = 1 << 20
    bodies_bytes: int = 64 << 20
    sessions: int = 1000
    sessions_each: int = 20
    owners: int = 100
    session_idle: float = 1800
