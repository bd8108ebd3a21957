"""A table and a target come in; a few rules as a first-match table of policy text go out, each with coverage and error.

The rules are the leaves of a small tree, the smaller side of each fork first: what fails a rule needs no condition
against it in those that follow, so that most conditions of the tree go.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import field, replace
from decimal import Decimal

from lifeseg.frozen import dataclass
from lifeseg.learning.draft import Draft, Evaluated, enough, refuse
from lifeseg.learning.fitting import Node, tree
from lifeseg.learning.table import Column, Table
from lifeseg.learning.text import between, case, percent, provenance, quoted, remarks
from lifeseg.model.expression import Value
from lifeseg.model.types import kind_text

LEAST = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """The table's name, the columns it may ask for, how deep the tree grows, and the fewest records of a rule."""

    name: str
    columns: tuple[str, ...]
    depth: int
    least: int


@dataclass(frozen=True, slots=True)
class Feature:
    """A column of numbers as the tree sees it: a number, or whether a choice is one of the options."""

    column: Column
    option: Value = None

    def value(self, place: int) -> float:
        own = self.column.values[place]
        if self.column.type.kind == "number":
            return float(own) if isinstance(own, int) else self.usual()
        return float(own == self.option)

    def usual(self) -> float:
        """What a missing number counts as while the tree grows; a rule never holds of it."""
        known = sorted(self.column.numbers)
        return float(known[len(known) // 2])


@dataclass(frozen=True, slots=True)
class Cell:
    """A condition on a column: from `low` to below `high` as written, at its scale, or one of the options."""

    low: int | None = None
    high: int | None = None
    options: tuple[Value, ...] | None = None

    def holds(self, value: Value) -> bool:
        if value is None:
            return False
        if self.options is not None:
            return value in self.options
        assert isinstance(value, int)
        return (self.low is None or value >= self.low) and (self.high is None or value < self.high)


@dataclass(frozen=True, slots=True)
class Rule:
    """Conditions by column, and what follows from them."""

    result: str
    cells: dict[str, Cell] = field(default_factory=dict)


def learn_rules(table: Table, asked: Asked) -> Draft:
    """The rules, and the last one for whom none of them holds."""
    target = table.column(table.target)
    enough(table, max(LEAST, 2 * asked.least), "rules")
    results = results_of(target)
    labels = [results.index(word(target, place)) for place in table.trained]
    if len(set(labels)) < 2:
        found = f"`{results[labels[0]]}` alone" if target.type.kind != "truth" else "everybody or nobody"
        raise refuse("learn-target", name=table.target, found=found, rows=f"{len(table.trained):,}")
    features = [each for name in asked.columns for each in features_of(table.column(name))]
    matrix = [[each.value(place) for each in features] for place in table.trained]
    whole = tree(matrix, labels, asked.depth, asked.least, table.origin.seed)
    grown = simpler(whole)
    if whole.left is None:
        raise refuse("learn-target.untold", name=table.target)
    if grown.left is None:
        raise refuse("learn-target.alike", name=table.target, most=results[best(grown)])
    rules = list(rules_of(grown, Forks(table, features, sorted(set(labels))), Rule("")))
    rules = [replace(rule, result=results[int(rule.result)]) for rule in rules]

    def finished(evaluated: Evaluated) -> tuple[str, str]:
        return written(table, asked, target, rules, evaluated)

    return Draft(text_of(table, asked, target, rules, None), (asked.name,), finished)


def results_of(target: Column) -> list[str]:
    if target.type.kind == "truth":
        return [f"not_{target.name}", target.name]
    if target.type.kind != "choice":
        wanted = "a yes/no, a flag, a case, or something with cases"
        raise refuse("learn-column", name=target.name, found=kind_text(target.type.kind), wanted=wanted)
    return list(target.type.options) or sorted({str(value) for value in target.values})


def word(target: Column, place: int) -> str:
    """The result a record should have."""
    value = target.values[place]
    if isinstance(value, bool):
        return target.name if value else f"not_{target.name}"
    return str(value)


def features_of(column: Column) -> Iterator[Feature]:
    match column.type.kind:
        case "number":
            if column.numbers:
                yield Feature(column)
        case "choice":
            yield from (Feature(column, option) for option in column.type.options)
        case "truth":
            yield Feature(column, True)
        case kind:
            wanted = "a number, a choice or a yes/no"
            raise refuse("learn-column", name=column.name, found=kind_text(kind), wanted=wanted)


# ---- From the tree to rules ----------------------------------------------------------------------


def simpler(node: Node) -> Node:
    """A fork both sides of which come to the same is no fork."""
    if node.left is None or node.right is None:
        return node
    left, right = simpler(node.left), simpler(node.right)
    if left.left is None and right.left is None and best(left) == best(right):
        return Node(node.counts, node.rows)
    return replace(node, left=left, right=right)


def best(node: Node) -> int:
    return max(range(len(node.counts)), key=lambda n: (node.counts[n], -n))


def leaves(node: Node) -> int:
    return 1 if node.left is None or node.right is None else leaves(node.left) + leaves(node.right)


def error(node: Node) -> float:
    return 1 - max(node.counts) / node.rows


@dataclass(frozen=True, slots=True)
class Forks:
    """What the forks of a tree are about; `labels` are those that the tree has seen, in its order."""

    table: Table
    features: Sequence[Feature]
    labels: Sequence[int]

    def tests(self, node: Node) -> tuple[Cell, Cell]:
        """The condition of the left side and that of the right."""
        feature = self.features[node.column]
        if feature.column.type.kind != "number":
            known: tuple[Value, ...] = feature.column.type.options or (True, False)
            others = tuple(value for value in known if value != feature.option)
            return Cell(options=others), Cell(options=(feature.option,))
        values = sorted(set(feature.column.at(self.table.trained).numbers))
        below = [value for value in values if value <= node.cut]
        above = [value for value in values if value > node.cut]
        text = between(below[-1] if below else None, above[0], feature.column.type.scale)
        cut = int(Decimal(text).scaleb(feature.column.type.scale))
        return Cell(high=cut), Cell(low=cut)


def rules_of(node: Node, forks: Forks, above: Rule) -> Iterator[Rule]:
    """The smaller side of each fork under its condition, the surer one where both are as small; then the other."""
    if node.left is None or node.right is None:
        yield replace(above, result=str(forks.labels[best(node)]))
        return
    left, right = forks.tests(node)
    sides = [(node.left, left), (node.right, right)]
    sides.sort(key=lambda side: (leaves(side[0]), error(side[0])))
    name = forks.features[node.column].column.name
    (first, test), (second, _) = sides
    yield from rules_of(
        first, forks, replace(above, cells={**above.cells, name: both(above.cells.get(name), test)})
    )
    yield from rules_of(second, forks, above)


def both(one: Cell | None, other: Cell) -> Cell:
    """Two conditions on one column as one."""
    if one is None:
        return other
    if one.options is not None and other.options is not None:
        return Cell(options=tuple(value for value in one.options if value in other.options))
    lows = [low for low in (one.low, other.low) if low is not None]
    highs = [high for high in (one.high, other.high) if high is not None]
    return Cell(max(lows, default=None), min(highs, default=None))


# ---- Text and figures ----------------------------------------------------------------------------


def asked_for(asked: Asked, rules: Sequence[Rule]) -> list[str]:
    """The columns that a rule has a condition on."""
    return [name for name in asked.columns if any(name in rule.cells for rule in rules)]


def text_of(
    table: Table, asked: Asked, target: Column, rules: Sequence[Rule], said: Sequence[str] | None
) -> str:
    names = asked_for(asked, rules)
    lines = [f"table {asked.name} {quoted(target.title + ', by rules')} of {table.origin.entity} first match"]
    lines.append(f"  source {quoted(f'{table.origin.command}, seed {table.origin.seed}')}")
    results = list(dict.fromkeys(rule.result for rule in rules))
    if all(case(result) == result for result in results):
        lines += [f"  gives {result} {quoted(result.replace('_', ' ').capitalize())}" for result in results]
    lines.append(f"  | {' | '.join(names)} || {asked.name} |")
    for place, rule in enumerate(rules):
        cells = [cell_text(table.column(name), rule.cells.get(name)) for name in names]
        remark = f"  # {said[place]}" if said is not None else ""
        lines.append(f"  | {' | '.join(cells)} || {case(rule.result)} |{remark}")
    return "".join(f"{line}\n" for line in lines)


def cell_text(column: Column, cell: Cell | None) -> str:
    if cell is None:
        return "-"
    if cell.options is not None:
        return ", ".join(
            ("yes" if value else "no") if isinstance(value, bool) else case(str(value))
            for value in cell.options
        )
    low, high = bound(cell.low, column), bound(cell.high, column)
    if low is not None and high is not None:
        return f"{low}..<{high}"
    return f">= {low}" if low is not None else f"< {high}"


def bound(value: int | None, column: Column) -> str | None:
    if value is None:
        return None
    return between(None, value, column.type.scale)


def matching(table: Table, rules: Sequence[Rule], place: int) -> int:
    """The first rule that holds of a record."""
    return next(
        n
        for n, rule in enumerate(rules)
        if all(cell.holds(table.column(name).values[place]) for name, cell in rule.cells.items())
    )


def written(
    table: Table, asked: Asked, target: Column, rules: Sequence[Rule], evaluated: Evaluated
) -> tuple[str, str]:
    """The text with coverage and error of each rule. The table as it is evaluated must be the rules as learnt."""
    given = evaluated[asked.name].values
    matched = [matching(table, rules, place) for place in range(len(table.keys))]
    assert [rules[n].result for n in matched] == list(given), "the text does not say what was learnt"
    said = [covered(table, target, given, matched, n) for n in range(len(rules))]
    lines = provenance(table, f"`{asked.name}`: {len(rules)} rules for `{table.target}`")
    lines += ["", *(quality(table, target, given, places, part) for part, places in parts_of(table))]
    lines.append("Behind a rule stand the records it decides and how many of them it gets wrong.")
    text = remarks(lines) + "\n" + text_of(table, asked, target, rules, said)
    part, places = parts_of(table)[-1]
    wrong = sum(given[place] != word(target, place) for place in places)
    return text, f"{len(rules)} rules · {percent(wrong, len(places))} wrong of the {len(places):,} {part}"


def parts_of(table: Table) -> list[tuple[str, tuple[int, ...]]]:
    return [("learnt from", table.trained), *([("held out", table.held_out)] if table.held_out else [])]


def quality(table: Table, target: Column, given: Sequence[Value], places: Sequence[int], part: str) -> str:
    """The error beside that of saying the commonest result of everybody."""
    wrong = sum(given[place] != word(target, place) for place in places)
    usual = Counter(word(target, place) for place in table.trained).most_common(1)[0][0]
    simple = sum(usual != word(target, place) for place in places)
    rows = len(places)
    return (
        f"Of the {rows:,} {part}, {percent(wrong, rows)} are wrong; "
        f"with `{usual}` for all, {percent(simple, rows)} would be."
    )


def covered(table: Table, target: Column, given: Sequence[Value], matched: Sequence[int], rule: int) -> str:
    found = []
    for part, places in parts_of(table):
        own = [place for place in places if matched[place] == rule]
        wrong = sum(given[place] != word(target, place) for place in own)
        found.append(f"{part if part == 'held out' else 'of'} {len(own):,}, {percent(wrong, len(own))} wrong")
    return "; ".join(found)
