"""An entity and a unit come in; the text of an amount of that unit goes out, made of what the entity may name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from lifeseg.functions.statistics import INTERPOLATIONS, TIES
from tests.agreement import amount as a
from tests.agreement.amount import DAY, MONTH, NO_UNIT, PLUS, Amount, Unit
from tests.agreement.world import MONEY, TRAFFIC, Entity, Known, World

if TYPE_CHECKING:
    from tests.agreement.conditions import Conditions

Make = Callable[[Entity, Unit, int], Amount | None]
PERIODS = ("day", "days", "week", "weeks", "month", "months", "quarter", "quarters", "year", "years")
AGGREGATES = ("sum", "mean", "min", "max", "deviation")
DATED_AGGREGATES = (*AGGREGATES, "latest", "latest")
STATISTICS = ("mean", "mean", "sum", "min", "max", "deviation", "quantile")
QUANTIZATIONS = ("mean_quantization", "min_max", "z_score", "ratio_to_maximum")


class Amounts:
    """Makes amounts; `conditions` makes what stands behind a `where`."""

    def __init__(self, world: World) -> None:
        self.world, self.source = world, world.source
        self.conditions: Conditions

    def amount(self, entity: Entity, unit: Unit, depth: int, sure: bool = False) -> Amount:
        """An amount of that unit, never missing if it must be sure; a plain one where nothing else fits."""
        for _ in range(6):
            made = self.source.choice(self.ways(unit, depth))(entity, unit, depth)
            if made is not None and made.unit == unit and not (sure and made.optional):
                return made
        return self.literal(unit)

    def ways(self, unit: Unit, depth: int) -> list[Make]:
        if depth <= 0:
            return [self.named, self.named, self.named, self.plain]
        ways = [self.named, self.named, self.sum, self.sum, self.multiple, self.part, self.minus, self.extreme, self.rounded,
                self.child, self.child, self.child, self.last, self.last, self.population, self.population]  # fmt: skip
        if unit == NO_UNIT:
            ways += [self.ratio, self.ratio, self.ratio, self.level, self.curve, self.power, self.standing, self.quantized,
                     self.counted, self.counted_everybody]  # fmt: skip
        if unit in (DAY, MONTH):
            ways += [self.between] * 5
        return ways

    # ---- What has no parts -----------------------------------------------------------------------

    def plain(self, entity: Entity, unit: Unit, depth: int) -> Amount:
        return self.literal(unit)

    def literal(self, unit: Unit, low: int = 0, high: int = 20) -> Amount:
        """A number with its unit, or without where the neighbour's is taken."""
        decimals = 0 if unit in (DAY, MONTH) else self.source.choice((0, 0, 1, 2, 6))
        value = Fraction(self.source.randint(low * 10**decimals, high * 10**decimals), 10**decimals)
        text = a.decimal_text(value, decimals) + self.suffix(unit)
        factor = 12 if text.endswith("years") else 7 if text.endswith("weeks") else 1
        return Amount(text, unit, decimals, value * factor, value * factor, literal=True)

    def suffix(self, unit: Unit) -> str:
        if unit == NO_UNIT:
            return ""
        if unit == DAY:
            return self.source.choice((" days", " days", " weeks"))
        if unit == MONTH:
            return self.source.choice((" months", " months", " years"))
        return f" {unit[0][0]}"

    def named(self, entity: Entity, unit: Unit, depth: int) -> Amount | None:
        found = [known for known in self.numbers(entity) if known.unit == unit]
        return self.source.choice(found) if found else None

    def numbers(self, entity: Entity) -> Iterator[Amount]:
        """The entity's own, its ancestors', and parameters."""
        yield from (known.amount for known in entity.known if known.amount is not None)
        above = entity.parent
        while above is not None:
            for known in above.known:
                if known.amount is not None:
                    yield replace(known.amount, text=f"{above.name}.{known.name}", own=False)
            above = above.parent
        yield from (known.amount for known in self.world.parameters if known.amount is not None)

    # ---- Arithmetic ------------------------------------------------------------------------------

    def sum(self, entity: Entity, unit: Unit, depth: int) -> Amount | None:
        left, right = self.amount(entity, unit, depth - 1), self.amount(entity, unit, depth - 1)
        return a.plus(left, right, self.source.choice("+-"))

    def multiple(self, entity: Entity, unit: Unit, depth: int) -> Amount | None:
        left, right = self.amount(entity, unit, depth - 1), self.amount(entity, NO_UNIT, depth - 1)
        return a.times(*self.source.choice(((left, right), (right, left))))

    def part(self, entity: Entity, unit: Unit, depth: int) -> Amount | None:
        divisor = self.amount(entity, NO_UNIT, depth - 1)
        if self.world.chance(0.4):
            divisor = self.literal(NO_UNIT, 1)
        return a.over(self.amount(entity, unit, depth - 1), divisor)

    def ratio(self, entity: Entity, unit: Unit, depth: int) -> Amount | None:
        """A quotient of two amounts of one unit, most often by a fixed one."""
        other = self.source.choice([*self.world.units, NO_UNIT, NO_UNIT, DAY, MONTH])
        divisor = self.literal(other, 1) if self.world.chance(0.6) else self.amount(entity, other, depth - 1)
        return a.over(self.amount(entity, other, depth - 1), divisor)

    def minus(self, entity: Entity, unit: Unit, depth: int) -> Amount | None:
        return a.negative(self.amount(entity, unit, depth - 1))

    def extreme(self, entity: Entity, unit: Unit, depth: int) -> Amount | None:
        name = self.source.choice(("least", "greatest"))
        left, right = self.amount(entity, unit, depth - 1), self.amount(entity, unit, depth - 1)
        pick = min if name == "least" else max
        scale = max(left.scale, right.scale)
        return a.fits(
            a.called(
                name,
                left,
                right,
                scale=scale,
                low=pick(left.low, right.low),
                high=pick(left.high, right.high),
            )
        )

    def rounded(self, entity: Entity, unit: Unit, depth: int) -> Amount | None:
        value = self.amount(entity, unit, depth - 1)
        if unit not in (DAY, MONTH) and self.world.chance(0.5):
            size = a.called(
                "absolute", value, low=min(value.low, -value.high), high=max(-value.low, value.high)
            )
            return replace(size, low=max(value.low, -value.high))
        decimals = 0 if unit in (DAY, MONTH) else self.source.choice((0, 1, 2, 4, 9))
        half = Fraction(1, 2 * 10**decimals)
        text = f"round({value.text}, {decimals})"
        made = replace(
            value, text=text, level=a.ATOM, scale=decimals, low=value.low - half, high=value.high + half
        )
        return a.fits(replace(made, literal=False))

    def level(self, entity: Entity, unit: Unit, depth: int) -> Amount | None:
        """Library functions whose bodies are written in the language."""
        value = self.amount(entity, NO_UNIT, depth - 1)
        match self.source.choice(("between_0_and_1", "reversed", "rating")):
            case "between_0_and_1":
                low, high = max(value.low, Fraction(0)), max(value.high, Fraction(0))
                return a.called(
                    "between_0_and_1", value, low=min(low, Fraction(1)), high=min(high, Fraction(1))
                )
            case "reversed":
                return a.fits(a.called("reversed", value, low=1 - value.high, high=1 - value.low))
            case _:
                most = self.literal(NO_UNIT, 1)
                whole = a.over(value, most)
                return (
                    None
                    if whole is None
                    else replace(whole, text=f"rating({value.text}, {most.text})", level=a.ATOM)
                )

    def curve(self, entity: Entity, unit: Unit, depth: int) -> Amount | None:
        """exp, ln, logistic and square_root, over arguments within their domains or partly outside."""
        name = self.source.choice(("exp", "ln", "logistic", "square_root"))
        value = self.amount(entity, NO_UNIT, depth - 1)
        most = {"exp": 16, "ln": 9_000_000, "logistic": 10**12, "square_root": 10**12}[name]
        if value.high > most or value.low < -(10**14) or value.scale > 12:
            cap = Fraction(most)
            text = f"least({value.text}, {most})"
            value = replace(
                value, text=text, level=a.ATOM, high=min(value.high, cap), low=min(value.low, cap)
            )
        low, high = {
            "exp": (0, 8_886_111),
            "ln": (-28, 17),
            "logistic": (0, 1),
            "square_root": (0, root(value.high)),
        }[name]
        outside = (name == "ln" and value.low <= 0) or (name == "square_root" and value.low < 0)
        changes = {
            "scale": 12,
            "low": Fraction(low),
            "high": Fraction(high),
            "optional": value.optional or outside,
        }
        return a.called(name, value, **changes)

    def power(self, entity: Entity, unit: Unit, depth: int) -> Amount | None:
        value = self.amount(entity, NO_UNIT, depth - 1)
        exponent = self.source.choice((0, 1, 2, 3, 5, 12, 40))
        shown, optional = str(exponent), value.optional
        small = [known for known in entity.known if known.amount is not None and not known.amount.scale
                 and known.amount.unit == NO_UNIT and 0 <= known.amount.low <= known.amount.high <= 64]  # fmt: skip
        if small and self.world.chance(0.5):
            varying = self.source.choice(small)
            assert varying.amount is not None
            exponent, shown, optional = int(varying.amount.high), varying.name, optional or varying.optional
        widest = max(abs(value.low), abs(value.high), Fraction(1))
        if exponent * (len(str(int(widest))) - 1) > 20 or widest**exponent >= 10**14 or value.scale > 12:
            return None
        ends = [value.low**exponent, value.high**exponent, *([Fraction(0)] if value.low < 0 else [])]
        if shown != str(exponent):
            reach = max(widest**exponent, 1)
            ends = [-reach if value.low < 0 else Fraction(0), reach]
        made = replace(
            value,
            text=f"power({value.text}, {shown})",
            optional=optional,
            level=a.ATOM,
            scale=12,
            low=min(ends),
            high=max(ends),
        )
        return replace(made, literal=False)

    def between(self, entity: Entity, unit: Unit, depth: int) -> Amount | None:
        """Days or whole months between two dates."""
        later, earlier = self.conditions.date(entity, 0), self.conditions.date(entity, 0)
        optional, own = later.optional or earlier.optional, later.own or earlier.own
        if unit == DAY:
            text = f"{later.text} - {earlier.bracketed()}"
            return Amount(text, DAY, 0, Fraction(-3_700_000), Fraction(3_700_000), PLUS, optional, own=own)
        text = f"months_between({later.text}, {earlier.text})"
        return Amount(text, MONTH, 0, Fraction(-120_000), Fraction(120_000), optional=optional, own=own)

    # ---- Children --------------------------------------------------------------------------------

    def rows(self, child: Entity, depth: int) -> str:
        """Which rows: a period, a condition, both, or all of them."""
        period = ""
        if child.dated and self.world.chance(0.35):
            unit, first = self.source.choice(PERIODS), self.source.choice((0, 0, 1, 1, 2, 13))
            last = first + self.source.choice((0, 1, 5))
            period = f" in {unit} {first}{f'..{last}' if last > first else ''} ago"
        where = (
            f" where {self.conditions.clause(child, depth - 1, sure=True)}" if self.world.chance(0.4) else ""
        )
        return period + where

    def child(self, entity: Entity, unit: Unit, depth: int) -> Amount | None:
        """An aggregate over child rows; a record may have none."""
        if not entity.children:
            return None
        child = self.source.choice(entity.children)
        function = self.source.choice(DATED_AGGREGATES if child.dated else AGGREGATES)
        value = self.amount(child, unit, depth - 1)
        known, rows = self.passed_over(child, value), self.rows(child, depth)
        if value.optional and not known:
            rows = f" where {value.text} is not missing"
        made = self.summary(function, value)
        if made is None:
            return None
        text = f"{function}({known}{value.text} over {child.name}{rows})"
        return a.fits(replace(made, text=text, optional=True, own=True, varying=value.varying))

    def last(self, entity: Entity, unit: Unit, depth: int) -> Amount | None:
        """What the last row of a dated child says."""
        dated = [child for child in entity.children if child.dated]
        if not dated:
            return None
        child = self.source.choice(dated)
        values = [
            known.amount for known in child.known if known.amount is not None and known.amount.unit == unit
        ]
        if not values:
            return None
        value = self.source.choice(values)
        rows = self.rows(child, 1) if self.world.chance(0.4) else ""
        text = f"latest({'known ' if value.optional else ''}{value.text} over {child.name}{rows})"
        return replace(value, text=text, level=a.ATOM, optional=True)

    def passed_over(self, entity: Entity, value: Amount) -> str:
        """`known` where the value can be missing, unless a `where` shall see to that; and now and then elsewhere."""
        if (
            value.optional
            and any(known.name == value.text for known in entity.known)
            and self.world.chance(0.3)
        ):
            return ""
        return "known " if value.optional or self.world.chance(0.1) else ""

    def summary(self, function: str, value: Amount) -> Amount | None:
        """Bounds and scale of a statistic over values."""
        low, high, scale, most = value.low, value.high, value.scale, self.world.most
        widest = max(abs(low), abs(high)) * 10**scale
        if function == "sum":
            low, high = min(low, low * most), max(high, high * most)
        elif function == "deviation":
            if most * widest**2 >= 10**37:
                return None
            low, high, scale = Fraction(0), high - low, 12
        elif function in ("mean", "quantile"):
            if most * widest * 10 ** max(0, 12 - scale) >= 10**37:
                return None
            scale = 12
        made = replace(
            value, level=a.ATOM, low=low, high=high, scale=scale, literal=False, varying=False, own=False
        )
        return a.fits(made)

    def counted(self, entity: Entity, unit: Unit, depth: int) -> Amount | None:
        """How many child rows, or which share of them."""
        if not entity.children:
            return None
        child = self.source.choice(entity.children)
        if self.world.chance(0.6):
            text = f"count({child.name}{self.rows(child, depth)})"
            return Amount(text, NO_UNIT, 0, Fraction(0), Fraction(self.world.most), own=True)
        where = self.conditions.clause(child, depth - 1, sure=True)
        text = f"share({child.name} where {where})"
        return Amount(text, NO_UNIT, 12, Fraction(0), Fraction(1), optional=True, own=True)

    # ---- The population --------------------------------------------------------------------------

    def whole(self, entity: Entity) -> Entity:
        """The entity a statistic is about: the record's own, another root, a parent or a child."""
        return entity if self.world.chance(0.7) else self.source.choice(self.world.entities)

    def population(self, entity: Entity, unit: Unit, depth: int) -> Amount | None:
        whole = self.whole(entity)
        function = self.source.choice(STATISTICS)
        value = self.amount(whole, unit, depth - 1)
        where = (
            f" where {self.conditions.clause(whole, depth - 1, sure=True)}" if self.world.chance(0.3) else ""
        )
        known = self.passed_over(whole, value)
        if value.optional and not known:
            where = f" where {value.text} is not missing"
        probability = ""
        if function == "quantile":
            probability = f", {self.source.choice(('0.5', '50%', '0', '1', '0.9', '0.333', '0.000001'))}"
            if self.world.chance(0.7):
                probability += f", interpolation {self.source.choice(INTERPOLATIONS)}"
        text = f"{function}({known}{value.text}{probability} over all {whole.name}{where})"
        made = self.summary(function, value)
        return (
            None
            if made is None
            else replace(made, text=text, optional=bool(known or where) or whole is not entity)
        )

    def counted_everybody(self, entity: Entity, unit: Unit, depth: int) -> Amount | None:
        whole = self.whole(entity)
        where = f" where {self.conditions.clause(whole, depth - 1, sure=True)}"
        if self.world.chance(0.5):
            return Amount(
                f"share(all {whole.name}{where})",
                NO_UNIT,
                12,
                Fraction(0),
                Fraction(1),
                optional=whole is not entity,
            )
        chosen = where if self.world.chance(0.7) else ""
        return Amount(f"count(all {whole.name}{chosen})", NO_UNIT, 0, Fraction(0), Fraction(self.world.most))

    def standing(self, entity: Entity, unit: Unit, depth: int) -> Amount | None:
        """Where the record's own value falls among equal groups of the population."""
        value = self.amount(entity, self.source.choice([*self.world.units, NO_UNIT]), depth - 1)
        where = (
            f" where {self.conditions.clause(entity, depth - 1, sure=True)}" if self.world.chance(0.3) else ""
        )
        known = "known " if value.optional else ""
        ties = f", ties {self.source.choice(TIES)}" if self.world.chance(0.5) else ""
        if self.world.chance(0.4):
            text = f"percentile_rank({known}{value.text}{ties} over all {entity.name}{where})"
            made = Amount(text, NO_UNIT, 2, Fraction(0), Fraction(99, 100), optional=value.optional, own=True)
            return replace(made, varying=value.varying)
        groups = self.source.choice((2, 3, 4, 5, 10, 100))
        text = f"quantile_group({known}{value.text}, {groups}{ties} over all {entity.name}{where})"
        made = Amount(text, NO_UNIT, 0, Fraction(1), Fraction(groups), optional=value.optional, own=True)
        return replace(made, varying=value.varying)

    def quantized(self, entity: Entity, unit: Unit, depth: int) -> Amount | None:
        """The dimensionless methods, expanded as the library has them."""
        function = self.source.choice(QUANTIZATIONS)
        value = self.amount(entity, self.source.choice([*self.world.units, NO_UNIT]), 0)
        if value.optional or value.literal:
            return None
        where = (
            f" where {self.conditions.clause(entity, depth - 1, sure=True)}" if self.world.chance(0.2) else ""
        )
        text = f"{function}({value.text} over all {entity.name}{where})"
        mean, deviation = self.summary("mean", value), self.summary("deviation", value)
        if mean is None or deviation is None:
            return None
        bottom, spread = replace(value, scale=value.scale), a.plus(value, value, "-")
        top = {
            "mean_quantization": value,
            "ratio_to_maximum": value,
            "min_max": spread,
            "z_score": a.plus(value, mean, "-"),
        }[function]
        below = {
            "mean_quantization": mean,
            "ratio_to_maximum": bottom,
            "min_max": spread,
            "z_score": deviation,
        }[function]
        if top is None or below is None:
            return None
        made = a.over(top, below)
        return (
            None
            if made is None
            else replace(made, text=text, level=a.ATOM, varying=True, optional=made.optional or bool(where))
        )


def root(high: Fraction) -> int:
    """A power of two no smaller than the root."""
    whole = 1
    while whole * whole < high:
        whole *= 2
    return whole


__all__ = ["MONEY", "TRAFFIC", "Amounts", "Known"]
