"""What a policy under construction has declared so far: entities with facts, parameters, definitions and their types."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from random import Random

from tests.agreement.amount import DAY, MONTH, NO_UNIT, Amount, Unit, decimal_text
from tests.agreement.words import WORDS, Names, quoted_if_needed, title

MONEY: Unit = (("CNY", 1),)
TRAFFIC: Unit = (("GB", 1),)


@dataclass
class Known:
    """A fact or definition by its name: what kind of value it has, and what may be asked of it."""

    name: str
    kind: str  # number, truth, date, choice, text
    amount: Amount | None = None
    options: tuple[str, ...] = ()  # as written
    bands: tuple[str, ...] = ()
    optional: bool = False
    decided: bool = False  # a segment, rank, table or lifecycle: `is` is never unknown of it
    fact: bool = False
    personal: bool = False


@dataclass
class Entity:
    name: str
    parent: Entity | None
    dated: str | None = None
    lasting: bool = True  # known again in the next run, by keys that are written in one way
    lines: list[str] = field(default_factory=list)
    known: list[Known] = field(default_factory=list)
    children: list[Entity] = field(default_factory=list)


@dataclass
class World:
    source: Random
    names: Names
    most: int  # records of an entity
    entities: list[Entity] = field(default_factory=list)
    parameters: list[Known] = field(default_factory=list)
    parameter_lines: list[str] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)

    def chance(self, share: float) -> bool:
        return self.source.random() < share


# ---- Entities ------------------------------------------------------------------------------------


def add_entities(world: World) -> None:
    """One, two or three levels, children with and without a key, dated or not, and now and then a second root."""
    source = world.source
    root = add_entity(world, "customer", None, keyed=True, dated=world.chance(0.1))
    below = [root]
    for stem in source.sample(("usage", "payment", "contact"), source.choice((0, 1, 1, 2, 2, 3))):
        keyed = world.chance(0.5)
        child = add_entity(world, stem, root, keyed=keyed, dated=world.chance(0.6))
        below.append(child)
    if len(below) > 1 and world.chance(0.5):
        middle = source.choice(below[1:])
        add_entity(world, "call", middle, keyed=world.chance(0.5), dated=world.chance(0.4))
    if world.chance(0.2):
        add_entity(world, "branch", None, keyed=True, dated=False)


def add_entity(world: World, stem: str, parent: Entity | None, *, keyed: bool, dated: bool) -> Entity:
    source = world.source
    entity = Entity(world.names.fresh(stem), parent, lasting=keyed and (parent is None or parent.lasting))
    heading = f"entity {entity.name}{title(source)}"
    if parent is not None:
        heading += f" of {parent.name}"
        parent.children.append(entity)
    for _ in range((1 if world.chance(0.85) else 2) if keyed else 0):
        add_key(world, entity)
    if dated:
        entity.dated = world.names.fresh("day")
        heading += f" dated {entity.dated}"
        entity.lines.append(f"  {entity.dated} date")
        entity.known.append(Known(entity.dated, "date", fact=True))
    for _ in range(source.randint(2, 6)):
        add_fact(world, entity)
    entity.lines.insert(0, heading)
    world.entities.append(entity)
    return entity


def add_key(world: World, entity: Entity) -> None:
    name = world.names.fresh("id")
    kind = world.source.choice(
        ("text", "text", "text", "count", "date", "number -1000..1000 step 0.5", "days 0..5000")
    )
    entity.lasting = entity.lasting and not kind.startswith("number")
    entity.lines.append(f"  {name} {kind} key")
    if kind == "text":
        entity.known.append(Known(name, "text", options=('"K1"', '"K7"'), fact=True))


# ---- Facts ---------------------------------------------------------------------------------------


def add_fact(world: World, entity: Entity) -> None:
    source = world.source
    name = world.names.fresh("fact")
    optional = world.chance(0.35)
    written, known = source.choice(FACTS)(world, name)
    known.optional, known.fact = optional, True
    if known.amount is not None:
        known.amount = replace(known.amount, optional=optional)
    attributes = " optional" if optional else ""
    known.personal = world.chance(0.05)
    attributes += " personal" if known.personal else ""
    entity.lines.append(f"  {name}{title(source)} {written}{attributes}")
    entity.known.append(known)


Made = tuple[str, Known]


def numeric(name: str, unit: Unit, scale: int, low: Fraction | int, high: Fraction | int) -> Known:
    return Known(name, "number", Amount(name, unit, scale, Fraction(low), Fraction(high), own=True))


def truth(world: World, name: str) -> Made:
    return "yes/no", Known(name, "truth")


def day(world: World, name: str) -> Made:
    return "date", Known(name, "date")


def text(world: World, name: str) -> Made:
    options = tuple(f'"{word}"' for word in world.source.sample(WORDS, 3))
    return "text", Known(name, "text", options=options)


def choice(world: World, name: str) -> Made:
    words = world.source.sample((*WORDS, "low", "medium", "high"), world.source.randint(2, 4))
    options = tuple(quoted_if_needed(word) for word in words)
    return f"one of {', '.join(options)}", Known(name, "choice", options=options)


def count(world: World, name: str) -> Made:
    low, high = world.source.choice(((0, 1), (0, 6), (0, 6), (1, 1_000_000), (0, 10**9), (-5, 5), (3, 3)))
    if (low, high) == (0, 10**9):
        return "count", numeric(name, NO_UNIT, 0, low, high)
    return f"count {low}..{high}", numeric(name, NO_UNIT, 0, low, high)


def rating(world: World, name: str) -> Made:
    low, high = world.source.choice(((1, 5), (0, 10), (-2, 2)))
    return f"rating {low}..{high}", numeric(name, NO_UNIT, 0, low, high)


def share(world: World, name: str) -> Made:
    if world.chance(0.8):
        return "share", numeric(name, NO_UNIT, 6, 0, 1)
    return "share 0.2..0.9 step 0.1", numeric(name, NO_UNIT, 1, Fraction(2, 10), Fraction(9, 10))


def money(world: World, name: str) -> Made:
    low, high = world.source.choice(((0, 1000), (0, 1_000_000), (1, 50), (-500, 500), (-(10**12), 10**12)))
    world.units.append(MONEY)
    if (low, high) == (-(10**12), 10**12):
        return "money CNY", numeric(name, MONEY, 2, low, high)
    step = world.source.choice(("", "", " step 0.05", " step 0.5"))
    scale = 1 if step == " step 0.5" else 2
    return f"money CNY {low}..{high}{step}", numeric(name, MONEY, scale, low, high)


def number(world: World, name: str) -> Made:
    unit = world.source.choice((NO_UNIT, NO_UNIT, NO_UNIT, TRAFFIC))
    low, high, step, scale = world.source.choice((
        ("0", "100", "", 0), ("-100", "100", "", 0), ("0", "1", " step 0.001", 3), ("-1", "1", " step 0.0000001", 7),
        ("0.5", "9.5", " step 0.5", 1), ("-9000000000", "9000000000", " step 0.000000001", 9), ("0", "1000", " step 25", 0),
        ("-9000000000000000000", "9000000000000000000", "", 0), ("1", "1.000000009", " step 0.000000001", 9),
        ("-7.5", "0", " step 0.25", 2),
    ))  # fmt: skip
    if unit:
        world.units.append(unit)
    written = f"number {'GB ' if unit else ''}{low}..{high}{step}"
    return written, numeric(name, unit, scale, Fraction(low), Fraction(high))


def duration(world: World, name: str) -> Made:
    kind = world.source.choice(("days", "months", "years"))
    unit, factor = (DAY, 1) if kind == "days" else (MONTH, 12 if kind == "years" else 1)
    low, high = world.source.choice(((0, 12), (-3, 36), (0, 100)))
    return f"{kind} {low}..{high}", numeric(name, unit, 0, low * factor, high * factor)


FACTS = (
    truth,
    truth,
    day,
    day,
    text,
    choice,
    choice,
    count,
    count,
    rating,
    rating,
    share,
    share,
    money,
    money,
    number,
    number,
    duration,
)


# ---- Parameters ----------------------------------------------------------------------------------


def add_parameters(world: World) -> None:
    """Numbers, amounts of a unit, durations and dates, some with later values."""
    source = world.source
    for _ in range(source.choice((0, 1, 2, 3))):
        name = world.names.fresh("param")
        kind = source.choice(("number", "number", "share", "money", "date", "months"))
        if kind == "money" and MONEY not in world.units:
            kind = "number"
        first, *later = (parameter_value(world, kind) for _ in range(1 + source.choice((0, 0, 1, 2))))
        world.parameter_lines.append(f"  {name}{title(source)} = {first[0]}")
        days = ("2012-01-01", "2013-06-30", "2013-07-01", "2024-02-29", "2030-01-01")
        for since, (written, _, _) in zip(sorted(source.sample(days, len(later))), later, strict=True):
            world.parameter_lines.append(f"    since {since} = {written}")
        values = [first, *later]
        if kind == "date":
            world.parameters.append(Known(name, "date"))
            continue
        low, high = min(value for _, value, _ in values), max(value for _, value, _ in values)
        unit = {"money": MONEY, "months": MONTH}.get(kind, NO_UNIT)
        scale = max(decimals for _, _, decimals in values)
        world.parameters.append(Known(name, "number", Amount(name, unit, scale, low, high)))


def parameter_value(world: World, kind: str) -> tuple[str, Fraction, int]:
    """The value as written, the number, its decimals."""
    source = world.source
    if kind == "date":
        return source.choice(("2013-06-30", "2012-02-29", "2014-01-01", "2000-12-31")), Fraction(0), 0
    if kind == "months":
        months = source.randint(0, 24)
        return f"{months} months", Fraction(months), 0
    if kind == "share":
        value = source.randint(0, 100)
        return f"{value}%", Fraction(value, 100), 2
    decimals = source.choice((0, 0, 1, 2, 4, 9))
    low = 0 if kind == "money" else -5 * 10**decimals
    value = Fraction(source.randint(low, 20 * 10**decimals), 10**decimals)
    written = decimal_text(value, decimals)
    return (f"{written} CNY" if kind == "money" else written), value, decimals_of(value, decimals)


def decimals_of(value: Fraction, most: int) -> int:
    """The decimals a number is written with."""
    return next(decimals for decimals in range(most + 1) if (value * 10**decimals).denominator == 1)
