"""A checked policy comes in; what a careful reader would ask about its text goes out, rule by rule. Nothing that the
checker says is said again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import prod
from typing import Any

from lifeseg.diagnostics.diagnostic import Fix, Label, Several, Span, problem
from lifeseg.frozen import dataclass
from lifeseg.model import expression as e
from lifeseg.model.model import (
    AnyDefinition,
    Flag,
    Index,
    Lifecycle,
    Model,
    Rank,
    Score,
    Segment,
    Table,
)
from lifeseg.model.walk import nodes
from lifeseg.review.affected import read_in
from lifeseg.review.clauses import conditions, leaves, written
from lifeseg.review.lint_rules import Choice, Chosen, Found, wanted_among

MOST_NAMED = 5
KINDS: Mapping[type, str] = {
    Index: "index", Score: "score", Flag: "flag", Segment: "segment", Table: "table", Rank: "rank", Lifecycle: "lifecycle",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Read:
    """A model, and its files that are the policy's own: what stands in those that it uses is not its business."""

    model: Model
    own_files: frozenset[str]

    def is_own(self, span: Span) -> bool:
        return span.file in self.own_files

    def definitions(self) -> Iterator[AnyDefinition]:
        return (one for one in written(self.model) if self.is_own(one.span))

    def text(self, span: Span) -> str:
        """The policy's own words."""
        return between(self.model.sources[span.file], span)


def between(text: str, span: Span) -> str:
    lines = text.split("\n")[span.line - 1 : span.end_line]
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return "\n".join(lines)


def lint_text(read: Read, choice: Choice) -> Iterator[tuple[str, Found]]:
    """What each rule finds, by its code."""
    for code, chosen in wanted_among(choice, "text").items():
        for found in TEXT_RULES[code](read, chosen):
            yield code, found


# ---- Numbers ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number, or a parameter, that a definition compares something with."""

    definition: AnyDefinition
    subject: object
    limit: e.Expression
    left: e.Expression | None = None  # what is compared; of a band it is the score


def thresholds(read: Read) -> Iterator[Threshold]:
    """In the order of the text, each place once. Cells of a table and steps of an index are numbers by nature."""
    seen: set[Span] = set()
    for definition in sorted(read.definitions(), key=lambda one: one.span[:3]):
        for found in thresholds_of(definition):
            if found.limit.span not in seen:
                seen.add(found.limit.span)
                yield found


def thresholds_of(definition: AnyDefinition) -> Iterator[Threshold]:
    if isinstance(definition, Score):
        for band in definition.bands:
            if isinstance(band.threshold, e.Constant | e.Parameter):
                yield Threshold(definition, (definition.entity, definition.name), band.threshold)
    elif not isinstance(definition, Table | Index):
        for condition in conditions(definition):
            for node in nodes(condition):
                if isinstance(node, e.Compare) and node.operator != "=":
                    yield from compared(definition, node)


def compared(definition: AnyDefinition, node: e.Compare) -> Iterator[Threshold]:
    for left, limit in ((node.left, node.right), (node.right, node.left)):
        if isinstance(limit, e.Constant | e.Parameter) and limit.type.kind == "number":
            yield Threshold(definition, subject_of(left), limit, left)
            return


def subject_of(left: e.Expression) -> object:
    """What is compared, the same whether it is asked of a record or of its parent."""
    return (left.entity, left.name) if isinstance(left, e.Field) else left


def amount(limit: e.Expression, value: object) -> Fraction:
    assert isinstance(value, int)
    return Fraction(value, 10**limit.type.scale)


def literal(found: Threshold) -> Fraction | None:
    return amount(found.limit, found.limit.value) if isinstance(found.limit, e.Constant) else None


def number_repeated(read: Read, chosen: Chosen) -> Iterator[Found]:
    """A number that has a parameter already, and one that stands in several definitions."""
    places: dict[tuple[object, Fraction], list[Threshold]] = {}
    every = [found for definition in written(read.model) for found in thresholds_of(definition)]
    for found in thresholds(read):
        value = literal(found)
        if value is not None and value not in chosen.numbers("ignore"):
            places.setdefault((found.subject, value), []).append(found)
    for (subject, value), here in places.items():
        parameter = parameter_of(read.model, every, subject, value)
        if parameter is not None:
            for found in here:
                fix = Fix(found.limit.span, parameter.name)
                yield Found(
                    found.definition.name,
                    problem(
                        "number-repeated.parameter", found.limit.span, Label(parameter.span, "parameter"),
                        fix=fix, number=read.text(found.limit.span), name=parameter.name,
                    ),
                )  # fmt: skip
        elif len({found.definition.name for found in here}) >= chosen.count("definitions"):
            first, *others = here
            labels = [Label(found.limit.span, "again") for found in others[:MOST_NAMED]]
            number = read.text(first.limit.span)
            yield Found(
                first.definition.name,
                problem("number-repeated", first.limit.span, *labels, number=number, count=len(here)),
            )


def parameter_of(model: Model, every: Sequence[Threshold], subject: object, value: Fraction) -> Any:
    """The parameter with this value, always, that the same thing is compared with elsewhere."""
    for found in every:
        if isinstance(found.limit, e.Parameter) and found.subject == subject:
            parameter = model.parameters[found.limit.name]
            if not parameter.since and amount(found.limit, parameter.value) == value:
                return parameter
    return None


def number_unnamed(read: Read, chosen: Chosen) -> Iterator[Found]:
    for found in thresholds(read):
        value = literal(found)
        decides = isinstance(found.definition, Segment | Flag | Lifecycle)
        if decides and value is not None and value not in chosen.numbers("ignore"):
            number = read.text(found.limit.span)
            yield Found(
                found.definition.name,
                problem("number-unnamed", found.limit.span, number=number, name=found.definition.name),
            )


# ---- Conditions ---------------------------------------------------------------------------------


def one_of_spelled_out(read: Read, chosen: Chosen) -> Iterator[Found]:
    """Questions about one thing, side by side."""
    seen: set[Span] = set()
    for definition in read.definitions():
        asked = () if isinstance(definition, Table) else tuple(conditions(definition))
        for node in nodes(asked):
            if isinstance(node, e.And | e.Or):
                for run in runs(node):
                    if run[0].span not in seen and read.is_own(run[0].span):
                        seen.add(run[0].span)
                        yield Found(definition.name, spelled_out(read, run))


def runs(node: e.And | e.Or) -> Iterator[list[e.OneOf]]:
    """Neighbours that ask of the same thing which it is; with `and`, which it is not."""
    run: list[e.OneOf] = []
    for item in node.items:
        fits = isinstance(item, e.OneOf) and item.negated == isinstance(node, e.And)
        if run and not (fits and isinstance(item, e.OneOf) and run[-1].subject == item.subject):
            if len(run) > 1:
                yield run
            run = []
        if fits and isinstance(item, e.OneOf):
            run.append(item)
    if len(run) > 1:
        yield run


def spelled_out(read: Read, run: Sequence[e.OneOf]) -> Any:
    first, last = run[0].span, run[-1].span
    whole = first._replace(end_line=last.end_line, end_column=last.end_column)
    subject = read.text(run[0].subject.span)
    word = "is not one of" if run[0].negated else "is one of"
    values = ", ".join(dict.fromkeys(value for one in run for value in values_of(read, one)))
    fits = first.file == last.file and "#" not in read.text(whole)
    better = f"{subject} {word} {values}"
    return problem("one-of-spelled-out", whole, fix=Fix(whole, better) if fits else None, better=better)


def values_of(read: Read, node: e.OneOf) -> list[str]:
    """The values as they are written, in quotes or not."""
    words = read.text(node.span).removeprefix(read.text(node.subject.span))
    listed = re.sub(r"^\s*is\s+(not\s+)?(one\s+of\s+)?", "", words)
    values = [one.strip() for one in listed.split(",")]
    return values if len(values) == len(node.values) else [listed]


def guard_long(read: Read, chosen: Chosen) -> Iterator[Found]:
    most = chosen.count("most")
    for definition in read.definitions():
        if isinstance(definition, Table):
            continue
        for condition in conditions(definition):
            count = clauses_in(condition)
            if count > most and read.is_own(condition.span):
                yield Found(
                    definition.name,
                    problem("guard-long", condition.span, count=count, most=most, name=definition.name),
                )


def clauses_in(condition: e.Expression) -> int:
    """Those about child rows as well."""
    count = 0
    for leaf in leaves(condition):
        inner = [leaf.body, leaf.children.where] if isinstance(leaf, e.Quantified) else []
        count += sum(clauses_in(one) for one in inner if one is not None) or 1
    return count


# ---- Titles -------------------------------------------------------------------------------------


def title_missing(read: Read, chosen: Chosen) -> Iterator[Found]:
    """A finding for each definition, and one for all that stands in it; a key is its own title."""
    model = read.model
    for parameter in model.parameters.values():
        yield from untitled(read, parameter, "parameter")
    for entity in model.entities.values():
        yield from untitled(read, entity, "entity")
        yield from parts_untitled(read, entity, [fact for fact in entity.facts if not fact.key])
    for definition in sorted(read.definitions(), key=lambda one: one.span[:3]):
        yield from untitled(read, definition, KINDS[type(definition)])
        for attribute in ("cases", "bands", "classes", "states"):
            yield from parts_untitled(read, definition, getattr(definition, attribute, ()))
    for kpi in model.kpis:
        yield from untitled(read, kpi, "kpi")


def untitled(read: Read, one: Any, kind: str) -> Iterator[Found]:
    """What stands for something else, as a goal does for a flag, is not called so in the text."""
    if "en" not in one.titles and read.is_own(one.span) and read.text(one.span).startswith(one.name):
        yield Found(one.name, problem("title-missing", one.span, kind=kind, name=one.name))


def parts_untitled(read: Read, whole: Any, parts: Sequence[Any]) -> Iterator[Found]:
    bare = [part for part in parts if "en" not in part.titles and read.is_own(part.span)]
    if bare:
        named = Several.first([f"`{part.name}`" for part in bare], MOST_NAMED)
        told = problem("title-missing.parts", bare[0].span, name=whole.name, parts=named)
        yield Found(whole.name, told)


# ---- Weights and indexes ------------------------------------------------------------------------


def group_sum(read: Read, chosen: Chosen) -> Iterator[Found]:
    """The weights in a group that has a weight itself."""
    for score in read.definitions():
        if not isinstance(score, Score) or score.panel is not None:
            continue
        for heading in score.headings:
            above = [one for one in score.headings if heading.path[: len(one.path)] == one.path]
            factor = prod(weight_of(one.weight) for one in above if one.weight is not None)
            inside = [leaf.weight for leaf in score.leaves if leaf.path[: len(heading.path)] == heading.path]
            total = Fraction(sum(inside), 10**score.weight_scale) / factor if factor else Fraction(1)
            if heading.weight is not None and 0 < abs(total - 1) <= chosen.share("within"):
                said = f"{float(total):.6g}"
                group = heading.path[-1]
                told = problem("group-sum", heading.span, group=group, total=said, name=score.name)
                yield Found(score.name, told)


def weight_of(text: str) -> Fraction:
    return Fraction(text.rstrip(" %")) / (100 if text.endswith("%") else 1)


def weight_small(read: Read, chosen: Chosen) -> Iterator[Found]:
    """How far a leaf can move its score, as a share of how far all of them can."""
    for score in read.definitions():
        if not isinstance(score, Score):
            continue
        moves = [leaf.weight * (leaf.value.type.high - leaf.value.type.low) for leaf in score.leaves]
        whole = sum(map(abs, moves))
        for leaf, move in zip(score.leaves, moves, strict=True):
            if whole and 0 < abs(move) / whole < chosen.share("share"):
                share = f"{float(abs(move) / whole) * 100:.2g} %"
                leaf_name = read.text(leaf.value.span) if read.is_own(leaf.value.span) else score.name
                told = problem("weight-small", leaf.span, leaf=leaf_name, name=score.name, share=share)
                yield Found(score.name, told)


def index_idle(read: Read, chosen: Chosen) -> Iterator[Found]:
    """Indexes that are read, and by nothing that comes to a result."""
    model = read.model
    reads = {(one.entity, one.name): set(read_in(one)) for one in model.definitions}
    statistics = {one.key: set(read_in((one.parts, one.limit))) for one in model.statistics}
    results = [one for one in model.definitions if not isinstance(one, Index) or one.made]
    todo: list[Any] = [(one.entity, one.name) for one in results]
    todo += [key for part in (model.kpis, model.claims, model.tasks, model.tests) for key in read_in(part)]
    todo += [
        (check.given.entity, one.name)
        for test in model.tests for check in test.checks for one in check.expected if one.name
    ]  # fmt: skip
    reached: set[Any] = set()
    while todo:
        key = todo.pop()
        if key not in reached:
            reached.add(key)
            todo += reads.get(key, ()) if isinstance(key, tuple) else statistics.get(key, ())
    readers: dict[Any, list[str]] = {}
    for one in model.definitions:
        for key in reads[one.entity, one.name]:
            for inner in (key, *(statistics.get(key, ()) if isinstance(key, str) else ())):
                readers.setdefault(inner, []).append(one.name)
    for index in read.definitions():
        key = (index.entity, index.name)
        if isinstance(index, Index) and key not in reached and key in readers:
            by = ", ".join(f"`{name}`" for name in dict.fromkeys(readers[key]))
            yield Found(index.name, problem("index-idle", index.span, name=index.name, readers=by))


TEXT_RULES: Mapping[str, Callable[[Read, Chosen], Iterator[Found]]] = {
    "number-repeated": number_repeated,
    "number-unnamed": number_unnamed,
    "one-of-spelled-out": one_of_spelled_out,
    "guard-long": guard_long,
    "title-missing": title_missing,
    "group-sum": group_sum,
    "weight-small": weight_small,
    "index-idle": index_idle,
}
