"""A world comes in; definitions of every kind go out as text, and what they define is known to the world afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from lifeseg.functions.statistics import TIES
from tests.agreement import amount as a
from tests.agreement.amount import DAY, MONTH, NO_UNIT, Amount
from tests.agreement.amounts import Amounts
from tests.agreement.conditions import Condition, Conditions
from tests.agreement.words import TITLES, WORDS, quoted_if_needed, title
from tests.agreement.world import Entity, Known, World

INDEX_DECIMALS = 6
UNKNOWN = ("yes", "no")


@dataclass
class Block:
    """A block of indexes or flags, whose items come one by one."""

    heading: str
    entity: Entity
    decimals: int | None = None
    listed: str | None = None  # the name under which its flags are a list
    lines: list[str] = field(default_factory=list)


class Definitions:
    def __init__(self, world: World) -> None:
        self.world, self.source, self.names = world, world.source, world.names
        self.amounts = Amounts(world)
        self.conditions = Conditions(world, self.amounts)
        self.chunks: list[list[str]] = []
        self.blocks: list[Block] = []
        self.offered: dict[str, list[tuple[str, tuple[str, ...]]]] = {}

    def add(self, entity: Entity) -> None:
        """One definition of that entity, of some kind."""
        kinds = (self.index, self.index, self.index, self.index, self.stepwise, self.stepwise, self.date,
                 self.score, self.score, self.flag, self.flag, self.segment, self.segment, self.first_match,
                 self.rank, self.table, self.table, self.clusters, self.offers, self.tasks, self.lifecycle)  # fmt: skip
        self.source.choice(kinds)(entity)

    def finished(self) -> list[list[str]]:
        """All chunks of text, each a definition or a block."""
        full = [block for block in self.blocks if len(block.lines) > (block.decimals is not None)]
        return [*self.chunks, *([block.heading, *block.lines] for block in full)]

    def block(self, kind: str, entity: Entity) -> Block:
        """An open block of that kind, or a new one."""
        found = [block for block in self.blocks if block.entity is entity and block.heading.startswith(kind)]
        if found and self.world.chance(0.7):
            return self.source.choice(found)
        name = self.names.fresh(kind) if self.world.chance(0.7) else ""
        heading = f"{kind}{' ' + name if name else ''}{title(self.source)} of {entity.name}"
        block = Block(heading, entity, listed=name or None)
        if kind == "indexes" and self.world.chance(0.25):
            block.decimals = self.source.randint(0, 12)
            block.lines.append(f"  decimals {block.decimals}")
        self.blocks.append(block)
        return block

    def remark(self) -> list[str]:
        return [f'    note "{self.source.choice(TITLES)}"'] if self.world.chance(0.05) else []

    # ---- Indexes ---------------------------------------------------------------------------------

    def index(self, entity: Entity) -> None:
        unit = self.source.choice([*self.world.units, NO_UNIT, NO_UNIT, NO_UNIT, DAY, MONTH])
        formula = self.amounts.amount(entity, unit, self.source.choice((1, 1, 2, 2, 3)))
        block = self.block("indexes", entity)
        name = self.names.fresh("index")
        lines = self.index_lines(block, name, formula)
        if lines is not None:
            block.lines += [f"  {name}{title(self.source)} = {formula.text}", *lines]

    def stepwise(self, entity: Entity) -> None:
        """The value of the first line whose condition holds."""
        unit = self.source.choice([*self.world.units, NO_UNIT, NO_UNIT])
        values = [
            self.amounts.amount(entity, unit, self.source.choice((0, 0, 1)))
            for _ in range(self.source.choice((2, 2, 3)))
        ]
        tests = [self.conditions.condition(entity, 1) for _ in values[1:]]
        block = self.block("indexes", entity)
        name = self.names.fresh("index")
        whole = Amount(
            "", unit, max(value.scale for value in values),
            min(value.low for value in values), max(value.high for value in values),
            optional=any(value.optional for value in values) or any(test.optional for test in tests),
            varying=any(value.varying for value in values),
        )  # fmt: skip
        lines = self.index_lines(block, name, whole)
        if lines is None:
            return
        block.lines.append(f"  {name}{title(self.source)}")
        block.lines += [
            f"    {value.text} when {self.lined(test, 6)}" for value, test in zip(values, tests, strict=False)
        ]
        block.lines += [f"    {values[-1].text} otherwise", *lines]

    def index_lines(self, block: Block, name: str, formula: Amount) -> list[str] | None:
        """The lines beneath an index: decimals, range, if missing; the index is known afterwards."""
        lines = self.remark()
        decimals = INDEX_DECIMALS if block.decimals is None else block.decimals
        if self.world.chance(0.3):
            decimals = self.source.choice((0, 1, 2, 3, 4, 5, 7, 8, 9, 12))
            lines.append(f"    decimals {decimals}")
        low, high = formula.low, formula.high
        limit = Fraction(9 * 10**18, 10**decimals)
        if formula.varying or max(abs(low), abs(high)) >= limit or self.world.chance(0.15):
            ends = self.range(low, high, decimals, limit)
            lines.append(f"    range {ends[0]}..{ends[1]}")
            bottom, top = Fraction(ends[0]), Fraction(ends[1])
            low, high = max(bottom, min(low, top)), min(top, max(high, bottom))
        unit = formula.unit
        if unit == NO_UNIT and self.world.chance(0.04):
            unit = (("points", 1),)
            lines.append("    unit points")
            self.world.units.append(unit)
        if formula.optional:
            answer = self.answer(low, high, decimals)
            if answer is None:
                return None
            lines.append(f"    if missing {answer}")
        self.source.shuffle(lines)
        made = Amount(name, unit, decimals, low, high, own=True)
        block.entity.known.append(Known(name, "number", made))
        return lines

    def range(self, low: Fraction, high: Fraction, decimals: int, limit: Fraction) -> tuple[str, str]:
        """Ends between which something can come out, at most as far as a result holds; often tight."""
        decimals = min(decimals, self.source.choice((0, 1, 3)))
        largest = a.rounded_down(min(Fraction(10**6), limit), decimals)
        bottom = max(a.rounded_down(max(low, -largest), decimals), -largest)
        top = min(a.rounded_up(min(high, largest), decimals), largest)
        bottom, top = (bottom, top) if bottom <= top else (top, bottom)
        if self.world.chance(0.5):
            middle = a.rounded_down((bottom + top) / 2, decimals)
            narrow = Fraction(self.source.choice((1, 3, 10)))
            bottom, top = max(bottom, middle - narrow), min(top, middle + narrow)
        return a.decimal_text(bottom, decimals), a.decimal_text(top, decimals)

    def answer(self, low: Fraction, high: Fraction, decimals: int) -> str | None:
        """A value that can come out."""
        bottom, top = a.rounded_up(low, decimals), a.rounded_down(high, decimals)
        if bottom > top:
            return None
        places = min(decimals, 3)
        choices = [bottom, top, a.rounded_down((bottom + top) / 2, places)]
        found = [value for value in (Fraction(0), Fraction(1), *choices) if bottom <= value <= top]
        return a.decimal_text(self.source.choice(found), decimals)

    def date(self, entity: Entity) -> None:
        day = self.conditions.date(entity, 1)
        block = self.block("indexes", entity)
        name = self.names.fresh("day")
        block.lines.append(f"  {name}{title(self.source)} = {day.text}")
        if day.optional:
            block.lines.append("    if missing 2013-06-30")
        entity.known.append(Known(name, "date"))

    # ---- Scores ----------------------------------------------------------------------------------

    def score(self, entity: Entity) -> None:
        """Weights that sum to 1, in groups and beneath headings; with bands, and an answer to what is missing."""
        plain = [known for known in entity.known if known.amount is not None and known.amount.unit == NO_UNIT]
        plain = [
            known
            for known in plain
            if known.amount and max(abs(known.amount.low), abs(known.amount.high)) <= 10**7
        ]
        if not plain:
            return
        leaves = self.source.sample(plain, min(len(plain), self.source.choice((1, 2, 2, 3, 4, 5))))
        name = self.names.fresh("score")
        lines = [f"score {name}{title(self.source)} of {entity.name}"]
        panel = len(leaves) > 1 and not any(leaf.optional for leaf in leaves) and self.world.chance(0.3)
        weights = self.panel(lines, leaves) if panel else self.weights(len(leaves))
        widest = max(leaf.amount.scale for leaf in leaves if leaf.amount)
        decimals = max(a_decimals(weight) for weight in weights) + widest
        optional = any(leaf.optional for leaf in leaves)
        every = all(leaf.optional for leaf in leaves)
        reweight = optional and self.world.chance(0.5)
        low = sum(
            (weight * leaf.amount.low for weight, leaf in zip(weights, leaves, strict=True) if leaf.amount),
            Fraction(0),
        )
        high = sum(
            (weight * leaf.amount.high for weight, leaf in zip(weights, leaves, strict=True) if leaf.amount),
            Fraction(0),
        )
        if reweight:
            low, high = (
                min(leaf.amount.low for leaf in leaves if leaf.amount),
                max(leaf.amount.high for leaf in leaves if leaf.amount),
            )
            decimals = 12
            lines.append("  if missing reweight")
        if decimals > 18 or max(abs(low), abs(high)) * 10**decimals > a.MOST_RESULT:
            return
        if optional and (every or not reweight):
            answer = self.answer(max(low, Fraction(0)), high, min(decimals, 9))
            if answer is None or answer.startswith("-"):
                return
            lines.append(f"  if missing {answer}")
        lines += self.terms(leaves, None if panel else weights)
        bands = self.bands(entity, lines, low, high, decimals) if self.world.chance(0.6) else ()
        self.chunks.append(lines)
        amount = Amount(name, NO_UNIT, decimals, low, high, own=True)
        entity.known.append(Known(name, "number", amount, bands=bands))

    def weights(self, count: int) -> list[Fraction]:
        """So many positive weights of one to four decimals that sum to 1."""
        unit = 10 ** self.source.choice((1, 2, 2, 4)) if count < 9 else 100
        if unit < count:
            unit = 100
        cuts = sorted(self.source.sample(range(1, unit), count - 1))
        return [Fraction(high - low, unit) for low, high in zip([0, *cuts], [*cuts, unit], strict=True)]

    def panel(self, lines: list[str], leaves: Sequence[Known]) -> list[Fraction]:
        """Marks of three judges; the weights are worked out when the policy is checked, six decimals each."""
        name = self.names.fresh("panel")
        rows = [[str(self.source.randint(1, 9)) for _ in leaves] for _ in range(3)]
        method = f"  method {self.source.choice(('marks', 'marks', 'pairwise'))}"
        heading = " | ".join(leaf.name for leaf in leaves)
        if method.endswith("pairwise") and len(leaves) == 2:
            heading = f"{leaves[0].name} : {leaves[1].name}"
            rows = [[self.source.choice(("1", "2", "1/3", "5", "1/9"))] for _ in range(3)]
        else:
            method = "  method marks"
        table = [
            f"  | judge | {heading} |",
            *(f"  | J{place} | {' | '.join(row)} |" for place, row in enumerate(rows)),
        ]
        self.chunks.append([f"weights {name}", method, *table])
        lines.append(f"  weights {name}")
        return [Fraction(10**6 // len(leaves), 10**6)] * len(
            leaves
        )  # as fine as the real ones, which only the checker knows

    def terms(self, leaves: Sequence[Known], weights: Sequence[Fraction] | None) -> list[str]:
        """The tree: some leaves beneath a heading, some in a group whose weight is multiplied in."""

        def written(leaf: Known, weight: Fraction | None) -> str:
            if weight is None:
                return f"{leaf.name}{title(self.source)}"
            percent = a_decimals(weight) <= 2 and self.world.chance(0.3)
            shown = (
                f"{a.decimal_text(weight * 100, 0)}%"
                if percent
                else a.decimal_text(weight, a_decimals(weight))
            )
            return f"{shown} {leaf.name}{title(self.source)}"

        weighed = list(zip(leaves, weights or [None] * len(leaves), strict=True))
        cut = self.source.randint(0, len(weighed))
        lines = [f"  {written(leaf, weight)}" for leaf, weight in weighed[:cut]]
        inner = weighed[cut:]
        if not inner:
            return lines
        group = Fraction(1, 2) if weights is not None and self.world.chance(0.6) else None
        heading = "  0.5 half" if group else "  heading"
        lines.append(heading + title(self.source))
        for leaf, weight in inner:
            own = weight / group if group and weight is not None else weight
            lines.append(f"    {written(leaf, own)}")
        return lines

    def bands(
        self, entity: Entity, lines: list[str], low: Fraction, high: Fraction, decimals: int
    ) -> tuple[str, ...]:
        """Thresholds from the highest down, one of them perhaps a parameter; some bands are left later than reached."""
        places = min(decimals, self.source.choice((1, 2, 4, 9)))
        bottom, top = int(low * 10**places), int(high * 10**places)
        if top - bottom < 4:
            return ()
        near = min(top, bottom + 30 * 10**places)
        count = self.source.choice((1, 1, 2, 3))
        limits = sorted(self.source.sample(range(bottom, near + 1), count), reverse=True)
        names = tuple(self.case_names(count + 1))
        lines.append("  bands")
        shown = [a.decimal_text(Fraction(limit, 10**places), places) for limit in limits]
        if all(limit >= 0 for limit in limits):
            parameters = [
                known.name for known in self.world.parameters if known.amount and known.amount.unit == NO_UNIT
            ]
            if parameters and count == 1 and self.world.chance(0.4):
                shown = [self.source.choice(parameters)]
        leaving = ""
        for place, limit in enumerate(shown):
            lines.append(f"    {names[place]}{title(self.source)} from {limit}{leaving}")
            lowest = limits[place + 1] if place + 1 < count else limits[place] - 20
            leaving = ""
            apart = limit[0] in "-0123456789" and limits[place] - lowest > 1
            if entity.lasting and apart and self.world.chance(0.4):
                left = Fraction(self.source.randrange(lowest + 1, limits[place]), 10**places)
                leaving = f", leaving {names[place]} below {a.decimal_text(left, places)}"
        lines.append(f"    {names[-1]} below{leaving}")
        return names

    # ---- Flags, segments -------------------------------------------------------------------------

    def case_names(self, count: int) -> list[str]:
        pool = [
            "high",
            "medium",
            "low",
            "stable",
            "declining",
            "A",
            "B",
            "C",
            "a",
            "重要",
            "select",
            "other",
            "x1",
            "x2",
        ]
        return self.source.sample(pool, count)

    def lined(self, condition: Condition, indent: int) -> str:
        """The condition on one line, or its clauses on lines of their own."""
        if condition.joined and self.world.chance(0.3):
            parts = split(condition)
            if len(parts) > 1:
                return f"\n{' ' * indent}{condition.joined} ".join(parts)
        return condition.text

    def answered(self, condition: Condition, indent: int) -> list[str]:
        return [f"{' ' * indent}if missing {self.source.choice(UNKNOWN)}"] if condition.optional else []

    def flag(self, entity: Entity) -> None:
        block = self.block("flags", entity)
        name = self.names.fresh("flag")
        if self.world.chance(0.05):
            block.lines.append(f"  {name} always")
            entity.known.append(Known(name, "truth"))
            return
        condition = self.conditions.condition(entity, 2)
        entity.known.append(Known(name, "truth"))
        block.lines.append(f"  {name}{title(self.source)} when {self.lined(condition, 4)}")
        block.lines += self.answered(condition, 4)

    def where(self, entity: Entity, share: float) -> str:
        if not self.world.chance(share):
            return ""
        return f" where {self.conditions.clause(entity, 1, sure=True)}"

    def segment(self, entity: Entity) -> None:
        """Unique cases: by limits of one amount, or by conditions that may overlap or leave a gap."""
        name, where = self.names.fresh("segment"), self.where(entity, 0.3)
        lines = [f"segment {name}{title(self.source)} of {entity.name}{where}"]
        if self.world.chance(0.5):
            cases = self.partition(entity)
        else:
            cases = self.conditions.apart(entity, self.source.choice((1, 2, 2, 3)), 2)
        self.cases(entity, name, lines, cases, where)

    def partition(self, entity: Entity) -> list[Condition]:
        """x < 3, x >= 3 and x < 5, x >= 5."""
        unit = self.source.choice([*self.world.units, NO_UNIT])
        subject = self.amounts.amount(entity, unit, 1)
        if subject.literal:
            return [self.conditions.condition(entity, 1)]
        limits = sorted({self.conditions.limit(subject) for _ in range(2)}, key=number_of)
        if len(limits) < 2:
            return [Condition(f"{subject.text} < {limits[0]}", 1, subject.optional)]
        return [
            Condition(f"{subject.text} < {limits[0]}", 1, subject.optional),
            Condition(
                f"{subject.text} >= {limits[0]} and {subject.text} < {limits[1]}",
                3,
                subject.optional,
                joined="and",
            ),
            Condition(
                f"{subject.text} >= {limits[0]} and {subject.text} >= {limits[1]}", 3, subject.optional
            ),
        ]

    def first_match(self, entity: Entity) -> None:
        name, where = self.names.fresh("segment"), self.where(entity, 0.2)
        lines = [f"segment {name}{title(self.source)} of {entity.name} first match{where}"]
        cases = [self.conditions.condition(entity, 2) for _ in range(self.source.choice((1, 2, 3)))]
        self.cases(entity, name, lines, cases, where)

    def cases(
        self, entity: Entity, name: str, lines: list[str], cases: Sequence[Condition], where: str
    ) -> None:
        names = self.case_names(len(cases) + 1)
        for case, condition in zip(names, cases, strict=False):
            lines.append(f"  {case}{title(self.source)} when {self.lined(condition, 4)}")
            lines += self.answered(condition, 4)
        if self.world.chance(0.6):
            lines.append(f"  {names[-1]} otherwise")
        else:
            names.pop()
        self.chunks.append(lines)
        entity.known.append(Known(name, "choice", options=tuple(names), optional=bool(where), decided=True))

    # ---- Ranks, tables, lifecycles ---------------------------------------------------------------

    def rank(self, entity: Entity) -> None:
        """By an amount that is never missing, or of those of whom it is known."""
        candidates = [known for known in entity.known if known.amount is not None]
        if not candidates:
            return
        by = self.source.choice(candidates)
        where = f" where {by.name} is not missing" if by.optional else self.where(entity, 0.3)
        name = self.names.fresh("rank")
        shares = self.source.choice(
            (
                ("10%", "20%"),
                ("50%",),
                ("0.001%",),
                ("99.9%",),
                ("33.3%", "33.3%"),
                ("1%", "1%", "1%"),
                ("37.5%", "12.5%"),
            )
        )
        cases = self.case_names(len(shares) + 1)
        amounts = [
            found for found in candidates if found.amount and found.amount.low >= 0 and not found.optional
        ]
        of = f" of {self.source.choice(amounts).name}" if amounts and self.world.chance(0.4) else ""
        lines = [f"rank {name}{title(self.source)} of {entity.name} by {by.name}{where}"]
        if not of and self.world.chance(0.4):
            lines.append(f"  ties {self.source.choice(TIES)}")
        for place, (case, share) in enumerate(zip(cases, shares, strict=False)):
            lines.append(f"  {case}{title(self.source)} {'next' if place else 'top'} {share}{of}")
        self.chunks.append([*lines, f"  {cases[-1]} rest"])
        entity.known.append(Known(name, "choice", options=tuple(cases), optional=bool(where), decided=True))

    def table(self, entity: Entity) -> None:
        """Columns of any kind, cells of every form."""
        candidates = [known for known in self.conditions.everything(entity) if known.kind != "flags"]
        columns = self.source.sample(candidates, min(len(candidates), self.source.choice((1, 2, 2, 3))))
        first = self.world.chance(0.5)
        where = self.where(entity, 0.2)
        name = self.names.fresh("table")
        words = [quoted_if_needed(word) for word in WORDS if word.strip()]
        cases = self.case_names(3) if self.world.chance(0.7) else self.source.sample(words, 3)
        lines = [f"table {name}{title(self.source)} of {entity.name}{' first match' if first else ''}{where}"]
        rows = [[self.cell(column) for column in columns] for _ in range(self.source.choice((1, 2, 3, 5)))]
        if first and self.world.chance(0.7):
            rows.append(["-"] * len(columns))
        results = [self.source.choice(cases) for _ in rows]
        given = [case for case in dict.fromkeys(results) if not case.startswith('"')]
        if len(given) == len(set(results)) and self.world.chance(0.3):
            lines += [f"  gives {case}{title(self.source)}" for case in given]
        lines.append(f"  | {' | '.join(column.name for column in columns)} || {name} |")
        lines += [f"  | {' | '.join(row)} || {case} |" for row, case in zip(rows, results, strict=True)]
        self.chunks.append(lines)
        options = tuple(dict.fromkeys(results))
        entity.known.append(Known(name, "choice", options=options, optional=bool(where), decided=True))

    def clusters(self, entity: Entity) -> None:
        """Centres on a coarse grid, so that some records are equally near to two of them."""
        plain = [known for known in entity.known if known.amount is not None and known.amount.unit == NO_UNIT]
        candidates = [known for known in plain if not known.optional]
        if not candidates:
            return
        columns = self.source.sample(candidates, min(len(candidates), self.source.choice((1, 2, 3))))
        name, cases = self.names.fresh("clusters"), self.case_names(3)
        rows = {
            tuple(self.source.randint(-3, 6) for _ in columns): self.source.choice(cases) for _ in range(5)
        }
        lines = [f"clusters {name}{title(self.source)} of {entity.name}"]
        lines.append(f"  | {' | '.join(column.name for column in columns)} || {name} |")
        lines += [f"  | {' | '.join(map(str, row))} || {case} |" for row, case in rows.items()]
        if len(options := tuple(dict.fromkeys(rows.values()))) > 1:
            self.chunks.append(lines)
            entity.known.append(Known(name, "choice", options=options, decided=True))

    def offers(self, entity: Entity) -> None:
        """A few offers by amounts of one unit, with limits that some of them reach; worths are coarse, so that many tie."""
        unit = self.source.choice([*self.world.units, NO_UNIT])
        name, count = self.names.fresh("offers"), self.source.choice((1, 2, 3, 4))
        lines = [
            f"offers {name}{title(self.source)} of {entity.name}",
            f"  choose {self.source.choice((1, 2, 3))} by worth",
        ]
        truths = [known.name for known in entity.known if known.kind == "truth" and not known.optional]
        excluded = self.source.sample(truths, min(len(truths), self.source.choice((0, 1, 2))))
        if excluded:
            lines.append(f"  exclude {', '.join(excluded)}")
        paid = self.world.chance(0.6)
        if paid:
            lines.append(f"  budget {self.source.choice((0, 3, 10, 40))}")
        offers = [self.names.fresh("offer") for _ in range(count)]
        for place, offer in enumerate(offers):
            condition, worth = self.conditions.condition(entity, 1), self.amounts.amount(entity, unit, 1)
            always = self.world.chance(0.2)
            lines.append(
                f"  {offer}{title(self.source)} {'always' if always else f'when {self.lined(condition, 4)}'}"
            )
            if worth.optional or (condition.optional and not always):
                lines.append("    if missing no")
            lines.append(f"    worth {worth.text}")
            if paid and (place == 0 or self.world.chance(0.6)):
                lines.append(f"    cost {self.source.choice((0, 1, 2, 5))}")
            if self.world.chance(0.3):
                lines.append(f"    at most {self.source.choice((0, 1, 2, 5))}")
            if place and self.world.chance(0.4):
                lines.append(f"    not with {self.source.choice(offers[:place])}")
            others = [one for one in truths if one not in excluded]
            if others and self.world.chance(0.2):
                lines.append(f"    exclude {self.source.choice(others)}")
        self.chunks.append(lines)
        for offer in offers:
            entity.known.append(Known(offer, "truth"))
        best = tuple(offers)
        self.offered.setdefault(entity.name, []).append((name, best))
        entity.known.append(Known(f"{name}_best", "choice", options=best, optional=True, decided=True))

    def tasks(self, entity: Entity) -> None:
        """Tasks with and without a goal, for offers or not; facts and definitions say who does them."""
        if not entity.lasting:
            self.flag(entity)
            return
        if entity.name not in self.offered and self.world.chance(0.4):
            self.offers(entity)
        name = self.names.fresh("tasks")
        lines = [f"tasks {name}{title(self.source)} of {entity.name}"]
        truths = [known.name for known in entity.known if known.kind == "truth" and not known.optional]
        if truths and self.world.chance(0.3):
            lines.append(f"  exclude {self.source.choice(truths)}")
        if self.world.chance(0.4):
            lines.append(f"  lost {self.conditions.clause(entity, 1, sure=True)}")
        amounts = [known.name for known in entity.known if known.amount is not None and not known.fact]
        if amounts and self.world.chance(0.5):
            lines.append(f"  worth {self.source.choice(amounts)}")
        words = [
            known.name for known in entity.known
            if (known.kind in ("text", "choice") and known.fact and not known.personal) or (known.decided and not known.fact)
        ]  # fmt: skip
        for _ in range(self.source.choice((1, 2))):
            task, condition = self.names.fresh("task"), self.conditions.condition(entity, 1)
            lines.append(f"  {task}{title(self.source)} when {self.lined(condition, 4)}")
            lines += ["    if missing no"] * condition.optional
            offered = self.offered.get(entity.name, [])
            taken = self.source.choice(offered) if offered and self.world.chance(0.7) else None
            lines += [f"    each {taken[0]}"] if taken is not None else []
            lines += [f"    {word} {self.source.choice(words)}" for word in ("owner", "channel") if words]
            lines += self.goal_lines(entity)
            made = [f"{task}_{offer}" for offer in taken[1]] if taken is not None else [task]
            entity.known += [Known(one, "truth") for one in made]
        self.chunks.append(lines)

    def goal_lines(self, entity: Entity) -> list[str]:
        if self.world.chance(0.4):
            return []
        lines = [f"    goal {self.conditions.clause(entity, 1, sure=True)}"]
        if self.world.chance(0.6):
            lines.append(f"    expect {self.conditions.clause(entity, 1, sure=True)}")
        return lines

    def cell(self, column: Known) -> str:
        if self.world.chance(0.2):
            return "-"
        if (column.optional or column.decided) and self.world.chance(0.2):
            return "missing"
        if column.kind == "truth":
            return self.source.choice(("yes", "no"))
        if column.kind in ("choice", "text") or (column.bands and self.world.chance(0.6)):
            options = column.bands or column.options
            return ", ".join(self.source.sample(options, self.source.randint(1, min(2, len(options)))))
        if column.kind == "date":
            return self.source.choice(
                (
                    "2013-06-30",
                    "< 2013-06-30",
                    ">= today",
                    "2012-02-29..2013-06-30",
                    "<= 2024-02-29",
                    "= 2013-01-31",
                )
            )
        assert column.amount is not None
        low, high = sorted((self.conditions.limit(column.amount) for _ in range(2)), key=number_of)
        bare = low.split(" ")[0], high.split(" ")[0]
        written = [
            bare[0],
            f"{self.source.choice(('<', '<=', '>', '>=', '='))} {low}",
            f"{bare[0]}..{bare[1]}",
            f"{low}..<{high}" if low != high else low,
        ]
        same = [
            known.name
            for known in self.world.parameters
            if known.amount and known.amount.unit == column.amount.unit
        ]
        if same:
            written.append(f">= {self.source.choice(same)}")
        return self.source.choice([*written, f"{bare[0]}, {bare[1]}"])

    def lifecycle(self, entity: Entity) -> None:
        """Start rules decide, as nobody has a history here; moves may ask what was."""
        if not entity.lasting:
            self.segment(entity)
            return
        name = self.names.fresh("lifecycle")
        states = self.case_names(self.source.choice((2, 3)))
        lines = [f"lifecycle {name}{title(self.source)} of {entity.name}"]
        lines += [
            f"  state {state}{title(self.source)}{' terminal' if state == states[-1] and self.world.chance(0.2) else ''}"
            for state in states
        ]
        starts = self.source.sample(states, self.source.randint(1, len(states)))
        for state, start in zip(
            starts, self.conditions.apart(entity, len(starts), 1, sure=True), strict=True
        ):
            lines.append(f"  start {state} when {start.text}")
        if self.world.chance(0.7):
            lines.append(f"  start {self.source.choice(states)} otherwise")
        terminal = any(line.endswith(" terminal") for line in lines)
        sources = states[:-1] if terminal else states
        for state in sources:
            target = self.source.choice([other for other in states if other != state])
            move = self.conditions.clause(entity, 1, sure=True)
            if self.world.chance(0.3):
                move = f"{name} was {state} and ({move})"
            lines.append(f"  move {state} to {target} when {move}")
        if self.world.chance(0.3):
            lines.append(f"  stay {states[0]} {self.source.choice(('1 month', '30 days', '2 years'))}")
        if self.world.chance(0.1):
            lines.append("  moves until settled")
        self.chunks.append(lines)
        entity.known.append(Known(name, "choice", options=tuple(states), decided=True))

    def claim(self, entity: Entity) -> None:
        """A claim about every record, which need not be true."""
        word = self.source.choice(("never", "assume"))
        heading = f'{word} "{word} {len(self.chunks)}" of {entity.name} when '
        self.chunks.append([heading + self.lined(self.conditions.condition(entity, 2), 2)])


def number_of(limit: str) -> Fraction:
    """The number of a limit as it is written, with its unit or without."""
    return Fraction(limit.split(" ", maxsplit=1)[0])


def a_decimals(value: Fraction) -> int:
    """The decimals a weight is written with."""
    return next(decimals for decimals in range(13) if (value * 10**decimals).denominator == 1)


def split(condition: Condition) -> list[str]:
    """The clauses of `a and b`, outside brackets and quotes."""
    parts, depth, quoted, last = [], 0, False, 0
    word = f" {condition.joined} "
    for place, letter in enumerate(condition.text):
        if letter == '"':
            quoted = not quoted
        elif not quoted and letter in "()":
            depth += 1 if letter == "(" else -1
        elif not quoted and not depth and condition.text.startswith(word, place):
            parts.append(condition.text[last:place])
            last = place + len(word)
    return [*parts, condition.text[last:]]


__all__ = ["Definitions", "replace"]
