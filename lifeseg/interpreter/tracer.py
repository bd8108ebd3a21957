"""Results and a record come in; the trace of every definition of that record and its children goes out.

A tracer is prepared once for a run; each clause's words are quoted then, so that tracing a record only fills in values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lifeseg.functions.exact import rescale, to_text
from lifeseg.interpreter.clauses import Words, clause_of, name_of, place_of, unit_of, verdict_text
from lifeseg.interpreter.from_expression import from_expression
from lifeseg.interpreter.link import Link, linked
from lifeseg.interpreter.results import Baseline, BaselineValue, Results, Row
from lifeseg.interpreter.trace import (
    TRACE_VERSION,
    CaseTrace,
    Clause,
    DefinitionTrace,
    FactTrace,
    RecordTrace,
    Term,
    Threshold,
    Trace,
    Verdict,
)
from lifeseg.interpreter.values import short_text, text_of, trimmed
from lifeseg.model import expression as e
from lifeseg.model.model import (
    AnyDefinition,
    Case,
    Entity,
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
from lifeseg.model.walk import nodes

Explain = Callable[[Row], DefinitionTrace]


class Tracer:
    """Explains records of one run."""

    def __init__(self, results: Results) -> None:
        self.results = results
        self.link = linked(results.model, results.as_of, dict(results.baseline.statistics))
        self.words = Words({file: text.split("\n") for file, text in results.model.sources.items()})
        self.explains = {
            name: [explained(self.link, self.words, found) for found in results.model.of(name)]
            for name in results.model.entities
        }
        self.baseline = baseline_texts(results)
        self.facts = {
            name: [
                (
                    fact,
                    self.link.slots[name][fact.name],
                    dict(fact.titles),
                    unit_of(fact.type),
                    place_of(fact),
                    str(fact.type.high) if fact.kind == "rating" else None,
                )
                for fact in entity.facts
            ]
            for name, entity in results.model.entities.items()
        }

    def trace(self, entity: str, index: int) -> Trace:
        """Everything behind the results of the record at that place."""
        model = self.results.model
        record = self.record(model.entities[entity], self.results.rows[entity][index])
        return Trace(
            TRACE_VERSION,
            model.name,
            model.version,
            model.content_hash,
            self.results.as_of.isoformat(),
            self.baseline,
            record,
            {name: dict(found.titles) for name, found in model.entities.items()},
            {name: dict(found.titles) for name, found in model.parameters.items()},
        )

    def record(self, entity: Entity, row: Row) -> RecordTrace:
        facts = tuple(
            [
                FactTrace(
                    fact.name,
                    titles,
                    short_text(row[slot], fact.type),
                    unit,
                    fact.personal,
                    place,
                    fact.kind,
                    highest,
                    fact.key,
                )
                for fact, slot, titles, unit, place, highest in self.facts[entity.name]
            ]
        )
        definitions = tuple([explain(row) for explain in self.explains[entity.name]])
        children = tuple(
            self.record(self.results.model.entities[name], child)
            for name, rows in row[1].items()
            for child in rows
        )
        key = " ".join(self.results.key(entity.name, row)[-max(1, len(entity.keys)) :])
        return RecordTrace(entity.name, key, facts, definitions, children)


def trace(results: Results, entity: str, index: int) -> Trace:
    """The trace of one record; for many records prepare one Tracer."""
    return Tracer(results).trace(entity, index)


def baseline_texts(results: Results) -> dict[str, str | list[str | None] | None]:
    """The statistics as decimals."""
    kinds = {found.key: found.type for found in results.model.statistics}

    def shown(key: str, value: BaselineValue) -> str | list[str | None] | None:
        scale = kinds[key].scale
        if isinstance(value, tuple):
            return [None if cut is None else to_text(cut, scale) for cut in value]
        return None if value is None else to_text(value, scale)

    baseline: Baseline = results.baseline
    return {key: shown(key, value) for key, value in baseline.statistics.items() if key in kinds}


def explained(link: Link, words: Words, definition: AnyDefinition) -> Explain:
    """The function that traces one definition on a row."""
    match definition:
        case Index():
            return index(link, words, definition)
        case Score():
            return score(link, words, definition)
        case Flag():
            return flag(link, words, definition)
        case FlagBlock():
            return flag_block(link, definition)
        case Segment():
            where = definition.where
            return cased(link, words, definition, "segment", where, definition.cases, definition.cases)
        case Lifecycle():
            return cased(link, words, definition, "lifecycle", None, definition.starts, definition.states)
        case Table():
            return table(link, words, definition)
        case Rank():
            return rank(link, words, definition)


def uses_of(definition: AnyDefinition) -> tuple[str, ...]:
    """The facts and definitions of the same record that a definition reads, in order of first use."""
    found: dict[str, None] = {}
    skipped = definition.moves if isinstance(definition, Lifecycle) else ()
    ignored = {id(node) for node in nodes(skipped)}
    for node in nodes(definition):
        if id(node) not in ignored and isinstance(node, e.Field | e.Band) and not node.up:
            if node.entity == definition.entity:
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
    raw, formula = from_expression(link, definition.formula), clause_of(link, words, definition.formula)
    of, kind = definition.formula.type, definition.type
    low, high = definition.low, definition.high

    def explain(row: Row) -> DefinitionTrace:
        value, amount = row[place], raw(row)
        remarks: tuple[str, ...] = ()
        if amount is None:
            remarks = ("defaulted",) if definition.if_missing is not None else ()
        elif low is not None and high is not None:
            exact = rescale(amount, of.scale, kind.scale)
            remarks = () if low <= exact <= high else ("capped",)
        return DefinitionTrace(**shared, value=text_of(value, kind), remarks=remarks, formula=formula(row))

    return explain


def score(link: Link, words: Words, definition: Score) -> Explain:
    shared, slots = head(definition, "score"), link.slots[definition.entity]
    place, band = slots[definition.name], slots.get(definition.name + "_band")
    titles = {found.name: found for found in link.model.of(definition.entity)}
    leaves = [leaf_of(link, definition, number, titles) for number in range(len(definition.leaves))]
    bands = titles_by_case(definition.bands)
    thresholds = [
        (
            found.name,
            dict(found.titles),
            None
            if found.threshold is None
            else rescale(
                from_expression(link, found.threshold)([]), found.threshold.type.scale, definition.type.scale
            ),
        )
        for found in definition.bands
    ]

    def explain(row: Row) -> DefinitionTrace:
        value = row[place]
        taken = row[band] if band is not None else None
        terms = tuple([leaf(row) for leaf in leaves])
        missing = any(term.value is None for term in terms)
        remarks = (("reweighted",) if definition.reweight else ("defaulted",)) if missing else ()
        return DefinitionTrace(
            **shared,
            value=text_of(value, definition.type),
            band=taken,
            band_titles=bands.get(taken or "", {}),
            remarks=remarks,
            terms=terms,
            thresholds=limits(thresholds, value, definition.type.scale, taken),
        )

    return explain


def leaf_of(
    link: Link, definition: Score, number: int, titles: Mapping[str, AnyDefinition]
) -> Callable[[Row], Term]:
    """The term of one leaf."""
    leaf = definition.leaves[number]
    run, of = from_expression(link, leaf.value), leaf.value.type
    name = name_of(leaf.value) or ""
    named: Labelled | None = titles.get(name) or next(
        (fact for fact in link.model.entities[definition.entity].facts if fact.name == name), None
    )
    shown = dict(named.titles) if named else {}
    weight = to_text(leaf.weight, definition.weight_scale)
    scale, place = definition.weight_scale + of.scale, place_of(leaf)
    best = int(of.high * 10**of.scale)

    def term(row: Row) -> Term:
        value = run(row)
        if value is None:
            return Term(leaf.path, name, shown, weight, None, None, None, place)
        points = trimmed(value * leaf.weight, scale)
        lost = trimmed((best - value) * leaf.weight, scale)
        return Term(leaf.path, name, shown, weight, trimmed(value, of.scale), points, lost, place)

    return term


def limits(
    thresholds: Sequence[tuple[str, dict[str, str], int | None]],
    value: int | None,
    scale: int,
    taken: str | None,
) -> tuple[Threshold, ...]:
    """Each band or class with its threshold and how far the value lies from it."""
    return tuple(
        Threshold(
            name,
            titles,
            None if limit is None else trimmed(limit, scale),
            None if limit is None or value is None else trimmed(value - limit, scale),
            name == taken,
        )
        for name, titles, limit in thresholds
    )


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
    where: e.Expression | None,
    cases: Sequence[Case],
    labelled: Sequence[Labelled],
) -> Explain:
    """Every case with its verdict; one that is missing is answered by its `if missing`."""
    shared, place = head(definition, kind), link.slots[definition.entity][definition.name]
    outside = clause_of(link, words, where) if where is not None else None
    tests = [clause_of(link, words, case.condition) if case.condition is not None else None for case in cases]
    titles = titles_by_case(labelled)

    def explain(row: Row) -> DefinitionTrace:
        value = row[place]
        limit = outside(row) if outside else None
        traced = []
        for case, test in zip(cases, tests, strict=True):
            clause = test(row) if test else None
            traced.append(one_case(case, clause, value, titles.get(case.name, {})))
        return DefinitionTrace(
            **shared,
            value=value,
            case_titles=titles.get(value or "", {}),
            where=limit,
            cases=tuple(traced),
            remarks=case_remarks(value, limit, traced),
        )

    return explain


def one_case(case: Case, clause: Clause | None, value: str | None, titles: dict[str, str]) -> CaseTrace:
    verdict: Verdict = "yes" if case.name == value else "no"
    if clause is not None and clause.verdict is not None:
        verdict = clause.verdict
        if verdict == "unknown" and case.if_missing is not None:
            verdict = verdict_text(case.if_missing)
    how: Any = "when" if case.condition is not None else "otherwise"
    return CaseTrace(case.name, titles, how, verdict, case.name == value, clause, place_of(case))


def case_remarks(value: str | None, where: Clause | None, cases: Sequence[CaseTrace]) -> tuple[str, ...]:
    if where is not None and where.verdict != "yes":
        return ("outside",)
    if value is not None:
        return ()
    return ("several-cases",) if any(case.verdict == "yes" for case in cases) else ("no-case",)


def table(link: Link, words: Words, definition: Table) -> Explain:
    """Each row as a case: the cells that are not `-`."""
    shared, place = head(definition, "table"), link.slots[definition.entity][definition.name]
    outside = clause_of(link, words, definition.where) if definition.where is not None else None
    titles = titles_by_case(definition.cases)
    columns = [words.quote(column) for column in definition.columns]
    rows = [
        (
            found,
            [
                (columns[number], clause_of(link, words, test))
                for number, test in enumerate(found.conditions)
                if test is not None
            ],
        )
        for found in definition.rows
    ]

    def explain(row: Row) -> DefinitionTrace:
        value = row[place]
        limit = outside(row) if outside else None
        taken, traced = False, []
        for found, tests in rows:
            parts = tuple([cell(column, test(row)) for column, test in tests])
            holds = all(part.verdict == "yes" for part in parts)
            here = holds and found.case == value and not taken
            taken = taken or here
            text = " and ".join(part.text for part in parts) or "-"
            verdict: Verdict = "yes" if holds else "no"
            clause = Clause(text, "and", place_of(found), verdict, parts=parts)
            traced.append(
                CaseTrace(found.case, titles[found.case], "row", verdict, here, clause, place_of(found))
            )
        return DefinitionTrace(
            **shared,
            value=value,
            case_titles=titles.get(value or "", {}),
            where=limit,
            cases=tuple(traced),
            remarks=case_remarks(value, limit, traced),
        )

    return explain


def cell(column: str, clause: Clause) -> Clause:
    """A cell's clause, which quotes the cell alone, with the column in front."""
    if clause.text != column:
        clause.text = f"{column}: {clause.text}"
    return clause


def rank(link: Link, words: Words, definition: Rank) -> Explain:
    """The value against the cut of every class."""
    shared, place = head(definition, "rank"), link.slots[definition.entity][definition.name]
    value_of, of = from_expression(link, definition.by), definition.by.type
    outside = clause_of(link, words, definition.where) if definition.where is not None else None
    titles = titles_by_case(definition.classes)
    shared["by"] = name_of(definition.by)
    formula = clause_of(link, words, definition.by)

    def explain(row: Row) -> DefinitionTrace:
        value, amount = row[place], value_of(row)
        cuts: Any = link.statistics.get(definition.cuts) or ()
        padded = [*cuts, *([None] * (len(definition.classes) - len(cuts)))]
        named = [
            (found.name, titles[found.name], cut)
            for found, cut in zip(definition.classes, padded, strict=True)
        ]
        limit = outside(row) if outside else None
        remarks = ("outside",) if limit is not None and limit.verdict != "yes" else ()
        return DefinitionTrace(
            **shared,
            value=value,
            case_titles=titles.get(value or "", {}),
            where=limit,
            formula=formula(row),
            thresholds=limits(named, amount, of.scale, value),
            remarks=remarks,
        )

    return explain


def rank_position(results: Results, definition: Rank, index: int) -> tuple[int, int]:
    """The record's place when the population is sorted from the top, ties sharing the best, and the number of records."""
    values = results.column(definition.entity, name_of(definition.by) or "")
    own: Any = values[index]
    known: list[Any] = [value for value in values if value is not None]
    return 1 + sum(value > own for value in known), len(known)
