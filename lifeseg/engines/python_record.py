"""The outputs of a plan come in; the Python statements that read a record, evaluate it and give its results go out.

Child rows are read once. What a pass over them finds is kept beside them for the passes that follow, as far as those
want it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import assert_never

from lifeseg.engines.python_formulas import Formulas
from lifeseg.engines.python_reading import Read, Reading, UnusualError, as_dict, got, loaded
from lifeseg.engines.python_scope import Pass, Scope, Scopes, scanned
from lifeseg.engines.python_tree import (
    assign,
    both_of,
    call,
    compared,
    const,
    is_none,
    later,
    method,
    name,
    otherwise,
    when,
)  # fmt: skip
from lifeseg.plan import tree as p
from lifeseg.plan.settling import Settling


@dataclass(slots=True)
class Body(Formulas):
    """Writes the statements of a record and of those below it."""

    settling: Settling = field(default_factory=lambda: Settling({}))
    outputs: Mapping[str, p.Output] = field(default_factory=dict)
    readings: Mapping[str, Reading] = field(default_factory=dict)
    as_of: date = date.min
    shown: bool = False
    reads: list[Read] = field(default_factory=list)
    families: list[list[Pass]] = field(default_factory=list)

    def record(self, scope: Scope, above: Scopes) -> tuple[list[ast.stmt], ast.expr]:
        """The statements that evaluate a row that was read, and its results."""
        layout = scope.layout
        step, scopes = self.outputs[layout.entity], {**above, layout.entity: scope}
        lists = {child.entity: name(self.fresh("o")) for child in layout.children}
        statements: list[ast.stmt] = [
            assign(one.id, ast.List(elts=[], ctx=ast.Load())) for one in lists.values()
        ]
        statements += self.relation(step.relation, scopes, scope)
        if self.shown:
            statements += self.checks(scope)
        for child in layout.children:
            statements += self.gathered(scope.children[child.entity], lists[child.entity], scopes, not above)
        return statements, self.results(scope, lists)

    def gathered(self, below: Scope, results: ast.Name, scopes: Scopes, top: bool) -> list[ast.stmt]:
        """Puts the results of child rows into their list: in the last pass there was, if that knows them already."""

        def fill() -> list[ast.stmt]:
            inner, value = self.record(below, scopes)
            return [*inner, ast.Expr(value=method(results, "append", value))]

        if not below.passes:
            return self.over(below, fill)
        statements = fill()
        known = {results.id, *self.constants}.union(*(one.owned for one in below.passes))
        if top and len(statements) == 1 and loaded(statements) <= known:
            below.passes[-1].loop.body[-1:-1] = statements
            return []
        return self.over(below, lambda: statements)

    # ---- Reading -------------------------------------------------------------------------------

    def read(self, scope: Scope) -> list[ast.stmt]:
        """The statements that read every fact of a row, and find its child lists."""
        reading, row = self.readings[scope.layout.entity], scope.row
        names = [*(fact.name for fact in reading.facts), *reading.children]
        known = method(self.held(frozenset(names)), "issuperset", name(row))
        several = compared(call(self.held(len), name(row)), ast.NotEq(), const(len(names)))
        statements: list[ast.stmt] = [
            when(self.is_no(row, dict), assign(row, call(self.held(as_dict), name(row)))),
            when(both_of(several, ast.UnaryOp(op=ast.Not(), operand=known)), self.unusual()),
        ]
        for fact in reading.facts:
            read = Read(fact, self.fresh("g"), self.fresh("v"))
            self.reads.append(read)
            scope.facts[fact.name] = read
            if fact.name in scope.layout.facts:
                scope.columns[scope.layout.facts[fact.name]] = read.value
            if fact.few:
                self.homes[read.value] = read
            elif (
                fact.grid is not None
                and fact.grid.unit > 1
                and not fact.optional
                and fact.name not in reading.keys
            ):
                self.floating.add(read.value)
            statements += [assign(read.given, got(row, fact.name, fact.optional)), read.slot]
        for child in reading.children:
            statements += self.found(scope, child)
        return statements

    def found(self, scope: Scope, child: str) -> Iterator[ast.stmt]:
        """The child rows of a record: a list of them, or nothing."""
        given = self.fresh("c")
        yield assign(given, got(scope.row, child, optional=True))
        layout = next((found for found in scope.layout.children if found.entity == child), None)
        if layout is None:  # nothing reads them: whoever gives some wants to be told whether they are right
            some = compared(name(given), ast.NotEq(), ast.List(elts=[], ctx=ast.Load()))
            yield when(both_of(compared(name(given), ast.IsNot(), const(None)), some), self.unusual())
            return
        scope.children[child] = Scope(layout, self.fresh("r"), rows=given)
        strange = when(both_of(self.is_no(given, list), self.is_no(given, tuple)), self.unusual())
        nobody = assign(given, ast.Tuple(elts=[], ctx=ast.Load()))
        yield ast.If(test=is_none(name(given)), body=[nobody], orelse=[strange])

    def is_no(self, local: str, kind: type) -> ast.expr:
        return compared(call(self.held(type), name(local)), ast.IsNot(), self.held(kind))

    def unusual(self) -> ast.stmt:
        return ast.Raise(exc=self.held(UnusualError))

    # ---- Passes over child rows ----------------------------------------------------------------

    def over(
        self, scope: Scope, fill: Callable[[], list[ast.stmt]], totals: frozenset[str] = frozenset()
    ) -> list[ast.stmt]:
        """A pass over the rows of a scope, which reads them if it is the first; what it adds up does not belong to a row."""
        first, rows = not scope.passes, scope.rows
        kept, known, seen = ast.Tuple(elts=[], ctx=ast.Load()), self.fresh("s"), self.fresh("q")
        body = [*self.read(scope), *self.admitted(scope, seen)] if first else []
        body += [*fill(), ast.Expr(value=method(name(known), "append", kept))]
        target: ast.expr = ast.Name(id=scope.row, ctx=ast.Store())
        loop = ast.For(target=target, iter=name(rows), body=body, orelse=[])
        statements = [assign(known, ast.List(elts=[], ctx=ast.Load())), loop]
        if first:
            self.families.append(scope.passes)
        if first and self.readings[scope.layout.entity].keys:
            counts = [call(self.held(len), name(one)) for one in (seen, rows)]
            twice = when(compared(counts[0], ast.NotEq(), counts[1]), self.unusual())
            statements = [assign(seen, ast.Dict(keys=[], values=[])), *statements, twice]
        scope.rows = known
        scope.passes.append(Pass(loop, kept, [*scope.facts.values()] if first else [], totals))
        return statements

    def admitted(self, scope: Scope, seen: str) -> Iterator[ast.stmt]:
        """No two rows have the same key, and rows dated after the as-of date do not exist yet."""
        reading, dated = self.readings[scope.layout.entity], scope.layout.dated
        keys: list[ast.expr] = [name(scope.facts[key].value) for key in reading.keys]
        if keys:
            key = keys[0] if len(keys) == 1 else ast.Tuple(elts=keys, ctx=ast.Load())
            place = ast.Subscript(value=name(seen), slice=key, ctx=ast.Store())
            yield ast.Assign(targets=[place], value=const(None))
        if dated is not None:
            yield self.gone(scope, self.unusual() if reading.children else ast.Continue())

    def gone(self, scope: Scope, then: ast.stmt) -> ast.stmt:
        """What to do where the row is dated after the as-of date."""
        assert scope.layout.dated is not None
        day = name(scope.facts[scope.layout.dated].value)
        return when(compared(day, ast.Gt(), self.held(self.as_of)), then)

    def settle(self) -> None:
        """Lets each pass keep of a row what later passes want, now that all are known."""
        for passes in self.families:
            wanted: set[str] = set()
            for place, one in reversed([*enumerate(passes)]):
                owned = {local for earlier in passes[: place + 1] for local in earlier.owned}
                kept = sorted(wanted & owned)
                if place + 1 < len(passes):
                    targets: list[ast.expr] = [ast.Name(id=local, ctx=ast.Store()) for local in kept]
                    passes[place + 1].loop.target = ast.Tuple(elts=targets, ctx=ast.Store())
                    one.kept.elts = [name(local) for local in kept]
                else:
                    one.loop.body.pop()
                wanted |= loaded(one.loop.body)

    # ---- Relations -----------------------------------------------------------------------------

    def relation(self, relation: p.Relation, scopes: Scopes, scope: Scope) -> list[ast.stmt]:
        """The statements that fill the columns of a relation for the row at hand."""
        match relation:
            case p.Scan():
                return []
            case p.Extend():
                statements = self.relation(relation.source, scopes, scope)
                for column, formula in relation.columns:
                    if column not in scope.columns:
                        statements += self.extended(scope, column, self.settling.column(column, formula))
                return statements
            case p.Attach():
                statements = self.relation(relation.source, scopes, scope)
                if isinstance(relation.other, p.Summarise):
                    return statements + self.summarised(relation.other, scopes, scope)
                owner = scopes[scanned(relation.other)]
                for there, here in relation.columns:
                    scope.columns[here] = owner.columns[there]
                    self.settling.same(there, here)
                return statements
            case p.Summarise() | p.Saved():
                raise AssertionError("a record is no group")
            case _:
                assert_never(relation)

    def extended(self, scope: Scope, column: str, formula: p.AnyFormula) -> Iterator[ast.stmt]:
        value, light = self.lightly(formula, scope.columns)
        if isinstance(value, ast.Name) and value.id not in self.constants:
            scope.columns[column] = value.id
        else:
            scope.columns[column] = self.fresh("v")
            if light:
                self.floating.add(scope.columns[column])
            yield assign(scope.columns[column], value)

    def summarised(self, group: p.Summarise, scopes: Scopes, scope: Scope) -> list[ast.stmt]:
        """A pass over the child rows that fills the summary columns."""
        below = scope.children[scanned(group.source)]
        fresh = [found for found in group.summaries if found.name not in scope.columns]
        statements = self.read_below(group.source, scopes, scope)
        for found in fresh:
            scope.columns[found.name] = self.fresh("a")
            if found.function == "count":
                self.sure.add(scope.columns[found.name])
            statements.append(
                assign(scope.columns[found.name], const(0 if found.function == "count" else None))
            )

        def fill() -> list[ast.stmt]:
            inner = self.relation(group.source, {**scopes, below.layout.entity: below}, below)
            for found in fresh:
                inner += self.accumulated(found, scope.columns[found.name], below.columns)
            return inner

        totals = frozenset(scope.columns[found.name] for found in fresh)
        statements += self.over(below, fill, totals)
        for found in fresh:
            if found.function == "latest":
                last = name(scope.columns[found.name])
                value = ast.Subscript(value=last, slice=const(1), ctx=ast.Load())
                statements.append(
                    assign(scope.columns[found.name], otherwise(is_none(last), const(None), value))
                )
        return statements

    def read_below(self, source: p.Relation, scopes: Scopes, scope: Scope) -> list[ast.stmt]:
        """What the rows below read of the row at hand, and of those above it, is worked out before them."""
        statements: list[ast.stmt] = []
        while not isinstance(source, p.Scan | p.Saved):
            if isinstance(source, p.Attach):
                other = source.other
                if isinstance(other, p.Summarise):
                    statements += self.read_below(other.source, scopes, scope)
                elif (owner := scopes.get(scanned(other))) is not None and any(
                    there not in owner.columns for there, _ in source.columns
                ):
                    statements += self.relation(other, scopes, owner)
            source = source.source
        return statements

    def accumulated(self, found: p.Summary, total: str, inner: dict[str, str]) -> Iterator[ast.stmt]:
        own = self.settling.of(found.value)
        value = self.formula(own, inner)
        if found.function == "count":
            add: ast.stmt = ast.AugAssign(
                target=ast.Name(id=total, ctx=ast.Store()), op=ast.Add(), value=const(1)
            )
            yield ast.If(test=value, body=[add], orelse=[])
            return
        new = self.fresh("t")
        if found.function == "squares":
            value = self.strictly([own] * 2, inner, lambda s: ast.BinOp(left=s[0], op=ast.Mult(), right=s[1]))
        yield assign(new, value)
        if found.function == "latest":
            yield self.latest(found, total, new, inner)
            return
        added = ast.BinOp(left=name(total), op=ast.Add(), right=name(new))
        both: ast.expr = added
        if found.function in ("min", "max"):
            test = compared(name(new), ast.Lt() if found.function == "min" else ast.Gt(), name(total))
            both = otherwise(test, name(new), name(total))
        merged = otherwise(is_none(name(total)), name(new), both)
        known = ast.Compare(left=name(new), ops=[ast.IsNot()], comparators=[const(None)])
        yield ast.If(test=known, body=[assign(total, merged)], orelse=[])

    def latest(self, found: p.Summary, total: str, new: str, inner: Mapping[str, str]) -> ast.stmt:
        """The row that comes last so far: the values of its order, and its value."""
        order = ast.Tuple(
            elts=[self.formula(self.settling.of(by), inner) for by in found.order], ctx=ast.Load()
        )
        call = ast.Call(func=self.held(later), args=[name(total), order, name(new)], keywords=[])
        keep = assign(total, call)
        if found.rows is None:
            return keep
        rows = self.formula(self.settling.of(found.rows), inner)
        return ast.If(test=rows, body=[keep], orelse=[])

    # ---- Results -------------------------------------------------------------------------------

    def checks(self, scope: Scope) -> Iterator[ast.stmt]:
        """Nothing to show where a definition has no case or several, or where a claim is broken."""
        nothing = ast.Return(value=const(None))
        for trouble in scope.layout.troubles:
            local = scope.columns[trouble.column]
            allowed = (1, 0) if trouble.otherwise else (1,)
            wrong = [compared(name(local), ast.NotEq(), const(count)) for count in allowed]
            yield when(both_of(*wrong, compared(name(local), ast.IsNot(), const(None))), nothing)
        for claim in scope.layout.claims:
            yield when(compared(name(scope.columns[claim.column]), ast.Is(), const(claim.wrong)), nothing)

    def results(self, scope: Scope, lists: Mapping[str, ast.expr]) -> ast.expr:
        """As Python has them, by name; or the columns as they are."""
        layout = scope.layout
        if not self.shown:
            columns: list[str] = [found.column for found in layout.results]
            columns += [trouble.column for trouble in layout.troubles]
            columns += [claim.column for claim in layout.claims]
            held = [self.value(scope.columns[column]) for column in columns]
            return ast.List(elts=[*held, *lists.values()], ctx=ast.Load())
        reading = self.readings[layout.entity]
        found: dict[str, ast.expr] = {}
        for fact in reading.facts:
            if fact.name in reading.keys:
                found[fact.name] = self.plain(scope.facts[fact.name].value, fact.scale)
        for result in layout.results:
            local = scope.columns[result.column]
            scale = result.scale if result.kind == "whole" else None
            listed = otherwise(is_none(name(local)), const(None), call(self.held(list), name(local)))
            found[result.name] = listed if result.kind == "list" else self.plain(local, scale)
        for child in reading.children:
            found[child] = lists.get(child, ast.List(elts=[], ctx=ast.Load()))
        return ast.Dict(keys=[const(key) for key in found], values=[*found.values()])

    def plain(self, local: str, scale: int | None) -> ast.expr:
        """A number as a decimal; what else there is as it is."""
        if scale is None:
            return name(local)
        unit = self.held(Decimal(1).scaleb(-scale))
        number = ast.BinOp(left=call(self.held(Decimal), self.value(local)), op=ast.Mult(), right=unit)
        shown = otherwise(is_none(name(local)), const(None), number)
        return name(self.tabulated(local, shown)) if local in self.homes else shown
