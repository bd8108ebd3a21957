"""Counts and amounts come in; pictures of them go out, drawn as SVG: each with the same in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lifeseg.explain.catalogue import Catalogue
from lifeseg.pages.charts import breadth
from lifeseg.pages.markup import Markup, element
from lifeseg.pipeline.report import content as c

WIDTH, TALL, SIDE, FOOT, LINE = 640, 150, 6, 20, 16
MOST_LABEL = 44


def spread(found: c.Distribution, words: Catalogue) -> Markup:
    """Bars of equal width; above them the thresholds, whose names stand in as many lines as they need not to touch."""
    labels = list(placed(found.marks, words))
    top = LINE * (1 + max((line for _, _, line, _ in labels), default=-1)) + 6
    floor, most = top + TALL, max(found.counts, default=0) or 1
    step = (WIDTH - 2 * SIDE) / max(1, len(found.counts))
    bars = (
        element(
            "rect",
            element("title", f"{found.edges[place]} – {found.edges[place + 1]}: {count:,}"),
            x=f"{SIDE + place * step + 0.5:.1f}",
            y=f"{floor - TALL * count / most:.1f}",
            width=f"{step - 1:.1f}",
            height=f"{TALL * count / most:.1f}",
        )
        for place, count in enumerate(found.counts)
        if count
    )
    return element(
        "svg",
        *bars,
        element("line", x1=SIDE, x2=WIDTH - SIDE, y1=f"{floor:.1f}", y2=f"{floor:.1f}", class_="axis"),
        *(part for label in labels for part in marked(*label, floor)),
        element("text", found.edges[0], x=SIDE, y=f"{floor + 15:.1f}"),
        element("text", found.edges[-1], x=WIDTH - SIDE, y=f"{floor + 15:.1f}", text_anchor="end"),
        viewBox=f"0 0 {WIDTH:.0f} {floor + FOOT:.0f}",
        class_="spread",
        role="img",
        aria_label=told(found, words),
    )


def told(found: c.Distribution, words: Catalogue) -> str:
    most = max(found.counts)
    said = words.say(
        "report.spread_alt",
        count=f"{sum(found.counts):,}",
        low=found.edges[0],
        high=found.edges[-1],
        most=f"{most:,}",
        mode=found.edges[found.counts.index(most)],
    )
    marks = (words.say("report.threshold", title=one.title, amount=one.amount) for one in found.marks)
    return "; ".join((f"{found.title}: {said}", *marks))


def placed(marks: Sequence[c.Mark], words: Catalogue) -> Iterator[tuple[str, float, int, bool]]:
    """The text of each mark, where it stands, in which line from the top, and whether left of its mark."""
    ends: list[float] = []
    for one in marks:
        text = words.say("report.threshold", title=one.title, amount=one.amount)
        text = text if len(text) <= MOST_LABEL else f"{text[: MOST_LABEL - 1]}…"
        at, wide = SIDE + one.place * (WIDTH - 2 * SIDE), breadth(text)
        left = at + 5 + wide > WIDTH
        start = at - 5 - wide if left else at + 5
        line = next((number for number, end in enumerate(ends) if end < start - 4), len(ends))
        ends[line : line + 1] = [max(at, start + wide)]
        yield text, at, line, left


def marked(text: str, at: float, line: int, left: bool, floor: float) -> Iterator[Markup]:
    y = LINE * (line + 1) - 3
    for kind in ("halo", "mark"):  # the pale one keeps it apart from the bars
        yield element(
            "line", x1=f"{at:.1f}", x2=f"{at:.1f}", y1=f"{y - 10:.1f}", y2=f"{floor:.1f}", class_=kind
        )
    x = at - 5 if left else at + 5
    yield element(
        "text", text, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor="end" if left else None, class_="name"
    )
