"""A definition comes in; a function from a row to the trace of its value goes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from lifeseg.frozen import dataclass
from lifeseg.functions.exact import to_text
from lifeseg.interpreter.clauses import clause_of, name_of, place_of, unit_of, verdict_text
from lifeseg.interpreter.from_expression import at_scale, constantly, from_expression, rounded
from lifeseg.interpreter.link import Link, Run
from lifeseg.interpreter.memory import remembered
from lifeseg.interpreter.results import Row
from lifeseg.interpreter.trace import CaseTrace, Clause, DefinitionTrace, Term, Threshold, Titles, Verdict
from lifeseg.interpreter.values import text_of, trimmed
from lifeseg.model import expression as e
from lifeseg.model.model import (
    AnyDefinition,
    Case,
    Flag,
    FlagBlock,
    Index,
    Labelled,
    Lifecycle,
    Rank,
    Score,
    Segment,
    Table,
)
from lifeseg.model.model import Row as TableRow
from lifeseg.model.quoting import Words
from lifeseg.model.reasons import Reason, ranked, reasons
from lifeseg.model.walk import nodes

Explain = Callable[[Row], DefinitionTrace]


def traced(link: Link, words: Words, definition: AnyDefinition) -> Explain:
    """The function that traces one definition on a row; what was made of offers, or of tasks, is remarked."""
    explain = traced_as_written(link, words, definition)
    if definition.made == "watch":
        return remarked(explain, "watched")
    return remarked(explain, "offers") if definition.made else explain


def traced_as_written(link: Link, words: Words, definition: AnyDefinition) -> Explain:
    match definition:
        case Index():
            return remembered(link, index(link, words, definition), definition.formula)
        case Score():
            return score(link, words, definition)
        case Flag():
            return remembered(link, flag(link, words, definition), definition.condition)
        case FlagBlock():
            return flag_block(link, definition)
        case Segment():
            words = replace(words, quoting=not definition.made)
            kind = "lifecycle" if definition.moving else "segment"
            explain = cased(link, words, definition, kind, definition.cases, definition.cases)
            return remembered(link, remarked(explain, "moving") if definition.moving else explain, definition)
        case Lifecycle():
            explain = cased(link, words, definition, "lifecycle", definition.starts, definition.states)
            return remembered(link, explain, definition.starts)
        case Table():
            return remembered(link, table(link, words, definition), definition)
        case Rank():
            return rank(link, words, definition)


def remarked(explain: Explain, remark: str) -> Explain:
    """The same with one remark more."""

    def more(row: Row) -> DefinitionTrace:
        said = explain(row)
        return replace(said, remarks=(*said.remarks, remark))

    return more


def uses_of(definition: AnyDefinition) -> tuple[str, ...]:
    """The facts and definitions of the same record that a definition reads, in order of first use."""
    found: dict[str, None] = {}
    ignored = {id(node) for node in nodes(definition.moves)} if isinstance(definition, Lifecycle) else set()
    for node in nodes(definition):
        own = isinstance(node, e.Field | e.Band) and not node.up and node.entity == definition.entity
        if own and id(node) not in ignored:
            found[node.name if isinstance(node, e.Field) else node.score] = None
    return tuple(found)


def head(definition: AnyDefinition, kind: str) -> dict[str, Any]:
    """What the trace of every definition says."""
    return {
        "name": definition.name,
        "kind": kind,
        "titles": dict(definition.titles),
        "place": place_of(definition),
        "unit": unit_of(definition.type),
        "uses": uses_of(definition),
    }


def titles_by_case(labelled: Sequence[Labelled]) -> dict[str, dict[str, str]]:
    return {found.name: dict(found.titles) for found in labelled}


# ---- Indexes, scores, flags ----------------------------------------------------------------------


def index(link: Link, words: Words, definition: Index) -> Explain:
    shared, place = head(definition, "index"), link.slots[definition.entity][definition.name]
    formula, remark = clause_of(link, words, definition.formula), remark_of(link, definition)
    kind = definition.type
    return lambda row: DefinitionTrace(
        **shared, value=text_of(row[place], kind), remarks=remark(row), formula=formula(row)
    )


def remark_of(link: Link, definition: Index) -> Callable[[Row], tuple[str, ...]]:
    """Whether `if missing` answered, or the range was left."""
    low, high = definition.low, definition.high
    if definition.if_missing is None and low is None:
        return lambda row: ()
    exact = rounded(link, definition.formula, definition.type.scale)

    def remark(row: Row) -> tuple[str, ...]:
        amount = exact(row)
        if amount is None:
            return ("defaulted",) if definition.if_missing is not None else ()
        return () if low is None or high is None or low <= amount <= high else ("capped",)

    return remark


def score(link: Link, words: Words, definition: Score) -> Explain:
    shared, slots = head(definition, "score"), link.slots[definition.entity]
    place, band = slots[definition.name], slots.get(definition.name + "_band")
    titles = {found.name: found for found in link.model.of(definition.entity)}
    known = reasons(definition)
    leaves = [leaf_of(link, definition, reason, titles) for reason in known]
    values = [(reason, from_expression(link, reason.leaf.value)) for reason in known]
    bands, limits = titles_by_case(definition.bands), limits_of(link, definition)
    kind = definition.type

    def explain(row: Row) -> DefinitionTrace:
        value = row[place]
        taken = row[band] if band is not None else None
        terms = tuple([leaf(row) for leaf in leaves])
        missing = any(term.value is None for term in terms)
        remarks = (("reweighted",) if definition.reweight else ("defaulted",)) if missing else ()
        if any(limit.name == taken and limit.keeps(row, value) for limit in limits):
            remarks = (*remarks, "kept")
        return DefinitionTrace(
            **shared,
            value=text_of(value, kind),
            band=taken,
            band_titles=bands.get(taken or "", {}),
            remarks=remarks,
            terms=terms,
            thresholds=tuple([limit.against(row, value, taken) for limit in limits]),
            reasons=ranked(
                [
                    (reason.code, None if (own := run(row)) is None else reason.lost(own))
                    for reason, run in values
                ]
            ),
        )

    return explain


@dataclass(frozen=True, slots=True)
class Limit:
    """A band or a class with its threshold, if it has one, at a scale that values are brought to by `factor`; where that
    depends on the past, also the one at which the band begins, the band before, and whether that makes the difference.
    """

    name: str
    titles: Titles
    threshold: Run | None
    scale: int
    factor: int = 1
    entry: Run | None = None
    before: Run | None = None
    left: Run | None = None

    def against(self, row: Row, value: int | None, taken: str | None) -> Threshold:
        """How far a value lies from it."""
        if self.threshold is None:
            return Threshold(self.name, self.titles, None, None, self.name == taken)
        limit = self.threshold(row)
        distance = None if value is None else trimmed(value * self.factor - limit, self.scale)
        left = self.left is not None and bool(self.left(row))
        return Threshold(
            self.name, self.titles, trimmed(limit, self.scale), distance, self.name == taken, left
        )

    def keeps(self, row: Row, value: int | None) -> bool:
        """Whether the band is the one before, and the value would not have reached it."""
        if self.entry is None or self.before is None or value is None or self.before(row) != self.name:
            return False
        return bool(value * self.factor < self.entry(row))


def limits_of(link: Link, definition: Score) -> list[Limit]:
    limits = []
    for found in definition.bands:
        titles, threshold = dict(found.titles), found.threshold
        if threshold is None:
            limits.append(Limit(found.name, titles, None, 0))
            continue
        scale = max(definition.type.scale, threshold.type.scale)
        limit = Limit(
            found.name, titles, at_scale(link, threshold, scale), scale, 10 ** (scale - definition.type.scale)
        )
        limits.append(remembering(link, limit, threshold))
    return limits


def remembering(link: Link, limit: Limit, threshold: e.Expression) -> Limit:
    """What a threshold that depends on the band before is otherwise."""
    match threshold:
        case e.Choose(steps=((e.OneOf() as was, _),), otherwise=entry) if entry is not None:
            before, left = from_expression(link, was.subject), from_expression(link, was)
            return replace(limit, entry=at_scale(link, entry, limit.scale), before=before, left=left)
        case _:
            return limit


def leaf_of(
    link: Link, definition: Score, reason: Reason, titles: Mapping[str, AnyDefinition]
) -> Callable[[Row], Term]:
    """The term of one leaf."""
    leaf, name = reason.leaf, reason.code
    run, of = from_expression(link, leaf.value), leaf.value.type
    named: Labelled | None = titles.get(name) or next(
        (fact for fact in link.model.entities[definition.entity].facts if fact.name == name), None
    )
    shown = dict(named.titles) if named else {}
    weight = to_text(leaf.weight, definition.weight_scale)
    scale, place = definition.weight_scale + of.scale, place_of(leaf)

    def term(row: Row) -> Term:
        value = run(row)
        if value is None:
            return Term(leaf.path, name, shown, weight, None, None, None, place)
        points = trimmed(value * leaf.weight, scale)
        lost = trimmed((reason.best - value) * leaf.weight, scale)
        return Term(leaf.path, name, shown, weight, trimmed(value, of.scale), points, lost, place)

    return remembered(link, term, leaf.value)


def flag(link: Link, words: Words, definition: Flag) -> Explain:
    shared, place = head(definition, "flag"), link.slots[definition.entity][definition.name]
    clause = clause_of(link, words, definition.condition)
    always = isinstance(definition.condition, e.Constant)

    def explain(row: Row) -> DefinitionTrace:
        said = clause(row)
        remarks = ("defaulted",) if said.verdict == "unknown" else ()
        case = CaseTrace(
            definition.name,
            shared["titles"],
            "always" if always else "when",
            said.verdict or "unknown",
            bool(row[place]),
            None if always else said,
            shared["place"],
        )
        return DefinitionTrace(
            **shared, value=text_of(row[place], definition.type), remarks=remarks, cases=(case,)
        )

    return explain


def flag_block(link: Link, definition: FlagBlock) -> Explain:
    shared, place = head(definition, "flags"), link.slots[definition.entity][definition.name]
    shared["uses"] = definition.flags

    def explain(row: Row) -> DefinitionTrace:
        members = row[place]
        return DefinitionTrace(**shared, value=", ".join(members), members=members)

    return explain


# ---- Cases ---------------------------------------------------------------------------------------


def cased(
    link: Link,
    words: Words,
    definition: Segment | Lifecycle,
    kind: str,
    cases: Sequence[Case],
    labelled: Sequence[Labelled],
) -> Explain:
    """Every case with its verdict; one that is missing is answered by its `if missing`."""
    shared, place = head(definition, kind), link.slots[definition.entity][definition.name]
    outside = where_of(link, words, definition.where if isinstance(definition, Segment) else None)
    titles = titles_by_case(labelled)
    tests = [(case, titles.get(case.name, {}), where_of(link, words, case.condition)) for case in cases]

    def explain(row: Row) -> DefinitionTrace:
        value, limit = row[place], outside(row)
        found = tuple([one_case(case, test(row), value, shown) for case, shown, test in tests])
        return DefinitionTrace(
            **shared,
            value=value,
            case_titles=titles.get(value or "", {}),
            where=limit,
            cases=found,
            remarks=case_remarks(value, limit, found),
        )

    return explain


def where_of(link: Link, words: Words, where: e.Expression | None) -> Callable[[Row], Clause | None]:
    """The clause of a condition that need not be there."""
    return clause_of(link, words, where) if where is not None else lambda row: None


def one_case(case: Case, clause: Clause | None, value: str | None, titles: Titles) -> CaseTrace:
    verdict: Verdict = "yes" if case.name == value else "no"
    if clause is not None and clause.verdict is not None:
        verdict = clause.verdict
        if verdict == "unknown" and case.if_missing is not None:
            verdict = verdict_text(case.if_missing)
    how: Any = "when" if case.condition is not None else "otherwise"
    if isinstance(case.condition, e.Constant):
        how, clause = "always", None
    return CaseTrace(
        case.name, titles, how, verdict, case.name == value and verdict == "yes", clause, place_of(case)
    )


def case_remarks(value: str | None, where: Clause | None, cases: Sequence[CaseTrace]) -> tuple[str, ...]:
    if where is not None and where.verdict != "yes":
        return ("outside",)
    if value is not None:
        return ()
    return ("several-cases",) if any(case.verdict == "yes" for case in cases) else ("no-case",)


def table(link: Link, words: Words, definition: Table) -> Explain:
    """Each row as a case; the one that is taken is the first of those that hold and give the result."""
    shared, place = head(definition, "table"), link.slots[definition.entity][definition.name]
    outside, titles = where_of(link, words, definition.where), titles_by_case(definition.cases)
    columns = [words.quote(column) for column in definition.columns]
    rows = [row_of(link, words, found, columns, titles[found.case]) for found in definition.rows]

    def explain(row: Row) -> DefinitionTrace:
        value, limit = row[place], outside(row)
        found = [case(row) for case in rows]
        holding = [place for place, case in enumerate(found) if case.verdict == "yes" and case.name == value]
        if holding:
            found[holding[0]] = replace(found[holding[0]], taken=True)
        return DefinitionTrace(
            **shared,
            value=value,
            case_titles=titles.get(value or "", {}),
            where=limit,
            cases=tuple(found),
            remarks=case_remarks(value, limit, found),
        )

    return explain


def row_of(
    link: Link, words: Words, written: TableRow, columns: Sequence[str], titles: Titles
) -> Callable[[Row], CaseTrace]:
    """A row of a table as a case: the cells that are not `-`, each with its column in front."""
    cells = [
        (column, clause_of(link, words, test))
        for column, test in zip(columns, written.conditions, strict=True)
        if test is not None
    ]
    place = place_of(written)

    def explain(row: Row) -> CaseTrace:
        parts = tuple([headed(column, test(row)) for column, test in cells])
        verdict: Verdict = "yes" if all(part.verdict == "yes" for part in parts) else "no"
        text = " and ".join([part.text for part in parts]) or "-"
        clause = Clause(text, "and", place, verdict, parts=parts)
        return CaseTrace(written.case, titles, "row", verdict, False, clause, place)

    return explain


def headed(column: str, clause: Clause) -> Clause:
    """A cell's clause, which quotes the cell alone, with the column in front."""
    return clause if clause.text == column else replace(clause, text=f"{column}: {clause.text}")


def rank(link: Link, words: Words, definition: Rank) -> Explain:
    """The value against the cut of every class."""
    shared, place = head(definition, "rank"), link.slots[definition.entity][definition.name]
    shared["by"] = name_of(definition.by)
    value_of, formula = from_expression(link, definition.by), clause_of(link, words, definition.by)
    outside, titles = where_of(link, words, definition.where), titles_by_case(definition.classes)
    cuts: Any = link.statistics.get(definition.cuts) or ()
    scale = definition.by.type.scale
    limits = [
        Limit(found.name, titles[found.name], None if cut is None else constantly(cut), scale)
        for found, cut in zip_longest(definition.classes, cuts[: len(definition.classes)])
    ]

    def explain(row: Row) -> DefinitionTrace:
        value, amount, limit = row[place], value_of(row), outside(row)
        return DefinitionTrace(
            **shared,
            value=value,
            case_titles=titles.get(value or "", {}),
            where=limit,
            formula=formula(row),
            thresholds=tuple([found.against(row, amount, value) for found in limits]),
            remarks=("outside",) if limit is not None and limit.verdict != "yes" else (),
        )

    return explain
