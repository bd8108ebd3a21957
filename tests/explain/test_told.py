"""What a run with reasons writes of every record is what its trace says: clause, margin and reasons, of the packs, of the
manual's pages and of generated policies.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from lifeseg.functions.exact import to_text
from lifeseg.interpreter.evaluate import evaluate
from lifeseg.interpreter.results import Results
from lifeseg.interpreter.trace import DefinitionTrace, RecordTrace
from lifeseg.interpreter.tracer import Tracer
from lifeseg.model.model import Index, Model
from lifeseg.model.with_reasons import margin, reason, why, with_reasons
from tests.agreement.corpus import EXAMPLES, PAGES, ROOT, of_example, of_page
from tests.agreement.pairs import Pair, Tally, pairs
from tests.explain.told import Told, decided, nearest

MOST_RECORDS = 40  # of an entity; a trace takes much longer than a result


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_pack(folder: Path) -> None:
    assert list(differences(of_example(folder))) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_page(page: Path, tmp_path: Path) -> None:
    assert [found for pair in of_page(page, tmp_path) for found in differences(pair)] == []


@pytest.mark.parametrize("chunk", range(5))
def test_generated(chunk: int) -> None:
    made = pairs(10, Tally(), first=1_000 * chunk)
    assert [(pair.name, found) for pair in made for found in differences(pair)] == []


def differences(pair: Pair) -> Iterator[str]:
    """Where columns and trace say different things."""
    told = evaluate(with_reasons(pair.model), pair.population, pair.as_of)
    results = evaluate(pair.model, pair.population, pair.as_of)
    if None in results.baseline.statistics.values():
        return  # a statistic of nobody makes conditions unknown that the checker has found to be known
    tracer = Tracer(results)
    for entity in pair.model.entities:
        for place in range(min(len(told.rows[entity]), MOST_RECORDS)):
            record = tracer.trace(entity, place).record
            for one in own_of(record, entity):
                yield from wrong_with(told, entity, place, one)


def own_of(record: RecordTrace, entity: str) -> list[DefinitionTrace]:
    return [one for one in record.definitions if not {"offers", "watched"} & {*one.remarks}]


def wrong_with(told: Results, entity: str, place: int, one: DefinitionTrace) -> Iterator[str]:
    cells = Cells(told, entity, place)
    if one.kind == "score":
        expected = [*one.reasons[:3], *[None] * 3][:3]
        found = [cells.text(reason(one.name, rank)) for rank in (1, 2, 3)]
        if found != expected:
            yield f"{one.name}: {found} and not {expected}"
        yield from cells.compared(one, nearest_limit(one))
    elif one.kind == "rank" and why(one.name) in cells.indexes:  # of personal facts nothing is told
        yield from cells.compared(one, nearest_limit(one) if one.value is not None else None)
    elif one.kind in ("segment", "table", "lifecycle"):
        yield from cells.compared(one, decided(one, personal_in(told.model)))


def nearest_limit(one: DefinitionTrace) -> Told | None:
    """The band or class whose threshold is nearest."""
    limits = [limit for limit in one.thresholds if limit.threshold is not None]
    near = [Told(limit.name, Decimal(limit.distance)) for limit in limits if limit.distance is not None]
    return nearest(near) if near else None


class Cells:
    """The columns of one record."""

    def __init__(self, told: Results, entity: str, place: int) -> None:
        self.told, self.entity, self.place = told, entity, place
        self.indexes = {one.name: one for one in told.model.of(entity) if isinstance(one, Index)}

    def text(self, name: str) -> str | None:
        found = self.told.column(self.entity, name)[self.place] if name in self.indexes else None
        assert found is None or isinstance(found, str)
        return found

    def number(self, name: str) -> Decimal | None:
        found = self.told.column(self.entity, name)[self.place] if name in self.indexes else None
        assert found is None or isinstance(found, int)
        return None if found is None else Decimal(to_text(found, self.indexes[name].type.scale))

    def compared(self, one: DefinitionTrace, expected: Told | None) -> Iterator[str]:
        text, number = self.text(why(one.name)), self.number(margin(one.name))
        wanted, distance = expected or (None, None)
        if distance is not None and margin(one.name) in self.indexes:
            unit = Decimal(1).scaleb(-self.indexes[margin(one.name)].type.scale)
            distance = distance.quantize(unit, ROUND_HALF_UP)
        if text != wanted and not (one.kind == "table" and text and wanted and text.endswith(f": {wanted}")):
            yield f"{one.name}: `{text}` and not `{wanted}`"
        elif number != distance:
            yield f"{one.name}: {number} and not {distance}"


def personal_in(model: Model) -> set[str]:
    return {fact.name for entity in model.entities.values() for fact in entity.facts if fact.personal}
