"""What was evaluated comes in; those who are worth most of each case go out, some of them with their explanations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lifeseg.explain.catalogue import Catalogue
from lifeseg.model.model import FlagBlock, Lifecycle, Model, Rank, Segment, Table
from lifeseg.model.personal import MASK, key_facts, personal
from lifeseg.pipeline.everybody import Key, Run, found_again
from lifeseg.pipeline.kept import in_order_of_text, key_columns
from lifeseg.pipeline.lookup import above
from lifeseg.pipeline.report import content as c
from lifeseg.pipeline.report.shapes import titles_of, worth_text
from lifeseg.pipeline.sensitivity import cases_by, columns_of
from lifeseg.pipeline.setting import Setting
from lifeseg.pipeline.stages import Progress

if TYPE_CHECKING:
    from lifeseg.explain.explanation import Explanation
    from lifeseg.pipeline.report.from_run import Asked
    from lifeseg.records.results_varied import Varied


def listed(
    setting: Setting,
    run: Run,
    side: Varied,
    asked: Asked,
    words: Catalogue,
    progress: Progress | None,
) -> c.Listed:
    """Of each case of each decision the same number; those worth most are explained."""
    from lifeseg.records.results_told import firsts, rows_of

    model, entity = run.checked.good(), side.form.entity
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
    found = dict(explained(setting, run, entity, wanted, asked, progress))
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
    setting: Setting, run: Run, entity: str, keys: Sequence[Key], asked: Asked, progress: Progress | None
) -> Iterator[tuple[str, Explanation]]:
    """By the key as people write it."""
    from lifeseg.pipeline.explaining import explained as explain
    from lifeseg.pipeline.freshness import stale_flags

    opened = found_again(setting, run, entity, keys)
    if opened is None:
        return
    stale = stale_flags(run.checked.good(), setting)
    for number, key in enumerate(keys):
        if progress is not None:
            progress("explaining", number, len(keys))
        place = opened.results.index(entity, key)
        if place is not None:
            found, _ = explain(
                opened, entity, place, language=asked.language, detail=2, titled=True, stale=stale,
                show_personal=asked.show_personal
            )  # fmt: skip
            yield "/".join(key), found
