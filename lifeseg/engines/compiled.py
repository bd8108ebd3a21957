"""A plan whose statistics are all known, and how its facts are read, come in; a function from one record to its
results goes out.

The function is built as a Python syntax tree from the plan: numbered names and constants only, never text of a policy.
A record is a mapping of facts by name, with its children as lists under their entities' names.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, assert_never

from lifeseg.engines.python_reading import (
    ALIKE,
    NEW,
    Made,
    Read,
    Reading,
    Tables,
    loaded,
    looked_up,
    maker,
    reckoned,
    remembered,
    remembering,
    unpacked,
)  # fmt: skip
from lifeseg.engines.python_record import Body
from lifeseg.engines.python_scope import Layout, Scope
from lifeseg.engines.python_tree import call, name, when
from lifeseg.frozen import dataclass
from lifeseg.plan import tree as p
from lifeseg.plan.formulas import Statistics, known_scalars
from lifeseg.plan.settling import Settling

Evaluate = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Compiled:
    """Two functions of the same code: `quickly` raises KeyError at a value it has not met, `patiently` reads it and
    remembers it for both. It raises KeyError for a record that is wrong, or so unusual that it wants a closer look.
    """

    quickly: Evaluate
    patiently: Evaluate


def compiled(
    plan: p.Plan, entity: str, statistics: Statistics, readings: Mapping[str, Reading], *, shown: bool
) -> Compiled:
    """Compiles what a plan puts out for an entity's records and their children.

    With `shown` the functions give results as Python has them, or None where something is wrong with the record; without
    it a list: the columns of the plan's output, then for each child entity the list of its rows' results. Many threads
    may call them.
    """
    scalars = known_scalars(plan, statistics)
    outputs = {step.entity: step for step in plan.steps if isinstance(step, p.Output)}
    body = Body(settling=Settling(scalars), outputs=outputs, readings=readings, as_of=plan.as_of, shown=shown)
    top = Scope(layout_of(plan, outputs, entity), body.fresh("r"))
    statements = body.read(top)
    if top.layout.dated is not None:
        statements.append(body.gone(top, body.unusual()))
    evaluated, value = body.record(top, {})
    statements += [*evaluated, ast.Return(value=value)]
    body.settle()
    patient = filled(body, loaded(statements))
    quickly = made([top.row], statements, body.constants)
    return Compiled(quickly, made([top.row], statements, {**body.constants, **patient}))


def filled(body: Body, wanted: set[str]) -> dict[str, Any]:
    """Writes how each fact is read, for what the function wants of it; gives the constants of the patient function."""
    patient: dict[str, Any] = {}
    functions: dict[Any, ast.expr] = {one: body.held_apart(one) for one in (type, int, float, NEW)}
    for read in body.reads:
        taken = [one for one in read.locals_ if one in wanted]
        if read.fact.few:
            read.slot.body = known(body, read, taken, functions, patient)
            continue
        called = unpacked(taken, call(body.held_apart(read.fact.read), name(read.given)))
        if read.fact.grid is not None:
            light = not taken or read.value in body.floating
            on_grid = reckoned(read, read.fact.grid, light, body.fresh("t"), functions)
            called = when(ast.UnaryOp(op=ast.Not(), operand=on_grid), called)
        read.slot.body = [called]
    return patient


def known(
    body: Body, read: Read, taken: list[str], functions: Mapping[Any, ast.expr], patient: dict[str, Any]
) -> list[ast.stmt]:
    """Looks up what is made of a value that was read before."""
    make = read.fact.read
    if read.made and taken:
        make = both(make, made([read.value], maker(read, taken), body.constants))
    remembers: Tables = {kind: {} for kind in ALIKE}
    again = remembering(remembers, make)
    tables = body.held_apart({**remembers, Decimal: {}} if read.fact.often_new else remembers)
    patient[tables.id] = Made(always(Made(again)))
    if not read.fact.often_new:
        return [unpacked(taken, looked_up(read.given, tables, functions[type]))]
    found = taken[0] if len(taken) == 1 else body.fresh("t")
    statements = remembered(read.given, found, tables, body.held_apart(again), functions)
    return [*statements, unpacked(taken, name(found))] if len(taken) > 1 else statements


def always(value: Any) -> Callable[[Any], Any]:
    return lambda _: value


def both(first: Callable[[Any], Any], then: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: then(first(value))


def layout_of(plan: p.Plan, outputs: Mapping[str, p.Output], entity: str) -> Layout:
    """What the function reads of an entity's records and what it gives for them."""
    below = tuple(
        layout_of(plan, outputs, found.entity) for found in plan.sources
        if found.parent == entity and (found.entity in outputs or reads_of(outputs, found.entity))
    )  # fmt: skip
    step = outputs[entity]
    source = next(found for found in plan.sources if found.entity == entity)
    names = {column: fact for fact, column in source.facts}
    columns = {names[column]: column for column in sorted(reads_of(outputs, entity))}
    return Layout(entity, columns, source.dated, step.results, step.troubles, step.claims, below)


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


def made(taken: list[str], statements: list[ast.stmt], constants: dict[str, Any]) -> Evaluate:
    """The function of those statements, with the constants as its globals and no builtins."""
    arguments = ast.arguments(
        posonlyargs=[], args=[ast.arg(arg=one) for one in taken], kwonlyargs=[], kw_defaults=[], defaults=[]
    )
    newer: dict[str, Any] = {"type_params": []} if "type_params" in ast.FunctionDef._fields else {}
    function = ast.FunctionDef(name="f", args=arguments, body=statements, decorator_list=[], **newer)
    module = ast.fix_missing_locations(ast.Module(body=[function], type_ignores=[]))
    space: dict[str, Any] = {"__builtins__": {}, **constants}
    exec(compile(module, "<policy>", "exec"), space)
    evaluate: Evaluate = space["f"]
    return evaluate
