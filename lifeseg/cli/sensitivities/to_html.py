"""What was found about a policy's numbers comes in; a page to look at it goes out, in one file that loads nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

from lifeseg.cli.sensitivities.curves import curves
from lifeseg.cli.sensitivities.words import (
    MOST_WEIGHTS,
    decimal,
    frame,
    is_first,
    percent,
    remarks,
    rounded,
    shown,
    title,
)
from lifeseg.cli.words import counted
from lifeseg.pages.charts import STYLE as CHARTS
from lifeseg.pages.charts import both_ways, meter
from lifeseg.pages.document import document
from lifeseg.pages.markup import Content, Markup, element, inside, scrolled
from lifeseg.pipeline.sensitivity import Near, Sensitivity, Sweep
from lifeseg.records.results_varied import Part

STYLE = Path(__file__).with_name("page.css")
ARROW = "→"
DASHED = "Cases of one decision are drawn on one scale. The dashed line is where the number stands today."
Section = tuple[str, str, list[Markup]]
"""Its anchor, its heading, and what is in it."""


def to_html(found: Sensitivity | Sweep) -> str:
    name = title(found)
    sections = [one for one in sections_of(found) if one[2]]
    entries = (element("li", element("a", heading, href=f"#{key}")) for key, heading, _ in sections)
    header = element(
        "header",
        element("h1", name),
        element("p", frame(found), class_="soft"),
        *(element("p", line, class_="answer") for line in answers(found)),
        element("p", DASHED, class_="soft") if isinstance(found, Sweep) else None,
        element("nav", element("ul", *entries), aria_label="On this page"),
    )
    parts = (
        element("section", element("h2", heading, id=key), *body, aria_labelledby=key)
        for key, heading, body in sections
    )
    return document(
        f"{name} ({frame(found)})",
        inside(header, element("main", *parts), footer()),
        language="en",
        style="".join(one.read_text(encoding="utf-8") for one in (CHARTS, STYLE)),
    )


def footer() -> Markup:
    from lifeseg import __version__

    said = "Every figure is that of a run of the policy with the other number; nothing is estimated."
    return element("footer", element("p", f"Written by lifeseg {__version__} sensitivity. {said}"))


def sections_of(found: Sensitivity | Sweep) -> Iterator[Section]:
    if isinstance(found, Sweep):
        for place, (heading, body) in enumerate(curves(found)):
            yield f"curve-{place}", heading if place else f"{heading[0].upper()}{heading[1:]}", body
        still = [element("p", f"{line[0].upper()}{line[1:]}.") for line in remarks(found)]
        yield "still", "What does not change", still
        return
    yield "near", "Near a threshold", list(near(found))
    yield "weights", "Moved by a weight", list(weights(found))
    for place, one in enumerate(found.sweeps):
        parts = (part for heading, body in curves(one) for part in (element("h3", heading), *body))
        yield f"sweep-{place}", title(one), [element("p", DASHED, class_="soft"), *parts]
    heading = f"Kept whichever weight is {percent(found.by)} less or more"
    yield "kept", heading, list(kept(found))


# ---- The answer ------------------------------------------------------------------------------------


def answers(found: Sensitivity | Sweep) -> Iterator[str]:
    """What a reader wants to know first."""
    if isinstance(found, Sweep):
        yield most_moved(found)
        return
    if found.weights and found.weights[0].most:
        one, by = found.weights[0], percent(found.by)
        yield (
            f"The weight {one.weight.name} moves most: {by} less of it, and {whom(found, one.less)}"
            f" decided about otherwise; {by} more, and {whom(found, one.more)}."
        )
    elif found.weights:
        yield f"No weight moves anybody, if it is {percent(found.by)} less or more."
    crowded = max(filter(lambda one: is_first(found, one), found.near), key=by_count, default=None)
    if crowded is not None and crowded.part.count:
        at = crowded.threshold
        yield (
            f"Most are near {at.column} {decimal(at.value)}: {whom(found, crowded.part)}"
            f" within {decimal(crowded.reach)} of it."
        )


def by_count(one: Near) -> int:
    return one.part.count


def most_moved(found: Sweep) -> str:
    most = max(found.points, key=lambda one: one.moved.count)
    if not most.moved.count:
        return "Nobody is decided about otherwise at any of these values."
    at = f"At {shown(found.number, most.value)},"
    return f"{at} {whom(found, most.moved)} decided about otherwise than today; at no other value are there more."


def whom(found: Sensitivity | Sweep, part: Part) -> str:
    """`15 of 150 customers (10 %) are`, with what they come to."""
    everybody = found.everybody.count
    said = [percent(Fraction(part.count, everybody))] if everybody else []
    said += [f"{found.value} {rounded(part.worth)}"] if part.worth is not None else []
    verb = "is" if part.count == 1 else "are"
    return f"{part.count:,} of {counted(everybody, found.entity)} ({'; '.join(said)}) {verb}"


# ---- Tables with bars ------------------------------------------------------------------------------


def near(found: Sensitivity) -> Iterator[Markup]:
    """The bars have the scale of the longest among the records of an entity."""
    if not found.near:
        return
    most: dict[str, int] = {}
    worths: dict[str, Fraction] = {}
    for one in found.near:
        entity = one.threshold.entity
        most[entity] = max(most.get(entity, 0), one.part.count)
        worths[entity] = max(worths.get(entity, Fraction(0)), one.part.worth or Fraction(0))
    rows = []
    for one in found.near:
        at, part = one.threshold, one.part
        into = f" {ARROW} {at.case or at.flag}" if at.case or at.flag else ""
        share = percent(Fraction(part.count, found.everybody.count)) if is_first(found, one) else ""
        bars = [meter(part.count, most[at.entity])]
        if part.worth is not None:
            bars.append(meter(max(0.0, float(part.worth)), float(worths[at.entity])))
        under = f"{at.decision}, within {decimal(one.reach)}"
        name = f"{at.column} {decimal(at.value)}{into}"
        rows.append(line(name, under, [amount(part), inside(*bars), share]))
    if found.value is not None:
        yield element(
            "p", f"Beneath each count, and as the lower bar, {found.value} of those counted.", class_="soft"
        )
    yield drawn("near a threshold", ("threshold", "near", None, "share"), rows)


def weights(found: Sensitivity) -> Iterator[Markup]:
    """Those that move most, with bars to both sides; the rest folded."""
    if not found.weights:
        return
    most, by = found.weights[0].most, percent(found.by)
    rows = [
        line(
            one.weight.name,
            f"now {shown(one.weight, one.weight.value)}",
            [amount(one.less), both_ways(one.less.count, one.more.count, most), amount(one.more)],
        )
        for one in found.weights
    ]
    heads = ("weight", f"{by} less", None, f"{by} more")
    worth = f"; beneath, their {found.value}" if found.weights[0].less.worth is not None else ""
    yield element(
        "p",
        f"Who is decided about otherwise: to the left with less of the weight, to the right with more{worth}.",
        class_="soft",
    )
    yield drawn("moved by a weight", heads, rows[:MOST_WEIGHTS])
    if rest := rows[MOST_WEIGHTS:]:
        summary = element("summary", *remarks(found))
        yield element("details", summary, drawn("the other weights", heads, rest), class_="numbers")


def kept(found: Sensitivity) -> Iterator[Markup]:
    if not found.weights:
        return
    rows = [
        line(
            one.case or one.column,
            one.column if one.case else "",
            [f"{one.kept:,} of {one.count:,}", meter(one.kept, one.count), percent(Fraction(one.kept, one.count))],
        )
        for one in found.classes
    ]  # fmt: skip
    yield drawn("kept", ("case", "kept", None, "share"), rows)


def amount(part: Part) -> Markup:
    """A count, beneath it what they come to."""
    worth = element("span", rounded(part.worth), class_="under") if part.worth is not None else None
    return inside(f"{part.count:,}", worth)


def line(name: str, under: str, cells: Sequence[Content]) -> Markup:
    """A name with a word beneath it, then numbers and bars."""
    head = element("th", name, element("span", under, class_="under") if under else None, scope="row")
    drawn = (
        element("td", cell, class_="meter" if cell is None or cell.startswith("<svg") else "n")
        for cell in cells
    )
    return element("tr", head, *drawn)


def drawn(heading: str, heads: Sequence[str | None], rows: Sequence[Markup]) -> Markup:
    """A head of None is that of bars."""
    top = (
        element("th", text, scope="col", class_="n" if place else None) if text else element("td")
        for place, text in enumerate(heads)
    )
    caption = element("caption", heading, class_="unseen")
    head = element("thead", element("tr", *top))
    whole = element("table", caption, head, element("tbody", *rows), class_="many")
    return scrolled(whole, heading)
