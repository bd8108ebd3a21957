"""An entity and the columns wanted of it come in; the relation that has them goes out, each table scanned once in it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from lifeseg.model import expression as e
from lifeseg.model.model import AnyDefinition, Claim, FlagBlock, Lifecycle, Model
from lifeseg.model.types import TRUTH
from lifeseg.model.walk import nodes
from lifeseg.plan import tree as p
from lifeseg.plan.children import Node, node_value, summaries_of
from lifeseg.plan.from_definition import RAW, Made, columns_of
from lifeseg.plan.from_expression import Surroundings, lowered

Key = tuple[str, str]


def reads(part: object) -> set[Key]:
    """The facts and definitions an expression or definition names, of whatever entity."""
    kept = replace(part, moves=()) if isinstance(part, Lifecycle) else part
    found: set[Key] = set()
    for node in nodes(kept):
        if isinstance(node, e.Field):
            found.add((node.entity, node.name))
        elif isinstance(node, e.Band):
            found.add((node.entity, node.score))
    return found


class Claims:
    """never and assume as columns of verdicts, numbered."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        self.claims = {f"_claim_{number}": claim for number, claim in enumerate(claims)}
        self.conditions = {name: claim.condition for name, claim in self.claims.items()}

    def entity_of(self, name: str) -> str:
        return self.claims[name].entity


@dataclass(slots=True)
class Task:
    """A definition (or claim) on its way to columns."""

    name: str
    part: object
    needs: set[str]  # of the same entity
    layers: list[list[Made]] | None = None


@dataclass(slots=True)
class Relations:
    """Builds relations for one run; remembers what has been saved."""

    model: Model
    as_of: date
    claims: Claims
    saved: dict[str, tuple[str, frozenset[str]]] = field(default_factory=dict)
    scalars: dict[str, str] = field(default_factory=dict)

    def scalar(self, key: str) -> str:
        """The scalar that holds a statistic."""
        return self.scalars.setdefault(key, f"s{len(self.scalars)}")

    def saved_columns(self, entity: str) -> frozenset[str]:
        return self.saved.get(entity, ("", frozenset()))[1]

    def surroundings(self, entity: str) -> Surroundings:
        """Names as they stand in the entity's relation."""

        def column(owner: str, name: str, up: int) -> str:
            return name if not up else f"_{owner}__{name}"

        def over_children(node: Node) -> p.AnyFormula:
            return node_value(node, self.surroundings(node.children.entity))

        return Surroundings(self.as_of, dict(self.model.parameters), column, over_children, self.scalar)

    def save(self, entity: str, names: Collection[str], needed: set[Key]) -> p.Save:
        """Keeps the columns of definitions and claims, and the facts that what comes later will still read."""
        facts = {fact.name for fact in self.model.entities[entity].facts}
        later: list[object] = [
            found for found in self.model.definitions
            if (found.entity, found.name) in needed and (found.entity != entity or found.name not in names)
        ]  # fmt: skip
        later += [(found.value, found.where) for found in self.model.statistics]
        later += [condition for name, condition in self.claims.conditions.items() if name not in names]
        still = {name for part in later for owner, name in reads(part) if owner == entity and name in facts}
        relation = self.relation(entity, {*names, *still}, ())
        verdicts = [name for name in self.claims.conditions if name in names]
        columns = [*sorted(still), *self.column_names(entity, names), *verdicts]
        target = f"{entity}_{len(self.saved) + 1}"
        self.saved[entity] = (target, frozenset(columns))
        return p.Save(target, relation, (*self.key_columns(entity), *columns))

    def column_names(self, entity: str, names: Collection[str]) -> list[str]:
        """All columns the definitions make, helpers too, in order."""
        around = self.surroundings(entity)
        found: list[str] = []
        for definition in self.model.of(entity):
            if definition.name in names:
                made = [name for layer in columns_of(around, definition) for name, _ in layer]
                found += [name for name in made if not name.startswith(RAW)]
        return found

    def key_columns(self, entity: str) -> tuple[str, ...]:
        count = 0
        name: str | None = entity
        while name is not None:
            count += max(1, len(self.model.entities[name].keys))
            name = self.model.entities[name].parent
        return tuple(f"_k{number}" for number in range(1, count + 1))

    # ---- One relation --------------------------------------------------------------------------

    def relation(self, entity: str, wanted: Collection[str], parts: object) -> p.Relation:
        """The entity's rows with the wanted columns, and whatever `parts` (expressions) read of children and parents."""
        target, there = self.saved.get(entity, ("", frozenset()))
        tasks = self.tasks(entity, set(wanted) - there, there)
        facts = {fact.name for fact in self.model.entities[entity].facts}
        named = {
            name for task in tasks for owner, name in reads(task.part) if owner == entity and name in facts
        }
        named |= {name for name in wanted if name in facts}
        named |= {name for owner, name in reads(parts) if owner == entity and name in facts}
        current: p.Relation = p.Saved(target) if target else p.Scan(entity, tuple(sorted(named)))
        current = self.with_parents(entity, current, [*(task.part for task in tasks), parts])
        return self.completed(entity, current, tasks, set(there) | facts, parts)

    def tasks(self, entity: str, wanted: set[str], there: frozenset[str]) -> list[Task]:
        """The definitions to compute, in the model's order, with what each needs of its own entity."""
        definitions = {found.name: found for found in self.model.of(entity)}
        waiting = [name for name in wanted if name in definitions or name in self.claims.conditions]
        chosen: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name in chosen or name in there:
                continue
            chosen.add(name)
            waiting += [
                other
                for other in self.own_needs(entity, self.part(definitions, name))
                if other in definitions
            ]
        ordered = [name for name in definitions if name in chosen]
        ordered += [name for name in self.claims.conditions if name in chosen]
        tasks = []
        for name in ordered:
            part = self.part(definitions, name)
            needs = {other for other in self.own_needs(entity, part) if other in definitions}
            tasks.append(Task(name, part, needs))
        return tasks

    def part(self, definitions: dict[str, AnyDefinition], name: str) -> object:
        return definitions[name] if name in definitions else self.claims.conditions[name]

    def own_needs(self, entity: str, part: object) -> set[str]:
        """What a definition reads of its own entity, also by way of child rows that look up to it."""
        names = {name for owner, name in reads(part) if owner == entity}
        if isinstance(part, FlagBlock):
            names |= set(part.flags)
        for owner, name in self.below(entity, part):
            if owner == entity:
                names.add(name)
        return names

    def below(self, entity: str, part: object) -> set[Key]:
        """Everything that the child definitions a part reads depend on."""
        definitions = {(found.entity, found.name): found for found in self.model.definitions}
        waiting = [
            key
            for key in reads(part)
            if key[0] != entity and key in definitions and self.is_below(key[0], entity)
        ]
        found: set[Key] = set()
        while waiting:
            key = waiting.pop()
            for other in reads(definitions[key]):
                if other not in found:
                    found.add(other)
                    if other in definitions and other[0] != entity:
                        waiting.append(other)
        return found

    def is_below(self, child: str, entity: str) -> bool:
        parent = self.model.entities[child].parent
        return parent == entity or (parent is not None and self.is_below(parent, entity))

    def with_parents(self, entity: str, current: p.Relation, parts: Sequence[object]) -> p.Relation:
        """Attaches the columns that formulas read of the rows above."""
        wanted: dict[str, set[str]] = {}
        for node in nodes(tuple(parts)):
            if isinstance(node, e.Field | e.Band) and node.up and self.is_below(entity, node.entity):
                name = node.name if isinstance(node, e.Field) else node.score + "_band"
                wanted.setdefault(node.entity, set()).add(name)
        for parent, names in wanted.items():
            definitions = {
                name.removesuffix("_band") if name not in self.fact_names(parent) else name for name in names
            }
            above = self.relation(parent, definitions | (names & self.fact_names(parent)), ())
            columns = tuple((name, f"_{parent}__{name}") for name in sorted(names))
            current = p.Attach(current, above, self.key_columns(parent), columns)
        return current

    def fact_names(self, entity: str) -> set[str]:
        return {fact.name for fact in self.model.entities[entity].facts} | {
            found.name for found in self.model.of(entity)
        }

    def completed(
        self, entity: str, current: p.Relation, tasks: list[Task], available: set[str], parts: object
    ) -> p.Relation:
        """Adds columns layer by layer, child summaries as soon as what they look up to is there."""
        attached: set[Node] = set()
        waiting = list(tasks)
        while True:
            current = self.with_children(
                entity, current, [*(task.part for task in waiting), parts], available, attached
            )
            layer: list[Made] = []
            done: list[str] = []
            for task in list(waiting):
                if task.needs <= available:
                    if task.layers is None:
                        task.layers = self.layers(entity, task)
                    layer += task.layers.pop(0)
                    if not task.layers:
                        done.append(task.name)
                        waiting.remove(task)
            if not layer:
                return current
            current = p.Extend(current, tuple(layer))
            available.update(done)

    def layers(self, entity: str, task: Task) -> list[list[Made]]:
        around = self.surroundings(entity)
        if task.name in self.claims.conditions:
            return [[(task.name, lowered(around, self.claims.conditions[task.name]))]]
        definition = next(found for found in self.model.of(entity) if found.name == task.name)
        return list(columns_of(around, definition))

    def with_children(
        self,
        entity: str,
        current: p.Relation,
        parts: Sequence[object],
        available: set[str],
        attached: set[Node],
    ) -> p.Relation:
        """Summaries of child rows, all of one child in one pass."""
        ready: dict[str, list[Node]] = {}
        for node in self.child_nodes(entity, parts):
            if node not in attached and {n for o, n in self.below(entity, node) if o == entity} <= available:
                attached.add(node)
                ready.setdefault(node.children.entity, []).append(node)
        for child, found in ready.items():
            names = {name for owner, name in reads(tuple(found)) if owner == child}
            rows = self.relation(child, names, tuple((node.children.where, body_of(node)) for node in found))
            summaries = summaries_of(found, self.surroundings(child))
            keys = self.key_columns(entity)
            group = p.Summarise(rows, keys, summaries)
            current = p.Attach(
                current, group, keys, tuple((found_.name, found_.name) for found_ in summaries)
            )
        return current

    def child_nodes(self, entity: str, parts: Sequence[object]) -> list[Node]:
        """The quantifiers and aggregates over the entity's own children, each once; those inside others belong to them."""
        found: dict[Node, None] = {}
        for node in nodes(tuple(parts)):
            over = isinstance(node, e.Quantified | e.Aggregate)
            if over and self.model.entities[node.children.entity].parent == entity:
                found[node] = None
        return list(found)


def body_of(node: Node) -> e.Expression:
    body = node.body if isinstance(node, e.Quantified) else node.value
    return body if body is not None else e.Constant(node.span, TRUTH, True)
