"""Colours: the same for a name in every report, and told apart by eyes that lack a kind of cone."""

from __future__ import annotations

import itertools
import math
import random

import pytest

from openai_admin.report.colors import DARK, LIGHT, OTHERS, colors_for

_LEAST = 10.0
"""Hundredths of OKLab between any two colours; a difference of 2 is seen side by side."""

Color = tuple[float, float, float]

# Machado, Oliveira and Fernandes 2009, at full severity, for linear light.
_EYES: dict[str, tuple[Color, Color, Color]] = {
    "usual": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
# From linear light to cones, and from their roots to OKLab (Ottosson 2020).
_CONES = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)


def _linear(color: str) -> Color:
    parts = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return r, g, b


def _times(matrix: tuple[Color, Color, Color], color: Color) -> Color:
    r, g, b = (sum(a * c for a, c in zip(row, color, strict=True)) for row in matrix)
    return r, g, b


def _seen(color: str, eyes: str) -> Color:
    """A color in OKLab, as some eyes see it."""
    r, g, b = (min(1.0, max(0.0, part)) for part in _times(_EYES[eyes], _linear(color)))
    long, medium, short = (part ** (1 / 3) for part in _times(_CONES, (r, g, b)))
    return _times(_LAB, (long, medium, short))


def _difference(one: str, other: str, eyes: str) -> float:
    pairs = zip(_seen(one, eyes), _seen(other, eyes), strict=True)
    return 100 * math.sqrt(sum((a - b) ** 2 for a, b in pairs))


def test_the_eyes_are_simulated() -> None:
    assert _difference("#c00000", "#606000", "usual") > 15
    assert _difference("#c00000", "#606000", "protanopia") < 15
    assert _difference("#ffffff", "#000000", "usual") == pytest.approx(100, abs=0.1)


@pytest.mark.parametrize("eyes", _EYES)
@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_any_two_colors_are_told_apart(colors: tuple[str, ...], eyes: str) -> None:
    """Any two may be neighbours in a chart; all others together are known by their hatching."""
    assert len(colors) == OTHERS == 8
    for one, other in itertools.combinations(colors, 2):
        assert _difference(one, other, eyes) >= _LEAST, (one, other)


def test_a_name_keeps_its_color_whatever_it_costs_and_when() -> None:
    ids = [f"proj_{n}" for n in range(8)]
    first = dict(zip(ids, colors_for(ids), strict=True))
    for seed in range(5):
        shuffled = random.Random(seed).sample(ids, 8)
        assert dict(zip(shuffled, colors_for(shuffled), strict=True)) == first
    assert sorted(first.values()) == list(range(8))


def test_who_comes_and_goes_changes_few_other_colors() -> None:
    changed = 0
    for n in range(40):
        ids = [f"proj_{n}_{i}" for i in range(6)]
        whole, fewer = colors_for(ids), colors_for(ids[1:])
        changed += sum(a != b for a, b in zip(whole[1:], fewer, strict=True))
    assert changed <= 40 * 5 // 4  # one of the five others, on average


def test_what_has_no_name_has_a_color_too() -> None:
    assert len(set(colors_for([None, "gpt-5", "gpt-4.1"]))) == 3


def test_a_group_too_many_for_the_colours_is_filled_as_the_others_are() -> None:
    ids = [f"model-{number}" for number in range(len(LIGHT) + 2)]
    colors = colors_for(ids)
    assert sorted(colors[: len(LIGHT)]) == list(range(len(LIGHT)))
    assert colors[len(LIGHT) :] == [OTHERS, OTHERS]
