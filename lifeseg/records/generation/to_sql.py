"""A design and a number of records come in; a query for the records of an entity goes out, in their order.

A query is made of layers, each a SELECT from the one before: numbers that look random, hidden qualities,
draws, values, repairs. A child's layers stand on those of its parent, so that every file can be written
alone. Facts are columns `e0f3` (entity 0, fact 3), so that no name of a policy can mean anything in SQL.
"""

from __future__ import annotations

from collections.abc import Collection
from math import ceil, floor

from lifeseg.model import expression as e
from lifeseg.model.model import Entity, Fact
from lifeseg.model.walk import nodes
from lifeseg.records.generation.design import WHOLE, Column, Design, EntityDesign, Pull, Repair, Swell
from lifeseg.records.generation.from_repair import Writer
from lifeseg.records.generation.from_spread import from_spread, literal, within
from lifeseg.records.generation.mixing import DEVIATION, MASK, drawn_sql, floored, key, mixed_sql, normal_sql
from lifeseg.records.heading import ancestor_columns, lineage
from lifeseg.records.number import bounds

CARRIED = ("t", "first", "p", "size", "sound")
MOST_DRAWS = 2**20
DAYS_NEAR = 60
GOLDEN, SILVER = 1_640_531_527, 1_131_898_319
WHOLE_TYPES = ((2**7, "TINYINT"), (2**15, "SMALLINT"), (2**31, "INTEGER"))
LARGEST_CHOICE = 2**30


def to_sql(design: Design, entity: str, count: int) -> str:
    """The records of an entity as a file holds them, where there are `count` records without a parent."""
    return Query(design, count).records(design.of(entity))


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class Query:
    """Writes queries for one design and one number of records."""

    def __init__(self, design: Design, count: int) -> None:
        self.design, self.count = design, count
        self.entities = {found.entity.name: found.entity for found in design.entities}
        self.numbers = {name: number for number, name in enumerate(self.entities)}
        self.writer = Writer(design.constants, self.name)
        self.pulls: dict[tuple[str, str | None], list[tuple[int, Pull]]] = {}
        for number, profile in enumerate(design.profiles, 1):
            for pull in profile.pulls:
                self.pulls.setdefault((pull.entity, pull.fact), []).append((number, pull))
        for found in self.pulls.values():
            found.sort(key=lambda one: one[1].child is None)

    def name(self, entity: str, fact: str | None) -> str:
        number = self.numbers[entity]
        if fact is None:
            return f"k{number}"
        facts = self.entities[entity].facts
        return f"e{number}f{next(place for place, own in enumerate(facts) if own.name == fact)}"

    # ---- Layers -----------------------------------------------------------------------------------

    def records(self, one: EntityDesign) -> str:
        """The keys of the ancestors, then all facts, under their names and as a file holds them."""
        entity = one.entity
        above = [(of.name, fact) for of in lineage(self.entities, entity) for fact in of.keys]
        names = [name for name, _ in ancestor_columns(self.entities, entity)]
        shown = [
            f"{in_file(self.name(of, fact.name), fact)} AS {quoted(name)}"
            for name, (of, fact) in zip(names, above, strict=True)
        ]
        shown += [
            f"{in_file(self.name(entity.name, fact.name), fact)} AS {quoted(fact.name)}"
            for fact in entity.facts
        ]
        wanted = [self.name(of, fact.name) for of, fact in above]
        wanted += [self.name(entity.name, fact.name) for fact in entity.facts]
        return f"SELECT {', '.join(shown)} FROM ({self.rows(one, wanted)})"

    def rows(self, one: EntityDesign, wanted: Collection[str]) -> str:
        """All records of an entity with those of its columns that are wanted, and what its children stand on."""
        entity = one.entity
        repairs, needed = self._needed(entity, wanted)
        columns = [
            (f"z{place}", column, self.name(entity.name, column.fact.name))
            for place, column in enumerate(one.columns)
            if self.name(entity.name, column.fact.name) in needed
        ]
        children = [
            (f"y{self.numbers[child.entity.name]}", child, self.name(child.entity.name, None))
            for child in self.design.entities
            if child.entity.parent == entity.name and self.name(child.entity.name, None) in needed
        ]
        draws = [f"{self._draw(one, column)} AS {draw}" for draw, column, _ in columns]
        draws += [f"{self._child_draw(child)} AS {draw}" for draw, child, _ in children]
        query = self._qualities(one) if entity.parent is None else self._children(one, needed)
        query = f"SELECT {', '.join(['*', *draws])} FROM ({query})"
        values = [f"{self._value(one, column, draw)} AS {name}" for draw, column, name in columns]
        values += [f"{self._number_of(child)} AS {name}" for _, child, name in children]
        kept = ["h1", "h2", *CARRIED, *self._of_ancestors(entity, needed)]
        query = f"SELECT {', '.join([*kept, *values])} FROM ({query})"
        for repair in repairs:
            fact = next(fact for fact in entity.facts if fact.name == repair.fact)
            own = self.name(entity.name, fact.name)
            query = f"SELECT * REPLACE ({self.writer.repaired(repair, fact)} AS {own}) FROM ({query})"
        return query

    def _needed(self, entity: Entity, wanted: Collection[str]) -> tuple[list[Repair], set[str]]:
        """The repairs of wanted columns, and all columns that these and the repairs need."""
        needed, repairs = set(wanted), list[Repair]()
        for repair in reversed(self.design.repairs):
            if repair.entity == entity.name and self.name(repair.entity, repair.fact) in needed:
                repairs.insert(0, repair)
                for node in nodes((repair.unless, repair.value)):
                    if isinstance(node, e.Field):
                        needed.add(self.name(node.entity, node.name))
                    elif isinstance(node, e.Aggregate):
                        needed.add(self.name(node.children.entity, None))
        return repairs, needed

    def _of_ancestors(self, entity: Entity, needed: Collection[str]) -> list[str]:
        names = [self.name(of.name, fact.name) for of in lineage(self.entities, entity) for fact in of.facts]
        return [name for name in names if name in needed]

    def _qualities(self, one: EntityDesign) -> str:
        seed, entity = self.design.seed, one.entity.name
        count = min(self.count, one.places.capacity) if one.places.listed else self.count
        first, second = (mixed_sql(f"xor(n, {key(seed, entity, word)})") for word in ("first", "second"))
        numbers = f"SELECT range AS n, {first} AS h1, {second} AS h2 FROM range({count})"
        size, sound = (normal_sql(seed, entity, "hidden", word) for word in ("size", "sound"))
        return (
            f"SELECT h1, h2, n AS place, CAST(n + 1 AS VARCHAR) AS t, n = 0 AS first,"
            f" {self._profile(entity)} AS p, {size} AS size, {sound} AS sound FROM ({numbers})"
        )

    def _profile(self, entity: str) -> str:
        """The profile that a record and all below it follow; 0 for most."""
        profiles = self.design.profiles
        if not profiles:
            return "0"
        if self.design.evenly:
            return f"n % {len(profiles)} + 1"
        chance, below, cases = drawn_sql(self.design.seed, entity, "profile"), 0, []
        for number, profile in enumerate(profiles, 1):
            below += profile.weight
            cases.append(f"WHEN {chance} < {below * 2**32 // 10**6} THEN {number}")
        return f"(CASE {' '.join(cases)} ELSE 0 END)"

    def _children(self, one: EntityDesign, needed: Collection[str]) -> str:
        seed, entity, parent = self.design.seed, one.entity.name, one.entity.parent
        assert parent is not None
        carried, number = self._of_ancestors(one.entity, needed), self.name(entity, None)
        below = f"unnest(range({number})) AS j"
        shown = ", ".join(["h1", "h2", *CARRIED, *carried, below])
        inner = f"SELECT {shown} FROM ({self.rows(self.design.of(parent), {*carried, number})})"
        first = mixed_sql(f"xor((h1 + j * {GOLDEN}) & {MASK}, {key(seed, entity, 'first')})")
        second = mixed_sql(f"xor((h2 + j * {SILVER}) & {MASK}, {key(seed, entity, 'second')})")
        columns = [f"{first} AS h1", f"{second} AS h2", "j", f"{self._place(one)} AS place"]
        columns += [
            "t || '-' || CAST(j + 1 AS VARCHAR) AS t",
            "first AND j = 0 AS first",
            "p",
            "size",
            "sound",
            *carried,
        ]
        return f"SELECT {', '.join(columns)} FROM ({inner})"

    def _place(self, one: EntityDesign) -> str:
        """Where a record stands among the keys of its siblings; the parent's numbers decide for all of
        them.
        """
        stream = (self.design.seed, one.entity.name, "place")
        most = one.brood.most if one.brood is not None else 1
        if one.places.orders and most:
            flat = [place for order in one.places.orders for place in order]
            row = f"{drawn_sql(*stream)} % {len(one.places.orders)} * {most}"
            return f"list_extract({flat}::BIGINT[], {row} + j + 1)"
        capacity = one.places.capacity
        stride = f"(1 + {drawn_sql(*stream, 'stride')} % {max(capacity // max(most, 1), 1)})"
        return f"({drawn_sql(*stream)} + j * {stride}) % {capacity}"

    # ---- Draws ------------------------------------------------------------------------------------

    def _draw(self, one: EntityDesign, column: Column) -> str:
        stream = (self.design.seed, one.entity.name, column.fact.name, "draw")
        ties = column.ties
        return self._tied((ties.size, ties.sound, ties.chance), stream, (one.entity.name, column.fact.name))

    def _child_draw(self, child: EntityDesign) -> str:
        stream = (self.design.seed, child.entity.name, "brood")
        return self._tied((409, 0, 939), stream, (child.entity.name, None))

    def _tied(
        self, weights: tuple[int, int, int], stream: tuple[object, ...], place: tuple[str, str | None]
    ) -> str:
        size, sound, chance = weights
        parts = [f"size * {size}"] if size else []
        parts += [f"sound * {sound}"] if sound else []
        parts.append(f"{normal_sql(*stream)} * {chance}")
        own = floored(" + ".join(parts), WHOLE, MOST_DRAWS)
        shifted = [
            f"WHEN {self._followed(number, pull)} THEN {floor(pull.shift * DEVIATION)}"
            for number, pull in self.pulls.get(place, ())
            if pull.shift
        ]
        return f"({own} + CASE {' '.join(shifted)} ELSE 0 END)" if shifted else own

    def _followed(self, number: int, pull: Pull) -> str:
        told_apart = (
            pull.child is not None and pull.fact is not None and self.entities[pull.entity].parent is not None
        )
        return f"p = {number} AND j = {pull.child}" if told_apart else f"p = {number}"

    def _number_of(self, child: EntityDesign) -> str:
        """How many children a parent has; the very first has one at least, so that no file is empty."""
        brood, number = child.brood, self.numbers[child.entity.name]
        assert brood is not None
        steps = [
            f"WHEN y{number} < {edge * DEVIATION // WHOLE} THEN {place}"
            for place, edge in enumerate(brood.edges)
        ]
        own = f"CASE {' '.join(steps)} ELSE {len(brood.edges)} END"
        pulled = []
        for profile, pull in self.pulls.get((child.entity.name, None), ()):
            low = max(ceil(pull.low), 0) if pull.low is not None else 0
            high = min(floor(pull.high), brood.most) if pull.high is not None else brood.most
            if (pull.low is not None or pull.high is not None) and low <= high:
                pulled.append(f"WHEN p = {profile} THEN {within(own, low, high)}")
        if pulled:
            own = f"CASE {' '.join(pulled)} ELSE {own} END"
        least = max(brood.least, min(1, brood.most))
        return f"least(greatest({own}, CASE WHEN first THEN {least} ELSE {brood.least} END), {brood.most})"

    # ---- Values -----------------------------------------------------------------------------------

    def _value(self, one: EntityDesign, column: Column, draw: str) -> str:
        """The value of a fact as profile, spread and chance will have it; NULL where it is missing."""
        fact, entity = column.fact, one.entity.name
        stream = (self.design.seed, entity, fact.name)
        own = from_spread(column, draw, one, stream)
        if fact.key:
            return own
        if column.at_least:
            few = f"{drawn_sql(*stream, 'least')} < {column.at_least * 2**32 // 10**6}"
            own = f"CASE WHEN {few} THEN {column.least} ELSE {own} END"
        pulls = self.pulls.get((entity, fact.name), ())
        chance = drawn_sql(*stream, "pull")
        pulled = [
            f"WHEN {self._followed(number, pull)} THEN {value}"
            for number, pull in pulls
            if (value := self._pulled(column, pull, own, chance)) is not None
        ]
        value = f"CASE {' '.join(pulled)} ELSE {own} END" if pulled else own
        if not column.missing:
            return value
        lacking = [
            f"WHEN {self._followed(number, pull)} THEN {literal(bool(pull.missing))}"
            for number, pull in pulls
            if pull.missing is not None or wants_value(pull)
        ]
        lacks = f"{drawn_sql(*stream, 'missing')} < {column.missing * 2**32 // 10**6}"
        if lacking:
            lacks = f"CASE {' '.join(lacking)} ELSE {lacks} END"
        return f"CASE WHEN {lacks} THEN NULL ELSE {value} END"

    def _pulled(self, column: Column, pull: Pull, own: str, chance: str) -> str | None:
        if pull.values is not None:
            listed = list(pull.values)
            if len(listed) == 1:
                return literal(listed[0])
            return f"list_extract([{', '.join(map(literal, listed))}], {chance} % {len(listed)} + 1)"
        if pull.low is None and pull.high is None:
            return None
        return ranged(column, pull, own, chance)


def wants_value(pull: Pull) -> bool:
    return pull.values is not None or pull.low is not None or pull.high is not None


def ranged(column: Column, pull: Pull, own: str, chance: str) -> str | None:
    """The value itself where it lies in the range, otherwise one near the end of the range that it missed."""
    fact, step = column.fact, column.fact.step
    unit = 10**fact.type.scale
    least, most = bounds(fact) if fact.type.kind == "number" else (1, 3_652_059)
    low = least if pull.low is None else max(least, ceil(pull.low * unit))
    high = most if pull.high is None else min(most, floor(pull.high * unit))
    low, high = -(-low // step) * step, high // step * step
    if low > high:
        return None
    reach = reach_of(column, pull, step)
    first, last = (low, min(high, low + reach)) if pull.low is not None else (max(low, high - reach), high)
    coarse = step
    while (last - first) // coarse >= LARGEST_CHOICE:
        coarse *= 10
    count = (last - first) // coarse + 1
    near = f"{first} + (({chance} * {count}) >> 32) * {coarse}"
    return f"CASE WHEN {own} BETWEEN {low} AND {high} THEN {own} ELSE {near} END"


def reach_of(column: Column, pull: Pull, step: int) -> int:
    """How far from the end of a range values may lie, in whole steps."""
    if column.fact.type.kind == "date":
        return DAYS_NEAR
    spread = column.spread
    if isinstance(spread, Swell):
        ends = [
            abs(floor(end * 10**column.fact.type.scale)) for end in (pull.low, pull.high) if end is not None
        ]
        return max(min(ends, default=0), spread.median) // 2 // step * step + step
    least, most = bounds(column.fact)
    return (most - least) // 6 // step * step + step


# ---- Files ---------------------------------------------------------------------------------------


def in_file(column: str, fact: Fact) -> str:
    """A value as a file holds it: numbers as narrow as the range allows, years as years."""
    if fact.type.kind == "date":
        return f"DATE '0001-01-01' + CAST({column} - 1 AS INTEGER)"
    if fact.type.kind != "number":
        return column
    months = 12 if fact.kind == "years" else 1
    number = column if months == 1 else f"({column} // 12)"
    largest = max(abs(end) for end in bounds(fact)) // months + 1
    scale = fact.type.scale
    if not scale:
        narrow = next((name for below, name in WHOLE_TYPES if largest <= below), "BIGINT")
        return f"CAST({number} AS {narrow})"
    width = max(len(str(largest)), scale + 1)
    factor = f"CAST('{'0.' + '0' * (scale - 1) + '1'}' AS DECIMAL({scale + 1}, {scale}))"
    return f"CAST(CAST({number} AS DECIMAL({width}, 0)) * {factor} AS DECIMAL({width}, {scale}))"
