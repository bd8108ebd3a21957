"""A definition comes in, its lines as a tree of entries go out: the words of each, and what belongs beneath.

The order is the canonical one. Where the writer put a line, and so its comments, is told by its number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import field
from typing import assert_never

from lifeseg.frozen import dataclass
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t
from lifeseg.syntax.expression_text import (
    CLAUSE,
    FORMULA,
    OPERAND,
    SUM,
    UNARY,
    condition_lines,
    number,
    quoted,
    range_to_text,
    text,
)
from lifeseg.syntax.row_text import row_lines

# The parts of a block in canonical order: lines that go on with the line above, information, the rest.
GOES_ON, INFORMATION, HEAD, BODY, FOOT = 0, 1, 50, 60, 70

UNIT_NAME = re.compile(r"[^\W\d]\w*")
NO_UNITS = ("key", "optional", "personal", "step", "source")  # would be read as what stands after the unit


@dataclass(slots=True, eq=False)
class Entry:
    """A line and the lines beneath it; `line` is the number it had in the text, 0 if there was none."""

    text: str
    line: int
    children: list[Entry] = field(default_factory=list)
    rank: int = BODY


@dataclass(frozen=True, slots=True)
class Source:
    """The text a tree was made from: asked for lines that are no nodes, and for where comments stand."""

    lines: Sequence[str]
    commented: Sequence[int]  # the numbers of lines with comments

    def line_of(self, words: str, first: int, last: int) -> int:
        """The number of the line that begins with these words, between two others, or the first of them."""
        pattern = re.compile(rf"\s*{words}\b".replace(" ", r"\s+"))
        found = (
            n for n in range(last, first, -1) if n <= len(self.lines) and pattern.match(self.lines[n - 1])
        )
        return next(found, first)

    def comment_between(self, first: int, last: int) -> bool:
        """True if a comment stands below the first line, down to the last."""
        return any(first < line <= last for line in self.commented)


def entry_of(node: d.Definition | d.Change, source: Source) -> Entry:
    """The lines of a definition."""
    match node:
        case d.Change(definition=definition):
            entry = entry_of(definition, source)
            return Entry(f"change {entry.text}", node.span.line, entry.children)
        case d.Header():
            uses = [Entry(f"use {use.name} {use.version}", use.span.line, rank=HEAD) for use in node.uses]
            return Entry(f"policy {titled(node)}", node.span.line, [*informed(node.information), *uses])
        case d.Block():
            return block(node)
        case d.Entity():
            return entity(node, source)
        case d.Score():
            return score(node, source)
        case d.Panel():
            children = [*informed(node.information), *rows(node.rows)]
            judges = f" from {name(node.judges)}" if node.judges else ""
            return Entry(f"weights {titled(node)}{judges}", node.span.line, children)
        case d.Chain():
            return chain(node)
        case d.Segment() | d.Table() | d.Clusters() | d.Rank():
            return decision(node)
        case d.Offers():
            return offers(node)
        case d.Tasks():
            return tasks(node)
        case d.Lifecycle():
            return lifecycle(node, source)
        case d.Test():
            return test(node)
        case d.Claim():
            head = f"{node.kind} {quoted(node.title)} of {name(node.entity)} when"
            return conditioned(head, node.condition, node.span.line)
        case d.Titles():
            lines = [Entry(f"{name(of)} {quoted(title.value)}", of.span.line) for of, title in node.titles]
            return Entry(f"titles {node.language}", node.span.line, lines)
        case _:
            assert_never(node)


# ---- Parts that many definitions have -----------------------------------------------------------


def name(value: t.Name) -> str:
    return text(value, OPERAND)


def titled(node: d.Named) -> str:
    return node.name if node.title is None else f"{node.name} {quoted(node.title)}"


def conditioned(head: str, condition: t.Expression, line: int) -> Entry:
    """A line that ends with a condition, which may go on with lines of its own."""
    first, *others = condition_lines(condition)
    items = condition.items if isinstance(condition, t.And | t.Or) else ()
    goes_on = [
        Entry(other, item.span.line, rank=GOES_ON) for other, item in zip(others, items[1:], strict=False)
    ]
    return Entry(f"{head} {first}", line, [*goes_on])


def informed(lines: Iterable[t.Information]) -> list[Entry]:
    return [
        Entry(information(line), line.span.line, rank=INFORMATION + t.INFORMATION.index(line.word))
        for line in lines
    ]


def information(line: t.Information) -> str:
    match line.value:
        case None:
            return line.word
        case t.Range() as bounds:
            return f"{line.word} {range_to_text(bounds)}"
        case t.Names(names=names):
            return f"{line.word} {', '.join(map(name, names))}"
        case t.Text(value=version) if line.word == "version":
            return f"version {version}"
        case value:
            word = "population at most" if line.word == "population" else line.word
            return f"{word} {text(value, UNARY)}"


def rows(table: Sequence[d.Row]) -> list[Entry]:
    lines = row_lines(table)
    return [Entry(line, row.span.line, rank=FOOT) for line, row in zip(lines, table, strict=True)]


def chain(node: d.Chain) -> Entry:
    states = [
        Entry(f"state {titled(each)} worth {text(each.worth, SUM)}", each.span.line) for each in node.states
    ]
    return Entry(
        f"chain {titled(node)}", node.span.line, [*informed(node.information), *states, *rows(node.rows)]
    )


# ---- Blocks and entities ------------------------------------------------------------------------


def block(node: d.Block) -> Entry:
    words = [node.kind, node.name, quoted(node.title) if node.title is not None else None]
    words.append(f"of {name(node.entity)}" if node.entity else None)
    items = [item(each) for each in node.items]
    return Entry(" ".join(filter(None, words)), node.span.line, [*informed(node.information), *items])


def kpi(node: d.Kpi) -> Entry:
    by = f" by {name(node.by)}" if node.by is not None else ""
    children = informed(node.information)
    if node.target is not None:
        words = ["target", "difference" if node.target.difference else "", node.target.operator]
        words.append(text(node.target.limit, SUM))
        children.append(Entry(" ".join(filter(None, words)), node.target.span.line))
    return Entry(f"{titled(node)}{by} = {text(node.value, SUM)}", node.span.line, children)


def item(node: d.Parameter | d.Index | d.Case | d.Kpi) -> Entry:
    match node:
        case d.Kpi():
            return kpi(node)
        case d.Parameter():
            since = [
                Entry(f"since {line.day.value} = {text(line.value, SUM)}", line.span.line)
                for line in node.since
            ]
            children = [*informed(node.information), *since]
            return Entry(f"{titled(node)} = {text(node.value, SUM)}", node.span.line, children)
        case d.Index():
            value = f" = {text(node.value, FORMULA)}" if node.value is not None else ""
            children = [*informed(node.information), *map(step, node.steps)]
            return Entry(f"{titled(node)}{value}", node.span.line, children)
        case d.Case():
            return case_line(node)
        case _:
            assert_never(node)


def step(node: d.Step) -> Entry:
    if node.condition is None:
        return Entry(f"{text(node.value, SUM)} otherwise", node.span.line)
    return conditioned(f"{text(node.value, SUM)} when", node.condition, node.span.line)


def case_line(node: d.Case) -> Entry:
    if node.condition is None:
        entry = Entry(f"{titled(node)} {node.how}", node.span.line)
    else:
        entry = conditioned(f"{titled(node)} when", node.condition, node.span.line)
    entry.children += informed(node.information)
    return entry


def entity(node: d.Entity, source: Source) -> Entry:
    head = f"entity {titled(node)}"
    head += f" of {name(node.parent)}" if node.parent else ""
    head += f" dated {name(node.dated)}" if node.dated else ""
    facts = [fact(each, source) for each in node.facts]
    return Entry(head, node.span.line, [*informed(node.information), *facts])


def fact(node: d.Fact, source: Source) -> Entry:
    """Type, key, optional, personal, step, and the source on the same line if no comment is in the way."""
    words = [titled(node), fact_type(node.type), *node.attributes]
    words += [f"step {number(node.step)}"] if node.step is not None else []
    beneath = []
    for line in node.information:
        if line.word == "source" and not source.comment_between(node.span.line, line.span.line):
            words.append(information(line))
        else:
            beneath.append(line)
    lines = informed(beneath)
    if node.changes is not None:
        lines.append(Entry(changes(node.changes), node.changes.span.line, rank=HEAD))
    return Entry(" ".join(words), node.span.line, lines)


def changes(node: d.Changes) -> str:
    words = ["changes", node.way]
    words += [f"to {', '.join(text(value, OPERAND) for value in node.values)}"] if node.values else []
    words += [f"by {number(node.by)}"] if node.by is not None else []
    words += [f"cost {number(node.cost)}"] if node.cost is not None else []
    return " ".join(word for word in words if word)


def fact_type(node: d.FactType) -> str:
    if node.kind == "one of":
        return f"one of {', '.join(text(option, OPERAND) for option in node.options)}"
    words = [node.kind]
    if node.unit is not None:
        bare = node.kind == "money" or (UNIT_NAME.fullmatch(node.unit) and node.unit not in NO_UNITS)
        words.append(node.unit if bare else quoted(node.unit))
    if node.range is not None:
        words.append(range_to_text(node.range))
    return " ".join(words)


# ---- Scores -------------------------------------------------------------------------------------


def score(node: d.Score, source: Source) -> Entry:
    children = informed(node.information)
    if node.panel is not None:
        children.append(Entry(f"weights {name(node.panel)}", node.panel.span.line, rank=HEAD))
    children += [term(each) for each in node.terms]
    if node.bands:
        line = source.line_of("bands", node.span.line, node.bands[0].span.line)
        children.append(Entry("bands", line, [band(each) for each in node.bands], rank=FOOT))
    return Entry(f"score {titled(node)} of {name(node.entity)}", node.span.line, children)


def term(node: d.Term) -> Entry:
    weight = f"{number(node.weight)} " if node.weight is not None else ""
    return Entry(f"{weight}{titled(node)}", node.span.line, [term(each) for each in node.terms])


def band(node: d.Band) -> Entry:
    limit = "below" if node.threshold is None else f"from {text(node.threshold, SUM)}"
    if node.leaving is not None:
        limit += f", leaving {name(node.leaving.band)} below {text(node.leaving.threshold, SUM)}"
    return Entry(f"{titled(node)} {limit}", node.span.line, informed(node.information))


# ---- Decisions and lifecycles -------------------------------------------------------------------


def decision(node: d.Segment | d.Table | d.Clusters | d.Rank) -> Entry:
    match node:
        case d.Segment(first_match=first_match):
            kind, more = "segment", " first match" if first_match else ""
            lines = [case_line(each) for each in node.cases]
        case d.Table(first_match=first_match):
            kind, more = "table", " first match" if first_match else ""
            lines = declared_rows(node)
        case d.Clusters():
            kind, more = "clusters", ""
            lines = declared_rows(node)
        case d.Rank(by=by):
            kind, more = "rank", f" by {name(by)}"
            lines = [rank_class(each) for each in node.classes]
        case _:
            assert_never(node)
    where = f" where {text(node.where, CLAUSE)}" if node.where is not None else ""
    head = f"{kind} {titled(node)} of {name(node.entity)}{more}{where}"
    return Entry(head, node.span.line, [*informed(node.information), *lines])


def declared_rows(node: d.Table | d.Clusters) -> list[Entry]:
    """The results a table declares, and its rows."""
    return [
        *(Entry(f"gives {titled(each)}", each.span.line, informed(each.information)) for each in node.gives),
        *rows(node.rows),
    ]


def rank_class(node: d.RankClass) -> Entry:
    share = f" {number(node.share)}" if node.share is not None else ""
    of = f" of {name(node.of)}" if node.of is not None else ""
    return Entry(f"{titled(node)} {node.how}{share}{of}", node.span.line, informed(node.information))


def offers(node: d.Offers) -> Entry:
    """What is asked of everybody first, then the offers."""
    children = informed(node.information)
    if node.most is not None:
        children.append(Entry(f"choose {number(node.most)} by worth", node.most.span.line, rank=HEAD))
    children += amount("budget", node.budget) + named("exclude", node.excluded)
    children += [offer(each) for each in node.offers]
    return Entry(f"offers {titled(node)} of {name(node.entity)}", node.span.line, children)


def offer(node: d.Offer) -> Entry:
    entry = Entry(f"{titled(node)} always", node.span.line)
    if node.condition is not None:
        entry = conditioned(f"{titled(node)} when", node.condition, node.span.line)
    entry.children += informed(node.information)
    entry.children += [
        *amount("worth", node.worth),
        *amount("cost", node.cost),
        *named("not with", node.apart),
    ]
    entry.children += [*amount("at most", node.most), *named("exclude", node.excluded)]
    return entry


def tasks(node: d.Tasks) -> Entry:
    """Who is never given one first, who is lost and what everybody is worth, then the tasks."""
    children = [*informed(node.information), *named("exclude", node.excluded)]
    if node.lost is not None:
        children.append(conditioned("lost", node.lost, node.lost.span.line))
    children += [*said("worth", node.worth), *map(task, node.tasks)]
    return Entry(f"tasks {titled(node)} of {name(node.entity)}", node.span.line, children)


def task(node: d.Task) -> Entry:
    """Who does it and how, until when, whether again, what it is to achieve."""
    entry = Entry(f"{titled(node)} always", node.span.line)
    if node.condition is not None:
        entry = conditioned(f"{titled(node)} when", node.condition, node.span.line)
    entry.children += informed(node.information)
    entry.children += [
        *said("each", node.each),
        *said("owner", node.owner),
        *said("channel", node.channel),
        *said("about", node.about),
    ]
    entry.children += named("exclude", node.excluded)
    entry.children += [*said("due", node.due), *said("again after", node.again)]
    if node.goal is not None:
        entry.children.append(conditioned("goal", node.goal, node.goal.span.line))
    if node.expected is not None:
        entry.children.append(conditioned("expect", node.expected, node.expected.span.line))
    entry.children += said("judged after", node.judged)
    entry.children += [
        Entry(f"target {one.measure} {one.operator} {text(one.limit, UNARY)}", one.span.line)
        for one in node.targets
    ]
    return entry


def said(word: str, value: t.Expression | None) -> list[Entry]:
    return [] if value is None else [Entry(f"{word} {text(value, OPERAND)}", value.span.line)]


def amount(word: str, value: t.Expression | None) -> list[Entry]:
    return [] if value is None else [Entry(f"{word} {text(value, SUM)}", value.span.line, rank=HEAD)]


def named(word: str, names: Sequence[t.Name]) -> list[Entry]:
    return [Entry(f"{word} {', '.join(map(name, names))}", names[0].span.line, rank=HEAD)] if names else []


def lifecycle(node: d.Lifecycle, source: Source) -> Entry:
    states = [
        Entry(f"state {titled(s)}{' terminal' * s.terminal}", s.span.line, informed(s.information))
        for s in node.states
    ]
    stays = [Entry(f"stay {name(s.state)} {number(s.duration)}", s.span.line) for s in node.stays]
    children = [*states, *map(starting, node.starts), *map(move, node.moves), *stays]
    if node.until_settled:
        line = source.line_of("moves until", node.span.line, node.span.end_line)
        children.append(Entry("moves until settled", line))
    head = f"lifecycle {titled(node)} of {name(node.entity)}"
    return Entry(head, node.span.line, [*informed(node.information), *children])


def starting(node: d.Start) -> Entry:
    if node.condition is None:
        return Entry(f"start {name(node.state)} otherwise", node.span.line)
    return conditioned(f"start {name(node.state)} when", node.condition, node.span.line)


def move(node: d.Move) -> Entry:
    head = f"move {name(node.source)} to {name(node.target)}"
    if node.condition is None:
        return Entry(f"{head} always", node.span.line)
    return conditioned(f"{head} when", node.condition, node.span.line)


# ---- Tests --------------------------------------------------------------------------------------


def test(node: d.Test) -> Entry:
    children = []
    if node.today is not None:
        children.append(Entry(f"today {node.today.value}", node.today.span.line, rank=INFORMATION))
    if node.given is not None:
        children.append(subject(node.given))
    children += [conditioned("expect", expected, expected.span.line) for expected in node.expected]
    of = f" of {name(node.entity)}" if node.entity else ""
    return Entry(f"test {quoted(node.title)}{of}", node.span.line, [*children, *rows(node.rows)])


def subject(node: d.Subject) -> Entry:
    """Facts that stood on the line of a record with a key stay there."""
    here = node.span.line if node.key is not None else None
    beside = [assignment(each) for each in node.facts if each.span.line == here]
    beneath = [Entry(assignment(each), each.span.line) for each in node.facts if each.span.line != here]
    words = ["given", name(node.entity)]
    words += [text(node.key, OPERAND)] if node.key is not None else []
    words += [f"with {', '.join(beside)}"] if beside else []
    lines = [*map(past, node.past), *beneath, *map(children, node.children)]
    return Entry(" ".join(words), node.span.line, lines, rank=HEAD)


def assignment(node: d.Assignment) -> str:
    value = "missing" if isinstance(node.value, d.CellMissing) else text(node.value, UNARY)
    return f"{name(node.fact)} {value}"


def past(node: d.Past) -> Entry:
    case = "missing" if isinstance(node.case, d.CellMissing) else text(node.case, UNARY)
    since = f" since {node.since.value}" if node.since is not None else ""
    return Entry(f"was {name(node.definition)} {case}{since}", node.span.line)


def children(node: d.Children) -> Entry:
    if not node.rows:
        return Entry(f"no {name(node.entity)}", node.span.line)
    return Entry(name(node.entity), node.span.line, rows(node.rows))
