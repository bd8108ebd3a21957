"""Numbers come in; bars and curves that stand beside them go out, drawn as SVG: the numbers themselves are told in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lifeseg.frozen import dataclass
from lifeseg.pages.markup import Markup, element

STYLE = Path(__file__).with_name("charts.css")
LETTER, WIDE_LETTER = 6.6, 12.5
WIDTH, TALL, SIDE, TOP, FOOT = 300, 90, 6, 8, 20
MOST_DOTS = 41


def meter(count: float, of: float) -> Markup:
    """A bar as long as a share; the number stands beside it."""
    share = 100 * count / of if of else 0
    bar = element("rect", width=f"{share:.2f}", height=10)
    return element(
        "svg", bar, class_="meter", viewBox="0 0 100 10", preserveAspectRatio="none", aria_hidden="true"
    )


def both_ways(less: float, more: float, most: float) -> Markup:
    """A bar to the left and a bar to the right of a line in the middle, on one scale."""
    left, right = (100 * one / most if most else 0 for one in (less, more))
    return element(
        "svg",
        element("rect", x=f"{100 - left:.2f}", y=2, width=f"{left:.2f}", height=6),
        element("rect", x=100, y=2, width=f"{right:.2f}", height=6),
        element("line", x1=100, x2=100, y1=0, y2=10, class_="axis"),
        class_="both",
        viewBox="0 0 200 10",
        preserveAspectRatio="none",
        aria_hidden="true",
    )


@dataclass(frozen=True, slots=True)
class Stop:
    """A point of a curve: where it lies, as a share of the width, its height, and both in words."""

    place: float
    height: float
    told: str


def curve(stops: Sequence[Stop], most: float, ends: tuple[str, str], now: float | None, told: str) -> Markup:
    """Straight from stop to stop, nothing being known between them; a mark where things stand now."""
    floor = TOP + TALL
    points = [
        (SIDE + one.place * (WIDTH - 2 * SIDE), floor - TALL * one.height / most if most > 0 else floor, one.told)
        for one in stops
    ]  # fmt: skip
    line = " L".join(f"{x:.1f} {y:.1f}" for x, y, _ in points)
    first, last = points[0][0], points[-1][0]
    dots = (
        element("circle", element("title", said), cx=f"{x:.1f}", cy=f"{y:.1f}", r=3) for x, y, said in points
    )
    mark = SIDE + now * (WIDTH - 2 * SIDE) if now is not None else None
    return element(
        "svg",
        element("path", d=f"M{line} L{last:.1f} {floor} L{first:.1f} {floor} Z", class_="area"),
        element("line", x1=SIDE, x2=WIDTH - SIDE, y1=floor, y2=floor, class_="axis"),
        element("line", x1=f"{mark:.1f}", x2=f"{mark:.1f}", y1=0, y2=floor, class_="now")
        if mark is not None
        else None,
        element("path", d=f"M{line}", class_="line"),
        *(dots if len(points) <= MOST_DOTS else ()),
        element("text", ends[0], x=SIDE, y=floor + 15),
        element("text", ends[1], x=WIDTH - SIDE, y=floor + 15, text_anchor="end"),
        viewBox=f"0 0 {WIDTH} {floor + FOOT}",
        class_="curve",
        role="img",
        aria_label=told,
    )


def breadth(text: str) -> float:
    """How wide a text of pictures is, about."""
    return sum(WIDE_LETTER if ord(letter) > 0x2E80 else LETTER for letter in text)
