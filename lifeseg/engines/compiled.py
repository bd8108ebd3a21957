"""A plan whose statistics are all known comes in; a function from one record to its results goes out.

The function is built as a Python syntax tree from the plan: numbered names and constants only, never text of a policy.
A record is a mapping of facts as the plan holds them, with its children as lists under their entities' names.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, assert_never

from lifeseg.engines.python_formulas import Formulas
from lifeseg.engines.python_tree import assign, const, is_none, later, name, otherwise
from lifeseg.plan import tree as p
from lifeseg.plan.formulas import settled

Record = Mapping[str, Any]
Evaluate = Callable[[Sequence[Any]], list[Any]]


@dataclass(frozen=True, slots=True)
class Layout:
    """How the function takes and gives: facts by place, the places of child lists behind them, and result columns.

    A row is a sequence: the facts in this order, then for each child entity a list of its rows. A result is a list: the
    columns of the plan's output, then for each child entity the list of its rows' results.
    """

    entity: str
    facts: tuple[str, ...]
    columns: tuple[str, ...]  # what the plan calls the facts
    results: tuple[p.Result, ...]
    troubles: tuple[p.Trouble, ...]
    claims: tuple[p.Broken, ...]
    children: tuple[Layout, ...]


@dataclass(frozen=True, slots=True)
class Compiled:
    """One record at a time; safe to call from many threads, for it keeps nothing."""

    layout: Layout
    evaluate: Evaluate


def compiled(
    plan: p.Plan, entity: str, statistics: Mapping[str, int | tuple[int | None, ...] | None]
) -> Compiled:
    """Compiles what a plan puts out for an entity's records and their children."""
    scalars: dict[str, int | None] = {}
    for key, scalar in plan.scalars.items():
        found = statistics.get(key)
        if isinstance(found, tuple):
            scalars.update({f"{scalar}_{place}": cut for place, cut in enumerate(found)})
        else:
            scalars[scalar] = found
    outputs = {step.entity: step for step in plan.steps if isinstance(step, p.Output)}
    layout = layout_of(plan, outputs, entity)
    body = Body(scalars=scalars)
    row = body.fresh("r")
    statements, value = body.record(outputs, layout, row, {})
    return Compiled(layout, made(row, [*statements, ast.Return(value=value)], body.constants))


def layout_of(plan: p.Plan, outputs: Mapping[str, p.Output], entity: str) -> Layout:
    """What the function reads of an entity's records and what it gives for them."""
    below = tuple(
        layout_of(plan, outputs, found.entity) for found in plan.sources
        if found.parent == entity and (found.entity in outputs or reads_of(outputs, found.entity))
    )  # fmt: skip
    step = outputs[entity]
    source = next(found for found in plan.sources if found.entity == entity)
    names = {column: fact for fact, column in source.facts}
    columns = tuple(sorted(reads_of(outputs, entity)))
    facts = tuple(names[column] for column in columns)
    return Layout(entity, facts, columns, step.results, step.troubles, step.claims, below)


def reads_of(outputs: Mapping[str, p.Output], entity: str) -> set[str]:
    """The facts that any output scans of an entity."""
    found: set[str] = set()
    waiting: list[p.Relation] = [step.relation for step in outputs.values()]
    seen: set[p.Relation] = set()
    while waiting:
        relation = waiting.pop()
        if relation in seen:
            continue
        seen.add(relation)
        match relation:
            case p.Scan():
                if relation.entity == entity:
                    found |= set(relation.columns)
            case p.Extend() | p.Summarise():
                waiting.append(relation.source)
            case p.Attach():
                waiting += [relation.source, relation.other]
            case p.Saved():
                raise AssertionError("a compiled plan measures nothing, so it saves nothing")
            case _:
                assert_never(relation)
    return found


def made(row: str, statements: list[ast.stmt], constants: Mapping[str, Any]) -> Evaluate:
    """The function of those statements, with the constants as its globals and no builtins."""
    arguments = ast.arguments(
        posonlyargs=[], args=[ast.arg(arg=row)], kwonlyargs=[], kw_defaults=[], defaults=[]
    )
    newer: dict[str, Any] = {"type_params": []} if "type_params" in ast.FunctionDef._fields else {}
    function = ast.FunctionDef(name="f", args=arguments, body=statements, decorator_list=[], **newer)
    module = ast.fix_missing_locations(ast.Module(body=[function], type_ignores=[]))
    space: dict[str, Any] = {"__builtins__": {}, **constants}
    exec(compile(module, "<policy>", "exec"), space)
    evaluate: Evaluate = space["f"]
    return evaluate


@dataclass(slots=True)
class Body(Formulas):
    """Writes the statements of a record; a scope says which local holds which column."""

    scalars: Mapping[str, int | None] = field(default_factory=dict)

    # ---- Records -------------------------------------------------------------------------------

    def record(
        self, outputs: Mapping[str, p.Output], layout: Layout, row: str, above: Mapping[str, dict[str, str]]
    ) -> tuple[list[ast.stmt], ast.expr]:
        """The statements that evaluate a row and the list of its results."""
        step = outputs[layout.entity]
        columns: dict[str, str] = {}
        scopes = {**above, layout.entity: columns}
        statements = self.unpacked(layout, row, columns)
        statements += self.relation(step.relation, scopes, layout)
        wanted = [
            *(found.column for found in step.results),
            *(t.column for t in step.troubles),
            *(c.column for c in step.claims),
        ]
        elements = [name(columns[column]) for column in wanted]
        for place, child in enumerate(layout.children):
            rows, results, one = self.fresh("c"), self.fresh("o"), self.fresh("r")
            statements.append(assign(rows, self.at(row, len(layout.facts) + place)))
            statements.append(assign(results, ast.List(elts=[], ctx=ast.Load())))
            inner, value = self.record(outputs, child, one, scopes)
            append = ast.Call(
                func=ast.Attribute(value=name(results), attr="append", ctx=ast.Load()),
                args=[value],
                keywords=[],
            )
            loop = ast.For(
                target=ast.Name(id=one, ctx=ast.Store()),
                iter=name(rows),
                body=[*inner, ast.Expr(value=append)],
                orelse=[],
            )
            statements.append(loop)
            elements.append(name(results))
        return statements, ast.List(elts=elements, ctx=ast.Load())

    def at(self, row: str, place: int) -> ast.expr:
        return ast.Subscript(value=name(row), slice=const(place), ctx=ast.Load())

    def unpacked(self, layout: Layout, row: str, columns: dict[str, str]) -> list[ast.stmt]:
        statements = []
        for place, column in enumerate(layout.columns):
            columns[column] = self.fresh("v")
            statements.append(assign(columns[column], self.at(row, place)))
        columns[""] = row  # where the row itself is, for its child lists
        return statements

    def relation(
        self, relation: p.Relation, scopes: Mapping[str, dict[str, str]], layout: Layout
    ) -> list[ast.stmt]:
        """The statements that fill the columns of a relation for the row at hand."""
        columns = scopes[layout.entity]
        match relation:
            case p.Scan():
                return []
            case p.Extend():
                statements = self.relation(relation.source, scopes, layout)
                for column, formula in relation.columns:
                    if column not in columns:
                        value = self.formula(settled(formula, self.scalars), columns)
                        columns[column] = self.fresh("v")
                        statements.append(assign(columns[column], value))
                return statements
            case p.Attach():
                statements = self.relation(relation.source, scopes, layout)
                if isinstance(relation.other, p.Summarise):
                    return statements + self.summarised(relation.other, scopes, layout)
                owner = scanned(relation.other)
                for there, here in relation.columns:
                    columns[here] = scopes[owner][there]
                return statements
            case p.Summarise() | p.Saved():
                raise AssertionError("a record is no group")
            case _:
                assert_never(relation)

    def summarised(
        self, group: p.Summarise, scopes: Mapping[str, dict[str, str]], layout: Layout
    ) -> list[ast.stmt]:
        """A loop over the child rows that fills the summary columns."""
        columns = scopes[layout.entity]
        child = next(found for found in layout.children if found.entity == scanned(group.source))
        place = len(layout.facts) + layout.children.index(child)
        fresh = [found for found in group.summaries if found.name not in columns]
        statements: list[ast.stmt] = []
        for found in fresh:
            columns[found.name] = self.fresh("a")
            statements.append(assign(columns[found.name], const(0 if found.function == "count" else None)))
        one = self.fresh("r")
        inner: dict[str, str] = {}
        body = self.unpacked(child, one, inner)
        body += self.relation(group.source, {**scopes, child.entity: inner}, child)
        for found in fresh:
            body += self.accumulated(found, columns[found.name], inner)
        statements.append(
            ast.For(
                target=ast.Name(id=one, ctx=ast.Store()),
                iter=self.at(columns[""], place),
                body=body,
                orelse=[],
            )
        )
        for found in fresh:
            if found.function == "latest":
                last = name(columns[found.name])
                value = ast.Subscript(value=last, slice=const(1), ctx=ast.Load())
                statements.append(assign(columns[found.name], otherwise(is_none(last), const(None), value)))
        return statements

    def accumulated(self, found: p.Summary, total: str, inner: dict[str, str]) -> Iterator[ast.stmt]:
        value = self.formula(settled(found.value, self.scalars), inner)
        if found.function == "count":
            add: ast.stmt = ast.AugAssign(
                target=ast.Name(id=total, ctx=ast.Store()), op=ast.Add(), value=const(1)
            )
            yield ast.If(test=value, body=[add], orelse=[])
            return
        new = self.fresh("t")
        if found.function == "squares":
            sides = [settled(found.value, self.scalars)] * 2
            value = self.strictly(sides, inner, lambda s: ast.BinOp(left=s[0], op=ast.Mult(), right=s[1]))
        yield assign(new, value)
        if found.function == "latest":
            yield self.latest(found, total, new, inner)
            return
        added = ast.BinOp(left=name(total), op=ast.Add(), right=name(new))
        both: ast.expr = added
        if found.function in ("min", "max"):
            test = ast.Compare(
                left=name(new),
                ops=[ast.Lt() if found.function == "min" else ast.Gt()],
                comparators=[name(total)],
            )
            both = otherwise(test, name(new), name(total))
        merged = otherwise(is_none(name(total)), name(new), both)
        known = ast.Compare(left=name(new), ops=[ast.IsNot()], comparators=[const(None)])
        yield ast.If(test=known, body=[assign(total, merged)], orelse=[])

    def latest(self, found: p.Summary, total: str, new: str, inner: Mapping[str, str]) -> ast.stmt:
        """The row that comes last so far: the values of its order, and its value."""
        order = ast.Tuple(elts=[self.formula(by, inner) for by in found.order], ctx=ast.Load())
        call = ast.Call(func=self.held(later), args=[name(total), order, name(new)], keywords=[])
        keep = assign(total, call)
        if found.rows is None:
            return keep
        rows = self.formula(settled(found.rows, self.scalars), inner)
        return ast.If(test=rows, body=[keep], orelse=[])


def scanned(relation: p.Relation) -> str:
    """The entity whose rows a relation extends."""
    while not isinstance(relation, p.Scan):
        assert not isinstance(relation, p.Saved)
        relation = relation.source
    return relation.entity
