"""A case on large data comes in; those of its members who are worth most go out with everything beneath them, and how many
members there are. The engine finds them, then the interpreter evaluates them with the statistics of everybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from lifeseg.model.model import Flag, Index, Model, Score
from lifeseg.pipeline.cheapest import value_name
from lifeseg.pipeline.everybody import everybody, families
from lifeseg.pipeline.listing import Query, Wanted, listed_entity, wanted_of
from lifeseg.pipeline.opened import Opened
from lifeseg.pipeline.sensitivity import everything_decided, forms
from lifeseg.pipeline.setting import Setting, data_sources
from lifeseg.pipeline.stages import Checked, Progress


def members(
    setting: Setting,
    checked: Checked,
    cases: Sequence[str],
    value: str | None,
    top: int | None,
    progress: Progress | None,
) -> tuple[Opened, int] | None:
    """None where the data are soon read as a whole, or files cannot be asked for single records."""
    from lifeseg.records.files import is_big
    from lifeseg.records.results_told import members as found_among
    from lifeseg.records.results_varied import varied

    model = checked.good()
    if not is_big(model.entities, data_sources(setting, model)):
        return None
    asked = wanted_of(model, cases)
    entity = listed_entity(model, asked, Query(tuple(cases)))
    worth = value_name(model, entity, value)
    form = next((one for one in forms(model, everything_decided(model), worth) if one.entity == entity), None)
    tests = list(tests_of(model, entity, asked))
    if form is None or len(tests) < len(asked) or not all(column in form.decisions for column, _ in tests):
        return None
    if worth is not None and not any(
        one.name == worth and isinstance(one, Index | Score) for one in model.of(entity)
    ):
        return None
    with everybody(replace(setting, engine="duckdb"), checked, progress) as run:
        with varied(form, run.folder / f"{entity}.parquet") as side:
            keys, count = found_among(side, tests, top)
        found = families(setting, run, entity, keys, progress)
    return (found, count) if found is not None else None


def tests_of(model: Model, entity: str, asked: Sequence[Wanted]) -> Iterator[tuple[str, Sequence[str]]]:
    """What is asked of the entity itself: columns of results, and the cases or flags of which a record has one."""
    blocks = {one.name: one.block for one in model.of(entity) if isinstance(one, Flag)}
    for one in asked:
        if one.entity == entity and blocks.get(one.column) is not None:
            yield str(blocks[one.column]), [one.column]
        elif one.entity == entity and all(isinstance(case, str) for case in one.cases):
            yield one.column, sorted(map(str, one.cases))
