"""What was evaluated comes in; those who are worth most of each case go out, some of them with their explanations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from lifeseg.explain.catalogue import Catalogue
from lifeseg.frozen import dataclass
from lifeseg.model.model import FlagBlock, Lifecycle, Model, Rank, Segment, Table
from lifeseg.model.personal import MASK, key_facts, personal
from lifeseg.pipeline.kept import in_order_of_text, key_columns
from lifeseg.pipeline.lookup import Ground, above, evaluated, is_plain, typed_key
from lifeseg.pipeline.opened import Opened, store_of
from lifeseg.pipeline.past import Past
from lifeseg.pipeline.report import content as c
from lifeseg.pipeline.report.shapes import titles_of, worth_text
from lifeseg.pipeline.sensitivity import cases_by, columns_of
from lifeseg.pipeline.setting import Setting, data_sources
from lifeseg.pipeline.stages import Checked, Progress, evaluate, load

if TYPE_CHECKING:
    from lifeseg.explain.explanation import Explanation
    from lifeseg.interpreter.results import Baseline, Results
    from lifeseg.pipeline.report.from_run import Asked
    from lifeseg.records.results_varied import Varied

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class People:
    """Where records are found again: in memory, or in the data files with the statistics of everybody."""

    setting: Setting
    checked: Checked
    past: Past
    baseline: Baseline
    opened: Opened | None

    def of(self, entity: str, keys: Sequence[Key]) -> Iterator[tuple[Key, Opened]]:
        """The records that are found, each with its results."""
        if self.opened is not None:
            yield from ((key, self.opened) for key in keys)
            return
        from lifeseg.records.files import fingerprint, is_big
        from lifeseg.records.lookup import within_reach

        model, day = self.checked.good(), self.setting.day()
        sources = data_sources(self.setting, model)
        ground = Ground(model, sources, day, self.setting.workspace, store_of(self.setting), self.past)
        mark, top = fingerprint(sources[name] for name in model.entities), above(model, entity)[0]
        with within_reach(model.entities, sources, day, ground.limits) as files:
            if files is not None and is_plain(files, model, mark, None):
                for key in keys:
                    if (typed := typed_key(top, key)) is not None:
                        yield key, self.as_opened(evaluated(ground, files, top.name, [typed], self.baseline))
                return
        if not is_big(model.entities, sources):
            whole = replace(self.as_opened(self.read_again()), positions=None)
            yield from ((key, whole) for key in keys)

    def as_opened(self, results: Results) -> Opened:
        return Opened(self.checked, self.past.model, results, None, positions={}, hand=self.past.hand)

    def read_again(self) -> Results:
        """All of it, where files cannot be asked for single records: a child without a key, rows that were set aside."""
        from lifeseg.records.memory import with_memory

        model = self.checked.good()
        population, _ = load(model, data_sources(self.setting, model), "set-aside")
        if self.past.files:
            population = with_memory(population, model.entities, self.past.files)
        return evaluate(self.past.model, population, self.setting.day(), self.baseline)


def listed(
    people: People,
    model: Model,
    side: Varied,
    asked: Asked,
    words: Catalogue,
    progress: Progress | None,
) -> c.Listed:
    """Of each case of each decision the same number; those worth most are explained."""
    from lifeseg.records.results_told import firsts, rows_of

    entity = side.form.entity
    columns = shown_columns(model, entity)
    options = {column: found for column, found in cases_by(model, side.form).items() if column in columns}
    each = max(1, asked.most // max(1, sum(map(len, options.values()))))
    keys = firsts(side, options, each)[: asked.most]
    worth = [side.form.worth] if side.form.worth is not None else []
    headings = [c.Heading(title, decision=False) for title in key_titles(model, entity, words)]
    headings += [c.Heading(title) for title in columns_titles(model, entity, columns, words)]
    headings += [
        c.Heading(words.title(one.titles, one.name), right=True)
        for one in model.of(entity)
        if one.name in worth
    ]
    width, rows = len(side.form.keys), []
    said = dict(case_titles(model, entity, words))
    for row in rows_of(side, keys, [*columns, *worth]):
        cells = [cell(said[column], value) for column, value in zip(columns, row[width:], strict=False)]
        amounts = [worth_cell(value) for value in row[width + len(columns) :]]
        rows.append((*map(str, row[:width]), *cells, *amounts))
    wanted = chosen(rows, width, len(columns), asked.explained)
    found = dict(explained(people, entity, wanted, asked, progress))
    if personal(model, entity).intersection(worth) and not asked.show_personal:
        rows = [(*row[: width + len(columns)], *(MASK for _ in worth)) for row in rows]
    if any(hidden for _, hidden in key_facts(model, entity)) and not asked.show_personal:
        names = {"/".join(row[:width]): f"{MASK} {number}" for number, row in enumerate(rows, 1)}
        rows = [(names["/".join(row[:width])], *([MASK] * (width - 1)), *row[width:]) for row in rows]
        found = {"/".join((names[key], *([MASK] * (width - 1)))): one for key, one in found.items()}
    return c.Listed(tuple(headings), tuple(rows), side.everybody().count, found)


def key_titles(model: Model, entity: str, words: Catalogue) -> Iterator[str]:
    """Of the keys of all above it, too; a record without a key of its own has a number, and no title for it."""
    titles = {fact.name: fact.titles for one in above(model, entity) for fact in one.keys}
    for column in key_columns(model, model.entities[entity]):
        yield words.title(titles.get(column.name, {}), column.name)


def shown_columns(model: Model, entity: str) -> list[str]:
    """The decisions that a list shows: no bands, which say the same as what rests on them."""
    return [
        column
        for one in in_order_of_text(model, entity)
        if isinstance(one, Lifecycle | Segment | Rank | Table | FlagBlock) and not one.made
        for column in columns_of(one)
    ]


def columns_titles(model: Model, entity: str, columns: Sequence[str], words: Catalogue) -> Iterator[str]:
    known = {one.name: one for one in model.of(entity)}
    return (words.title(known[column].titles, column) for column in columns)


def case_titles(model: Model, entity: str, words: Catalogue) -> Iterator[tuple[str, dict[str, str]]]:
    for one in model.of(entity):
        for column in columns_of(one):
            yield column, {name: words.title(title, name) for name, title in titles_of(model, one).items()}


def cell(titles: dict[str, str], value: object) -> str:
    if isinstance(value, list):
        return ", ".join(titles.get(str(one), str(one)) for one in value)
    return "–" if value is None else titles.get(str(value), str(value))


def worth_cell(value: object) -> str:
    from fractions import Fraction

    return "–" if value is None else str(worth_text(Fraction(str(value))))


def chosen(rows: Sequence[Sequence[str]], width: int, decisions: int, most: int) -> list[Key]:
    """In the order of the list, but one of each combination of cases before the second of any."""
    seen: dict[tuple[str, ...], int] = {}
    ranked = []
    for place, row in enumerate(rows):
        cases = tuple(row[width : width + decisions])
        seen[cases] = seen.get(cases, -1) + 1
        ranked.append((seen[cases], place, tuple(row[:width])))
    return [key for _, _, key in sorted(ranked)[:most]]


def explained(
    people: People, entity: str, keys: Sequence[Key], asked: Asked, progress: Progress | None
) -> Iterator[tuple[str, Explanation]]:
    """By the key as people write it."""
    from lifeseg.pipeline.explaining import explained as explain
    from lifeseg.pipeline.freshness import stale_flags

    stale = stale_flags(people.checked.good(), people.setting)
    for number, (key, opened) in enumerate(people.of(entity, keys)):
        if progress is not None:
            progress("explaining", number, len(keys))
        written = "/".join(key)
        place = opened.results.index(entity, key)
        if place is not None:
            found, _ = explain(
                opened, entity, place, language=asked.language, detail=2, titled=True, stale=stale,
                show_personal=asked.show_personal
            )  # fmt: skip
            yield written, found
