"""A lifecycle comes in; whether it moves everybody in one way, and nobody to where it ends, goes out as answers.

Its moves are judged as a run judges them: what was in the run before is part of the customer. Each move is asked for somebody
who can make it; what can be reached, and from where nothing leads on, follows from the moves that can be made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice

from lifeseg.model import expression as e
from lifeseg.model.model import Lifecycle, Move
from lifeseg.model.types import TRUTH
from lifeseg.model.walk import nodes
from lifeseg.model.with_past import Steps, both, recalling
from lifeseg.prover.answers import Answer, Verdict
from lifeseg.prover.from_expression import from_expression, named
from lifeseg.prover.questions import About, Asking, absent, only_when_missing, present, settled
from lifeseg.prover.session import Ask, Recheck, Session, holds, truth_of
from lifeseg.prover.terms import Term, either
from lifeseg.prover.terms import both as all_of
from lifeseg.prover.witness import Evaluated
from lifeseg.prover.world import Record, World

MOST_CIRCLES = 200

Ways = dict[tuple[str, str], Verdict]
"""From state to state: whether somebody can make the move."""


def about_lifecycle(asking: Asking, lifecycle: Lifecycle, back_to: str | None) -> Iterator[Answer]:
    """Starts and moves first, then what follows from them."""
    steps = Steps(lifecycle)
    names = [step.name for step in steps.all()] if lifecycle.moves else [lifecycle.name]
    conditions = [steps.moving(1, move) for move in lifecycle.moves]
    definitions = [
        one
        for one in asking.model.definitions
        if (one.entity, one.name) in {(lifecycle.entity, name) for name in names}
    ]
    asked = (recalling(move.condition) for move in lifecycle.moves if move.condition is not None)
    session = asking.session(lifecycle.entity, *definitions, *conditions, *asked)
    if lifecycle.moves:
        yield from for_new(session, lifecycle, names[:1], steps.new())
        yield from for_known(session, lifecycle, names, steps.new())
    else:
        yield from for_new(session, lifecycle, names, None)
    starts = {}
    for state in lifecycle.states:
        starts[state.name] = any_starts(session, lifecycle, state.name, steps)
    ways: Ways = {}
    for place, move in enumerate(lifecycle.moves):
        about = About(
            lifecycle.name, lifecycle.entity, "can happen", move.span, (arrow(move.source, move.target),)
        )
        condition = conditions[place]
        answer = present(session, about, truth_of(condition), holds(condition))
        key = (move.source, move.target)
        if ways.get(key) != "proved":
            ways[key] = answer.verdict
        yield answer
    yield from what_follows(lifecycle, starts, ways, back_to)
    yield from in_circles(session, lifecycle, ways)


def arrow(source: str, target: str) -> str:
    return f"{source} → {target}"


# ---- One state for everybody -------------------------------------------------------------------------


def for_new(
    session: Session, lifecycle: Lifecycle, names: list[str], new: e.Expression | None
) -> Iterator[Answer]:
    """Whoever was nowhere starts in one state."""
    for kind, place, finding in (("complete", 0, "no-case"), ("disjoint", 1, "several-cases")):
        about = About(
            lifecycle.name, lifecycle.entity, "complete" if kind == "complete" else "disjoint", lifecycle.span
        )
        ask, confirmed = troubled(names, place, new, was_new=True), finds_any(finding, names)
        yield only_when_missing(session, absent(session, about, ask, confirmed), ask, confirmed)


def for_known(
    session: Session, lifecycle: Lifecycle, names: list[str], new: e.Expression
) -> Iterator[Answer]:
    """Whoever was somewhere stays or makes one move."""
    about = About(lifecycle.name, lifecycle.entity, "nobody lost", lifecycle.span)
    ask, confirmed = troubled(names, 0, new, was_new=False), finds_any("no-case", names)
    yield only_when_missing(session, absent(session, about, ask, confirmed), ask, confirmed)
    about = About(lifecycle.name, lifecycle.entity, "deterministic", lifecycle.span)
    ask, confirmed = troubled(names, 1, new, was_new=False), finds_any("several-cases", names)
    answer = only_when_missing(session, absent(session, about, ask, confirmed), ask, confirmed)
    yield answer
    if answer.verdict == "refuted":
        yield from at_once(session, lifecycle, confirmed)


def troubled(names: list[str], place: int, new: e.Expression | None, *, was_new: bool) -> Ask:
    def ask(world: World, record: Record) -> Term:
        found = []
        for name in names:
            named(world, record, name)
            found.append(world.troubles[record.number, name][place])
        if new is None:
            return either(found)
        known = from_expression(world, record, new)
        return all_of([known.yes() if was_new else known.no(), either(found)])

    return ask


def finds_any(kind: str, names: list[str]) -> Recheck:
    return lambda evaluated: any(evaluated.finds(kind, name) for name in names)


def at_once(session: Session, lifecycle: Lifecycle, confirmed: Recheck) -> Iterator[Answer]:
    """The pairs of moves that hold at once."""
    steps = Steps(lifecycle)
    for place, move in enumerate(lifecycle.moves):
        for other in lifecycle.moves[:place]:
            if move.source != other.source or move.target == other.target:
                continue
            pair = (arrow(other.source, other.target), arrow(move.source, move.target))
            about = About(lifecycle.name, lifecycle.entity, "deterministic", move.span, pair)
            condition = e.And(move.span, TRUTH, (steps.moving(1, other), steps.moving(1, move)))
            answer = absent(session, about, truth_of(condition), confirmed)
            if answer.verdict != "proved":
                yield answer


def any_starts(session: Session, lifecycle: Lifecycle, state: str, steps: Steps) -> Verdict:
    """Whether somebody new starts in a state."""
    if all(start.name != state for start in lifecycle.starts):
        return "refuted"

    def ask(world: World, record: Record) -> Term:
        starts = named(world, record, names_first(lifecycle, steps))
        new = from_expression(world, record, steps.new()).yes() if lifecycle.moves else True
        return all_of([new, starts.value.get(state, False)])

    def confirmed(evaluated: Evaluated) -> bool:
        return evaluated.value(names_first(lifecycle, steps)) == state

    outcome = session.exists(ask, confirmed, plainly=False)
    return (
        "proved"
        if outcome.verdict == "somebody"
        else "refuted"
        if outcome.verdict == "nobody"
        else "not decided"
    )


def names_first(lifecycle: Lifecycle, steps: Steps) -> str:
    return next(iter(steps.all())).name if lifecycle.moves else lifecycle.name


# ---- What follows ------------------------------------------------------------------------------------


def what_follows(
    lifecycle: Lifecycle, starts: Mapping[str, Verdict], ways: Ways, back_to: str | None
) -> Iterator[Answer]:
    """Reachable states, dead ends, and ways back."""
    certain, possible = closed(lifecycle, ways, sure=True), closed(lifecycle, ways, sure=False)
    begun = {state for state, verdict in starts.items() if verdict == "proved"}
    maybe = {state for state, verdict in starts.items() if verdict != "refuted"}
    reached = {target for state in begun for target in certain[state]}
    for state in lifecycle.states:
        about = About(lifecycle.name, lifecycle.entity, "reachable", state.span, (state.name,))
        open_ = any(state.name in possible[one] for one in maybe)
        yield settled(about, "proved" if state.name in reached else "not decided" if open_ else "refuted")
    yield from ends(lifecycle, certain, possible, reached)
    terminal = {state.name for state in lifecycle.states if state.terminal}
    for state in lifecycle.states if terminal and lifecycle.moves else ():
        if state.name in reached - terminal:
            about = About(lifecycle.name, lifecycle.entity, "can end", state.span, (state.name,))
            sure, open_ = bool(terminal & certain[state.name]), bool(terminal & possible[state.name])
            yield settled(about, "proved" if sure else "not decided" if open_ else "refuted")
    for state in lifecycle.states if back_to is not None else ():
        if state.name in reached and not state.terminal and state.name != back_to:
            about = About(lifecycle.name, lifecycle.entity, "can return", state.span, (state.name,))
            open_ = back_to in possible[state.name]
            yield settled(
                about, "proved" if back_to in certain[state.name] else "not decided" if open_ else "refuted"
            )


def ends(
    lifecycle: Lifecycle, certain: Mapping[str, set[str]], possible: Mapping[str, set[str]], reached: set[str]
) -> Iterator[Answer]:
    """States from which nothing leads on."""
    if not lifecycle.moves:
        return
    terminal = {state.name for state in lifecycle.states if state.terminal}
    stuck = [
        state
        for state in lifecycle.states
        if state.name in reached - terminal and certain[state.name] == {state.name}
    ]
    general = About(lifecycle.name, lifecycle.entity, "no dead end", lifecycle.span)
    if not stuck:
        yield settled(general, "proved")
    for state in stuck:
        verdict: Verdict = "refuted" if possible[state.name] == {state.name} else "not decided"
        yield settled(replace(general, span=state.span, cases=(state.name,)), verdict)


def closed(lifecycle: Lifecycle, ways: Ways, *, sure: bool) -> dict[str, set[str]]:
    """Where each state leads to, itself included, by moves that can surely, or perhaps, be made."""
    found = {state.name: {state.name} for state in lifecycle.states}
    for _ in lifecycle.states:
        for (source, target), verdict in ways.items():
            if verdict == "proved" or (not sure and verdict != "refuted"):
                for reached in found.values():
                    if source in reached:
                        reached.add(target)
    return found


# ---- Circles -----------------------------------------------------------------------------------------


def in_circles(session: Session, lifecycle: Lifecycle, ways: Ways) -> Iterator[Answer]:
    """Whether somebody of whom nothing changes goes from state to state and back, run after run."""
    found = list(islice(circles(lifecycle, ways), MOST_CIRCLES + 1))
    if not lifecycle.moves:
        return
    general = About(lifecycle.name, lifecycle.entity, "settles", lifecycle.span)
    if not found:
        yield settled(general, "proved")
        return
    if len(found) > MOST_CIRCLES:
        tried = (f"there are more than {MOST_CIRCLES} circles of moves",)
        yield replace(settled(general, "not decided"), tried=tried)
        return
    whole = any_of(round_(lifecycle, circle) for circle in found)
    answer = absent(session, general, truth_of(whole), holds(whole))
    if answer.verdict != "refuted":
        yield answer
        return
    for circle in found:
        condition = round_(lifecycle, circle)
        names = tuple(arrow(move.source, move.target) for move in circle)
        about = replace(general, span=circle[-1].span, cases=names)
        one = absent(session, about, truth_of(condition), holds(condition))
        if one.verdict == "refuted" and any(isinstance(node, e.Was) for node in nodes(circle)):
            one = replace(one, verdict="not decided", witness=None, tried=("a move asks what was before",))
        if one.verdict != "proved":
            yield one


def circles(lifecycle: Lifecycle, ways: Ways) -> Iterator[tuple[Move, ...]]:
    """Moves that lead back to where they begin, through no state twice; each circle once, from its earliest state."""
    order = {state.name: place for place, state in enumerate(lifecycle.states)}
    waiting: list[tuple[Move, ...]] = [(move,) for move in lifecycle.moves]
    while waiting:
        path = waiting.pop()
        first, last = path[0].source, path[-1].target
        if ways[path[-1].source, last] == "refuted" or order[last] < order[first]:
            continue
        if last == first:
            yield path
        elif all(move.source != last for move in path):
            waiting += [(*path, move) for move in lifecycle.moves if move.source == last]


def round_(lifecycle: Lifecycle, circle: tuple[Move, ...]) -> e.Expression:
    """All its moves are asked for at once; how long a state lasts does not matter, since time goes on."""
    tests = [recalling(move.condition) for move in circle if move.condition is not None]
    return both(tests or [e.Constant(lifecycle.span, TRUTH, True)])


def any_of(conditions: Iterable[e.Expression]) -> e.Expression:
    items = tuple(conditions)
    return items[0] if len(items) == 1 else e.Or(items[0].span, TRUTH.maybe(), items)
