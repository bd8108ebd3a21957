"""A setting and a question come in; how much the answers of the policy depend on the numbers that people set in it goes out:
who is near a threshold, what a changed weight moves, and how large each case is as one number goes from here to there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from decimal import Decimal
from fractions import Fraction
from shutil import rmtree
from typing import TYPE_CHECKING

from lifeseg.frozen import dataclass
from lifeseg.model.model import AnyDefinition, FlagBlock, Index, Model, Score
from lifeseg.pipeline import kept
from lifeseg.pipeline.aside import room
from lifeseg.pipeline.errors import ConfigurationError, refusal
from lifeseg.pipeline.gates import cases_of, decides, known_value
from lifeseg.pipeline.opened import closest
from lifeseg.pipeline.setting import Setting
from lifeseg.pipeline.stages import Progress, check, errors_among
from lifeseg.pipeline.variants import Evaluate, evaluating
from lifeseg.review.adjusting import Adjustable, adjustables, adjusted, spelled
from lifeseg.review.affected import affected
from lifeseg.review.thresholds import Threshold, thresholds

if TYPE_CHECKING:
    from pathlib import Path

    from lifeseg.interpreter.results import Baseline
    from lifeseg.records.results_varied import Class, Form, Part, Varied
    from lifeseg.syntax.definitions import File

MOST_POINTS = 200
NEAR, BY = Fraction(1, 100), Fraction(1, 10)
"""Of a score's range; of a weight."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How near is near: an amount, or a share of the range of what is compared."""

    size: Fraction
    share: bool


@dataclass(frozen=True, slots=True)
class Near:
    """A threshold, how near is near to it, and who is."""

    threshold: Threshold
    reach: Fraction
    part: Part


@dataclass(frozen=True, slots=True)
class Turned:
    """A weight, and who is decided about otherwise where it is so much smaller, and so much larger."""

    weight: Adjustable
    less: Part
    more: Part

    @property
    def most(self) -> int:
        return max(self.less.count, self.more.count)


@dataclass(frozen=True, slots=True)
class Point:
    """A value, how many of the first entity move from what they are today, and the cases by entity and column."""

    value: Decimal
    moved: Part
    sizes: Mapping[tuple[str, str], Mapping[str, Part]]


@dataclass(frozen=True, slots=True)
class Sweep:
    """One number from here to there; `cases` by entity and column, in the order of the policy."""

    model: Model
    as_of: date
    entity: str
    everybody: Part
    value: str | None
    number: Adjustable
    cases: Mapping[tuple[str, str], Sequence[str]]
    points: tuple[Point, ...]

    @property
    def nobody(self) -> Part:
        """The size of a case that is not among the sizes."""
        from lifeseg.records.results_varied import Part

        return Part(0, Fraction(0) if self.value is not None else None)


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """The whole policy: thresholds, weights from the one that moves most, who keeps a case whichever is changed, and
    perhaps the numbers that matter most from here to there.
    """

    model: Model
    as_of: date
    entity: str
    everybody: Part
    value: str | None
    by: Fraction
    near: tuple[Near, ...]
    weights: tuple[Turned, ...]
    classes: tuple[Class, ...]
    sweeps: tuple[Sweep, ...] = ()


# ---- The policy and its versions ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ground:
    """A policy, its files, the number that can be set in them, and where to evaluate it and its versions."""

    setting: Setting
    model: Model
    files: tuple[File, ...]
    numbers: Mapping[str, Adjustable]
    value: str | None
    evaluate: Evaluate
    progress: Progress | None = None

    def version(self, one: Adjustable, value: Decimal) -> Model:
        """The policy with another number."""
        return model_of(self.setting, adjusted(self.files, one, value), self.model)

    @contextmanager
    def evaluated(self, version: Model, only: tuple[str, ...], name: str) -> Iterator[Path]:
        """The results of a version, for as long as they are looked at."""
        folder, _ = self.evaluate(version, only, name)
        try:
            yield folder
        finally:
            rmtree(folder)

    def told(self, what: str, done: int, of: int) -> None:
        if self.progress is not None:
            self.progress(what, done, of)


def numbers_of(setting: Setting) -> tuple[Model, tuple[File, ...], dict[str, Adjustable]]:
    """The policy, in which weights are numbers even where a panel gives them."""
    from lifeseg.workspace import read_policy

    checked = check(setting.policy, setting.policies)
    model = checked.good()
    written = read_policy(checked.path).files
    files = spelled(written, model.panels)
    if files != tuple(written):
        model = model_of(setting, files, model)
    return model, files, adjustables(files, setting.day())


def model_of(setting: Setting, files: tuple[File, ...], like: Model) -> Model:
    """One that is refused, or speaks of other records, is no version of a policy."""
    from lifeseg.model.from_trees import from_trees
    from lifeseg.workspace import Library

    model, findings = from_trees(files, Library(setting.policy, setting.policies).find)
    if model is None or model.entities != like.entities:
        raise ConfigurationError(errors_among(findings), {file.name: file.text for file in files})
    return model


@contextmanager
def ground(
    setting: Setting,
    found: tuple[Model, tuple[File, ...], dict[str, Adjustable]],
    value: str | None,
    progress: Progress | None,
) -> Iterator[Ground]:
    known_value(value, [found[0]])
    with ExitStack() as stack:
        folder = stack.enter_context(room(setting))
        place = evaluating(setting, found[0], folder, progress, "sensitivity-engine")
        yield Ground(setting, *found, value, stack.enter_context(place), progress)


def deciding(model: Model, keys: set[tuple[str, str]]) -> tuple[str, ...]:
    """The names of those among the definitions that put records into cases."""
    blocks = {
        (one.entity, flag): one.name
        for one in model.definitions
        if isinstance(one, FlagBlock)
        for flag in one.flags
    }
    keys = keys | {(entity, block) for (entity, flag), block in blocks.items() if (entity, flag) in keys}
    return tuple(
        dict.fromkeys(
            one.name for one in model.definitions if (one.entity, one.name) in keys and columns_of(one)
        )
    )  # fmt: skip


def columns_of(definition: AnyDefinition) -> list[str]:
    """The columns of the results that tell its cases."""
    return [column.name for column in kept.columns_of(definition) if decides(definition, column.name)]


def forms(model: Model, only: Sequence[str], value: str | None) -> list[Form]:
    """The entities of which something is decided."""
    from lifeseg.records.results_varied import Form

    found = []
    for name, entity in model.entities.items():
        taken = [one for one in kept.in_order_of_text(model, name) if one.name in only]
        decisions = tuple(column for one in taken for column in columns_of(one))
        keys = tuple(column.name for column in kept.key_columns(model, entity))
        lists = frozenset(one.name for one in taken if isinstance(one, FlagBlock))
        worth = value if any(one.name == value for one in model.of(name)) else None
        if decisions:
            found.append(Form(name, keys, decisions, lists, worth))
    return found


def cases_by(model: Model, form: Form) -> dict[str, Sequence[str]]:
    return {
        column: cases_of(one)
        for one in model.of(form.entity)
        for column in columns_of(one)
        if column in form.decisions
    }


# ---- One number from here to there --------------------------------------------------------------


def sweep(
    setting: Setting, name: str, path: Sequence[str | None], value: str | None, progress: Progress | None
) -> Sweep:
    """The path is where to begin, to end, and by how much to step, each perhaps not said."""
    found = numbers_of(setting)
    number = number_named(found[2], name)
    with ground(setting, found, value, progress) as here:
        versions = [(point, here.version(number, point)) for point in values_of(number, path)]
        only = deciding_between(here, versions)
        if not only and any(point != number.value for point, _ in versions):
            raise refusal("sensitivity-nothing", name=name)
        only = only or everything_decided(here.model)
        first, _ = here.evaluate(here.model, only_and(only, value), "first")
        return swept(here, number, versions, only, first)


Versions = Sequence[tuple[Decimal, Model]]


def deciding_between(here: Ground, versions: Versions) -> tuple[str, ...]:
    """The decisions that can differ between the policy and some of its versions."""
    return deciding(here.model, {key for _, version in versions for key in affected(here.model, version)})


def everything_decided(model: Model) -> tuple[str, ...]:
    return deciding(model, {(one.entity, one.name) for one in model.definitions if not one.made})


def only_and(only: tuple[str, ...], value: str | None) -> tuple[str, ...]:
    return (*only, *([value] if value is not None else []))


def swept(here: Ground, number: Adjustable, versions: Versions, only: tuple[str, ...], first: Path) -> Sweep:
    """`first` has the results of the policy as it is."""
    from lifeseg.records.results_varied import varied

    taken = forms(here.model, only, here.value)
    with ExitStack() as stack:
        sides = [stack.enter_context(varied(form, first / f"{form.entity}.parquet")) for form in taken]
        points = []
        for place, (value, version) in enumerate(versions):
            here.told("evaluating", place, len(versions))
            with here.evaluated(version, only_and(only, here.value), f"v{place}") as folder:
                sizes = {
                    (side.form.entity, column): cases
                    for side in sides
                    for column, cases in side.sizes(
                        folder / f"{side.form.entity}.parquet", side.form.decisions
                    ).items()
                }
                moved = sides[0].moved(folder / f"{taken[0].entity}.parquet", taken[0].decisions)
            points.append(Point(value, moved, sizes))
        options = {
            (form.entity, column): cases_by(here.model, form)[column]
            for form in taken
            for column in form.decisions
        }
        return Sweep(
            here.model, here.setting.day(), taken[0].entity, sides[0].everybody(), here.value, number, options, tuple(points)
        )  # fmt: skip


def number_named(numbers: Mapping[str, Adjustable], name: str) -> Adjustable:
    if name not in numbers:
        raise refusal("no-such-name.number", name=name, suggestion=closest(name, numbers))
    return numbers[name]


def values_of(number: Adjustable, path: Sequence[str | None]) -> list[Decimal]:
    """From, to, step; without them from four fifths of the number to six fifths, in eight steps."""
    low, high, step = (amount(number, given) if given is not None else None for given in path)
    fifth = abs(number.value) / 5
    low = number.value - fifth if low is None else low
    if high is None:
        high = number.value + fifth if number.kind != "weight" else min(number.value + fifth, number.total)
    step = (high - low) / 8 if step is None and low < high else step
    if low > high:
        raise refusal("bad-argument.sweep-order", low=f"{low}", high=f"{high}")
    if step is None or step <= 0:
        raise refusal("bad-argument.sweep-step")
    count = int((high - low) / step) + 1
    if count > MOST_POINTS:
        raise refusal("bad-argument.sweep-many", count=f"{count:,}", most=MOST_POINTS)
    values = [low + step * place for place in range(count)]
    if number.kind == "weight":
        if len(number.beside) == 1:
            raise refusal("bad-argument.weight-alone", name=number.name)
        if low < 0 or high > number.total:
            raise refusal("bad-argument.weight", name=number.name, total=f"{number.total:f}")
    return values


def amount(number: Adjustable, given: str) -> Decimal:
    """A number as it is written in the policy: `0.5`, `20%` where it has this sign, `30` where it is in days."""
    text = given.strip()
    share = text.endswith("%")
    if share and number.unit != "%":
        raise refusal("bad-argument.sweep-amount", text=given)
    try:
        found = Decimal(text.removesuffix("%").strip())
    except ArithmeticError:
        raise refusal("bad-argument.sweep-amount", text=given) from None
    if not found.is_finite() or found.adjusted() > 18 or -int(found.as_tuple().exponent) > 18:
        raise refusal("bad-argument.sweep-amount", text=given)
    return found / 100 if share else found


# ---- The whole policy ---------------------------------------------------------------------------


def sensitivity(
    setting: Setting,
    reach: Reach,
    by: Fraction,
    value: str | None,
    progress: Progress | None,
    curves: int = 0,
) -> Sensitivity:
    """`curves`: how many thresholds, and how many weights, go from here to there as well."""
    found = numbers_of(setting)
    model = found[0]
    only = everything_decided(model)
    if not only:
        raise refusal("sensitivity-nothing.decided", policy=model.name)
    with ground(setting, found, value, progress) as here, ExitStack() as stack:
        from lifeseg.records.results_varied import varied

        amounts = tuple(
            one.name for one in model.definitions if isinstance(one, Index | Score) and not one.made
        )
        first, baseline = here.evaluate(model, tuple(dict.fromkeys((*only, *amounts))), "first")
        sides = [
            stack.enter_context(varied(form, first / f"{form.entity}.parquet"))
            for form in forms(model, only, value)
        ]
        near = [one for side in sides for one in near_of(here, side, baseline, reach)]
        weights = sorted(turned(here, sides, by), key=lambda one: -one.most)
        classes = [one for side in sides for one in side.kept(cases_by(model, side.form))]
        curved = tuple(sweeps(here, near, weights, curves, first))
        return Sensitivity(
            model, setting.day(), sides[0].form.entity, sides[0].everybody(), value, by, tuple(near), tuple(weights),
            tuple(classes), curved,
        )  # fmt: skip


def near_of(here: Ground, side: Varied, baseline: Baseline, reach: Reach) -> Iterator[Near]:
    """Each threshold once for each decision that it makes."""
    entity = side.form.entity
    for one in dict.fromkeys(thresholds(here.model, here.setting.day(), baseline.statistics)):
        if one.entity != entity:
            continue
        size = reach.size * (span_of(here.model, side, one) if reach.share else 1)
        yield Near(one, size, side.within(one.column, one.value - size, one.value + size))


def span_of(model: Model, side: Varied, one: Threshold) -> Fraction:
    """The range of a score as it can be; of an index as it is found: what money may be at most, is far beyond anybody's."""
    definition = next(found for found in model.of(one.entity) if found.name == one.column)
    if isinstance(definition, Score):
        return definition.type.high - definition.type.low
    found = side.spread(one.column)
    return Fraction(found[1]) - Fraction(found[0]) if found is not None else Fraction(0)


def turned(here: Ground, sides: Sequence[Varied], by: Fraction) -> Iterator[Turned]:
    """Each weight so much smaller and larger, one at a time."""
    weights = [
        one for one in here.numbers.values() if one.kind == "weight" and len(one.beside) > 1 and one.value
    ]
    for place, one in enumerate(weights):
        here.told("trying weights", place, len(weights))
        parts = []
        for sign, name in ((-1, "less"), (1, "more")):
            value = min(one.value + sign * one.value * by.numerator / by.denominator, one.total)
            parts.append(moved_by(here, sides, here.version(one, value), f"{name}{place}"))
        yield Turned(one, *parts)


def moved_by(here: Ground, sides: Sequence[Varied], version: Model, name: str) -> Part:
    """Those of the first entity that a version decides about otherwise; of the others it is remembered."""
    only = deciding(here.model, affected(here.model, version))
    if not only:
        return sides[0].nobody()
    taken = {form.entity: form.decisions for form in forms(version, only, None)}
    with here.evaluated(version, only, name) as folder:
        moved = {
            side.form.entity: side.moved(folder / f"{side.form.entity}.parquet", taken[side.form.entity])
            for side in sides
            if side.form.entity in taken
        }
    return moved.get(sides[0].form.entity, sides[0].nobody())


# ---- Those that matter most, from here to there -------------------------------------------------


def sweeps(
    here: Ground, near: Sequence[Near], weights: Sequence[Turned], most: int, first: Path
) -> Iterator[Sweep]:
    """Of so many thresholds, those with most people near, and of so many weights, those that move most."""
    entity = near[0].threshold.entity if near else ""
    ranked = sorted(near, key=lambda one: (one.threshold.entity != entity, -one.part.count))
    at_thresholds = (threshold_number(here, one) for one in ranked)
    taken = dict.fromkeys(one for one in at_thresholds if one is not None)
    moving = [one.weight.name for one in weights if one.most]
    for name in (*list(taken)[:most], *moving[:most]):
        versions = list(policies(here, here.numbers[name]))
        if only := deciding_between(here, versions):
            yield swept(here, here.numbers[name], versions, only, first)


def threshold_number(here: Ground, one: Near) -> str | None:
    """The name of the number that a threshold is, if it is one that can be set."""
    at = one.threshold
    if at.case is None or at.decision != f"{at.column}_band":
        return None
    number = here.numbers.get(f"{at.column}.{at.case}")
    return number.name if number is not None else None


def policies(here: Ground, number: Adjustable) -> Iterator[tuple[Decimal, Model]]:
    """The versions from four fifths of a number to six fifths, but those that are no policies: a threshold above the next."""
    for value in values_of(number, (None, None, None)):
        try:
            yield value, here.version(number, value)
        except ConfigurationError:
            continue
