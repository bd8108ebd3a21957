"""One number from here to there comes in; curves of who moves and of how large each case is go out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lifeseg.cli.sensitivities.words import Series, groups, shown
from lifeseg.pages.charts import Stop, curve
from lifeseg.pages.markup import Markup, element, scrolled
from lifeseg.pipeline.sensitivity import Sweep


def curves(found: Sweep) -> Iterator[tuple[str, list[Markup]]]:
    """A heading, and what stands beneath it: a curve for each series, all on one scale where they tell the same."""
    for place, (heading, series) in enumerate(groups(found)):
        together = max((max(one.amounts) for one in series), default=0)
        pictures = (drawn(found, one, float(max(one.amounts) if place == 0 else together)) for one in series)
        yield heading, [element("div", *pictures, class_="curves"), folded(found, heading, series)]


def drawn(found: Sweep, series: Series, most: float) -> Markup:
    """The curve over what it is, what it is now, and from where to where it goes."""
    values = [one.value for one in found.points]
    low, wide = values[0], values[-1] - values[0]
    places = [float((value - low) / wide) if wide else 0.0 for value in values]
    words = [shown(found.number, value) for value in values]
    stops = [
        Stop(place, max(0.0, float(amount)), f"{told} at {word}")
        for place, amount, told, word in zip(places, series.amounts, series.told, words, strict=True)
    ]
    now = found.number.value
    mark = float((now - low) / wide) if wide and values[0] <= now <= values[-1] else None
    spread = between(series, words)
    return element(
        "figure",
        element("figcaption", element("b", series.name), spread),
        curve(stops, most, (words[0], words[-1]), mark, f"{series.name}: {spread}"),
    )


def between(series: Series, words: Sequence[str]) -> str:
    """The least and the greatest, in the order of the values."""
    places = range(len(words))
    least = min(places, key=series.amounts.__getitem__)
    greatest = max(places, key=series.amounts.__getitem__)
    if series.amounts[least] == series.amounts[greatest]:
        return f"{series.told[least]} at every value"
    return " – ".join(f"{series.told[at]} at {words[at]}" for at in sorted((least, greatest)))


def folded(found: Sweep, heading: str, series: Sequence[Series]) -> Markup:
    """The numbers of the curves, a row for each value."""
    head = element(
        "tr",
        element("th", found.number.name, scope="col", class_="n"),
        *(element("th", one.name, scope="col", class_="n") for one in series),
    )
    rows = (
        element(
            "tr",
            element("th", shown(found.number, point.value), scope="row", class_="n"),
            *(element("td", one.told[place], class_="n") for one in series),
        )
        for place, point in enumerate(found.points)
    )
    caption = element("caption", heading, class_="unseen")
    table = element("table", caption, element("thead", head), element("tbody", *rows))
    region = scrolled(table, heading)
    return element("details", element("summary", "the numbers"), region, class_="numbers")
