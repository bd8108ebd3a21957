"""Frozen classes made without generated text are what `dataclasses` makes of the same fields."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from copy import deepcopy
from dataclasses import FrozenInstanceError, field
from typing import Any

import pytest

from lifeseg import frozen
from tests.architecture.test_house import MODULES

Decorator = Callable[[type], type]
MAKERS = {"frozen": frozen.dataclass, "dataclasses": dataclasses.dataclass}


def classes(maker: Callable[..., Decorator]) -> tuple[type[Any], type[Any]]:
    @maker(frozen=True, slots=True)
    class Shape:
        name: str
        span: int = field(compare=False, repr=False)
        parts: list[int] = field(default_factory=list)
        made: str = field(default="", kw_only=True)

    @maker(frozen=True, slots=True)
    class Round(Shape):  # type: ignore[misc, valid-type]
        radius: int = 1
        area: int = field(init=False, compare=False)

        def __post_init__(self) -> None:
            object.__setattr__(self, "area", 3 * self.radius**2)

        def __repr__(self) -> str:
            return "round"

    return Shape, Round


@pytest.mark.parametrize("earlier", [0, frozen.MANY], ids=["first", "many"])
def test_the_objects_are_alike(earlier: int) -> None:
    said = []
    for maker in MAKERS.values():
        shape, round_ = classes(maker)
        for number in range(earlier):
            shape(str(number), 1), round_(str(number), 1)
        one, other, ring = shape("a", 1, [2]), shape("a", span=2, parts=[2], made=""), round_("r", 1, [], 4)
        said.append([
            repr(one).rpartition(".")[2], repr(ring), one == other, one != ring, ring.area, ring == round_("r", 2, [], 4),
            shape("a", 1) == one, shape("a", 1).parts, shape.__match_args__, dataclasses.replace(ring, radius=2).area,
            [found.name for found in dataclasses.fields(ring)], deepcopy(ring) == ring, dataclasses.is_dataclass(ring),
        ])  # fmt: skip
    assert said[0] == said[1]


@pytest.mark.parametrize("earlier", [0, frozen.MANY], ids=["first", "many"])
def test_wrong_values_are_refused(earlier: int) -> None:
    for maker in MAKERS.values():
        shape, _ = classes(maker)
        for number in range(earlier):
            shape(str(number), 1)
        for values, named in (
            (("a",), {}),
            (("a", 1, [], "made"), {}),
            (("a", 1), {"span": 1}),
            (("a", 1), {"no": 1}),
        ):
            with pytest.raises(TypeError):
                shape(*values, **named)


def test_nothing_can_be_changed() -> None:
    for maker in MAKERS.values():
        one = classes(maker)[0]("a", 1)
        for change in (lambda one: setattr(one, "name", "b"), lambda one: delattr(one, "name")):
            with pytest.raises(FrozenInstanceError):
                change(one)
        with pytest.raises((FrozenInstanceError, AttributeError, TypeError)):
            one.other = 1


def test_equal_objects_have_equal_hashes() -> None:
    @frozen.dataclass(frozen=True, slots=True)
    class Key:
        name: str
        line: int = field(compare=False)

    assert len({Key("a", 1), Key("a", 2), Key("b", 1)}) == 2


def test_the_house_makes_them_all_this_way() -> None:
    """Of each frozen class that `dataclasses` writes, every start of a command pays three quarters of a millisecond."""
    stray = [
        str(path)
        for path in MODULES
        if "@dataclass(frozen=True, slots=True)" in (text := path.read_text(encoding="utf-8"))
        and "from lifeseg.frozen import dataclass" not in text
    ]
    assert not stray
