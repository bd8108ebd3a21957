"""A setting and a wish come in; policy text that was learnt from the records goes out.

The columns are evaluated by the reference. What was learnt is added to the policy as a file of its own, checked with
it, and evaluated again: the figures in its remarks are those of the text. What does not pass is not written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from lifeseg.diagnostics.diagnostic import Diagnostic
from lifeseg.frozen import dataclass
from lifeseg.model.model import Model
from lifeseg.model.types import TRUTH, kind_text
from lifeseg.pipeline.errors import ConfigurationError, PolicyError, refusal
from lifeseg.pipeline.listing import all_columns, case_named, column_of, described, is_personal
from lifeseg.pipeline.setting import Setting, data_sources
from lifeseg.pipeline.stages import Checked, Progress, check, evaluate, load
from lifeseg.workspace import SUFFIX, Library, parsed, policy_texts, reason, shown_path

if TYPE_CHECKING:
    from lifeseg.interpreter.results import Results
    from lifeseg.learning.draft import Draft
    from lifeseg.learning.table import Column, Table
    from lifeseg.records.population import Population

LEARNT = f"learnt{SUFFIX}"
FINGERPRINT = 12
"""Signs of the data's fingerprint that are shown."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What to learn from: the columns, the case or flag to be in, the share held out; and where the text goes.

    `target` is what is to be foretold: a case, a flag, a yes/no fact, or whatever has cases.
    """

    command: str
    columns: tuple[str, ...]
    seed: int
    entity: str | None = None
    where: str | None = None
    target: str | None = None
    held_out: Fraction = Fraction(0)
    out: Path | None = None


@dataclass(frozen=True, slots=True)
class Learnt:
    """The text as it was checked with the policy, and a line that sums up."""

    text: str
    summary: str
    remarks: tuple[Diagnostic, ...]


def learn(
    setting: Setting, wish: Wish, draft_of: Callable[[Table], Draft], progress: Progress | None = None
) -> Learnt:
    """Records to text; what cannot be learnt is said as a finding."""
    from lifeseg.learning.draft import NotLearntError

    need_packages()
    model = check(setting.policy, setting.policies).good()
    population, loaded = load(model, data_sources(setting, model), "fail", progress)
    try:
        table = table_of(model, population, setting, wish, progress)
        draft = draft_of(table)
        grown = checked_with(setting, wish.out, draft.body).good()
        results = evaluate(grown, population, setting.day(), only=draft.names, progress=progress)
        places = {key: place for place, key in enumerate(results.keys(table.origin.entity))}
        order = [places[key] for key in table.keys]
        text, summary = draft.finished(
            {
                name: column(grown, results, table.origin.entity, name, order)
                for name in names_of(grown, draft)
            }
        )
    except NotLearntError as error:
        raise ConfigurationError([error.finding]) from error
    text = laid_out(text)
    checked_with(setting, wish.out, text)
    if wish.out is not None:
        write(wish.out, text)
    return Learnt(text, summary, loaded.diagnostics)


def need_packages() -> None:
    from lifeseg.learning.fitting import installed

    if not installed():
        raise refusal("learn-packages")


def names_of(model: Model, draft: Draft) -> list[str]:
    """The definitions the figures need, scores with their bands."""
    bands = [f"{found.name}_band" for found in model.definitions if getattr(found, "bands", ())]
    return [*draft.names, *(band for band in bands if band.removesuffix("_band") in draft.names)]


# ---- The records ---------------------------------------------------------------------------------


def table_of(
    model: Model, population: Population, setting: Setting, wish: Wish, progress: Progress | None
) -> Table:
    """The columns asked for, of those asked for, in the order of their keys."""
    from lifeseg.learning.table import Origin, Table, held_out

    entity = wish.entity or next(iter(model.entities))
    if entity not in model.entities:
        raise refusal("no-such-name.entity", name=entity, known=", ".join(model.entities))
    for name in wish.columns:
        column_of(model, entity, name)
    wanted, target = wanted_of(model, entity, wish.where), None
    if wish.target is not None:
        target = target_of(model, entity, wish.target)
        if target[0] in wish.columns:
            raise refusal("learn-target.itself", name=target[0])
    only = [*wish.columns, *(found[0] for found in (wanted, target) if found is not None)]
    results = evaluate(model, population, setting.day(), only=defined(model, only), progress=progress)
    keys = results.keys(entity)
    order = sorted(range(len(keys)), key=lambda place: keys[place])
    for found in (wanted, target):
        order = kept(results, entity, found, order, found is wanted)
        if not order:
            raise refusal("learn-rows.nobody", where=wish.where or wish.target, entity=entity)
    columns = [column(model, results, entity, name, order) for name in dict.fromkeys(wish.columns)]
    if target is not None:
        columns.append(foretold(column(model, results, entity, target[0], order), target, wish.target or ""))
    chosen = tuple(keys[place] for place in order)
    data = population.fingerprint[:FINGERPRINT]
    about = f"{model.name} {model.version}"
    origin = Origin(wish.command, about, entity, setting.day().isoformat(), data, wish.seed, wish.where)
    name = columns[-1].name if target is not None else ""
    return Table(origin, chosen, tuple(columns), held_out(chosen, wish.seed, wish.held_out), name)


def kept(
    results: Results, entity: str, found: tuple[str, object] | None, order: Sequence[int], only: bool
) -> list[int]:
    """The places with that value, or with any."""
    if found is None:
        return list(order)
    values = results.column(entity, found[0])
    return [place for place in order if (values[place] == found[1] if only else values[place] is not None)]


def target_of(model: Model, entity: str, name: str) -> tuple[str, object]:
    """The column of a target, and the value that counts as yes; None if each value counts for itself."""
    known = {one.name: one.type.kind for one in all_columns(model, entity)}
    if known.get(name) == "truth":
        return name, True
    if known.get(name) == "choice":
        return name, None
    if name in known:
        wanted = "a yes/no, a flag, a case, or something with cases"
        raise refusal("learn-column", name=name, found=kind_text(known[name]), wanted=wanted)
    found = wanted_of(model, entity, name)
    assert found is not None
    return found


def foretold(found: Column, target: tuple[str, object], name: str) -> Column:
    """The target as a column: a case of something becomes a yes/no of its own."""
    from lifeseg.learning.table import Column

    if target[1] is None or target[1] is True:
        return found
    short = name.rpartition(".")[2]
    held = tuple(value == target[1] for value in found.values)
    return Column(short, f"{found.title}: {short.replace('_', ' ')}", TRUTH, held)


def defined(model: Model, names: Sequence[str]) -> list[str]:
    known = {definition.name for definition in model.definitions}
    return [
        name
        for name in (each.removesuffix("_band") if each not in known else each for each in names)
        if name in known
    ]


def wanted_of(model: Model, entity: str, where: str | None) -> tuple[str, object] | None:
    """The column and value that a case or flag of the entity stands for; a yes/no fact is meant as yes."""
    if where is None:
        return None
    if truth(model, entity, where):
        return where, True
    owner, name, value = case_named(model, where)
    if owner != entity:
        raise refusal("bad-argument.apart", one=owner, other=entity)
    return name, value


def truth(model: Model, entity: str, name: str) -> bool:
    """Whether it is a yes/no fact or a flag of the entity."""
    return any(one.name == name and one.type.kind == "truth" for one in all_columns(model, entity))


def column(model: Model, results: Results, entity: str, name: str, order: Sequence[int]) -> Column:
    from lifeseg.learning.table import Column

    found = described(model, entity, name)
    listed = column_of(model, entity, name)
    title = found.titles.get("en", name.replace("_", " ")) if found is not None else name.replace("_", " ")
    values = results.column(entity, name)
    own = tuple(values[place] for place in order)
    return Column(name, title, listed.type, own, is_personal(model, entity, listed))


# ---- The text ------------------------------------------------------------------------------------


def checked_with(setting: Setting, out: Path | None, text: str) -> Checked:
    """The policy with the text as a file of its own, in the place of the file it would replace.

    An error, or a warning about the text itself, refuses it.
    """
    from lifeseg.diagnostics.catalogue import severity
    from lifeseg.model.from_trees import from_trees

    texts, places, found = policy_texts(setting.policy)
    name = next((name for name, place in places.items() if out is not None and same(place, out)), None)
    name = name or fresh(out.name if out is not None else LEARNT, texts)
    read = parsed(setting.policy, {**texts, name: text}, places, found)
    library = Library(setting.policy, setting.policies)
    model, problems = from_trees(read.files, library.find)
    every = (*read.found, *library.found, *problems)
    wrong = [
        one for one in every
        if severity(one) == "error" or (severity(one) == "warning" and one.span is not None and one.span.file == name)
    ]  # fmt: skip
    if wrong:
        raise PolicyError(wrong, {file.name: file.text for file in read.files})
    return Checked(setting.policy, model, every, {}, places, tuple(texts))


def same(place: Path, out: Path) -> bool:
    return place.resolve() == out.resolve()


def fresh(name: str, texts: dict[str, str]) -> str:
    return name if name not in texts else fresh(f"learnt_{name}", texts)


def laid_out(text: str) -> str:
    from lifeseg.syntax.from_text import from_text
    from lifeseg.syntax.to_text import to_text

    tree, found = from_text(text, LEARNT)
    if found:
        raise PolicyError(found, {LEARNT: text})
    return to_text(tree)


def write(out: Path, text: str) -> None:
    """The file whole or not at all."""
    work = out.with_name(f".{out.name}.writing")
    try:
        work.write_text(text, encoding="utf-8", newline="\n")
        work.replace(out)
    except OSError as error:
        raise refusal("cannot-write", path=shown_path(out), reason=reason(error)) from error
