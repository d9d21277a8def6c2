"""Odd answers as a fault: which of them, on which operations, and how much of each answer."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import parse_qsl, quote, unquote_plus

import attrs
from aiohttp import web

from .fault import TEXT, WORDS, Exchange, Fault
from .odd_answers import EMPTY, ODD_ANSWERS, Asked, OddAnswer
from .payloads import decode, encode
from .raw import content

_CURSORS = ("after", "before", "page")


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


def _numbers(values: Iterable[int]) -> tuple[int, ...]:
    return tuple(values)


def _known(_: object, attribute: attrs.Attribute[Any], names: tuple[str, ...]) -> None:
    for name in names:
        if name not in ODD_ANSWERS:
            raise ValueError(f"there is no odd answer {name!r}")


def _named_for(glob: str) -> list[str]:
    """The odd answers that an operation can give, or all for a glob over several."""
    several = not glob.replace("_", "").replace(".", "").isalnum()
    return [name for name, odd in ODD_ANSWERS.items() if several or odd.concerns(glob)]


@attrs.frozen(kw_only=True)
class Odd(Fault):
    """Successful answers are odd, as the real API's have been seen to be; see `odd_answers`.

    Of several names, and of all if none is given, one of those that the operation can give is
    drawn for each answer.
    """

    names: tuple[str, ...] = attrs.field(
        default=(), converter=_texts, validator=_known, metadata={TEXT: {}, WORDS: _named_for}
    )
    """The odd answers, by their names in `ODD_ANSWERS`; empty for all."""
    share: float = attrs.field(
        default=1.0, validator=[attrs.validators.ge(0), attrs.validators.le(1)]
    )
    """The share that is odd, 0 to 1: of a page's items or rows, or of the answers."""
    items: tuple[int, ...] = attrs.field(
        default=(),
        converter=_numbers,
        validator=attrs.validators.deep_iterable(attrs.validators.ge(1)),
    )
    """The numbers of the items or rows of an answer that are odd, 1 for the first; empty for
    all."""

    def can_hit(self, operation: str) -> bool:
        return fnmatchcase(operation, self.match) and bool(self._kinds(operation))

    async def apply(self, exchange: Exchange) -> web.Response:
        odd = exchange.random.choice(self._kinds(exchange.operation))
        answer = await exchange.run(_understood(exchange.query, odd))
        if answer.status < 300:
            cursors = [value for name, value in parse_qsl(exchange.query) if name in _CURSORS]
            asked = Asked(cursors[-1] if cursors else None, exchange.memory)
            changed = self._change(decode(content(answer)), odd, asked, exchange)
            answer.body = b"" if changed is EMPTY else encode(changed)
        return answer

    def _kinds(self, operation: str) -> list[OddAnswer]:
        return [
            ODD_ANSWERS[name]
            for name in self.names or ODD_ANSWERS
            if ODD_ANSWERS[name].concerns(operation)
        ]

    def _change(self, value: Any, odd: OddAnswer, asked: Asked, exchange: Exchange) -> Any:
        hits = self._hits(exchange)

        def changed(each: Any) -> Any:
            # What another fault has made into no object stays that.
            return odd.change(each, asked) if next(hits) and isinstance(each, dict) else each

        def changed_within(each: Any, name: str, change: Callable[[Any], Any]) -> Any:
            if not isinstance(each, dict) or not isinstance(each.get(name), list):
                return each
            return {**each, name: [change(inner) for inner in each[name]]}

        if odd.place == "answer" or "data" not in value:
            return changed(value)
        if odd.place == "item":
            return changed_within(value, "data", changed)
        return changed_within(value, "data", lambda b: changed_within(b, "results", changed))

    def _hits(self, exchange: Exchange) -> Iterator[bool]:
        """Whether the first place is odd, the second, and so on."""
        for number in itertools.count(1):
            drawn = exchange.random.random() < self.share
            yield drawn and (not self.items or number in self.items)


def _understood(query: str, odd: OddAnswer) -> str:
    """The query, its cursors made those that the emulator gave out."""
    pairs = (pair.partition("=") for pair in query.split("&"))
    return "&".join(
        f"{name}={quote(odd.understood(unquote_plus(value)))}"
        if name in _CURSORS
        else f"{name}{equals}{value}"
        for name, equals, value in pairs
    )
