"""Data files and entities come in; typed views in a DuckDB database go out, or word that one wants a careful
read.

A view has the key columns `_k1`, `_k2` … (ancestors' first) and the facts as engines hold them: numbers as whole numbers
at the fact's scale. Only plain, valid values are taken this way; where a cell is anything else, `suspicious` says so,
and the careful reader of from_files, which knows every way to write a value, gives the values or the findings.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifeseg.diagnostics.diagnostic import Diagnostic
from lifeseg.frozen import dataclass
from lifeseg.model.model import Entity, Fact
from lifeseg.records.files import base_of, files_of, is_several, partitions
from lifeseg.records.findings import at
from lifeseg.records.heading import Column, Heading, key_columns, match_heading
from lifeseg.records.identifiers import identifiers
from lifeseg.records.number import bounds
from lifeseg.records.source import Source, facts_named

if TYPE_CHECKING:
    import duckdb

WHOLE = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"})
FLOATING = frozenset({"FLOAT", "DOUBLE"})
EXACT_DOUBLE = 2**47
"""Of floating-point numbers at their fact's scale: below it rounding is off by less than a twentieth of a step."""
SQL_TYPES = {"number": "BIGINT", "text": "VARCHAR", "choice": "VARCHAR", "truth": "BOOLEAN", "date": "DATE"}
CATALOGUE = "_file_"
MILD = ("data-unknown-column", "data-unknown-column.unnamed", "data-missing-column.optional")
TRUE = ("yes", "y", "true", "1", "是")
FALSE = ("no", "n", "false", "0", "否")
BLANKS = "".join(chr(code) for code in (*range(9, 14), *range(28, 33), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B),
                                        0x2028, 0x2029, 0x202F, 0x205F, 0x3000))  # fmt: skip
"""What Python takes for blanks; DuckDB's own functions know only the space."""
FEW = 60
"""So many options can be told apart by the bits of one whole number."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A column's value as SQL, and a condition that is true where what is there is not plainly valid, and false elsewhere.

    The conditions compare columns with constants where they can: then the statistics of a Parquet file often prove them
    false before anything is read.
    """

    value: str
    odd: str


@dataclass(frozen=True, slots=True)
class Typed:
    """The views of the records that exist on the day and of all; the condition of rows that are not plainly valid."""

    entity: str
    view: str
    everything: str
    rows: str  # the FROM clause of the file
    odd: str
    keys: int
    options: tuple[str, ...]  # of the last key, if it is one of a few
    findings: tuple[Diagnostic, ...]
    columns: tuple[str, ...]  # what the views select: the keys, then the facts
    names: frozenset[str] = frozenset()  # of the file's columns, in lower case


@dataclass(frozen=True, slots=True)
class Held:
    """A column of a file: how it is written in SQL, and its type."""

    written: str
    kind: str


class NotPlainError(Exception):
    """The file cannot be read the fast way."""


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def file_rows(source: Source) -> str:
    """The FROM clause that reads a file, a folder of files, or a pattern of files."""
    if source.table is not None:
        return f"{quoted(catalogue_of(source))}.{quoted_table(source.table)}"
    files = files_of(source)
    names = ", ".join(text(exactly(str(path))) for path in files)
    options = f"hive_partitioning = {in_folders(source, files)}, hive_types_autocast = false"
    if is_several(source):
        options += ", union_by_name = true"
    endings = {path.suffix.lower() for path in files}
    if endings and endings <= {".parquet", ".pq"}:
        return f"read_parquet([{names}], {options})"
    if endings == {".csv"} and source.encoding in (None, "utf-8"):
        return (
            f"read_csv([{names}], {options}, all_varchar = true, header = true, delim = ',', quote = '\"', escape = '\"',"
            f" nullstr = '', strict_mode = true, null_padding = false)"
        )
    raise NotPlainError


def in_folders(source: Source, files: Sequence[Path]) -> str:
    """Whether the folders of the files are columns; all files must have the same, and none above the source."""
    if not is_several(source):
        return "false"
    found = {tuple(partitions(source, path)) for path in files}
    if found == {()}:
        return "false"
    names = {part.partition("=")[0] for path in files for part in path.parts}
    if (
        len(found) > 1
        or any("%" in name for name in names)
        or any("=" in part for part in base_of(source).parts)
    ):
        raise NotPlainError
    return "true"


def exactly(path: str) -> str:
    """A path in which `*`, `?` and `[` stand for themselves, not for other files."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in path)


def catalogue_of(source: Source) -> str:
    """The name under which a database file is attached."""
    return f"{CATALOGUE}{source.path.absolute()}"


def quoted_table(name: str) -> str:
    """A table's name, perhaps with its schema before it."""
    return ".".join(quoted(part) for part in name.split("."))


def typed_view(
    database: duckdb.DuckDBPyConnection,
    entities: Mapping[str, Entity],
    entity: Entity,
    source: Source,
    as_of: date,
    short: bool = False,
) -> Typed:
    """Makes the view of an entity's records that exist on a day; `short`: a key of their own that is one of a few texts is
    a byte that counts as its text. Then texts that are none of these are errors.

    Raises NotPlainError where the heading or a column's type is unusual.
    """
    rows = file_rows(source)
    described = columns_of(database, rows)
    held = [Held(quoted(name), kind) for name, kind in described]
    held += [Held(text(value), "VARCHAR") for value in source.constants.values()]
    names = facts_named(source, [name for name, _ in described])
    heading, found = match_heading(entities, entity, names, at(str(source.path), 1))
    if not entity.keys or any(finding.key not in MILD for finding in found) or renamed(heading, names):
        raise NotPlainError
    keys, selected, odd = selection(entity, heading, held, short)
    table = identifiers(entities)[entity.name]
    view, everything = f"_records_{table}", f"_all_{table}"
    make_view(database, everything, f"SELECT {', '.join(selected)} FROM {rows}")
    make_view(database, view, existing(entities, entity, f"SELECT * FROM {quoted(everything)}", as_of))
    odd_rows = " OR ".join(f"({test})" for test in odd if test)
    options = entity.keys[0].type.options if len(entity.keys) == 1 else ()
    return Typed(
        entity.name,
        view,
        everything,
        rows,
        odd_rows or "false",
        keys,
        options,
        tuple(found),
        tuple(selected),
        frozenset(name.lower() for name, _ in described),
    )


def selection(
    entity: Entity, heading: Heading, held: list[Held], short: bool
) -> tuple[int, list[str], list[str]]:
    """How many keys there are; the keys and facts as columns; and the conditions of what is not plainly valid."""
    selected: list[str] = []
    odd: list[str] = []
    for number, column in enumerate(key_columns(heading), 1):
        cell = cell_of(column, held)
        own = number > len(heading.ancestors)
        value = enumerated(cell.value, column.fact) if short and own else cell.value
        selected.append(f"{value} AS _k{number}")
        # the texts of a parent's key are plain where the parent's own are, or they belong to nobody
        if own or column.fact.type.kind not in ("text", "choice"):
            odd.append(cell.odd)
    keys = len(selected)
    plain = identifiers(fact.name for fact in entity.facts)
    for column in heading.own:
        cell = cell_of(column, held)
        selected.append(f"{cell.value} AS {quoted(plain[column.name])}")
        odd.append("" if column.fact.key else cell.odd)
    return keys, selected, odd


def columns_of(database: duckdb.DuckDBPyConnection, rows: str) -> list[tuple[str, str]]:
    """The columns of a file and their types."""
    import duckdb

    try:
        described = database.execute(f"DESCRIBE SELECT * FROM {rows}").fetchall()
    except duckdb.Error:
        raise NotPlainError from None
    return [(str(name), str(kind)) for name, kind, *_ in described]


def is_last(entities: Mapping[str, Entity], entity: Entity) -> bool:
    """Whether it belongs to something, and nothing belongs to it."""
    return entity.parent is not None and all(other.parent != entity.name for other in entities.values())


def enumerated(value: str, fact: Fact) -> str:
    """A text as a member of an enumeration in the order of texts, if it is one of a few."""
    if not 0 < len(fact.type.options) <= FEW:
        return value
    return f"CAST({value} AS ENUM({', '.join(text(option) for option in sorted(fact.type.options))}))"


def renamed(heading: Heading, names: Sequence[str]) -> bool:
    """Whether DuckDB may have given a column another name, because one that differs only in case is there already."""
    wanted = [column.name.lower() for column in (*heading.ancestors, *heading.own)]
    starts = {name.lower().rpartition("_")[0] for name in names if name.rpartition("_")[2].isdigit()}
    return len(set(wanted)) < len(wanted) or not starts.isdisjoint(set(wanted))


def make_view(database: duckdb.DuckDBPyConnection, name: str, query: str) -> None:
    database.execute(f"CREATE OR REPLACE TEMP VIEW {quoted(name)} AS {query}")


def existing(entities: Mapping[str, Entity], entity: Entity, query: str, as_of: date) -> str:
    """Only the rows that are there on the day: what is dated later is not, nor what belongs to it."""
    if entity.dated is not None:
        dated_by = identifiers(fact.name for fact in entity.facts)[entity.dated]
        query = f"SELECT * FROM ({query}) WHERE {quoted(dated_by)} <= DATE '{as_of}'"
    above, dated, keys = entity.parent, False, 0
    while above is not None:
        dated, keys = dated or entities[above].dated is not None, keys + len(entities[above].keys)
        above = entities[above].parent
    if dated:
        upper = ", ".join(f"_k{number}" for number in range(1, keys + 1))
        parent = quoted(f"_records_{identifiers(entities)[entity.parent or '']}")
        query = f"SELECT * FROM ({query}) SEMI JOIN {parent} USING ({upper})"
    return query


def suspicious(
    database: duckdb.DuckDBPyConnection,
    typed: Mapping[str, Typed],
    entities: Mapping[str, Entity],
    later: Collection[str] = (),
) -> bool:
    """Whether any row of any file is not plainly valid, a key comes twice, or a child has no parent; keys and parents of
    some entities are looked at `later`.
    """
    queries: list[str] = []
    for found in typed.values():
        queries.append(f"SELECT count(*) FROM {found.rows} WHERE {found.odd}")
        if found.entity not in later:
            parent = entities[found.entity].parent
            queries += misplaced(found, typed[parent] if parent else None)
    return bool(first(database, f"SELECT {' + '.join(f'({query})' for query in queries)}"))


def few_keys(found: Typed, entities: Mapping[str, Entity]) -> bool:
    """Whether it belongs to a parent, its key is one of a few texts, and all its rows are there on any day."""
    entity = entities[found.entity]
    dated = entity.dated is not None
    below = entity.parent is not None
    while entity.parent is not None:
        entity = entities[entity.parent]
        dated = dated or entity.dated is not None
    return below and not dated and 0 < len(found.options) <= FEW


def misplaced(found: Typed, parent: Typed | None) -> Iterator[str]:
    """What counts the rows whose key comes twice, or whose parent is not there; of few options by bits, in one pass."""
    view = quoted(found.everything)
    keys = [f"_k{number}" for number in range(1, found.keys + 1)]
    upper = ", ".join(keys[: parent.keys]) if parent is not None else ""
    above = f"(SELECT {upper} FROM {quoted(parent.everything)})" if parent is not None else ""
    if parent is not None and 0 < len(found.options) <= FEW:
        places = " ".join(f"WHEN {text(option)} THEN {1 << n}" for n, option in enumerate(found.options))
        bits = f"bit_or(CAST(CASE {keys[-1]} {places} END AS UBIGINT))"
        groups = f"SELECT {upper}, count(*) AS n, {bits} AS b FROM {view} GROUP BY {upper}"
        there = " AND ".join(f"a.{key} = g.{key}" for key in keys[: parent.keys])
        yield (
            f"SELECT count(*) FROM ({groups}) AS g WHERE n <> bit_count(b)"
            f" OR NOT EXISTS (SELECT 1 FROM {above} AS a WHERE {there})"
        )
        return
    yield f"SELECT count(*) - count(DISTINCT hash({', '.join(keys)})) FROM {view}"
    if parent is not None:
        yield f"SELECT count(*) FROM {view} ANTI JOIN {above} USING ({upper})"


def first(database: duckdb.DuckDBPyConnection, query: str) -> Any:
    row = database.execute(query).fetchone()
    return row[0] if row else 0


# ---- Cells ---------------------------------------------------------------------------------------


def cell_of(column: Column, columns: list[Held]) -> Cell:
    """The cell of a fact by its kind and by how the file holds it."""
    fact = column.fact
    if column.position is None:
        return Cell(f"CAST(NULL AS {SQL_TYPES[fact.type.kind]})", "")
    name, kind = columns[column.position].written, columns[column.position].kind
    cell, optional = by_kind(fact, name, kind), fact.type.optional and not fact.key
    if kind != "VARCHAR":
        return cell if optional else Cell(cell.value, joined(f"{name} IS NULL", cell.odd))
    if optional:
        return Cell(cell.value, f"{name} <> '' AND ({cell.odd})")
    return Cell(cell.value, joined(f"{name} IS NULL OR {name} = ''", cell.odd))


def joined(*tests: str) -> str:
    """One condition or the other."""
    return " OR ".join(test for test in tests if test)


def by_kind(fact: Fact, name: str, kind: str) -> Cell:
    match fact.type.kind:
        case "number":
            return number_cell(fact, name, kind)
        case "text" if kind == "VARCHAR" and fact.key:
            # a key is never empty: as it stands, a search for one reaches into the file
            edges = f"{name} < '$' OR reverse({name}) < '!' OR strlen({name}) <> length({name})"
            return Cell(name, f"({edges}) AND regexp_matches({name}, {text(f'^[#{BLANKS}]|[{BLANKS}]$')})")
        case "text" if kind == "VARCHAR":
            blank = f"({name} < '!' OR {name} > '~') AND regexp_full_match({name}, {text(f'[{BLANKS}]*')})"
            return Cell(f"nullif({name}, '')", f"{blank} OR {name} < '$' AND starts_with({name}, '#')")
        case "choice" if kind == "VARCHAR":
            options = ", ".join(text(option) for option in fact.type.options)
            return Cell(f"nullif({name}, '')", f"{name} NOT IN ({options})")
        case "truth" if kind == "BOOLEAN":
            return Cell(name, "")
        case "truth" if kind == "VARCHAR":
            yes, no = (", ".join(text(word) for word in words) for words in (TRUE, FALSE))
            value = (
                f"CASE WHEN lower({name}) IN ({yes}) THEN true WHEN lower({name}) IN ({no}) THEN false END"
            )
            return Cell(value, f"lower({name}) NOT IN ({yes}, {no})")
        case "date" if fact.bounded:
            raise NotPlainError
        case "date" if kind == "DATE":
            return Cell(name, f"{name} < DATE '0001-01-01' OR {name} > DATE '9999-12-31'")
        case "date" if kind == "VARCHAR":
            shape = f"NOT regexp_full_match({name}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}')"
            return Cell(f"try_cast({name} AS DATE)", f"{shape} OR try_cast({name} AS DATE) IS NULL")
        case _:
            raise NotPlainError


def number_cell(fact: Fact, name: str, kind: str) -> Cell:
    """A number at the fact's scale, within its bounds and on its step."""
    scale = fact.type.scale
    if fact.kind == "years":
        raise NotPlainError
    low, high = bounds(fact)
    if kind in WHOLE:
        least, most = -(-low // 10**scale), high // 10**scale
        value = f"CAST({name} AS BIGINT)" + (f" * {10**scale}" if scale else "")
        if scale and kind == "BIGINT":
            value = f"CASE WHEN {name} BETWEEN {least} AND {most} THEN {value} END"
        return stepped(fact, Cell(value, f"{name} < {least} OR {name} > {most}"))
    if kind in FLOATING:
        return stepped(fact, floating_cell(name, kind, scale, low, high))
    if kind.startswith("DECIMAL("):
        return stepped(fact, decimal_cell(name, kind, scale, low, high))
    if kind == "VARCHAR":
        fraction = f"(\\.[0-9]{{1,{scale}}})?" if scale else ""
        shape = f"NOT regexp_full_match({name}, '-?[0-9]{{1,{18 - scale}}}{fraction}')"
        held = f"CAST(try_cast({name} AS DECIMAL(18, {scale})) * {10**scale} AS BIGINT)"
        return stepped(fact, Cell(held, f"{shape} OR {held} NOT BETWEEN {low} AND {high}"))
    raise NotPlainError


def floating_cell(name: str, kind: str, scale: int, low: int, high: int) -> Cell:
    """A binary fraction as near to a whole number of units as such fractions are, but never a tenth of a unit off.

    A short one counts as the decimal it is written as.
    """
    held = name if kind == "DOUBLE" else f"CAST(CAST({name} AS VARCHAR) AS DOUBLE)"
    scaled = f"{held} * 1e{scale}"
    value = f"CASE WHEN abs({scaled}) <= {EXACT_DOUBLE} THEN CAST(round({scaled}) AS BIGINT) END"
    off = f"abs({scaled} - round({scaled})) > least(greatest(abs({scaled}), 1) * 1e-10, 0.05)"
    beyond = f"isnan({held}) OR isinf({held}) OR abs({scaled}) > {EXACT_DOUBLE}"
    return Cell(value, f"{beyond} OR {off} OR {value} NOT BETWEEN {low} AND {high}")


def decimal_cell(name: str, kind: str, scale: int, low: int, high: int) -> Cell:
    """A decimal whose digits behind the point are no more than the fact's, or whose others are zeros."""
    width, behind = (int(part) for part in kind[8:-1].split(","))
    if width + scale > 36:
        raise NotPlainError
    scaled = f"CAST({name} AS DECIMAL({width + scale}, {behind})) * {10**scale}"
    held = f"CAST({scaled} AS BIGINT)"
    if behind > scale:
        return Cell(held, f"{scaled} <> {held} OR {held} NOT BETWEEN {low} AND {high}")
    least, most = -(-low // 10 ** (scale - behind)), high // 10 ** (scale - behind)
    return Cell(held, f"{name} < {decimal(least, behind)} OR {name} > {decimal(most, behind)}")


def decimal(value: int, behind: int) -> str:
    """A decimal of so many digits behind the point, as SQL."""
    digits = f"{abs(value):0{behind + 1}}"
    split = len(digits) - behind
    return f"{'-' if value < 0 else ''}{digits[:split]}{'.' if behind else ''}{digits[split:]}"


def stepped(fact: Fact, cell: Cell) -> Cell:
    if fact.step == 1:
        return cell
    return Cell(cell.value, joined(cell.odd, f"({cell.value}) % {fact.step} <> 0"))
