"""An entity and the columns wanted of it come in; the relation that has them goes out, each table scanned once in it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from lifeseg.model import expression as e
from lifeseg.model.model import AnyDefinition, Claim, Fact, FlagBlock, Model
from lifeseg.model.types import TRUTH
from lifeseg.model.walk import nodes
from lifeseg.plan import tree as p
from lifeseg.plan.children import Node, node_value, summaries_of
from lifeseg.plan.from_definition import columns_of, names_of
from lifeseg.plan.from_expression import Surroundings, lowered
from lifeseg.plan.naming import Naming
from lifeseg.plan.reading import Key, Reading, here
from lifeseg.plan.shared_columns import Made, SharedColumns, columns_in, extended


class Claims:
    """never and assume as columns of verdicts; they are told apart by names that no definition can have."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        self.claims = {f"claim {number}": claim for number, claim in enumerate(claims)}
        self.conditions = {name: claim.condition for name, claim in self.claims.items()}

    def column(self, name: str) -> str:
        return f"_{name.replace(' ', '_')}"

    def entity_of(self, name: str) -> str:
        return self.claims[name].entity


@dataclass(slots=True)
class Task:
    """A definition (or claim) on its way to columns."""

    name: str
    part: object
    needs: set[str]  # of the same entity
    layers: list[Callable[[], list[Made]]] | None = None


@dataclass(slots=True)
class Relations:
    """Builds relations for one run; remembers what has been saved."""

    model: Model
    as_of: date
    claims: Claims
    reading: Reading
    saved: dict[str, tuple[str, frozenset[str]]] = field(default_factory=dict)
    scalars: dict[str, str] = field(default_factory=dict)
    count: int = 0
    naming: Naming = field(init=False)
    definitions: dict[str, dict[str, AnyDefinition]] = field(
        init=False
    )  # by entity and name, in the model's order

    def __post_init__(self) -> None:
        self.naming = Naming(self.model)
        self.definitions = {entity: {} for entity in self.model.entities}
        for found in self.model.definitions:
            self.definitions[found.entity][found.name] = found

    def scalar(self, key: str) -> str:
        """The scalar that holds a statistic."""
        return self.scalars.setdefault(key, f"s{len(self.scalars)}")

    def saved_names(self, entity: str) -> frozenset[str]:
        """The facts, definitions and claims that are saved already."""
        return self.saved.get(entity, ("", frozenset()))[1]

    def surroundings(self, entity: str, shares: SharedColumns) -> Surroundings:
        """Names as they stand in the entity's relation."""
        naming = self.naming

        def field_column(owner: str, name: str, up: int) -> str:
            found = naming.columns[owner, name]
            return naming.above(up, found) if up else found

        def band_column(owner: str, name: str, up: int) -> str:
            found = naming.bands[owner, name]
            return naming.above(up, found) if up else found

        def cases_column(owner: str, name: str) -> str:
            return naming.cases[owner, name]

        def over_children(node: Node) -> p.AnyFormula:
            return node_value(node, self.surroundings(node.children.entity, SharedColumns()), made)

        made = Surroundings(
            self.as_of, dict(self.model.parameters), field_column, band_column, cases_column, shares.shared,
            self.order, self.model.most_records, over_children, self.scalar,
        )  # fmt: skip
        return made

    def order(self, entity: str) -> tuple[Fact, ...]:
        """The facts that tell which row of an entity is the latest: its date, then its keys."""
        found = self.model.entities[entity]
        return (*(fact for fact in found.facts if fact.name == found.dated), *found.keys)

    def save(self, entity: str, names: Collection[str], later: Iterable[object]) -> p.Save:
        """Keeps the columns of definitions and claims, and the facts that what comes later will still read."""
        facts = self.facts_of(entity)
        read = [self.reading.names(part) for part in later]
        still = {name for keys in read for owner, name in keys if owner == entity and name in facts}
        still |= {name for part in later for name in self.ordering(entity, part)}
        relation = self.relation(entity, {*names, *still}, ())
        around = self.surroundings(entity, SharedColumns())
        definitions = [found for found in self.model.of(entity) if found.name in names]
        columns = [self.naming.columns[entity, name] for name in sorted(still)]
        columns += [column for found in definitions for column in names_of(around, found)]
        columns += [self.claims.column(name) for name in self.claims.conditions if name in names]
        self.count += 1
        target = f"{self.naming.tables[entity]}_{self.count}"
        self.saved[entity] = (target, frozenset({*names, *still}))
        return p.Save(target, relation, (*self.key_columns(entity), *columns))

    def ordering(self, entity: str, part: object) -> Iterator[str]:
        """The facts of an entity by which `latest` finds its last row."""
        for node in nodes(part):
            if isinstance(node, e.Aggregate) and node.function == "latest" and node.children.entity == entity:
                yield from (fact.name for fact in self.order(entity))

    def facts_of(self, entity: str) -> set[str]:
        return {fact.name for fact in self.model.entities[entity].facts}

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
        tasks = self.tasks(entity, ({*wanted} | self.own_needs(entity, parts)) - there, there)
        facts = self.facts_of(entity)
        read = [*map(self.reading.names, (*(task.part for task in tasks), parts))]
        read.append(frozenset((entity, name) for name in wanted))
        named = {name for keys in read for owner, name in keys if owner == entity and name in facts}
        columns = tuple(sorted(self.naming.columns[entity, name] for name in named))
        current: p.Relation = p.Saved(target) if target else p.Scan(entity, columns)
        current = self.with_parents(entity, current, [*(task.part for task in tasks), parts])
        return self.completed(entity, current, tasks, set(there) | facts, parts)

    def tasks(self, entity: str, wanted: set[str], there: frozenset[str]) -> list[Task]:
        """The definitions to compute, in the model's order, with what each needs of its own entity."""
        definitions = self.definitions[entity]
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
        names = {name for owner, name in self.reading.names(part) if owner == entity}
        if isinstance(part, FlagBlock):
            names |= set(part.flags)
        return names | {name for owner, name in self.below(entity, part) if owner == entity}

    def below(self, entity: str, part: object) -> set[Key]:
        """Everything that the child definitions a part reads depend on."""
        waiting = [
            key
            for key in self.reading.names(part)
            if key[0] != entity and self.is_defined(key) and self.is_below(key[0], entity)
        ]
        found: set[Key] = set()
        while waiting:
            owner, name = waiting.pop()
            definition = self.definitions[owner][name]
            read = self.reading.names(definition)
            if isinstance(definition, FlagBlock):
                read |= {(definition.entity, flag) for flag in definition.flags}
            for other in read - found:
                found.add(other)
                if self.is_defined(other) and self.is_below(other[0], entity):
                    waiting.append(other)
        return found

    def is_defined(self, key: Key) -> bool:
        return key[1] in self.definitions[key[0]]

    def is_below(self, child: str, entity: str) -> bool:
        parent = self.model.entities[child].parent
        return parent == entity or (parent is not None and self.is_below(parent, entity))

    def with_parents(self, entity: str, current: p.Relation, parts: Sequence[object]) -> p.Relation:
        """Attaches the columns that formulas read of the rows above."""
        names: dict[tuple[str, int], set[str]] = {}
        columns: dict[tuple[str, int], set[str]] = {}
        for node in here(tuple(part for part in parts if self.reading.of(part).above)):
            if isinstance(node, e.Field | e.Band) and node.up:
                above = (node.entity, node.up)
                name, known = (
                    (node.name, self.naming.columns)
                    if isinstance(node, e.Field)
                    else (node.score, self.naming.bands)
                )
                names.setdefault(above, set()).add(name)
                columns.setdefault(above, set()).add(known[node.entity, name])
        for (parent, up), wanted in sorted(names.items()):
            other = self.relation(parent, wanted, ())
            attached = tuple(
                (column, self.naming.above(up, column)) for column in sorted(columns[parent, up])
            )
            current = p.Attach(current, other, self.key_columns(parent), attached)
        return current

    def completed(
        self, entity: str, current: p.Relation, tasks: list[Task], available: set[str], parts: object
    ) -> p.Relation:
        """Adds columns layer by layer, child summaries as soon as what they look up to is there."""
        attached: set[Node] = set()
        shares = SharedColumns()
        around = self.surroundings(entity, shares)
        waiting = list(tasks)
        while True:
            current = self.with_children(
                entity, current, [*(task.part for task in waiting), parts], available, attached
            )
            layer: list[Made] = []
            done: list[str] = []
            for task in waiting:
                if task.needs <= available:
                    if task.layers is None:
                        task.layers = self.layers(entity, task, around)
                    layer += task.layers.pop(0)()
                    if not task.layers:
                        done.append(task.name)
            waiting = [task for task in waiting if task.layers or task.layers is None]
            if not layer:
                assert not waiting
                return current
            current = p.Extend(extended(current, shares), tuple(layer))
            available.update(done)

    def layers(self, entity: str, task: Task, around: Surroundings) -> list[Callable[[], list[Made]]]:
        if task.name in self.claims.conditions:
            condition = self.claims.conditions[task.name]
            return [lambda: [(self.claims.column(task.name), lowered(around, condition))]]
        return list(columns_of(around, self.definitions[entity][task.name]))

    def with_children(
        self,
        entity: str,
        current: p.Relation,
        parts: Sequence[object],
        available: set[str],
        attached: set[Node],
    ) -> p.Relation:
        """Summaries of child rows, all of one child in one pass."""
        definitions = self.definitions[entity].keys()
        ready: dict[str, list[Node]] = {}
        for node in self.child_nodes(entity, parts):
            if node not in attached and self.own_needs(entity, node) & definitions <= available:
                attached.add(node)
                ready.setdefault(node.children.entity, []).append(node)
        for child, found in ready.items():
            names = {name for node in found for owner, name in self.reading.names(node) if owner == child}
            names |= {name for node in found for name in self.ordering(child, node)}
            rows = self.relation(child, names, tuple((node.children.where, body_of(node)) for node in found))
            shares = SharedColumns()
            summaries = summaries_of(found, self.surroundings(child, shares))
            there = columns_in(current)
            fresh = tuple(summary for summary in summaries if summary.name not in there)
            if fresh:
                keys = self.key_columns(entity)
                group = p.Summarise(extended(rows, shares), keys, fresh)
                current = p.Attach(
                    current, group, keys, tuple((summary.name, summary.name) for summary in fresh)
                )
        return current

    def child_nodes(self, entity: str, parts: Sequence[object]) -> list[Node]:
        """The quantifiers and aggregates over the entity's own children, each once; those inside others belong to them."""
        found: dict[Node, None] = {}
        for node in here(tuple(part for part in parts if self.reading.of(part).below)):
            if isinstance(node, e.Quantified | e.Aggregate):
                found[node] = None
        return list(found)


def body_of(node: Node) -> e.Expression:
    body = node.body if isinstance(node, e.Quantified) else node.value
    return body if body is not None else e.Constant(node.span, TRUTH, True)
