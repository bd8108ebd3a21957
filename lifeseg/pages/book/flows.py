"""The states and moves of a lifecycle come in; their picture goes out, drawn as SVG.

States stand in a row in the order of the policy. Moves to the next state are straight, those that skip states go above, those
that lead back beneath.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lifeseg.frozen import dataclass
from lifeseg.pages.markup import Markup, element, scrolled
from lifeseg.pipeline.book import tree as b

WIDTH, EDGE = 800.0, 8.0
WIDEST, NARROWEST, GAP = 150.0, 64.0, 36.0
LINE, PADDING = 16.0, 12.0
LIFT, RISE = 18.0, 20.0  # how high an arc is, and how much higher for each state that it skips
HEAD = 5.0
LETTER, WIDE_LETTER = 7.2, 13.5


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the boxes are."""

    lefts: tuple[float, ...]
    width: float
    top: float
    bottom: float
    height: float
    whole: float


def picture(flow: b.Flow) -> Markup:
    places = {state.name: place for place, state in enumerate(flow.states)}
    moves = [(places[source], places[target]) for source, target in flow.moves]
    lines = [
        [*wrapped(state.titles[0], box_width(len(flow.states))), *([state.count] if state.count else [])]
        for state in flow.states
    ]
    layout = laid_out(lines, moves)
    some = not all(state.start for state in flow.states)  # else the mark says nothing
    boxes = [
        box(state, texts, place, layout, some and state.start)
        for place, (state, texts) in enumerate(zip(flow.states, lines, strict=True))
    ]
    titles = {state.name: state.titles[0] for state in flow.states}
    counts = dict(flow.counts)
    numbers = {(places[source], places[target]): count for (source, target), count in flow.counts}
    said = "; ".join(told(titles, move, counts.get(move, "")) for move in flow.moves)
    inside = "; ".join(f"{titles[state.name]}: {state.count}" for state in flow.states if state.count)
    whole = element(
        "svg",
        *arcs(moves, layout, numbers),
        *boxes,
        viewBox=f"0 0 {layout.whole:.0f} {layout.height:.0f}",
        class_="states",
        role="img",
        aria_label=": ".join(filter(None, (flow.caption, inside, said))),
    )
    return element("figure", scrolled(whole, flow.caption), class_="flow")


def told(titles: Mapping[str, str], move: tuple[str, str], count: str) -> str:
    source, target = move
    return f"{titles[source]} → {titles[target]}" + (f": {count}" if count else "")


def box_width(count: int) -> float:
    return max(NARROWEST, min(WIDEST, (WIDTH - 2 * EDGE - GAP * (count - 1)) / max(count, 1)))


def laid_out(lines: Sequence[Sequence[str]], moves: Sequence[tuple[int, int]]) -> Layout:
    width = box_width(len(lines))
    lefts = tuple(EDGE + place * (width + GAP) for place in range(len(lines)))
    tall = max((len(texts) for texts in lines), default=1) * LINE + 2 * PADDING
    above = max((arc_height(*move) for move in moves if move[1] > move[0] + 1), default=0.0)
    below = max((arc_height(*move) for move in moves if move[1] < move[0]), default=0.0)
    top = EDGE + 0.75 * above + LINE
    bottom = top + tall
    whole = lefts[-1] + width + EDGE if lefts else WIDTH
    return Layout(lefts, width, top, bottom, bottom + 0.75 * below + EDGE + LINE, whole)


def arc_height(source: int, target: int) -> float:
    return LIFT + RISE * abs(target - source)


def box(state: b.FlowState, texts: Sequence[str], place: int, layout: Layout, start: bool) -> Markup:
    """A state; where one may start while elsewhere not has a bold edge, a final one a second edge."""
    left, tall = layout.lefts[place], layout.bottom - layout.top
    middle = left + layout.width / 2
    first = layout.top + tall / 2 - (len(texts) - 1) * LINE / 2 + 4.5
    words = (
        element(
            "text",
            text,
            x=f"{middle:.1f}",
            y=f"{first + number * LINE:.1f}",
            text_anchor="middle",
            class_="count" if state.count and number == len(texts) - 1 else None,
        )
        for number, text in enumerate(texts)
    )
    shape = edge(left, layout.top, layout.width, tall, "state start" if start else "state")
    inner = edge(left + 3, layout.top + 3, layout.width - 6, tall - 6, "inner") if state.terminal else None
    return element("g", shape, inner, *words)


def edge(left: float, top: float, width: float, height: float, kind: str) -> Markup:
    return element(
        "rect",
        x=f"{left:.1f}",
        y=f"{top:.1f}",
        width=f"{width:.1f}",
        height=f"{height:.1f}",
        rx=8,
        class_=kind,
    )


def arcs(
    moves: Sequence[tuple[int, int]], layout: Layout, numbers: Mapping[tuple[int, int], str]
) -> Iterator[Markup]:
    """Lines with heads, and numbers where told; at each edge of a box they stand side by side, the nearest target first."""
    ends = spread(moves, layout)
    middle = (layout.top + layout.bottom) / 2
    for source, target in moves:
        if target == source + 1:
            start, end = layout.lefts[source] + layout.width, layout.lefts[target]
            yield element("path", d=f"M{start:.1f} {middle:.1f}H{end - HEAD:.1f}", class_="line")
            head = f"M{end:.1f} {middle:.1f}l{-2 * HEAD:.1f} {-HEAD:.1f}v{2 * HEAD:.1f}z"
            at = ((start + end) / 2 - HEAD, middle - HEAD)
        else:
            up = -1.0 if target > source else 1.0
            edge_at = layout.top if target > source else layout.bottom
            start, end = ends[source, target, source], ends[source, target, target]
            peak = edge_at + up * arc_height(source, target)
            bent = f"C{start:.1f} {peak:.1f} {end:.1f} {peak:.1f} {end:.1f} {edge_at + up * HEAD:.1f}"
            path = f"M{start:.1f} {edge_at:.1f}{bent}"
            yield element("path", d=path, class_="line")
            head = f"M{end:.1f} {edge_at:.1f}l{-HEAD:.1f} {up * 2 * HEAD:.1f}h{2 * HEAD:.1f}z"
            at = (
                (start + end) / 2,
                edge_at + 0.75 * up * arc_height(source, target) + (LINE if up > 0 else -HEAD),
            )
        yield element("path", d=head, class_="head")
        if count := numbers.get((source, target)):
            yield element(
                "text", count, x=f"{at[0]:.1f}", y=f"{at[1]:.1f}", text_anchor="middle", class_="moved"
            )


def spread(moves: Sequence[tuple[int, int]], layout: Layout) -> dict[tuple[int, int, int], float]:
    """Where along its edge each end of an arc stands: by move and by the box."""
    found: dict[tuple[int, int, int], float] = {}
    for upper in (True, False):
        for place, left in enumerate(layout.lefts):
            here = [
                move
                for move in moves
                if place in move and (move[1] > move[0] + 1 if upper else move[1] < move[0])
            ]
            here.sort(key=lambda move: outward(other_end(move, place) - place))
            for number, move in enumerate(here, 1):
                found[(*move, place)] = left + layout.width * number / (len(here) + 1)
    return found


def outward(step: int) -> tuple[bool, int]:
    """What leads left stands left, the nearest outermost: so no two arcs cross where they begin."""
    return (step > 0, -step)


def other_end(move: tuple[int, int], place: int) -> int:
    return move[1] if move[0] == place else move[0]


def wrapped(text: str, width: float) -> list[str]:
    """The text in lines that fit a box; of very long ones the beginning."""
    lines = [""]
    for word in pieces(text):
        if lines[-1] and measure(lines[-1] + word) > width - 12:
            lines.append(word.lstrip())
        else:
            lines[-1] += word
    kept = [line for line in lines if line.strip()] or [text]
    return kept if len(kept) <= 4 else [*kept[:3], kept[3] + "…"]


def pieces(text: str) -> Iterator[str]:
    """Where a line may be broken: before words, and between East Asian letters."""
    word = ""
    for letter in text:
        if letter == " ":
            yield word
            word = " "
        elif ord(letter) > 0x2E80:
            yield from (word, letter)
            word = ""
        else:
            word += letter
    yield word


def measure(text: str) -> float:
    return sum(WIDE_LETTER if ord(letter) > 0x2E80 else LETTER for letter in text)
