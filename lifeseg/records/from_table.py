"""A table of texts, its heading and the keys of the parents come in; typed rows with their parents go out.

It works on whole columns, because a million rows have to be read in seconds. It knows nothing of formats of
files.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import compress
from typing import NamedTuple, cast

from lifeseg.diagnostics.diagnostic import Diagnostic, problem
from lifeseg.functions.exact import to_text
from lifeseg.model.expression import Value
from lifeseg.model.model import Entity, Fact
from lifeseg.model.personal import MASK
from lifeseg.records.findings import Refused, finding, located, row_in_words, shown
from lifeseg.records.from_cell import WANTED, Cells
from lifeseg.records.heading import Column, Heading
from lifeseg.records.population import Rows
from lifeseg.records.source import Batch

Key = Hashable
"""A record's key with its ancestors' keys before it: the value itself, or a tuple where there are several."""

Report = Callable[[int, Diagnostic], None]
"""Takes the line of a bad row and one of its reasons."""

Typed = list[Value | Refused]


class Keys(NamedTuple):
    """Where each key stands among an entity's rows; `spoilt` are the keys of rows that were refused."""

    places: Mapping[Key, int]
    spoilt: set[Key]


class TableReader:
    """Takes a table batch by batch; `rows` are the good ones, the others are reported."""

    def __init__(
        self,
        entity: Entity,
        heading: Heading,
        parents: Keys | None,
        files: Sequence[str],
        report: Report,
    ) -> None:
        self.rows = Rows(entity.name)
        self.count = 0
        self.blank = 0
        linkable = all(column.position is not None for column in heading.ancestors)
        self._entity, self._heading, self._parents = entity, heading, parents if linkable else None
        self._files, self._report = files, report
        columns = (*heading.ancestors, *heading.own)
        self._cells = {id(column): Cells(column.fact) for column in columns}
        self._key_columns = [column for column in heading.own if column.fact.key]
        needed = (*heading.ancestors, *self._key_columns)
        self.has_keys = bool(self._key_columns) and all(column.position is not None for column in needed)
        self._keys: list[Key] = []
        self._spoilt: list[tuple[Key, int]] = []
        self._uneven: set[Key] = set()

    def take(self, batch: Batch) -> None:
        """Type the rows of a batch, link them to their parents, and keep the good ones."""
        lines, rows = self._even(*self._written(batch))
        if not rows:
            return
        texts: Sequence[Sequence[str]] = list(zip(*rows, strict=True))
        bad: set[int] = set()
        above = [self._typed(column, texts, lines, bad) for column in self._heading.ancestors]
        own = [self._typed(column, texts, lines, bad) for column in self._heading.own]
        parents = self._linked(above, texts, lines, bad) if self._parents is not None and above else []
        keys = self._keys_of(above, own) if self.has_keys else []
        records = cast("list[tuple[Value, ...]]", list(zip(*own, strict=True)))
        if bad:
            good = [number not in bad for number in range(len(lines))]
            self._spoil(keys, lines, bad)
            records, lines = list(compress(records, good)), list(compress(lines, good))
            parents, keys = list(compress(parents, good)), list(compress(keys, good))
        self.rows.values.extend(records)
        self.rows.lines.extend(lines)
        self.rows.parents.extend(parents)
        self._keys.extend(keys)

    def keys(self) -> Keys:
        """The keys, once all rows are taken; rows that share a key are reported and left out, every one."""
        spoilt = {key for key, _ in self._spoilt}
        index = dict(zip(self._keys, range(len(self._keys)), strict=True))
        if len(index) < len(self._keys) or len(spoilt) < len(self._spoilt) or not spoilt.isdisjoint(index):
            twice = self._duplicates()
            good = [key not in twice for key in self._keys]
            rows = self.rows
            rows.values, rows.lines = list(compress(rows.values, good)), list(compress(rows.lines, good))
            rows.parents, self._keys = list(compress(rows.parents, good)), list(compress(self._keys, good))
            index = dict(zip(self._keys, range(len(self._keys)), strict=True))
            spoilt |= twice
        return Keys(index, spoilt | self._uneven)

    def _written(self, batch: Batch) -> tuple[list[int], list[Sequence[str]]]:
        """The rows that have any text."""
        written = list(map(any, batch.rows))
        count = sum(written)
        self.count += count
        self.blank += len(written) - count
        if count == len(written):
            return batch.lines, batch.rows
        return list(compress(batch.lines, written)), list(compress(batch.rows, written))

    def _even(self, lines: list[int], rows: list[Sequence[str]]) -> tuple[list[int], list[Sequence[str]]]:
        """The rows that have as many cells as the heading."""
        width = self._heading.width
        if set(map(len, rows)) <= {width}:
            return lines, rows
        even = [len(row) == width for row in rows]
        for line, row in zip(lines, rows, strict=True):
            if len(row) != width:
                key = "data-row-length.short" if len(row) < width else "data-row-length"
                self._report(line, problem(key, located(self._files, line), cells=len(row), columns=width))
                self._uneven.update(self._key_as_far_as_known(row))
        return list(compress(lines, even)), list(compress(rows, even))

    def _key_as_far_as_known(self, row: Sequence[str]) -> list[Key]:
        """The key of a row with too few or too many cells, so that its children are not called orphans."""
        columns = (*self._heading.ancestors, *self._key_columns)
        cells = [row[column.position or 0 : (column.position or 0) + 1] for column in columns]
        if not self.has_keys or not all(cells):
            return []
        values = [self._cells[id(column)].read(cell) for column, cell in zip(columns, cells, strict=True)]
        return [] if Refused in {type(value) for (value,) in values} else _combined(values)

    def _typed(
        self, column: Column, texts: Sequence[Sequence[str]], lines: Sequence[int], bad: set[int]
    ) -> Typed:
        if column.position is None:
            return [None] * len(lines)
        written = texts[column.position]
        values = self._cells[id(column)].read(written)
        if Refused in set(map(type, values)):
            for number, value in enumerate(values):
                if type(value) is Refused:
                    bad.add(number)
                    place = located(self._files, lines[number])
                    found = refusal(value, column.name, column.fact, written[number])
                    self._report(lines[number], finding(value.key, place, found))
        return values

    def _linked(
        self, above: list[Typed], texts: Sequence[Sequence[str]], lines: Sequence[int], bad: set[int]
    ) -> list[int]:
        """The index of each row's parent; rows without one are bad."""
        assert self._parents is not None
        keys = _combined(above)
        parents = list(map(self._parents.places.get, keys))
        if None in parents:
            for number, parent in enumerate(parents):
                if parent is None and not any(type(column[number]) is Refused for column in above):
                    bad.add(number)
                    key = "data-orphan.set-aside" if keys[number] in self._parents.spoilt else "data-orphan"
                    place = located(self._files, lines[number])
                    named = [self._key_part(column, texts, number) for column in self._heading.ancestors]
                    words = {"column": self._heading.ancestors[-1].name, "key": ", ".join(named)}
                    words |= {"parent": str(self._entity.parent), "entity": self._entity.name}
                    self._report(lines[number], finding(key, place, words))
        return cast("list[int]", parents)

    def _key_part(self, column: Column, texts: Sequence[Sequence[str]], number: int) -> str:
        return MASK if column.fact.personal else shown(texts[column.position or 0][number])

    def _keys_of(self, above: list[Typed], own: list[Typed]) -> list[Key]:
        keys = [values for values, column in zip(own, self._heading.own, strict=True) if column.fact.key]
        return _combined([*above, *keys])

    def _spoil(self, keys: Sequence[Key], lines: Sequence[int], bad: set[int]) -> None:
        """Remember the keys of bad rows, as far as they could be read."""
        for number in sorted(bad) if keys else ():
            key = keys[number]
            if not any(type(part) is Refused for part in (key if isinstance(key, tuple) else (key,))):
                self._spoilt.append((key, lines[number]))

    def _duplicates(self) -> set[Key]:
        """Report every row whose key an earlier row has, and the earliest too; return the keys."""
        lines: defaultdict[Key, list[int]] = defaultdict(list)
        for key, line in [*zip(self._keys, self.rows.lines, strict=True), *self._spoilt]:
            lines[key].append(line)
        twice = {key: sorted(found) for key, found in lines.items() if len(found) > 1}
        facts = [column.fact for column in (*self._heading.ancestors, *self._key_columns)]
        for key, found in sorted(twice.items(), key=lambda item: item[1][1]):
            parts = key if isinstance(key, tuple) else (key,)
            named = [key_text(fact, part) for fact, part in zip(facts, parts, strict=True)]
            words = {
                "column": self._key_columns[0].name,
                "key": ", ".join(named),
                "entity": self._entity.name,
            }
            first_row = row_in_words(self._files, found[0])
            for line in found[1:]:
                place = located(self._files, line)
                self._report(line, finding("data-duplicate-key", place, words | {"first_row": first_row}))
            first, other = located(self._files, found[0]), {"other_row": row_in_words(self._files, found[1])}
            self._report(found[0], finding("data-duplicate-key.first", first, words | other))
        return set(twice)


def refusal(refused: Refused, column: str, fact: Fact, text: str) -> dict[str, str]:
    """What the words of a refusal need; the value of a personal fact appears nowhere in them."""
    arguments = dict(refused.arguments)
    if fact.personal:
        arguments.pop("suggestion", None)
    value = MASK if fact.personal else shown(text)
    return {**arguments, "column": column, "value": value, "wanted": WANTED.get(fact.kind, "a value")}


def key_text(fact: Fact, value: object) -> str:
    """A part of a key as a message shows it."""
    if fact.personal:
        return MASK
    return to_text(value, fact.type.scale) if type(value) is int else shown(str(value))


def _combined(columns: Sequence[Typed]) -> list[Key]:
    return list(columns[0]) if len(columns) == 1 else list(zip(*columns, strict=True))
