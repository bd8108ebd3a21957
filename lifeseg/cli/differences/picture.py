"""Who went from which case to which comes in; a picture of it goes out, as wide as there are customers, and a table with the
numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lifeseg.cli.differences.words import case
from lifeseg.cli.words import breadth, counted
from lifeseg.frozen import dataclass
from lifeseg.pages.markup import Markup, element, scrolled

if TYPE_CHECKING:
    from lifeseg.pipeline.difference import EntityMoves

WIDTH, LEFT, RIGHT, BAR, TALL = 800, 260, 540, 12, 260
TOP, GAP, SLOT = 34, 12, 20
THIN = 2.0
"""What a way is wide at least, that it can be seen."""
ROOM = 22
"""Letters of a name for which there is room beside a bar."""

Way = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Of one decision: its cases in the order of the policy, and how many went each way, also from a case to itself."""

    name: str
    entity: str
    cases: tuple[str, ...]
    ways: Mapping[Way, int]

    def before(self, name: str) -> int:
        return sum(count for (one, _), count in self.ways.items() if one == name)

    def after(self, name: str) -> int:
        return sum(count for (_, other), count in self.ways.items() if other == name)

    @property
    def moved(self) -> int:
        return sum(count for (one, other), count in self.ways.items() if one != other)


def matrix(moves: EntityMoves, column: str, order: Sequence[str]) -> Matrix:
    ways = {(case(name), case(name)): count for name, count in moves.stayed[column].items()}
    ways |= {(case(one.before), case(one.after)): one.count for one in moves.went if one.column == column}
    there = dict.fromkeys(name for way in ways for name in way)
    known = [name for name in order if name in there]
    cases = (*known, *(name for name in there if name not in known))
    return Matrix(column, moves.entity, cases, ways)


# ---- The table ------------------------------------------------------------------------------------


def table(found: Matrix) -> Markup:
    """A row for each case before, a column for each after; who moved stands out by an arrow, too."""
    head = element(
        "tr",
        element("th", "before ↓  after →", scope="col"),
        *(element("th", name, scope="col", class_="n") for name in found.cases),
        element("th", "before, in all", scope="col", class_="n"),
    )
    rows = [
        element(
            "tr",
            element("th", one, scope="row"),
            *(cell(one, other, found.ways.get((one, other), 0)) for other in found.cases),
            element("td", f"{found.before(one):,}", class_="n sum"),
        )
        for one in found.cases
    ]
    last = element(
        "tr",
        element("th", "after, in all", scope="row"),
        *(element("td", f"{found.after(name):,}", class_="n sum") for name in found.cases),
        element("td", f"{sum(found.ways.values()):,}", class_="n sum"),
    )
    caption = element("caption", f"{found.name}: how many went from a case (row) to a case (column)")
    parts = (caption, element("thead", head), element("tbody", *rows), element("tfoot", last))
    return scrolled(element("table", *parts), found.name)


def cell(one: str, other: str, count: int) -> Markup:
    if one == other:
        return element("td", f"{count:,}", class_="n stayed")
    return element("td", f"→ {count:,}", class_="n moved") if count else element("td", "·", class_="n nobody")


# ---- The picture ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Side:
    """Where the cases of one side begin, from the top, and how thick they are."""

    starts: Mapping[str, float]
    sizes: Mapping[str, float]


def picture(found: Matrix, number: int) -> Markup:
    """A band for each way from the cases on the left to those on the right; who stays is pale, who moves has a number."""
    scale = TALL / max(1, sum(found.ways.values()))
    thick = {
        way: count * scale if way[0] == way[1] else max(count * scale, THIN)
        for way, count in found.ways.items()
        if count
    }
    left, right = side(found, thick, 0), side(found, thick, 1)
    bands = list(bands_of(found, thick, left, right))
    bottom = max(
        (at.starts[name] + max(at.sizes[name], SLOT) for at in (left, right) for name in at.starts),
        default=TOP,
    )
    title, about = f"picture-{number}", f"picture-{number}-text"
    return element(
        "svg",
        element("title", f"Who moves by {found.name}", id=title),
        element("desc", told(found), id=about),
        element("text", "before", x=LEFT, y=16, class_="side", text_anchor="end"),
        element("text", "after", x=RIGHT, y=16, class_="side"),
        *(band for moves, band, _ in bands if not moves),
        *(band for moves, band, _ in bands if moves),
        *bars(found, left, LEFT - BAR, -8, "end"),
        *bars(found, right, RIGHT, BAR + 8, "start"),
        *(label for _, _, label in bands if label),
        viewBox=f"0 0 {WIDTH} {bottom + GAP:.0f}",
        role="img",
        aria_labelledby=f"{title} {about}",
    )


def told(found: Matrix) -> str:
    """The picture in words."""
    went = [
        f"{one} to {other}: {count:,}" for (one, other), count in found.ways.items() if one != other and count
    ]
    stay = sum(found.ways.values()) - found.moved
    return f"{counted(stay, found.entity)} stay where they were. {'; '.join(went)}."


def side(found: Matrix, thick: Mapping[Way, float], which: int) -> Side:
    """The cases of a side one below the other, none so thin that its name has no room."""
    sizes = {
        name: sum(size for way, size in thick.items() if way[which] == name)
        for name in found.cases
        if any(way[which] == name for way in thick)
    }
    starts, place = {}, float(TOP)
    for name, size in sizes.items():
        starts[name] = place
        place += max(size, SLOT) + GAP
    return Side(starts, sizes)


def bars(found: Matrix, at: Side, x: int, beside: int, anchor: str) -> list[Markup]:
    """The cases of a side with their names and sizes."""
    count = found.before if anchor == "end" else found.after
    drawn = []
    for name, start in at.starts.items():
        drawn.append(
            element("rect", x=x, y=f"{start:.1f}", width=BAR, height=f"{at.sizes[name]:.1f}", class_="bar")
        )
        drawn.append(
            element(
                "text",
                f"{short(name)}  {count(name):,}",
                x=x + beside,
                y=f"{start + at.sizes[name] / 2 + 5:.1f}",
                text_anchor=anchor,
            )
        )
    return drawn


def short(name: str) -> str:
    """As much of a name as there is room for; the table has all of it."""
    while breadth(name) > ROOM:
        name = f"{name[:-2]}…"
    return name


def bands_of(
    found: Matrix, thick: Mapping[Way, float], left: Side, right: Side
) -> list[tuple[bool, Markup, Markup | None]]:
    """Each way: whether it moves anybody, the band, and the number on it."""
    from_left, from_right = dict(left.starts), dict(right.starts)
    tops: dict[Way, tuple[float, float]] = {}
    for one in found.cases:
        for other in found.cases:
            if (one, other) in thick:
                tops[one, other] = from_left[one], from_right[other]
                from_left[one] += thick[one, other]
                from_right[other] += thick[one, other]
    drawn = []
    ways = {True: 0, False: 0}  # down and up
    for (one, other), (start, end) in tops.items():
        moves, size = one != other, thick[one, other]
        name = (
            f"{one} → {other}: {found.ways[one, other]:,}"
            if moves
            else f"{one}: {found.ways[one, other]:,} stay"
        )
        shape = element(
            "path", element("title", name), d=curve(start, end, size), class_="move" if moves else "stay"
        )
        label = None
        if moves:
            down = found.cases.index(one) < found.cases.index(other)
            part = (0.2, 0.36)[ways[down] % 2]
            label = number_on(f"{found.ways[one, other]:,}", start, end, size, part if down else 1 - part)
            ways[down] += 1
        drawn.append((moves, shape, label))
    return drawn


def curve(start: float, end: float, size: float) -> str:
    """The outline of a band from left to right and back."""
    middle = (LEFT + RIGHT) / 2
    return (
        f"M{LEFT} {start:.1f}C{middle:.0f} {start:.1f} {middle:.0f} {end:.1f} {RIGHT} {end:.1f}V{end + size:.1f}"
        f"C{middle:.0f} {end + size:.1f} {middle:.0f} {start + size:.1f} {LEFT} {start + size:.1f}Z"
    )


def number_on(text: str, start: float, end: float, size: float, part: float) -> Markup:
    """The number of those who go a way, on its band, where that has gone a part of its length: where it goes down, near its
    beginning, where up, near its end, so that numbers of bands that cross do not meet.
    """
    x = (1 - part) ** 3 * LEFT + 3 * part * (1 - part) * (LEFT + RIGHT) / 2 + part**3 * RIGHT
    y = ((1 - part) ** 3 + 3 * (1 - part) ** 2 * part) * start + (3 * (1 - part) * part**2 + part**3) * end
    return element(
        "text", text, x=f"{x:.0f}", y=f"{y + size / 2 + 4:.1f}", class_="number", text_anchor="middle"
    )
