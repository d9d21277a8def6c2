"""What grows, and how: ``python -m benchmarks.scale [NAME ...]`` (``--help`` says the rest).

Each line of the table is one kind of work at ×1, ×4 and ×16, each in a fresh process, beside its
peer where it has one, held against its bounds. The exit code is 1 if a bound is missed.

A line is added by a module in this folder that has `LINES`; nothing else has to know of it::

    from .line import CPU, HELD, PEAK, Line, at_most, growth, to_peer
    from .measuring import Measuring

    async def _collect(measuring: Measuring, scale: int) -> None:
        rows = 10_000 * scale
        with running() as server:                    # what is prepared is not measured
            async with AsyncOpenAIAdmin(KEY, base_url=server.base_url) as client:
                async with measuring:                # this is
                    table = await client.usage.collect(...)
        measuring.note({"B a row": measuring.kept / rows}, work=rows)

    LINES = (
        Line(
            "collect",
            "10,000 rows collected",
            _collect,
            peer=_collect_bare,
            bounds=(
                growth(CPU, 1.3),
                growth(PEAK, 1.3),
                to_peer(CPU, 0.6),
                at_most(HELD, 50),
                at_most("B a row", 320),
            ),
        ),
    )

The work is a function of a `Measuring` and a scale (1, 4 or 16), plain or async, that enters the
measuring once: with ``async with`` the longest hold of the event loop is measured as well. Its
imports stand at the top of its module, so that they count for nothing. A server, or whatever else
shall not be measured, runs in a process of its own (`benchmarks.server.running`). The peer is such
a function too, which does the same work another way over the same bytes.
"""
