"""A setting and a wish come in; the keys of a sample go out, and with them the records of whole families if wanted."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifeseg.diagnostics.diagnostic import Diagnostic
from lifeseg.frozen import dataclass
from lifeseg.learning.sampling import Method, Sample, at_random, stratified, systematic
from lifeseg.model.model import Model
from lifeseg.model.personal import MASK
from lifeseg.pipeline.errors import refusal
from lifeseg.pipeline.kept import key_column, key_columns
from lifeseg.pipeline.learning import defined, write
from lifeseg.pipeline.listing import column_of, is_personal
from lifeseg.pipeline.setting import Setting, data_sources
from lifeseg.pipeline.stages import Progress, check, evaluate, load
from lifeseg.records.to_results import Column, Table, to_csv, write_csv
from lifeseg.workspace import reason, shown_path

if TYPE_CHECKING:
    from lifeseg.interpreter.results import Results

STANDS_FOR = "stands_for"
NONE = "missing"


@dataclass(frozen=True, slots=True)
class Wish:
    """How many, by which method; `by` is what the strata are, `records` a folder for the records themselves."""

    size: str
    method: Method
    by: str | None
    seed: int
    entity: str | None = None
    out: Path | None = None
    records: Path | None = None


@dataclass(frozen=True, slots=True)
class Sampled:
    """The keys as CSV, and what was drawn from how many."""

    entity: str
    text: str
    total: int
    drawn: int
    strata: tuple[tuple[str, int, int], ...]
    files: tuple[Path, ...]
    remarks: tuple[Diagnostic, ...]


def sample(setting: Setting, wish: Wish, progress: Progress | None = None) -> Sampled:
    """The sample; files are written once everything is known."""
    model = check(setting.policy, setting.policies).good()
    entity = wish.entity or next(iter(model.entities))
    suitable(model, wish, entity)
    population, loaded = load(model, data_sources(setting, model), "fail", progress)
    only = defined(model, [wish.by] if wish.by is not None else [])
    results = evaluate(model, population, setting.day(), only=only, progress=progress)
    keys = results.keys(entity)
    order = sorted(range(len(keys)), key=lambda place: keys[place])
    chosen = drawn(results, wish, entity, order, size_of(wish.size, len(keys)))
    table = keys_of(results, wish, entity, chosen)
    page = io.StringIO()
    write_csv(table, page)
    files = families(results, entity, chosen.places, wish.records) if wish.records is not None else []
    if wish.out is not None:
        write(wish.out, page.getvalue())
    hidden = wish.by is not None and is_personal(model, entity, column_of(model, entity, wish.by))
    strata = tuple((MASK if hidden else name, *counts) for name, counts in chosen.strata.items())
    return Sampled(
        entity, page.getvalue(), len(keys), len(chosen.places), strata, tuple(files), loaded.diagnostics
    )


def suitable(model: Model, wish: Wish, entity: str) -> None:
    """What is asked for must fit together, and be there."""
    if entity not in model.entities:
        raise refusal("no-such-name.entity", name=entity, known=", ".join(model.entities))
    if (wish.by is not None) != (wish.method == "stratified"):
        raise refusal("bad-argument.strata")
    if wish.by is not None:
        column_of(model, entity, wish.by)
    if wish.records is not None and (parent := model.entities[entity].parent) is not None:
        raise refusal("bad-argument.families", entity=entity, parent=parent)


def size_of(text: str, total: int) -> int:
    """`200`, or a share such as `10%`; at least one, at most all."""
    wanted = f"a number from 1 to {total:,}, or a share such as 10%"
    try:
        number = Decimal(text.removesuffix("%"))
    except InvalidOperation:
        raise refusal("bad-argument.value", name="--size", value=text, wanted=wanted) from None
    if number.is_finite() and text.endswith("%"):
        number = (
            Decimal(max(1, int(total * number / 100 + Decimal("0.5")))) if 0 < number <= 100 else Decimal(0)
        )
    if not number.is_finite() or number != int(number) or not 1 <= number <= total:
        raise refusal("bad-argument.value", name="--size", value=text, wanted=wanted)
    return int(number)


def drawn(results: Results, wish: Wish, entity: str, order: Sequence[int], size: int) -> Sample:
    """The places drawn; `order` is that of the keys."""
    keys = results.keys(entity)
    own = [keys[place] for place in order]
    if wish.method == "systematic":
        found = systematic(range(len(order)), size, wish.seed)
    elif wish.by is None:
        found = at_random(own, range(len(order)), size, wish.seed)
    else:
        strata = strata_of(results, entity, wish.by, order)
        found = stratified(own, strata, size, wish.seed)
        named = {name: sum(strata[place] == name for place in found) for name in sorted(set(strata))}
        counts = {name: (strata.count(name), number) for name, number in named.items()}
        return Sample(tuple(order[place] for place in sorted(found)), counts)
    return Sample(tuple(order[place] for place in sorted(found)), {})


def strata_of(results: Results, entity: str, name: str, order: Sequence[int]) -> list[str]:
    from lifeseg.interpreter.values import short_text

    kind = column_of(results.model, entity, name).type
    values = results.column(entity, name)
    return [short_text(values[place], kind) or NONE for place in order]


def keys_of(results: Results, wish: Wish, entity: str, chosen: Sample) -> Table:
    """A row for each record drawn: its key, its stratum, and how many records it stands for."""
    from lifeseg.model.types import TEXT

    keys, total = results.keys(entity), len(results.rows[entity])
    shown = [*key_columns(results.model, results.model.entities[entity])]
    if wish.by is not None:
        shown.append(Column(wish.by, TEXT))
        strata = strata_of(results, entity, wish.by, chosen.places)
        stand = [Decimal(chosen.strata[name][0]) / chosen.strata[name][1] for name in strata]
        extra = [(name, rounded(one)) for name, one in zip(strata, stand, strict=True)]
    else:
        extra = [(rounded(Decimal(total) / len(chosen.places)),) for _ in chosen.places]  # type: ignore[misc]
    shown.append(Column(STANDS_FOR, TEXT))
    rows = [(*keys[place], *cells) for place, cells in zip(chosen.places, extra, strict=True)]
    return Table(entity, tuple(shown), rows)


def rounded(number: Decimal) -> str:
    return f"{number.quantize(Decimal('0.0001')).normalize():f}"


# ---- Families ------------------------------------------------------------------------------------


def families(results: Results, entity: str, places: Sequence[int], folder: Path) -> list[Path]:
    """The facts of the records drawn and of everything beneath them, a file for each entity."""
    rows = {entity: [results.rows[entity][place] for place in places]}
    for name in beneath(results.model, entity):
        parent = results.model.entities[name].parent or ""
        rows[name] = [child for above in rows[parent] for child in above[1][name]]
    files = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, found in rows.items():
            work, path = folder / f".{name}.writing", folder / f"{name}.csv"
            to_csv(facts_of(results, name, found), work)
            work.replace(path)
            files.append(path)
    except OSError as error:
        raise refusal("cannot-write", path=shown_path(folder), reason=reason(error)) from error
    return files


def beneath(model: Model, entity: str) -> Iterator[str]:
    """The entities below one, parents first."""
    for name, found in model.entities.items():
        if found.parent == entity:
            yield name
            yield from beneath(model, name)


def facts_of(results: Results, name: str, rows: Sequence[list[Any]]) -> Table:
    """The keys of the ancestors, then all facts, as a data file has them."""
    from lifeseg.interpreter.values import short_text

    entity = results.model.entities[name]
    above = [*key_columns(results.model, results.model.entities[entity.parent])] if entity.parent else []
    slots = results.slots[name]
    cells = [
        (
            *(results.key(entity.parent, row[0]) if entity.parent else ()),
            *(short_text(row[slots[fact.name]], fact.type) for fact in entity.facts),
        )
        for row in rows
    ]
    return Table(name, (*above, *(key_column(fact) for fact in entity.facts)), cells)
