"""The built definitions come in; contradictions that need no solver are reported.

What conditions ask about is split into its distinguishable values (each side of every limit, every option, yes
and no, missing), and the conditions are tried on all combinations. Subjects are taken as independent, so what
holds for all combinations is certain (a case that another contains), while a gap may still be closed by what the
subjects are. What would take long is left to `prove`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations, product, zip_longest
from math import floor, prod

from lifeseg.diagnostics.diagnostic import Label
from lifeseg.model import expression as e
from lifeseg.model.context import Context, Known
from lifeseg.model.missing import admitted
from lifeseg.model.model import Case, Flag, Index, Lifecycle, Segment, Table
from lifeseg.model.types import Type
from lifeseg.model.walk import nodes

MOST_COMBINATIONS = 4_096
MOST_ROWS = 400
MOST_TRIALS = 4_000_000  # questions answered in a policy

Sample = object
"""A distinguishable value of a subject: a number's place among the limits, an option, a verdict, or None."""
Samples = dict[e.Expression, list[Sample]]
Point = tuple[int, ...]
"""A combination of samples: which one of each subject, in their order."""
Verdict = Callable[[Point], bool | None]


def check_logic(context: Context) -> None:
    """Shadowed cases, overlapping and missing rows, comparisons that never or always hold."""
    for definition in context.definitions.values():
        match definition:
            case Segment(made="result" | "part" | "step"):
                continue
            case Segment():
                check_cases(context, definition.cases, definition.first_match)
            case Lifecycle():
                check_cases(context, definition.starts, False)
            case Table():
                check_table(context, definition)
            case Flag() | Index():
                pass
            case _:
                continue
        check_comparisons(context, definition)


def affordable(context: Context, trials: int) -> bool:
    """Whether so many trials can still be made."""
    if context.trials + trials > MOST_TRIALS:
        context.trials = MOST_TRIALS
        return False
    context.trials += trials
    return True


# ---- Comparisons ---------------------------------------------------------------------------------


def check_comparisons(context: Context, definition: object) -> None:
    """A comparison that the declared ranges already decide says nothing; a cell may name the end of a range."""
    in_cells = isinstance(definition, Table)
    for node in nodes(definition):
        if not isinstance(node, e.Compare) or isinstance(node.left, e.Constant):
            continue
        verdict = decided(node) if node.left.type.kind == "number" else None
        if verdict is False or (verdict and not in_cells):
            key = "always-true" if verdict else "always-false"
            context.report(key, node.span, left=bounds(node.left), right=bounds(node.right))


def bounds(node: e.Expression) -> str:
    low, high = (f"{float(value):.6g}" for value in (node.type.low, node.type.high))
    return low if low == high else f"{low}..{high}"


def decided(node: e.Compare) -> bool | None:
    a, b = node.left.type, node.right.type
    match node.operator:
        case "<" | ">=":
            below = True if a.high < b.low else False if a.low >= b.high else None
            return below if node.operator == "<" or below is None else not below
        case ">" | "<=":
            above = True if a.low > b.high else False if a.high <= b.low else None
            return above if node.operator == ">" or above is None else not above
        case _:
            return False if a.high < b.low or a.low > b.high else None


# ---- Cases ---------------------------------------------------------------------------------------


def check_cases(context: Context, cases: Sequence[Case], first_match: bool) -> None:
    """Of first-match cases none lies inside an earlier one; of unique ones none inside any other. A case that is
    found to do so is not compared any further.
    """
    standing: list[Case] = []
    for other in cases:
        if other.condition is None:
            continue
        for one in standing:
            if context.trials == MOST_TRIALS:
                return
            samples = comparable(context, one, other)
            if samples is None:
                continue
            if contains(samples, one, other):
                key = "case-shadowed" if first_match else "cases-overlap"
                context.report(key, other.span, Label(one.span, "first"), name=other.name, other=one.name)
                break
            if not first_match and contains(samples, other, one):
                label = Label(other.span, "second")
                context.report("cases-overlap", one.span, label, name=one.name, other=other.name)
                break
        else:
            standing.append(other)


def comparable(context: Context, one: Case, other: Case) -> Samples | None:
    """What the two cases ask about, if all combinations can be tried."""
    conditions = [case.condition for case in (one, other) if case.condition is not None]
    samples = samples_of(conditions)
    trials = prod(len(values) for values in samples.values())
    questions = sum(1 for _ in atoms(conditions))
    return samples if trials <= MOST_COMBINATIONS and affordable(context, trials * questions) else None


def contains(samples: Samples, outer: Case, inner: Case) -> bool:
    """Whether `outer` holds wherever `inner` does, and `inner` holds somewhere."""
    within, around = met(inner, samples), met(outer, samples)
    holding = [point for point in points(samples) if within(point)]
    return bool(holding) and all(around(point) for point in holding)


def met(case: Case, samples: Samples) -> Verdict:
    """The verdict of a case; `if missing` answers where the condition does not."""
    assert case.condition is not None
    condition, instead = verdict_of(case.condition, samples), case.if_missing
    if instead is None:
        return condition
    return lambda point: instead if (verdict := condition(point)) is None else verdict


def points(samples: Samples) -> Iterator[Point]:
    return product(*(range(len(values)) for values in samples.values()))


def samples_of(conditions: Sequence[e.Expression]) -> Samples:
    """Every subject of the conditions with its distinguishable values."""
    limits: dict[e.Expression, set[object]] = {}
    samples: Samples = {}
    for atom in atoms(conditions):
        subject = subject_of(atom)
        values = samples.setdefault(subject, [])
        if isinstance(atom, e.Compare) and isinstance(atom.right, e.Constant):
            limits.setdefault(subject, set()).add(number_of(atom.right))
        elif isinstance(atom, e.Compare):
            values[:] = [-1, 0, 1]
        elif isinstance(atom, e.OneOf):
            options = subject.type.options or tuple(
                sorted({*map(str, values), *atom.values, "\0other"} - {"None"})
            )
            values[:] = list(options)
        elif not isinstance(atom, e.IsMissing) and not values:
            values[:] = [True, False]
    for subject, found in limits.items():
        samples[subject] = places(found, subject.type)
    for subject, values in samples.items():
        if subject.type.optional or not values:
            values.append(None)
        if values == [None]:
            values.append("\0some")
    return samples


def atoms(conditions: Sequence[e.Expression]) -> Iterator[e.Expression]:
    """What is left of conditions when and, or, not are taken away."""
    for node in conditions:
        if isinstance(node, e.And | e.Or):
            yield from atoms(node.items)
        elif isinstance(node, e.Not):
            yield from atoms((node.value,))
        elif not isinstance(node, e.Constant):
            yield node


def subject_of(atom: e.Expression) -> e.Expression:
    """What an atom asks about: an amount, a choice, or itself."""
    if isinstance(atom, e.Compare):
        return (
            atom.left
            if isinstance(atom.right, e.Constant)
            else e.Compare(atom.span, atom.type, "=", atom.left, atom.right)
        )
    return atom.subject if isinstance(atom, e.OneOf | e.IsMissing) else atom


def number_of(node: e.Constant) -> object:
    """A limit that can be compared whatever its scale."""
    value = node.value
    if node.type.kind == "number" and isinstance(value, int):
        return Fraction(value, 10**node.type.scale)
    return value


def places(limits: set[object], kind: Type) -> list[Sample]:
    """Each limit and each stretch between that the type has a value in, within its bounds and among its decimals
    or days: (limit, -1) just below the first, (limit, 0) at one, (limit, 1) just above.
    """
    ordered = sorted(limits)  # type: ignore[type-var]
    unbounded = kind.kind == "date" and kind.low == kind.high
    low, high = (None, None) if unbounded else (kind.low, kind.high)
    unit = 1 if kind.kind == "date" else 10**kind.scale
    found: list[Sample] = []
    if low is None or low < size(ordered[0]):
        found.append((ordered[0], -1))
    for limit, following in zip_longest(ordered, ordered[1:]):
        at = size(limit)
        if (low is None or high is None or low <= at <= high) and at * unit % 1 == 0:
            found.append((limit, 0))
        above = Fraction(floor(at * unit) + 1, unit)
        above = above if low is None else max(above, low)
        if (following is None or above < size(following)) and (high is None or above <= high):
            found.append((limit, 1))
    return found


def size(limit: object) -> Fraction:
    """A limit as a number: of a date its day."""
    return limit if isinstance(limit, Fraction) else Fraction(limit.toordinal())  # type: ignore[attr-defined]


def verdict_of(node: e.Expression, samples: Samples) -> Verdict:
    """The three-valued verdict of a condition at a combination of values."""
    match node:
        case e.Constant():
            return lambda point: node.value is True
        case e.Not():
            inner = verdict_of(node.value, samples)
            return lambda point: None if (verdict := inner(point)) is None else not verdict
        case e.And() | e.Or():
            return joined([verdict_of(item, samples) for item in node.items], isinstance(node, e.Or))
        case _:
            subject = subject_of(node)
            place, answers = list(samples).index(subject), [asked(node, value) for value in samples[subject]]
            return lambda point: answers[point[place]]


def joined(items: Sequence[Verdict], decisive: bool) -> Verdict:
    def verdict(point: Point) -> bool | None:
        verdicts = [item(point) for item in items]
        return decisive if decisive in verdicts else None if None in verdicts else not decisive

    return verdict


def asked(node: e.Expression, value: Sample) -> bool | None:
    """The verdict of an atom on its subject's value."""
    if isinstance(node, e.IsMissing):
        return (value is None) != node.negated
    if value is None and not (isinstance(node, e.OneOf) and node.decided):
        return None
    if isinstance(node, e.OneOf):
        return (value in node.values) != node.negated
    if isinstance(node, e.Compare):
        return compared(node, value)
    return value is True


def compared(node: e.Compare, value: Sample) -> bool:
    if isinstance(value, tuple):
        limit, side = value
        constant = number_of(node.right)  # type: ignore[arg-type]
        sign = side if limit == constant else (1 if limit > constant else -1)
    else:
        sign = value
    return {"=": sign == 0, "<": sign < 0, "<=": sign <= 0, ">": sign > 0, ">=": sign >= 0}[node.operator]


# ---- Tables --------------------------------------------------------------------------------------


def check_table(context: Context, table: Table) -> None:
    """Rows inside earlier ones, rows that overlap with another result, and combinations no row covers."""
    let_in = known_columns(context, table)
    columns = [column_samples(table, place, let_in) for place in range(len(table.columns))]
    sizes = [prod(len(values) for values in column.values()) for column in columns]
    cells, pairs = sum(sizes) * len(table.rows), len(columns) * min(len(table.rows), MOST_ROWS) ** 2
    if max(sizes) > MOST_COMBINATIONS or not affordable(context, cells + pairs):
        return
    covers = [
        [covered(test, column) for test, column in zip(row.conditions, columns, strict=True)]
        for row in table.rows
    ]
    for (first, one), (second, other) in combinations(enumerate(covers[:MOST_ROWS]), 2):
        above, below = table.rows[first], table.rows[second]
        label, line = Label(above.span, "first"), above.span.line
        if table.first_match and all(b <= a for a, b in zip(one, other, strict=True)):
            context.report("row-shadowed", below.span, label, line=line)
        if table.first_match or above.case == below.case:
            continue
        if all(a & b for a, b in zip(one, other, strict=True)):
            context.report("rows-overlap", below.span, label, line=line)
    if affordable(context, prod(sizes) * len(covers)):
        check_gap(context, table, columns, covers)


def column_samples(table: Table, place: int, let_in: Known) -> Samples:
    """The distinguishable values of a column; a score may be asked for its number and its band."""
    tests = [row.conditions[place] for row in table.rows]
    samples = samples_of([test for test in tests if test is not None])
    return {
        subject: [value for value in values if value is not None or subject not in let_in]
        for subject, values in samples.items()
    }


def known_columns(context: Context, table: Table) -> Known:
    """The columns that cannot be missing of whom the table is about: its `where` says so, or lets in only those whom
    the column's own `where` lets in.
    """
    if table.where is None:
        return frozenset()
    demanded = set(table.where.items) if isinstance(table.where, e.And) else {table.where}
    known = set(admitted(table.where))
    for column in table.columns:
        found = context.definitions.get((column.entity, column.name)) if isinstance(column, e.Field) else None
        where = getattr(found, "where", None)
        if where is not None and demanded >= (set(where.items) if isinstance(where, e.And) else {where}):
            known.add(column)
    return frozenset(known)


def covered(test: e.Expression | None, samples: Samples) -> frozenset[Point]:
    """Where a cell holds."""
    if test is None:
        return frozenset(points(samples))
    holds = verdict_of(test, samples)
    return frozenset(point for point in points(samples) if holds(point))


def check_gap(
    context: Context, table: Table, columns: Sequence[Samples], covers: Sequence[Sequence[frozenset[Point]]]
) -> None:
    """A combination of values for which no row gives a result."""
    for combination in product(*map(points, columns)):
        if not any(all(map(contained, combination, row)) for row in covers):
            named = zip(combination, columns, table.columns, strict=True)
            shown = ", ".join(value_text(point, samples, column) for point, samples, column in named)
            context.report("table-gap", table.span, name=table.name, values=shown)
            return


def contained(point: Point, cell: frozenset[Point]) -> bool:
    return point in cell


def value_text(point: Point, samples: Samples, column: e.Expression) -> str:
    """A distinguishable value as a policy would ask for it."""
    name = column.name if isinstance(column, e.Field) else "it"
    values = next(iter(samples.values()), None)
    value = values[point[0]] if values else "anything"
    if isinstance(value, tuple):
        limit, side = value
        number = f"{float(limit):g}" if not hasattr(limit, "isoformat") else limit.isoformat()
        return f"{name} {'<=>'[side + 1]} {number}"
    if isinstance(value, bool):
        return name if value else f"not {name}"
    word = "missing" if value is None else str(value).replace("\0", "any ")
    return f"{name} is {word}"
