"""An entity comes in; the texts of conditions and dates about its records go out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from tests.agreement import amount as a
from tests.agreement.amount import DAY, MONTH, NO_UNIT, Amount
from tests.agreement.amounts import Amounts
from tests.agreement.world import Entity, Known, World

SINGLE, NOT, JOINED, QUANTIFIED = range(1, 5)
OPERATORS = ("=", "<", "<=", ">", ">=")


@dataclass(frozen=True)
class Condition:
    """`optional`: it may be unknown; `own`: every clause of it says something of the record at hand."""

    text: str
    level: int
    optional: bool = False
    own: bool = False
    joined: str = ""  # and, or


@dataclass(frozen=True)
class Day:
    text: str
    optional: bool = False
    own: bool = False
    whole: bool = True  # nothing is added to it

    def bracketed(self) -> str:
        return self.text if self.whole else f"({self.text})"


def within(condition: Condition, level: int) -> str:
    return condition.text if condition.level <= level else f"({condition.text})"


class Conditions:
    def __init__(self, world: World, amounts: Amounts) -> None:
        self.world, self.source, self.amounts = world, world.source, amounts
        amounts.conditions = self

    def condition(self, entity: Entity, depth: int, sure: bool = False, own: bool = False) -> Condition:
        """A condition; never unknown if it must be sure, about the record in every clause if it must be its own."""
        for _ in range(8):
            made = self.source.choice(self.ways(depth))(entity, depth, sure, own)
            if made is not None and not (sure and made.optional) and (made.own or not own):
                return made
        return self.simplest(entity)

    def ways(self, depth: int) -> list[Callable[..., Condition | None]]:
        ways = [
            self.amount,
            self.amount,
            self.amount,
            self.case,
            self.case,
            self.truth,
            self.truth,
            self.day,
            self.missing,
        ]
        if depth > 0:
            ways += [
                self.opposite,
                self.several,
                self.several,
                self.quantified,
                self.quantified,
                self.guarded,
                self.one_of_rows,
            ]
        return ways

    def simplest(self, entity: Entity) -> Condition:
        """Something that can be said of any record."""
        for known in entity.known:
            if known.amount is not None and not known.optional:
                return Condition(f"{known.name} >= {self.limit(known.amount)}", SINGLE, own=True)
        known = entity.known[0]
        return Condition(f"{known.name} is missing", SINGLE, own=True)

    def clause(self, entity: Entity, depth: int, sure: bool = False, own: bool = False) -> str:
        """The text where a clause may stand."""
        return within(self.condition(entity, depth, sure, own), QUANTIFIED)

    # ---- One question ----------------------------------------------------------------------------

    def amount(self, entity: Entity, depth: int, sure: bool, own: bool) -> Condition | None:
        """A comparison with a limit inside the bounds, a parameter, or another amount."""
        unit = self.source.choice([*self.world.units, NO_UNIT, NO_UNIT, NO_UNIT, DAY, MONTH])
        left = self.amounts.amount(entity, unit, self.source.choice((0, 0, min(depth, 2))), sure)
        if left.literal or (own and not left.own):
            return None
        operator = self.source.choice(OPERATORS)
        if self.world.chance(0.7):
            return Condition(f"{left.text} {operator} {self.limit(left)}", SINGLE, left.optional, left.own)
        right = self.amounts.amount(entity, unit, 0, sure)
        optional = left.optional or right.optional
        return Condition(f"{left.text} {operator} {right.text}", SINGLE, optional, left.own or right.own)

    def limit(self, amount: Amount) -> str:
        """A number within the bounds, often an end or a round one."""
        decimals = (
            0 if amount.unit in (DAY, MONTH) else min(amount.scale, self.source.choice((0, 1, 2, 6, 9)))
        )
        low, high = a.rounded_up(amount.low, decimals), a.rounded_down(amount.high, decimals)
        if low > high:
            low = high = a.rounded_down(amount.low, decimals)
        near = min(high, low + Fraction(20, 10**decimals))
        inside = Fraction(
            self.source.randint(int(low * 10**decimals), int(near * 10**decimals)), 10**decimals
        )
        anywhere = Fraction(
            self.source.randint(int(low * 10**decimals), int(high * 10**decimals)), 10**decimals
        )
        zero = Fraction(0) if low <= 0 <= high else inside
        value = self.source.choice((low, high, zero, inside, inside, anywhere))
        suffix = {DAY: " days", MONTH: " months"}.get(
            amount.unit, f" {amount.unit[0][0]}" if amount.unit else ""
        )
        if len(amount.unit) > 1 or (amount.unit and amount.unit[0][1] != 1):
            suffix = ""
        return a.decimal_text(value, decimals) + suffix

    def truth(self, entity: Entity, depth: int, sure: bool, own: bool) -> Condition | None:
        found = self.source.choice([*self.seen(entity, "truth"), None])
        if found is None:
            return None
        return Condition(found.name, SINGLE, found.optional, found.fact)

    def case(self, entity: Entity, depth: int, sure: bool, own: bool) -> Condition | None:
        """is, is not, is one of: options, texts, cases, bands."""
        candidates = [*self.seen(entity, "choice"), *self.seen(entity, "text"), *self.banded(entity)]
        if not candidates:
            return None
        found = self.source.choice(candidates)
        options = found.bands or found.options
        negated = "not " if self.world.chance(0.3) else ""
        values = self.source.sample(options, self.source.randint(1, len(options)))
        shown = f"one of {', '.join(values)}" if len(values) > 1 or self.world.chance(0.1) else values[0]
        return Condition(
            f"{found.name} is {negated}{shown}", SINGLE, found.optional and not found.decided, found.fact
        )

    def missing(self, entity: Entity, depth: int, sure: bool, own: bool) -> Condition | None:
        candidates = [known for known in self.everything(entity) if known.optional or known.decided]
        if not candidates:
            return None
        found = self.source.choice(candidates)
        negated = "not " if self.world.chance(0.5) else ""
        return Condition(f"{found.name} is {negated}missing", SINGLE, False, found.fact)

    def day(self, entity: Entity, depth: int, sure: bool, own: bool) -> Condition | None:
        left, right = self.date(entity, 1), self.date(entity, 1)
        if sure and (left.optional or right.optional):
            return None
        text = f"{left.text} {self.source.choice(OPERATORS)} {right.text}"
        return Condition(text, SINGLE, left.optional or right.optional, left.own or right.own)

    def date(self, entity: Entity, depth: int) -> Day:
        """A date of the record or its parents, today, a parameter or a fixed day, plus or minus a duration."""
        known = [Day(found.name, found.optional, found.fact) for found in self.seen(entity, "date")]
        known += [Day(found.name) for found in self.world.parameters if found.kind == "date"]
        fixed = Day(
            self.source.choice(("2013-06-30", "2012-02-29", "2013-01-31", "2014-12-31", "2024-02-29"))
        )
        day = self.source.choice([*known, *known, *known, Day("today"), fixed])
        if depth and self.world.chance(0.5):
            unit = self.source.choice((DAY, MONTH))
            candidates = [
                found for found in self.amounts.numbers(entity) if found.unit == unit and not found.scale
            ]
            duration = self.source.choice(
                [*candidates, self.amounts.literal(unit), self.amounts.literal(unit)]
            )
            if max(abs(duration.low), abs(duration.high)) <= 2_000:
                text = f"{day.text} {self.source.choice('+-')} {a.bracketed(duration, a.TIMES)}"
                return Day(text, day.optional or duration.optional, day.own or duration.own, whole=False)
        return day

    # ---- Several ---------------------------------------------------------------------------------

    def opposite(self, entity: Entity, depth: int, sure: bool, own: bool) -> Condition | None:
        inner = self.condition(entity, depth - 1, sure, own)
        return Condition(f"not {within(inner, SINGLE)}", NOT, inner.optional, inner.own)

    def several(self, entity: Entity, depth: int, sure: bool, own: bool) -> Condition | None:
        word = self.source.choice(("and", "or"))
        items = [self.condition(entity, depth - 1, sure, own) for _ in range(self.source.choice((2, 2, 3)))]
        text = f" {word} ".join(within(item, NOT) for item in items)
        return Condition(
            text, JOINED, any(item.optional for item in items), all(item.own for item in items), word
        )

    def guarded(self, entity: Entity, depth: int, sure: bool, own: bool) -> Condition | None:
        """`x is not missing and x > 3` is never unknown, nor is `x is missing or x > 3`."""
        candidates = [found for found in entity.known if found.optional and found.amount is not None]
        if not candidates:
            return None
        found = self.source.choice(candidates)
        assert found.amount is not None
        test = f"{found.name} {self.source.choice(OPERATORS)} {self.limit(found.amount)}"
        first, word = self.source.choice(
            ((f"{found.name} is not missing", "and"), (f"{found.name} is missing", "or"))
        )
        parts = self.source.choice(((first, test), (test, first)))
        return Condition(f" {word} ".join(parts), JOINED, False, True, word)

    def quantified(self, entity: Entity, depth: int, sure: bool, own: bool) -> Condition | None:
        """some, every, no: over child rows, of which every clause says something."""
        if not entity.children:
            return None
        child = self.source.choice(entity.children)
        body = self.condition(child, depth - 1, sure, True)
        if not body.own:
            return None
        where = f" where {self.clause(child, 0, sure=True)}" if self.world.chance(0.35) else ""
        text = (
            f"{self.source.choice(('some', 'every', 'no'))} {child.name}{where}: {within(body, QUANTIFIED)}"
        )
        return Condition(text, QUANTIFIED, body.optional, True)

    def one_of_rows(self, entity: Entity, depth: int, sure: bool, own: bool) -> Condition | None:
        """What the latest row says: a choice, a text, a truth, a date; or the first and last of dates."""
        dated = [child for child in entity.children if child.dated]
        if sure or not dated:
            return None
        child = self.source.choice(dated)
        kind = self.source.choice(("truth", "choice", "text", "date"))
        candidates = [known for known in child.known if known.kind == kind]
        if not candidates:
            return None
        found = self.source.choice(candidates)
        known = "known " if found.optional else ""
        rows = self.amounts.rows(child, depth)
        function = self.source.choice(("latest", "min", "max")) if kind == "date" else "latest"
        call = f"{function}({known}{found.name} over {child.name}{rows})"
        if kind == "truth":
            return Condition(call, SINGLE, True, True)
        if kind == "date":
            return Condition(
                f"{call} {self.source.choice(OPERATORS)} {self.date(entity, 1).text}", SINGLE, True, True
            )
        return Condition(f"{call} is {self.source.choice(found.options)}", SINGLE, True, True)

    def apart(self, entity: Entity, count: int, depth: int, sure: bool = False) -> list[Condition]:
        """Conditions of cases: mostly a later one excludes an earlier one, or the two could hold of one record."""
        found: list[Condition] = []
        for _ in range(count):
            made = self.condition(entity, depth, sure)
            if found and self.world.chance(0.8):
                before = self.source.choice(found)
                text = f"not {within(before, SINGLE)} and {within(made, NOT)}"
                made = Condition(text, JOINED, before.optional or made.optional, joined="and")
            found.append(made)
        return found

    # ---- Names -----------------------------------------------------------------------------------

    def everything(self, entity: Entity) -> Iterator[Known]:
        """The entity's own, then its ancestors' with their entity's name before; `fact` then says it is its own."""
        yield from (replace(known, fact=True) for known in entity.known)
        above = entity.parent
        while above is not None:
            yield from (
                replace(known, name=f"{above.name}.{known.name}", fact=False) for known in above.known
            )
            above = above.parent

    def seen(self, entity: Entity, kind: str) -> list[Known]:
        return [known for known in self.everything(entity) if known.kind == kind]

    def banded(self, entity: Entity) -> list[Known]:
        return [known for known in self.everything(entity) if known.bands]
