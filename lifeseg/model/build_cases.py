"""Segments, ranks and lifecycles as written come in; their checked definitions, each with its cases, go out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from lifeseg.diagnostics.diagnostic import Label, Span
from lifeseg.functions.statistics import TIES
from lifeseg.model import expression as e
from lifeseg.model.arithmetic import fits
from lifeseg.model.context import Context, Known, Scope, Unresolved
from lifeseg.model.facts import texts_of, titles_of
from lifeseg.model.from_expression import DURATIONS, condition
from lifeseg.model.information import expect_words, former_names, line_of, shown, truth_if_missing
from lifeseg.model.missing import admitted, demand, implied, unknown_part
from lifeseg.model.model import Case, Entry, Lifecycle, Move, Rank, RankClass, Segment, State, Statistic
from lifeseg.model.names import resolve_name
from lifeseg.model.population import chosen, statistic
from lifeseg.model.symbols import Symbol, closest
from lifeseg.model.types import DIVISION_DECIMALS, MONTH, TRUTH, Type, kind_text
from lifeseg.model.wording import wording
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t


def where_of(context: Context, scope: Scope, written: t.Expression | None) -> e.Expression | None:
    """For whom a definition is made; it must never be unknown."""
    if written is None:
        return None
    test = condition(context, scope, written)
    demand(context, test)
    return test


def distinct(context: Context, names: Sequence[tuple[str, Span]]) -> None:
    seen: dict[str, Span] = {}
    for name, span in names:
        if name in seen:
            context.report("duplicate-case", span, Label(seen[name], "first"), name=name)
        seen.setdefault(name, span)


# ---- Segments ------------------------------------------------------------------------------------


def build_segment(context: Context, symbol: Symbol, node: d.Segment) -> Segment:
    """Cases in the order written; `otherwise` only at the end."""
    expect_words(context, node.information)
    scope = Scope(symbol.entity, node.name)
    where = where_of(context, scope, node.where)
    if not node.cases:
        context.report("empty-definition", node.name_span)
        raise Unresolved
    distinct(context, [(case.name, case.name_span) for case in node.cases])
    known = admitted(where)
    former = former_names(context, [(case.name, case.information) for case in node.cases])
    cases, failed = [], False
    for place, written in enumerate(node.cases):
        expect_words(context, written.information, "if missing", "formerly")
        if written.how != "when" and place < len(node.cases) - 1:
            context.report("otherwise-not-last", written.name_span, word=written.how)
        try:
            case = build_case(context, scope, written, known)
        except Unresolved:
            failed = True
            continue
        cases.append(replace(case, former=former[case.name]))
        if node.first_match and case.condition is not None and passed_by(case, known):
            known |= implied(case.condition, False)
    if failed:
        raise Unresolved
    kind = Type("choice", where is not None, options=tuple(case.name for case in cases))
    return Segment(
        node.name,
        titles_of(node),
        node.name_span,
        texts_of(node.information),
        symbol.entity,
        kind,
        None,
        where,
        node.first_match,
        tuple(cases),
    )


def build_case(context: Context, scope: Scope, written: d.Case, known: Known) -> Case:
    test = condition(context, scope, written.condition) if written.condition is not None else None
    if written.how == "always":
        test = e.Constant(written.span, TRUTH, True)
    instead = truth_if_missing(context, written.information, test, written.name, known)
    titles, information = titles_of(written), texts_of(written.information)
    return Case(written.name, titles, written.name_span, information, test, instead)


def passed_by(case: Case, known: Known) -> bool:
    """Whether the search goes on after a case only where its condition is plainly no."""
    if case.if_missing is not False or case.condition is None:
        return True
    return unknown_part(case.condition, known) is None


# ---- Ranks ---------------------------------------------------------------------------------------


def build_rank(context: Context, symbol: Symbol, node: d.Rank) -> Rank:
    """Classes by share of the population from the top; the cuts are a statistic of the baseline."""
    expect_words(context, node.information, "ties")
    scope = Scope(symbol.entity, node.name)
    where = where_of(context, scope, node.where)
    by = resolve_name(context, scope, node.by)
    if by.type.kind != "number":
        context.report("wrong-kind.rank", node.by.span, kind=kind_text(by.type.kind))
        raise Unresolved
    demand(context, by, admitted(where))
    distinct(context, [(written.name, written.name_span) for written in node.classes])
    classes = rank_classes(context, node)
    shares = tuple(found.cumulative for found in classes if found.cumulative is not None)
    amount = brought(context, scope, node, where)
    key = f"{wording(by)} of {node.name}: " + ", ".join(found.name for found in classes[:-1])
    cuts = Statistic(key, "tops", symbol.entity, by, where, False, shares, by.type.known(), 0, node.by.span)
    if amount is not None:
        entry = Entry(by, amount, where)
        cuts = replace(cuts, function="bringing", value=None, where=None, entries=(entry,))
    cuts = replace(cuts, manner=ties_of(context, node, amount))
    kind = Type("choice", where is not None, options=tuple(found.name for found in classes))
    return Rank(
        node.name,
        titles_of(node),
        node.name_span,
        texts_of(node.information),
        symbol.entity,
        kind,
        None,
        by,
        where,
        tuple(classes),
        statistic(context, cuts).key,
    )


def ties_of(context: Context, node: d.Rank, amount: e.Expression | None) -> str:
    """Which class the policy wants ties to join, if not the better one."""
    line = line_of(node.information, "ties")
    if line is None or not isinstance(line.value, t.Name):
        return ""
    if amount is not None:
        context.report("rank-shares.ties", line.span)
        raise Unresolved
    return chosen(context, "ties", line.value, TIES)


def brought(context: Context, scope: Scope, node: d.Rank, where: e.Expression | None) -> e.Expression | None:
    """The amount that the classes are shares of, where they are not shares of the number of records."""
    named = [written for written in node.classes[:-1] if written.of is not None]
    if not named:
        return None
    amounts = [resolve_name(context, scope, written.of) for written in named if written.of is not None]
    if len(named) < len(node.classes) - 1 or any(amount != amounts[0] for amount in amounts):
        context.report("rank-shares.mixed", named[-1].name_span)
        raise Unresolved
    amount, span = amounts[0], amounts[0].span
    if amount.type.kind != "number":
        context.report("wrong-kind.rank", span, kind=kind_text(amount.type.kind))
        raise Unresolved
    if amount.type.low < 0:
        context.report("rank-shares.negative", span, low=shown(amount.type.low))
        raise Unresolved
    demand(context, amount, admitted(where))
    fits(context, span, amount.type.high * 10**amount.type.scale * context.most_records)
    return amount


def rank_classes(context: Context, node: d.Rank) -> list[RankClass]:
    classes, total = [], Decimal(0)
    former = former_names(context, [(written.name, written.information) for written in node.classes])
    last = len(node.classes) - 1
    for place, written in enumerate(node.classes):
        if (written.how == "top") != (place == 0) or (written.how == "rest") != (place == last):
            context.report("rank-shares.order", written.name_span)
            raise Unresolved
        cumulative = None
        if written.share is not None:
            share = written.share.value
            total += share
            if written.share.unit != "%" or not 0 < share <= total < 1 or total.scaleb(DIVISION_DECIMALS) % 1:
                context.report("rank-shares", written.share.span)
                raise Unresolved
            cumulative = int(total.scaleb(DIVISION_DECIMALS))
        expect_words(context, written.information, "formerly")
        own, texts = former[written.name], texts_of(written.information)
        classes.append(
            RankClass(written.name, titles_of(written), written.name_span, texts, cumulative, former=own)
        )
    if len(classes) < 2:
        context.report("rank-shares.few", node.name_span)
        raise Unresolved
    return classes


# ---- Lifecycles ----------------------------------------------------------------------------------


def build_lifecycle(context: Context, symbol: Symbol, node: d.Lifecycle) -> Lifecycle:
    """States, start rules, and moves whose conditions may ask what was."""
    expect_words(context, node.information)
    scope = Scope(symbol.entity, node.name)
    distinct(context, [(state.name, state.name_span) for state in node.states])
    states = {state.name: state for state in node.states}
    if not states:
        context.report("empty-definition", node.name_span)
        raise Unresolved
    starts = starts_of(context, scope, node, states)
    kind = Type("choice", options=tuple(states))
    stays = tuple(stay_of(context, stay, states) for stay in node.stays)
    distinct(context, [(".".join(stay.state.parts), stay.state.span) for stay in node.stays])
    check_reachable(context, node, states)
    former = former_names(context, [(state.name, state.information) for state in node.states])
    titled = tuple(state_of(context, state, former[state.name]) for state in node.states)
    return Lifecycle(
        node.name,
        titles_of(node),
        node.name_span,
        texts_of(node.information),
        symbol.entity,
        kind,
        None,
        titled,
        starts,
        (),
        stays,
        node.until_settled,
    )


def state_of(context: Context, state: d.State, former: tuple[str, ...]) -> State:
    expect_words(context, state.information, "formerly")
    information = texts_of(state.information)
    return State(state.name, titles_of(state), state.name_span, information, state.terminal, former=former)


def moves_of(context: Context, node: d.Lifecycle, entity: str) -> tuple[Move, ...]:
    """The moves, built when every other definition is known: `was` may ask what depends on the lifecycle itself."""
    scope = Scope(entity, node.name, in_move=True)
    states = {state.name: state for state in node.states}
    moves = []
    for move in node.moves:
        source = state_named(context, move.source, states)
        target = state_named(context, move.target, states)
        if source in states and states[source].terminal:
            context.report("terminal-state-leaves", move.source.span, name=source)
        if source == target:
            context.report("move-nowhere", move.target.span, name=source)
        try:
            test = condition(context, scope, move.condition) if move.condition is not None else None
        except Unresolved:
            continue
        if test is not None:
            demand(context, test)
        moves.append(Move(source, target, test, move.span))
    return tuple(moves)


def state_named(context: Context, tree: t.Name, states: dict[str, d.State]) -> str:
    name = ".".join(tree.parts)
    if name not in states:
        context.report(
            "unknown-state", tree.span, name=name, suggestion=closest(name, states), states=", ".join(states)
        )
    return name


def starts_of(
    context: Context, scope: Scope, node: d.Lifecycle, states: dict[str, d.State]
) -> tuple[Case, ...]:
    if not node.starts:
        context.report("start-missing", node.name_span, name=node.name)
        raise Unresolved
    starts, failed = [], False
    for place, start in enumerate(node.starts):
        name = state_named(context, start.state, states)
        if start.condition is None and place < len(node.starts) - 1:
            context.report("otherwise-not-last", start.span, word="otherwise")
        try:
            test = condition(context, scope, start.condition) if start.condition is not None else None
        except Unresolved:
            failed = True
            continue
        if test is not None:
            demand(context, test)
        titles = titles_of(states[name]) if name in states else {}
        starts.append(Case(name, titles, start.span, {}, test, None))
    if failed:
        raise Unresolved
    return tuple(starts)


def stay_of(context: Context, stay: d.Stay, states: dict[str, d.State]) -> tuple[str, int, str]:
    """A minimum stay in whole days or months."""
    name = state_named(context, stay.state, states)
    unit, factor = DURATIONS.get(stay.duration.unit or "", ((), 0))
    value = stay.duration.value * factor
    if not unit or value != int(value) or value <= 0:
        context.report("stay-duration", stay.duration.span)
        raise Unresolved
    return name, int(value), "month" if unit == MONTH else "day"


def check_reachable(context: Context, node: d.Lifecycle, states: dict[str, d.State]) -> None:
    """Every state starts somewhere or is moved to."""
    following: dict[str, list[str]] = {}
    for move in node.moves:
        following.setdefault(".".join(move.source.parts), []).append(".".join(move.target.parts))
    waiting = [".".join(start.state.parts) for start in node.starts]
    reached: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += following.get(name, ())
    for name, state in states.items():
        if name not in reached:
            context.report("state-unreachable", state.name_span, name=name)
