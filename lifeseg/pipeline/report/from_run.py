"""A setting and a wish come in; everybody is evaluated as in a run, and what a page says of the results goes out.

Nothing is recorded. What everybody was comes from the recorded runs, as in a run;
who moved, from the recorded run of the day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from lifeseg.explain.catalogue import Catalogue, catalogue
from lifeseg.frozen import dataclass
from lifeseg.model.model import Lifecycle, Model
from lifeseg.pipeline import freshness, nobody
from lifeseg.pipeline.errors import refusal
from lifeseg.pipeline.everybody import Run, everybody
from lifeseg.pipeline.gates import known_value
from lifeseg.pipeline.kpis import kpi_amount, kpis, target_text
from lifeseg.pipeline.opened import store_of
from lifeseg.pipeline.overview import findings as findings_about
from lifeseg.pipeline.report import content as c
from lifeseg.pipeline.report.people import case_titles, listed
from lifeseg.pipeline.report.shapes import distributions, sizes_of
from lifeseg.pipeline.sensitivity import deciding, forms
from lifeseg.pipeline.setting import Setting
from lifeseg.pipeline.stages import Progress, check

if TYPE_CHECKING:
    from lifeseg.diagnostics.diagnostic import Diagnostic
    from lifeseg.interpreter.kpis import Measured
    from lifeseg.records.results_varied import Varied


@dataclass(frozen=True, slots=True)
class Asked:
    """The language; the index or score that is added up; how many are listed and how many of them explained."""

    language: str = "en"
    value: str | None = None
    most: int = 300
    explained: int = 40
    show_personal: bool = False


def report_of(setting: Setting, asked: Asked, progress: Progress | None = None) -> c.Report:
    from lifeseg.records.results_varied import varied

    checked = check(setting.policy, setting.policies)
    model = checked.good()
    known_value(asked.value, [model])
    if setting.engine not in ("interpreter", "duckdb"):
        raise refusal("report-engine", engine=setting.engine)
    only = deciding(model, {(one.entity, one.name) for one in model.definitions if not one.made})
    if not only:
        raise refusal("sensitivity-nothing.decided", policy=model.name)
    with everybody(setting, checked, progress) as run, ExitStack() as stack:
        form, *_ = forms(model, only, asked.value)
        side = stack.enter_context(varied(form, run.folder / f"{form.entity}.parquet"))
        return told(setting, asked, run, side, progress)


def told(setting: Setting, asked: Asked, run: Run, side: Varied, progress: Progress | None) -> c.Report:
    """What is said of everybody who was evaluated."""
    words, model, baseline = catalogue(asked.language), run.checked.good(), run.overview.baseline
    entity, sizes = side.form.entity, sizes_of(model, side, words)
    number, moves = moves_of(setting, model, entity, sizes)
    value = next(
        (words.title(one.titles, one.name) for one in model.definitions if one.name == asked.value), ""
    )
    counted = (
        (words.title(one.titles, one.name), run.overview.rows[one.name]) for one in model.entities.values()
    )
    return c.Report(
        words,
        words.title(model.titles, model.name),
        model.version,
        setting.day(),
        setting.engine,
        tuple(counted),
        number,
        value,
        tuple(tile for one in kpis(run.overview) for tile in tiles(model, one, words)),
        tuple(stages(model, entity, sizes, moves)),
        sizes,
        tuple((one, moves[one.name]) for one in sizes if one.name in moves),
        tuple(distributions(model, side, setting.day(), baseline.statistics, words)),
        tuple(remarks(setting, run, words.language)),
        listed(setting, run, side, asked, words, progress),
    )


# ---- What is said of all ---------------------------------------------------------------------------


def tiles(model: Model, one: Measured, words: Catalogue) -> Iterator[c.Tile]:
    """A tile for each amount, with the target; one that is about the cases' difference stands with that."""
    title, aim = words.title(one.kpi.titles, one.kpi.name), one.kpi.target
    target = target_text(one) if aim is not None else ""
    if one.kpi.by is None:
        yield c.Tile(title, kpi_amount(one, one.amounts[0][1]), target, one.met)
        return
    entity, name = one.kpi.by
    cases = dict(case_titles(model, entity, words)).get(name, {})
    apart = aim is not None and aim.difference
    for case, amount in one.amounts:
        said = cases.get(case or "", case or "")
        yield c.Tile(
            f"{title}: {said}", kpi_amount(one, amount), "" if apart else target, None if apart else one.met
        )
    if apart:
        difference = words.say("report.difference")
        yield c.Tile(f"{title}: {difference}", kpi_amount(one, one.difference), target, one.met)


def stages(
    model: Model, entity: str, sizes: Sequence[c.Sizes], moves: Mapping[str, c.Moves]
) -> Iterator[c.Stages]:
    known = {one.name: one for one in sizes}
    for one in model.of(entity):
        if isinstance(one, Lifecycle) and one.name in known:
            yield c.Stages(one, known[one.name], moves.get(one.name))


def moves_of(
    setting: Setting, model: Model, entity: str, sizes: Sequence[c.Sizes]
) -> tuple[int | None, dict[str, c.Moves]]:
    """The recorded run of the day, and who moved in it by each decision that is remembered; of a first run nobody moved."""
    from lifeseg.pipeline.past import remembered_of
    from lifeseg.pipeline.store import shown, usable
    from lifeseg.tracking.memberships import Span
    from lifeseg.tracking.store import moves, runs_known

    store, day = store_of(setting), setting.day()
    if store is None:
        return None, {}
    with usable():
        runs = [one for one in runs_known(shown(store), model.name) if one.as_of <= day]
        if not runs or runs[-1].as_of != day:
            return None, {}
        if len(runs) == 1:
            return runs[-1].run, {}
        found = {}
        for one in sizes:
            if model.entities[entity].keys and one.name in remembered_of(model, entity):
                rows = moves(shown(store), Span(model.name, entity, one.name, day, day)) or []
                found[one.name] = c.Moves(
                    runs[-2].as_of, {(before, after): count for before, after, count in rows}
                )
        return runs[-1].run, found


def remarks(setting: Setting, run: Run, language: str) -> Iterator[str]:
    """What was found in the data and in the results, each in a sentence."""
    from lifeseg.diagnostics.catalogue import words

    stale, _ = freshness.findings(run.checked.good(), setting, None)
    found: list[Diagnostic] = [
        *run.past.remarks,
        *run.loaded.diagnostics,
        *findings_about(run.overview.model, run.overview.wrong),
        *nobody.findings(run.overview, None),
        *stale,
    ]
    for one in found:
        yield words(one, language).message
