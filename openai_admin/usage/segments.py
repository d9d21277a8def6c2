"""Stretches of a column, each kept in as few bytes as its values allow."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from importlib import import_module
from itertools import repeat
from typing import Any, Protocol

import attrs

from .money import all_rounded


class Segment(Protocol):
    """Some values of a column, one after another."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Any]: ...

    def __getitem__(self, index: int, /) -> Any: ...

    def cut(self, start: int, stop: int) -> Segment:
        """The values from one number up to another."""
        ...

    def mapped(self, function: Callable[[Any], Any]) -> Segment:
        """What a function makes of each value, called once for values that are kept once."""
        ...

    def distinct(self) -> Sequence[Any]:
        """Values among which all of its own are; others may be among them."""
        ...

    def present(self) -> bytes:
        """A byte for each value: 0 for null, else 1."""
        ...

    def arrow(self, pa: Any, type: Any) -> Any:
        """The values as an Arrow array, without a copy where Arrow has them in the same form."""
        ...


@attrs.frozen(eq=False)
class Same:
    """One value, a number of times."""

    value: Any
    count: int

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Any]:
        return repeat(self.value, self.count)

    def __getitem__(self, index: int) -> Any:
        return self.value

    def cut(self, start: int, stop: int) -> Segment:
        return Same(self.value, stop - start)

    def mapped(self, function: Callable[[Any], Any]) -> Segment:
        return Same(function(self.value), self.count)

    def distinct(self) -> Sequence[Any]:
        return (self.value,)

    def present(self) -> bytes:
        return bytes([self.value is not None]) * self.count

    def arrow(self, pa: Any, type: Any) -> Any:
        (one,) = _for_arrow(pa, type, [self.value])
        return pa.repeat(pa.scalar(one, type=type), self.count)


@attrs.frozen(eq=False)
class Coded:
    """Values of which there are few, each kept once: their numbers in a list of values.

    The list may be that of other segments as well.
    """

    codes: array[int]
    values: Sequence[Any]

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[Any]:
        return map(self.values.__getitem__, self.codes)

    def __getitem__(self, index: int) -> Any:
        return self.values[self.codes[index]]

    def cut(self, start: int, stop: int) -> Segment:
        return Coded(self.codes[start:stop], self.values)

    def mapped(self, function: Callable[[Any], Any]) -> Segment:
        return Coded(self.codes, list(map(function, self.values)))

    def distinct(self) -> Sequence[Any]:
        return self.values

    def present(self) -> bytes:
        known = bytes([value is not None for value in self.values])
        return bytes(map(known.__getitem__, self.codes))

    def arrow(self, pa: Any, type: Any) -> Any:
        index = {1: pa.uint8(), 2: pa.uint16(), 4: pa.uint32()}[self.codes.itemsize]
        codes = pa.Array.from_buffers(index, len(self.codes), [None, pa.py_buffer(self.codes)])
        return pa.array(_for_arrow(pa, type, self.values), type=type).take(codes)


@attrs.frozen(eq=False)
class Whole:
    """Whole numbers of 64 bits.

    Attributes:
        numbers: the numbers, with 0 in place of null.
        known: a byte for each, 0 where it is null; ``None`` where none is.
    """

    numbers: array[int]
    known: bytes | None = None

    @classmethod
    def of(cls, values: Sequence[int | None]) -> Whole:
        """Numbers, of which some may be null."""
        try:
            return cls(array("q", values))  # type: ignore[arg-type]
        except TypeError:
            known = bytes([value is not None for value in values])
            return cls(array("q", [value or 0 for value in values]), known)

    def known_too(self, where: bytes) -> Whole:
        """The same with 0 for null where a byte is not 0."""
        if self.known is None:
            return self
        both = int.from_bytes(self.known, "big") | int.from_bytes(where, "big")
        known = both.to_bytes(len(where), "big")
        return Whole(self.numbers, known if 0 in known else None)

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[Any]:
        if self.known is None:
            return iter(self.numbers)
        pairs = zip(self.numbers, self.known, strict=True)
        return iter([number if known else None for number, known in pairs])

    def __getitem__(self, index: int) -> Any:
        return self.numbers[index] if self.known is None or self.known[index] else None

    def cut(self, start: int, stop: int) -> Segment:
        known = None if self.known is None else self.known[start:stop]
        return Whole(self.numbers[start:stop], known)

    def mapped(self, function: Callable[[Any], Any]) -> Segment:
        return Listed(list(map(function, self)))

    def distinct(self) -> Sequence[Any]:
        return self.numbers if self.known is None else list(self)

    def present(self) -> bytes:
        return b"\1" * len(self.numbers) if self.known is None else self.known

    def arrow(self, pa: Any, type: Any) -> Any:
        return self.exact_arrow(pa, type) if type == pa.int64() else pa.array(list(self), type=type)

    def exact_arrow(self, pa: Any, type: Any) -> Any:
        """The values as Arrow's integers of 64 bits."""
        count = len(self.numbers)
        bits = None
        if self.known is not None:
            bytes_ = pa.Array.from_buffers(pa.uint8(), count, [None, pa.py_buffer(self.known)])
            bits = bytes_.cast(pa.bool_()).buffers()[1]
        return pa.Array.from_buffers(type, count, [bits, pa.py_buffer(self.numbers)])


@attrs.frozen(eq=False)
class Exact:
    """Decimals of any number of digits, in normal form.

    Attributes:
        text: their plain digits with commas between them, and nothing for null.
        count: how many they are.
    """

    text: str
    count: int

    @classmethod
    def of(cls, values: Sequence[Decimal | None]) -> Exact:
        """Decimals in normal form (see `scalars.normalized`), of which some may be null."""
        text = ",".join(map(str, values))
        if "E" in text:
            text = ",".join(["None" if value is None else f"{value:f}" for value in values])
        return cls(text.replace("None", ""), len(values))

    @classmethod
    def of_texts(cls, texts: Sequence[str]) -> Exact:
        """Plain digits, and nothing for null."""
        return cls(",".join(texts), len(texts))

    def texts(self) -> list[str]:
        """The digits of each; empty for null. The list is not to be changed."""
        return _split(self.text)

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Any]:
        return iter([Decimal(text) if text else None for text in self.texts()])

    def __getitem__(self, index: int) -> Any:
        text = self.texts()[index]
        return Decimal(text) if text else None

    def cut(self, start: int, stop: int) -> Segment:
        return Exact.of_texts(self.texts()[start:stop])

    def mapped(self, function: Callable[[Any], Any]) -> Segment:
        return Listed(list(map(function, self)))

    def distinct(self) -> Sequence[Any]:
        return list(self)

    def present(self) -> bytes:
        if ",," in f",{self.text},":
            return bytes(map(bool, self.texts()))
        return b"\1" * self.count

    def arrow(self, pa: Any, type: Any) -> Any:
        if not pa.types.is_decimal(type):
            return pa.array(list(self), type=type)
        try:
            return self.exact_arrow(pa, type)
        except pa.ArrowInvalid:  # it has more decimal places, or more digits
            return pa.array(_for_arrow(pa, type, list(self)), type=type)

    def exact_arrow(self, pa: Any, type: Any) -> Any:
        """The values as Arrow's decimals.

        Raises:
            pyarrow.ArrowInvalid: one has more digits than they hold.
        """
        return self.text_array(pa).cast(type)

    def text_array(self, pa: Any) -> Any:
        """The digits of each as an Arrow array, in which null is null."""
        compute = import_module("pyarrow.compute")
        data = pa.py_buffer(self.text.encode())
        numbers = pa.Array.from_buffers(pa.uint8(), data.size, [None, data])
        commas = compute.indices_nonzero(compute.equal(numbers, ord(","))).cast(pa.int32())
        # Each text ends where its comma was, less one for each comma that was before it.
        ramp = pa.Array.from_buffers(
            pa.int32(), len(commas), [None, pa.py_buffer(_ramp(self.count))]
        )
        digits = self.text.replace(",", "").encode()
        inner = compute.subtract(commas, ramp)
        bounds = pa.array([0, len(digits)], type=pa.int32())
        ends = pa.concat_arrays([bounds[:1], inner, bounds[1:]])
        bits = None
        if 0 in (known := self.present()):
            flags = pa.Array.from_buffers(pa.uint8(), self.count, [None, pa.py_buffer(known)])
            bits = flags.cast(pa.bool_()).buffers()[1]
        buffers = [bits, ends.buffers()[1], pa.py_buffer(digits)]
        return pa.Array.from_buffers(pa.string(), self.count, buffers)


@lru_cache(maxsize=2)
def _ramp(count: int) -> array[int]:
    return array("i", range(count))


@lru_cache(maxsize=8)  # so that reading a column value by value does not split it each time
def _split(text: str) -> list[str]:
    return text.split(",")


@attrs.frozen(eq=False)
class Listed:
    """Values of any kind, as they are."""

    values: Sequence[Any]

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.values)

    def __getitem__(self, index: int) -> Any:
        return self.values[index]

    def cut(self, start: int, stop: int) -> Segment:
        return Listed(self.values[start:stop])

    def mapped(self, function: Callable[[Any], Any]) -> Segment:
        return Listed(list(map(function, self.values)))

    def distinct(self) -> Sequence[Any]:
        return self.values

    def present(self) -> bytes:
        return bytes([value is not None for value in self.values])

    def arrow(self, pa: Any, type: Any) -> Any:
        return pa.array(_for_arrow(pa, type, self.values), type=type)


def _for_arrow(pa: Any, type: Any, values: Sequence[Any]) -> Sequence[Any]:
    """Values as Arrow takes them: decimals with the places that there are."""
    if pa.types.is_decimal(type):
        return all_rounded(values)
    return values


class Index(dict[Any, int]):
    """The number of each value that has come so far."""

    def __init__(self) -> None:
        super().__init__()
        self.values_seen: list[Any] = []

    def __missing__(self, value: Any) -> int:
        number = self[value] = len(self.values_seen)
        self.values_seen.append(value)
        return number

    def coded(self, values: Sequence[Any]) -> Coded:
        """Values by their numbers."""
        for typecode in "BHI":
            try:
                return Coded(array(typecode, map(self.__getitem__, values)), self.values_seen)
            except OverflowError:
                continue
        raise AssertionError  # there are fewer than 2^32 values


def segment_of(values: Sequence[Any], index: Callable[[], Index]) -> Segment:
    """Values of one kind, null among them, in as few bytes as they allow.

    Args:
        values: at least one.
        index: gives the numbers of texts.
    """
    first = values[0]
    if values[-1] == first and values.count(first) == len(values):
        return Same(first, len(values))
    sample = next(value for value in values if value is not None)
    if isinstance(sample, bool | str):
        return index().coded(values)
    if isinstance(sample, int):
        try:
            return Whole.of(values)
        except OverflowError:  # as sums may be
            return Listed(values)
    return Exact.of(values) if isinstance(sample, Decimal) else Listed(values)


def spread(values: Sequence[Any], counts: Sequence[int]) -> Segment:
    """Values, each a number of times."""
    typecode = "B" if len(values) <= 1 << 8 else "H" if len(values) <= 1 << 16 else "I"
    codes = array(typecode)
    for number, count in enumerate(counts):
        codes.extend(array(typecode, [number]) * count)
    return Coded(codes, values)
