"""Found ways come in; their parts as texts go out, in a language and with personal facts masked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from lifeseg.explain.catalogue import Catalogue
from lifeseg.frozen import dataclass
from lifeseg.functions.exact import fraction_text
from lifeseg.interpreter.values import short_text
from lifeseg.model.changes import unit_of_costs
from lifeseg.model.model import Labelled, Model
from lifeseg.model.personal import MASK, shown_key
from lifeseg.pipeline.cheapest import Nearest

if TYPE_CHECKING:
    from lifeseg.interpreter.results import Results
    from lifeseg.model.expression import Value
    from lifeseg.model.types import Type
    from lifeseg.prover.nearest import Change, Way

REASONS = ("time", "memory", "functions")


@dataclass(frozen=True, slots=True)
class ToldChange:
    """`of` is the key of the record whose fact it is, as far as it is not that of the record asked about."""

    entity: str
    key: str
    of: str
    fact: str
    title: str
    before: str
    after: str
    steps: int
    cost: Fraction
    personal: bool


@dataclass(frozen=True, slots=True)
class Teller:
    """What texts are made with."""

    results: Results
    words: Catalogue
    show_personal: bool

    @property
    def model(self) -> Model:
        return self.results.model

    @property
    def unit(self) -> str | None:
        return unit_of_costs(self.model.entities)

    def cost(self, amount: Fraction) -> str:
        unit = self.words.say("nearest.points") if self.unit is None else self.unit
        return f"{money(amount)} {unit}".rstrip()

    def who(self, one: Nearest) -> str:
        return self.masked_key(one.entity, one.key)

    def masked_key(self, entity: str, key: str) -> str:
        if self.show_personal:
            return key
        parts = shown_key(self.model, entity, key.split("/"))
        return MASK if set(parts) == {MASK} else "/".join(parts)

    def name(self, one: Nearest) -> str | None:
        facts = {fact.name: fact for fact in self.model.entities[one.entity].facts}
        hidden = one.name is not None and facts["name"].personal and not self.show_personal
        return MASK if hidden else one.name

    def goal(self, one: Nearest, case: str) -> str:
        """The case with its title: `stabilization (business stabilization)`."""
        titles = case_titles(self.model, one.goal.entity, one.goal.column, one.goal.case)
        title = self.words.inside(self.words.title(titles, case)) if titles else ""
        plain = case.rpartition(".")[2].replace("_", " ")
        return f"{case} ({title})" if title and title.lower() != plain else case

    def changes(self, one: Nearest, way: Way) -> list[ToldChange]:
        return [self.change(one, change) for change in way.changes]

    def change(self, one: Nearest, change: Change) -> ToldChange:
        lever, entity = change.lever, change.lever.entity
        key = "/".join(self.results.key(entity, lever.row))
        inner = self.model.entities[entity].parent is not None and entity != one.entity
        own = key.removeprefix(f"{one.key}/") if inner else key
        hidden = lever.fact.personal and not self.show_personal
        before, after = (
            MASK if hidden else self.value(value, lever.fact.type, lever.fact.titles)
            for value in (lever.now, lever.value(change.place))
        )
        return ToldChange(
            entity, key, "" if entity == one.entity else own, lever.fact.name,
            self.words.title(lever.fact.titles, lever.fact.name), before, after, lever.steps(change.place),
            lever.cost(change.place), hidden,
        )  # fmt: skip

    def value(self, value: Value, kind: Type, titles: Mapping[str, str]) -> str:
        if isinstance(value, bool):
            return self.words.say("verdict.yes" if value else "verdict.no")
        return short_text(value, kind) or ""

    def short(self, one: Nearest, way: Way) -> str:
        """The changes of a way on a line: `data: satisfaction 2 → 4, arrears 5 → 1`."""
        parts: dict[str, list[str]] = {}
        for change in self.changes(one, way):
            title = self.words.inside(change.title)
            parts.setdefault(change.of, []).append(f"{title} {change.before} → {change.after}")
        comma, colon = self.words.say("list.comma"), self.words.say("nearest.colon")
        groups = [
            f"{of}{colon}{comma.join(found)}" if of else comma.join(found) for of, found in parts.items()
        ]
        return self.words.say("list.separator").join(groups)


def money(amount: Fraction) -> str:
    """A cost as people read it, thousands set apart; `fraction_text` is what programs read."""
    whole, point, behind = fraction_text(amount).partition(".")
    return f"{int(whole):,}{point}{behind}"


def case_titles(model: Model, entity: str, column: str, case: Value) -> Mapping[str, str]:
    """Of the case, band or flag."""
    name = column if case is True else column.removesuffix("_band")
    definition = next((one for one in model.of(entity) if one.name in (column, name)), None)
    if definition is None or case is True:
        return definition.titles if definition is not None else {}
    for part in ("cases", "bands", "classes", "states"):
        labels: Sequence[Labelled] = getattr(definition, part, ())
        for label in labels:
            if label.name == case:
                return label.titles
    return {}
