"""A report as plain data comes in; one file of HTML goes out, which needs no other: for a screen of any size, light or dark,
and for paper.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from lifeseg.explain.links import link
from lifeseg.pages.book.flows import picture
from lifeseg.pages.charts import STYLE as CHARTS
from lifeseg.pages.charts import meter
from lifeseg.pages.document import document
from lifeseg.pages.explanation import STYLE as EXPLANATION
from lifeseg.pages.explanation import TAGS, fragment
from lifeseg.pages.markup import Content, Markup, element, inside, scrolled
from lifeseg.pages.report.charts import spread
from lifeseg.pipeline.book import tree as b
from lifeseg.pipeline.report import content as c

STYLE, SCRIPT = (Path(__file__).with_name(name) for name in ("report.css", "report.js"))
Section = tuple[str, str, list[Markup]]
"""Its anchor, its heading, and what is in it."""


def to_html(report: c.Report, book: str | None = None) -> str:
    """The page; `book` is where the policy's book lies, into which headings lead."""
    words = report.words
    sections = [one for one in sections_of(report, book) if one[2]]
    entries = (element("li", element("a", title, href=f"#{key}")) for key, title, _ in sections)
    header = element(
        "header",
        element("h1", report.title),
        element("p", " · ".join(about(report)), class_="soft"),
        element("nav", element("ul", *entries), aria_label=words.say("report.contents")),
    )
    parts = (
        element("section", element("h2", title, id=key), *body, aria_labelledby=key)
        for key, title, body in sections
    )
    return document(
        f"{report.title} · {words.say('report.of', day=str(report.day))}",
        inside(header, element("main", *parts)),
        language=TAGS.get(words.language, words.language),
        style="".join(one.read_text(encoding="utf-8") for one in (EXPLANATION, CHARTS, STYLE)),
        script=SCRIPT.read_text(encoding="utf-8"),
    )


def about(report: c.Report) -> Iterator[str]:
    words = report.words
    yield report.version
    yield words.say("report.of", day=str(report.day))
    if report.run is not None:
        yield words.say("report.run", number=str(report.run))
    yield words.say("report.by", engine=report.engine)
    yield from (f"{title}: {count:,}" for title, count in report.entities)


def sections_of(report: c.Report, book: str | None) -> Iterator[Section]:
    words = report.words
    yield "figures", words.say("report.figures"), tiles(report)
    yield (
        "stages",
        words.say("report.stages"),
        [part for one in report.stages for part in stages(one, report)],
    )
    sizes = [size(one, report, book) for one in report.sizes]
    yield "sizes", words.say("report.sizes"), [element("div", *sizes, class_="grid")] if sizes else []
    yield (
        "spread",
        words.say("report.spread"),
        [distribution(one, report, book) for one in report.distributions],
    )
    if report.moves:
        day = str(report.moves[0][1].day)
        yield (
            "moved",
            words.say("report.moved", day=day),
            [part for one in report.moves for part in moves(*one, report)],
        )
    lines = [element("li", line) for line in report.remarks]
    found = element("ul", *lines) if lines else element("p", words.say("report.nothing"))
    yield "data", words.say("report.data"), [found]
    yield "people", words.say("report.people"), list(people(report))
    yield (
        "explanations",
        words.say("report.explanations"),
        [one_of(key, report, book) for key in report.listed.explained],
    )


# ---- Figures ---------------------------------------------------------------------------------------


def tiles(report: c.Report) -> list[Markup]:
    return (
        [element("ul", *(tile(one, report) for one in report.tiles), class_="tiles")] if report.tiles else []
    )


def tile(one: c.Tile, report: c.Report) -> Markup:
    words, target = report.words, None
    if one.target:
        said = words.say("report.target", target=one.target)
        verdict = words.say("report.met" if one.met else "report.missed") if one.met is not None else None
        kind = "passed" if one.met else "failed"
        target = element(
            "span", said, " ", element("span", verdict, class_=kind) if verdict else None, class_="soft"
        )
    return element("li", one.title, element("span", one.amount, class_="amount"), target)


# ---- Cases -----------------------------------------------------------------------------------------


def stages(one: c.Stages, report: c.Report) -> Iterator[Markup]:
    """The picture of a lifecycle with how many are where, and how many have gone which way."""
    lifecycle, counts = one.lifecycle, {size.name: size.count for size in one.sizes.sizes}
    starts = {start.name for start in lifecycle.starts}
    states = tuple(
        b.FlowState(
            state.name,
            (report.words.title(state.titles, state.name),),
            state.name in starts,
            state.terminal,
            f"{counts.get(state.name, 0):,}",
        )
        for state in lifecycle.states
    )
    ways = tuple(dict.fromkeys((move.source, move.target) for move in lifecycle.moves))
    moved = one.moves.counts if one.moves is not None else {}
    told = tuple((way, f"{moved[way]:,}") for way in ways if moved.get(way))
    yield element("h3", one.sizes.title)
    yield picture(b.Flow(one.sizes.title, states, ways, told))


def named(title: str, name: str, book: str | None) -> Content:
    """A heading that leads into the book, where there is one."""
    address = link(book, name)
    return element("a", title, href=address) if address is not None else title


def size(one: c.Sizes, report: c.Report, book: str | None) -> Markup:
    words = report.words
    worth = any(each.worth is not None for each in one.sizes)
    heads = [words.say("report.case"), words.say("report.count"), words.say("report.share"), ""]
    heads += [report.value] if worth else []
    rows = [
        element(
            "tr",
            element("th", each.title, scope="row"),
            element("td", f"{each.count:,}", class_="n"),
            element("td", share(each.count, one.everybody), class_="n"),
            element("td", meter(each.count, one.everybody), class_="meter"),
            element("td", each.worth, class_="n") if worth else None,
        )
        for each in one.sizes
    ]
    if one.without:
        rows.append(
            element(
                "tr",
                element("th", words.say("report.without"), scope="row", class_="soft"),
                element("td", f"{one.without:,}", class_="n"),
                element("td", share(one.without, one.everybody), class_="n"),
                element("td"),
                element("td") if worth else None,
            )
        )
    head = (
        element("th", text, scope="col", class_="n" if place in (1, 2, 4) else None)
        if text
        else element("td")
        for place, text in enumerate(heads)
    )
    caption = element("caption", one.title, class_="unseen")
    whole = element("table", caption, element("thead", element("tr", *head)), element("tbody", *rows))
    body = scrolled(whole, one.title)
    return element("section", element("h3", named(one.title, one.name, book)), body)


def share(count: int, of: int) -> str:
    return f"{100 * count / of:.1f} %" if of else "–"


def distribution(one: c.Distribution, report: c.Report, book: str | None) -> Markup:
    """The picture, and its numbers folded."""
    words = report.words
    rows = (
        element("tr", element("th", edge, scope="row", class_="n"), element("td", f"{count:,}", class_="n"))
        for edge, count in zip(one.edges, one.counts, strict=False)
    )
    head = element(
        "tr",
        element("th", words.say("report.bin"), scope="col", class_="n"),
        element("th", words.say("report.count"), scope="col", class_="n"),
    )
    table = element(
        "table",
        element("caption", one.title, class_="unseen"),
        element("thead", head),
        element("tbody", *rows),
    )
    return element(
        "figure",
        element("h3", named(one.title, one.name, book)),
        spread(one, words),
        element("details", element("summary", words.say("report.numbers")), table, class_="numbers"),
    )


# ---- Moves -----------------------------------------------------------------------------------------


def moves(sizes: c.Sizes, found: c.Moves, report: c.Report) -> Iterator[Markup]:
    """From each case to each; who stayed is told by how many there are now."""
    words = report.words
    yield element("h3", sizes.title)
    counts = {way: count for way, count in found.counts.items() if count and way[0] != way[1]}
    if not counts:
        yield element("p", words.say("report.no_moves"))
        return
    titles: dict[str | None, str] = {one.name: one.title for one in sizes.sizes}
    titles |= {name: name for way in counts for name in way if name is not None and name not in titles}
    now = {one.name: one.count for one in sizes.sizes}
    befores = [*titles, *([None] if any(before is None for before, _ in counts) else [])]
    afters = [*titles, *([None] if any(after is None for _, after in counts) else [])]
    head = element(
        "tr",
        element("th", words.say("report.before_after"), scope="col"),
        *(
            element("th", titles.get(name, words.say("report.gone")), scope="col", class_="n")
            for name in afters
        ),
    )
    rows = []
    for before in befores:
        cells = []
        for after in afters:
            if before == after:
                came = sum(count for (_, to), count in counts.items() if to == after)
                stayed = now.get(after or "", 0) - came
                known = after is not None and stayed >= 0  # the data may have changed since that run
                cells.append(element("td", f"{stayed:,}" if known else "–", class_="n soft"))
            else:
                count = counts.get((before, after), 0)
                cells.append(
                    element("td", f"{count:,}" if count else "·", class_="n moved" if count else "n soft")
                )
        rows.append(
            element("tr", element("th", titles.get(before, words.say("report.new")), scope="row"), *cells)
        )
    caption = element("caption", sizes.title, class_="unseen")
    whole = element("table", caption, element("thead", head), element("tbody", *rows))
    yield scrolled(whole, sizes.title)


# ---- One by one ------------------------------------------------------------------------------------


def people(report: c.Report) -> Iterator[Markup]:
    """The list, which is searched as one types."""
    words, listed = report.words, report.listed
    counts = {
        "shown": f"{len(listed.rows):,}",
        "all": f"{listed.everybody:,}",
        "explained": f"{len(listed.explained):,}",
    }
    yield element(
        "p", words.say("report.listed" if report.value else "report.listed_plain", **counts), class_="soft"
    )
    form = words.say("report.shown", count="{count}", all=f"{len(listed.rows):,}")
    yield element(
        "p",
        element("label", words.say("report.search"), for_="find"),
        element("input", id="find", type="search", autocomplete="off", data_rows="list", data_said="found"),
        element("span", id="found", class_="soft", aria_live="polite", data_words=form),
        class_="find",
        hidden="",
    )
    head = element(
        "tr",
        *(
            element("th", one.title, scope="col", class_="n" if one.right else None)
            for one in listed.headings
        ),
    )
    rows = (row(one, report) for one in listed.rows)
    caption = element("caption", words.say("report.people"), class_="unseen")
    table = element("table", caption, element("thead", head), element("tbody", *rows), id="list")
    yield scrolled(table, words.say("report.people"), "scroll list")


def row(one: tuple[str, ...], report: c.Report) -> Markup:
    """The keys first, as a link where there is an explanation."""
    keys = sum(not each.decision for each in report.listed.headings)
    key = "/".join(one[:keys])
    first: Content = (
        element("a", one[0], href=f"#{quote(anchor(key))}") if key in report.listed.explained else one[0]
    )
    cells = [element("th", first, scope="row"), *(element("td", text) for text in one[1:keys])]
    for heading, text in zip(report.listed.headings[keys:], one[keys:], strict=True):
        cells.append(element("td", text, class_="n" if heading.right else None))
    return element("tr", *cells)


def anchor(key: str) -> str:
    return f"record-{key}"


def one_of(key: str, report: c.Report, book: str | None) -> Markup:
    explanation = replace(report.listed.explained[key], book=book)
    name = " · ".join(filter(None, (explanation.key, explanation.name)))
    return element("details", element("summary", name), fragment(explanation), id=anchor(key), class_="one")
