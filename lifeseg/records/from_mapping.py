"""One record as a mapping comes in, its children as lists under their names; a population of it goes out.

Every value is read as the same text in a file would be, so a number may be given as int, Decimal, float or
text, a date as a date or in ISO form. What names no fact is an error here: a program has no reason to send
it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterator, Mapping, Sequence

from lifeseg.diagnostics.diagnostic import problem
from lifeseg.model.expression import Value
from lifeseg.model.model import Entity, Fact
from lifeseg.records.findings import Findings, Refused, finding, nearest, shown
from lifeseg.records.from_cell import WANTED, Cells
from lifeseg.records.from_table import key_text, refusal
from lifeseg.records.loaded import Loaded
from lifeseg.records.population import Population, Rows
from lifeseg.records.to_cell import to_cell


def from_mapping(
    entities: Mapping[str, Entity], record: Mapping[str, object], entity: str | None = None
) -> Loaded:
    """Read one record of `entity`, or of the first entity without a parent; nothing is set aside.

    A fact that is optional may be left out or None. In findings the column is a path, counted from 1, such as
    `usage[2].satisfaction`, and there is no place. The fingerprint is that of the texts that were read.
    """
    top = entities[entity] if entity else next(found for found in entities.values() if found.parent is None)
    reading = _Reading(entities)
    reading.take(top, record, "", None)
    diagnostics = reading.findings.listed()
    if reading.findings.failed:
        return Loaded(None, diagnostics)
    return Loaded(Population(reading.rows, reading.fingerprint.hexdigest()), diagnostics)


class _Reading:
    """The state of one call of `from_mapping`."""

    def __init__(self, entities: Mapping[str, Entity]) -> None:
        self.entities = entities
        self.findings = Findings()
        self.rows = {name: Rows(name) for name in entities}
        self.fingerprint = hashlib.sha256()

    def take(self, entity: Entity, record: Mapping[str, object], path: str, parent: int | None) -> int:
        """Add a record and its children; return its number among the entity's records."""
        children = {name: child for name, child in self.entities.items() if child.parent == entity.name}
        known = [*(fact.name for fact in entity.facts), *children]
        for name in record:
            if name not in known:
                column, near = path + shown(str(name)), nearest(str(name), known)
                words = {"column": column, "entity": entity.name, "suggestion": near}
                self.findings.add(finding("data-unknown-column.record", None, words))
        rows = self.rows[entity.name]
        number = len(rows.values)
        rows.values.append(tuple(self._value(fact, record, path) for fact in entity.facts))
        rows.lines.append(number + 1)
        if parent is not None:
            rows.parents.append(parent)
        for name, child in children.items():
            self._take_children(child, record.get(name), f"{path}{name}", number)
        return number

    def _value(self, fact: Fact, record: Mapping[str, object], path: str) -> Value:
        column = path + fact.name
        given = record.get(fact.name)
        text = to_cell(given)
        if text is None:
            words = {"column": column, "wanted": WANTED.get(fact.kind, "a value"), "value": "…"}
            self.findings.add(finding("data-type", None, words))
            return None
        self.fingerprint.update(f"{column}={text}\0".encode("utf-8", "surrogatepass"))
        value = Cells(fact)[text]
        if type(value) is Refused:
            self.findings.add(finding(value.key, None, refusal(value, column, fact, text)))
            return None
        assert not isinstance(value, Refused)
        return value

    def _take_children(self, child: Entity, given: object, path: str, parent: int) -> None:
        if given is None:
            return
        if isinstance(given, str | bytes | Mapping) or not isinstance(given, Sequence):
            self.findings.add(problem("data-type.records", None, column=path, entity=child.name))
            return
        numbers = [
            self.take(child, item, f"{path}[{place}].", parent)
            for place, item in self._mappings(child, given, path)
        ]
        self._check_keys(child, numbers, path)

    def _mappings(
        self, child: Entity, given: Sequence[object], path: str
    ) -> Iterator[tuple[int, Mapping[str, object]]]:
        for place, item in enumerate(given, start=1):
            if isinstance(item, Mapping):
                yield place, item
            else:
                column = f"{path}[{place}]"
                self.findings.add(problem("data-type.records", None, column=column, entity=child.name))

    def _check_keys(self, child: Entity, numbers: Sequence[int], path: str) -> None:
        """No two children of one parent have the same key."""
        positions = [position for position, fact in enumerate(child.facts) if fact.key]
        first: dict[Hashable, int] = {}
        for place, number in enumerate(numbers if positions else (), start=1):
            values = self.rows[child.name].values[number]
            key = tuple(values[position] for position in positions)
            if first.setdefault(key, place) != place and None not in key:
                named = ", ".join(
                    key_text(child.facts[at], part) for at, part in zip(positions, key, strict=True)
                )
                words = {
                    "column": path,
                    "entity": child.name,
                    "key": named,
                    "row": place,
                    "first_row": first[key],
                }
                self.findings.add(finding("data-duplicate-key.record", None, words))
