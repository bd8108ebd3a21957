"""What changed between two versions of a policy comes in; a page to read it goes out, in one file that needs no other: it
loads nothing, runs nothing, and is read by eye, by ear, in the dark and on paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lifeseg.cli.differences.picture import THIN, matrix, picture, table
from lifeseg.cli.differences.words import (
    case,
    cause_of,
    causes_of,
    distance,
    heading,
    keys_of,
    kpi_text,
    listed,
    moved_line,
    owners_of,
    path_of,
    plain,
    proof_lines,
    summary,
    text,
    threshold,
)
from lifeseg.cli.words import counted, plural
from lifeseg.explain.links import link as link_into
from lifeseg.pages.document import document
from lifeseg.pages.markup import Content, Markup, element, inside, scrolled

if TYPE_CHECKING:
    from lifeseg.model.model import Model
    from lifeseg.pipeline.difference import Difference, EntityMoves, Near, Nearest
    from lifeseg.review.rules import RuleChange

MOST_MOVERS = 200
MOST_LINES = 60
STYLE = Path(__file__).with_name("page.css")
UNLINKED = (
    "policy",
    "test",
    "never",
    "assume",
    "titles",
    "block of params",
    "block of kpis",
    "block of indexes",
)

Section = tuple[str, str, list[Markup]]
"""The word it is found by, its heading, and what is in it."""


def to_html(found: Difference, book: str | None = None) -> str:
    """The page; `book` is where the policy's book lies, into which each rule leads."""
    sections = [one for one in sections_of(found, book) if one[2]]
    title = f"Policy change: {summary(found)}"
    model = found.after.model or found.before.model
    name = f"{model.name} {model.version}, " if model is not None else ""
    top = element(
        "header",
        element("h1", title),
        element(
            "p",
            name,
            element("code", found.old.label),
            " → ",
            element("code", found.new.label),
            class_="soft",
        ),
        *answers(found),
        element("nav", element("ul", *map(link, sections)), aria_label="On this page"),
    )
    parts = (element("section", *body, aria_labelledby=key) for key, body in map(headed, sections))
    return document(
        f"{title} ({name}{found.old.label} → {found.new.label})",
        inside(top, element("main", *parts), footer(found)),
        language="en",
        style=STYLE.read_text(encoding="utf-8"),
    )


def sections_of(found: Difference, book: str | None) -> Iterator[Section]:
    top = found.top
    yield "gates", "Gates", list(gates(found))
    yield "changed", "What changed", [part for change in found.rules for part in rule(found, change, book)]
    for number, moves in enumerate(found.moves):
        if moves.went or moves.amounts:
            yield f"moves-{number}", f"Who moves: {plural(moves.entity)}", list(entity(found, moves, number))
    if top is not None:
        yield "movers", "Those who move, one by one", list(movers(top))
    near = [one for moves in found.moves for one in moves.nearest]
    yield "nearest", "Nearest to a threshold, and not moved", list(neighbours(near))
    yield "possible", "What can happen to anybody", list(possible(found))
    yield "figures", "Cuts and KPIs", list(figures(found))


def link(section: Section) -> Markup:
    key, title, _ = section
    return element("li", element("a", title, href=f"#{key}"))


def headed(section: Section) -> tuple[str, list[Markup]]:
    key, title, body = section
    return key, [element("h2", title, id=key), *body]


# ---- The answer -----------------------------------------------------------------------------------


def answers(found: Difference) -> Iterator[Markup]:
    """What a reader wants to know first."""
    if found.top is not None:
        yield element("p", f"{moved_line(found.top, found.value)}.", class_="answer")
    elif found.unmoved or found.equivalent:
        yield element("p", "Nobody moves: no result can differ.", class_="answer")
    else:
        yield element("p", "Nobody was evaluated: only the rules are compared.", class_="answer")
    if owners := owners_of(found):
        yield element("p", f"To be asked: {', '.join(owners)}")
    failed = sum(one.fails for one in found.gates)
    if failed:
        yield element("p", f"{failed} of {counted(len(found.gates), 'gate')} failed", class_="failed")


def gates(found: Difference) -> Iterator[Markup]:
    if found.gates:
        lines = (
            (element("code", one.gate.text), one.amount, verdict(fails=one.fails)) for one in found.gates
        )
        yield rows(
            "What must not be, what was found, and whether that fails", ("gate", "found", "so it"), lines
        )


def verdict(*, fails: bool) -> Markup:
    return element("span", "✗ failed" if fails else "✓ passed", class_="failed" if fails else "passed")


def footer(found: Difference) -> Markup:
    from lifeseg import __version__

    said = f"Written by lifeseg {__version__} diff."
    if found.moves:
        said += " Both versions were evaluated on the same records, as if there had been no run before."
    return element("footer", element("p", said))


# ---- Rules ----------------------------------------------------------------------------------------


def rule(found: Difference, change: RuleChange, book: str | None) -> Iterator[Markup]:
    """The part, its place, and its lines before and after."""
    unit = change.unit
    known = change.how != "removed" and not unit.kind.startswith(UNLINKED)
    address = link_into(book, unit.name, unit.of) if known else None
    title = heading(change)
    yield element("h3", element("a", title, href=address) if address is not None else title)
    yield element("p", element("code", f"{path_of(found, change)}:{change.line}"), class_="soft")
    lines = [one for line in change.lines for one in both(line.before, line.after)]
    if len(lines) > MOST_LINES:
        lines = [*lines[:MOST_LINES], element("li", f"… and {counted(len(lines) - MOST_LINES, 'line')} more")]
    yield element("ul", *lines, class_="lines")


def both(before: str | None, after: str | None) -> Iterator[Markup]:
    for sign, spoken, name, line in (("- ", "before: ", "del", before), ("+ ", "after: ", "ins", after)):
        if line is not None:
            hidden = element("span", sign, aria_hidden="true"), element("span", spoken, class_="unseen")
            yield element("li", *hidden, element(name, line))


def possible(found: Difference) -> Iterator[Markup]:
    """What was proved of anybody there could be, with one who shows each way."""
    lines = [line for line in proof_lines(found) if line]
    if lines:
        yield element("ul", *(element("li", line) for line in lines))
    model = found.after.model
    if model is None:
        return
    from lifeseg.cli.prove import told

    for one in found.proofs:
        for change in one.changes:
            yield element(
                "h3", f"{one.name}: {case(text(change.before))} → {case(text(change.after))}, for example"
            )
            yield element(
                "ul", *(element("li", line) for line in told(model, change.witness)), class_="lines"
            )


# ---- Who moves ------------------------------------------------------------------------------------


def entity(found: Difference, moves: EntityMoves, number: int) -> Iterator[Markup]:
    """Of each decision a picture and a table; of flags a table; by which change; which amounts are others."""
    for place, column in enumerate(dict.fromkeys(one.column for one in moves.went)):
        yield element("h3", column)
        if column in moves.stayed:
            whole = matrix(moves, column, order_of(found.after.model, moves.entity, column))
            caption = (
                f"Each band is as thick as there are {plural(moves.entity)}, but at least "
                f"{THIN:.0f} points. Those who stay are pale; those who move have an outline and their number."
            )
            drawn = picture(whole, 100 * number + place)
            yield element("figure", drawn, element("figcaption", caption))
            yield table(whole)
        else:
            yield flags(moves, column)
        yield examples(moves, column)
    if moves is found.top and (causes := causes_of(moves)):
        counts = ((name, f"{counted(count, moves.entity)}{listed(moves)}") for name, count in causes.items())
        yield element("h3", "By which change")
        yield rows("Each change made alone to the old version", ("change", "moves"), counts)
    if moves.amounts:
        amounts = (f"{name} of {count:,}" for name, count in moves.amounts.items())
        yield element("p", f"Other amounts: {', '.join(amounts)}.")


def order_of(model: Model | None, entity: str, column: str) -> Sequence[str]:
    """The cases of a decision as the policy has them."""
    from lifeseg.pipeline.gates import cases_of

    for one in model.of(entity) if model is not None else ():
        if column in (one.name, f"{one.name}_band"):
            return cases_of(one)
    return ()


def flags(moves: EntityMoves, column: str) -> Markup:
    counts: dict[str, dict[str, int]] = {}
    for one in moves.went:
        if one.column == column and one.flag is not None and one.after is not None:
            counts.setdefault(one.flag, {})[one.after] = one.count
    sizes = moves.sizes[column]
    return rows(
        f"{column}: who gains a flag and who loses it",
        ("flag", "had it", "gain it", "lose it", "have it"),
        (
            (
                name,
                f"{sizes.get(name, (0, 0))[0]:,}",
                f"+{count.get('yes', 0):,}",
                f"-{count.get('no', 0):,}",
                f"{sizes.get(name, (0, 0))[1]:,}",
            )
            for name, count in counts.items()
        ),
        numbers=4,
    )


def examples(moves: EntityMoves, column: str) -> Markup:
    """Some of those who go each way."""
    from lifeseg.cli.differences.words import way

    went = [one for one in moves.went if one.column == column]
    worth = any(one.worth is not None for one in went)
    return rows(
        f"{column}: for example",
        ("way", moves.entity, *(("value",) if worth else ())),
        ((way(one), keys_of(one), *((plain(one.worth or 0),) if worth else ())) for one in went),
    )


def movers(top: EntityMoves) -> Iterator[Markup]:
    if top.movers:
        yield rows(
            "What each was and is, and the change that does it",
            (top.entity, "moves", "by"),
            (
                (
                    "/".join(mover.key),
                    "; ".join(
                        f"{name} {case(one)} → {case(other)}" for name, (one, other) in mover.cases.items()
                    ),
                    cause_of(mover),
                )
                for mover in top.movers[:MOST_MOVERS]
            ),
        )
    if top.moved > MOST_MOVERS:
        yield element("p", f"and {top.moved - MOST_MOVERS:,} more", class_="soft")


def neighbours(nearest: Sequence[Nearest]) -> Iterator[Markup]:
    if nearest:
        yield element(
            "p",
            "Who did not move, though the amount comes nearest to a threshold that decides otherwise than before: by how"
            " much it falls short of the threshold (-), or has more (+).",
        )
        yield rows(
            "The nearest first",
            ("threshold", "fall short of it", "reach it"),
            ((threshold(one), near(one, one.short), near(one, one.reached)) for one in nearest),
        )


def near(one: Nearest, records: Sequence[Near]) -> Markup:
    return inside(" · ".join(f"{'/'.join(each.key)} {distance(one, each)}" for each in records))


def figures(found: Difference) -> Iterator[Markup]:
    told = [(f"cut of {cut.rank}.{cut.name}", case(cut.before), case(cut.after)) for cut in found.cuts]
    told += [(name, kpi_text(before), kpi_text(after)) for name, before, after in found.kpis]
    if told:
        yield rows("What came to something else", ("figure", "before", "after"), told)


def rows(caption: str, heads: Sequence[str], body: Iterable[Sequence[Content]], numbers: int = 0) -> Markup:
    """A table whose first column names its rows; the last so many columns are numbers."""
    first = len(heads) - numbers
    kinds = ["n" if place >= first else None for place in range(len(heads))]
    head = (element("th", name, scope="col", class_=kind) for name, kind in zip(heads, kinds, strict=True))
    lines = (
        element(
            "tr",
            element("th", line[0], scope="row"),
            *(element("td", one, class_=kind) for one, kind in zip(line[1:], kinds[1:], strict=True)),
        )
        for line in body
    )
    whole = element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *head)),
        element("tbody", *lines),
    )
    return scrolled(whole, caption)
