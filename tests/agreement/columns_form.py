"""A pair comes in; its outcome by the form that takes whole tables as columns goes out."""

from __future__ import annotations

from typing import Any

from lifeseg.engines.column_formulas import NotByColumnsError
from lifeseg.engines.column_reading import pythonic
from lifeseg.engines.columns import ByColumns
from lifeseg.interpreter.evaluate import evaluate
from lifeseg.pipeline.by_columns import key_columns
from lifeseg.pipeline.compiling import reading_of
from lifeseg.plan.from_expression import Gap
from lifeseg.plan.from_model import from_model
from tests.agreement.as_columns import as_columns
from tests.agreement.as_mapping import in_json
from tests.agreement.compiled_form import count, lenient, wrong
from tests.agreement.outcome import Outcome, keys_by_entity
from tests.agreement.pairs import Pair


class ColumnsForm:
    """With the statistics of a whole run by the interpreter. Values are given in the ways of programs, and as in JSON."""

    def outcome(self, pair: Pair) -> Outcome:
        statistics = evaluate(pair.model, pair.population, pair.as_of).baseline.statistics
        plan = from_model(pair.model, pair.as_of, known=statistics)
        readings = {one.name: lenient(reading_of(pair.model, one)) for one in pair.model.entities.values()}
        above = {name: key_columns(pair.model, name) for name in pair.model.entities}
        try:
            by_columns = ByColumns(plan, statistics, readings, above)
        except NotByColumnsError as error:
            raise Gap(str(error)) from error
        given = as_columns(pair.model, pair.population)
        outcome = self.of_columns(pair, by_columns, given)
        plain = as_columns(pair.model, pair.population, give=in_json)
        assert self.of_columns(pair, by_columns, plain) == outcome
        outcome.statistics = dict(statistics)
        return outcome

    def of_columns(self, pair: Pair, by_columns: ByColumns, tables: Any) -> Outcome:
        outcome, keys = Outcome(), keys_by_entity(pair)
        _, found = by_columns.worked_out(tables)
        for step in by_columns.outputs:
            rows = found[step.entity]

            def values(kind: str, column: str) -> list[Any]:
                return pythonic(kind, rows.columns[column], rows.count, rows.words)  # noqa: B023

            for result in step.results:
                column = values(result.kind, result.column)
                outcome.columns[step.entity, result.name] = dict(zip(keys[step.entity], column, strict=True))
            for looked_at in (*step.troubles, *step.claims):
                for value in values("whole", looked_at.column):
                    if wrong(looked_at, value):
                        count(outcome, step.entity, looked_at)
        return outcome
