"""A folder or a path of a policy comes in; where policy, data, as-of date, engine and result store are goes out.

A workspace is a folder with a `lifeseg.toml`; it is found upward from the current folder. Its paths are
relative to it. This module reads settings and policy text; it knows nothing of what a policy means.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifeseg.bundled import packs_folder
from lifeseg.diagnostics.diagnostic import Diagnostic, Span, problem
from lifeseg.frozen import dataclass
from lifeseg.functions.calendar import UNITS
from lifeseg.records.postgres_session import ADDRESS_VARIABLE, masked, secrets_in
from lifeseg.records.source import Limits, Source, TableName
from lifeseg.review import lint_rules
from lifeseg.tracking import split
from lifeseg.tracking.place import Place, Schema
from lifeseg.tracking.split import Challenger

if TYPE_CHECKING:
    from lifeseg.syntax.definitions import File, Header

FILE_NAME = "lifeseg.toml"
SUFFIX = ".seg"
ENGINES = ("interpreter", "duckdb", "postgres", "spark")
IN_POSTGRES = "postgres:"
MOST_UP = 2  # a path with more `..` than this is shown whole


@dataclass(frozen=True, slots=True)
class Postgres:
    """Where the database is, without a password, and how the tables of results begin: `marts.lifecycle`."""

    url: str | None = None
    tables: str | None = None


@dataclass(frozen=True, slots=True)
class Spark:
    """The cluster, settings for a session that is started here, and how the tables of results begin."""

    master: str | None = None
    tables: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Workspace:
    """The settings of a `lifeseg.toml`, paths resolved; what it does not say is None or empty."""

    file: Path
    text: str = field(repr=False)
    policy: Path | None = None
    as_of: date | None = None
    since: date | None = None  # the first day on which a run is due, and how often one is
    every: str | None = None
    engine: str = ENGINES[0]
    results: Place | None = None
    data: Mapping[str, Source] = field(default_factory=dict)
    tables: Mapping[str, TableName] = field(default_factory=dict)
    policies: tuple[Path, ...] = ()
    limits: Limits = field(default_factory=Limits)
    postgres: Postgres = field(default_factory=Postgres)
    spark: Spark = field(default_factory=Spark)
    challenger: Challenger | None = None
    sources: Mapping[str, date] = field(default_factory=dict)  # when each was last renewed
    lint: lint_rules.Choice = field(default_factory=lint_rules.chosen)
    book: str | None = None  # where the policy's book lies: a path from the file, or an address

    @property
    def folder(self) -> Path:
        return self.file.parent


# ---- lifeseg.toml ------------------------------------------------------------------------------

SETTINGS: Mapping[str, type] = {
    "policy": str, "as_of": date, "since": date, "every": str, "engine": str, "results": str, "data": dict, "policies": dict,
    "duckdb": dict, "postgres": dict, "spark": dict, "sources": dict, "challenger": dict, "lint": dict,
    "book": str,
}  # fmt: skip
DATA_SETTINGS: Mapping[str, type] = {
    "path": str, "encoding": str, "sheet": str, "table": str, "columns": dict, "constants": dict,
}  # fmt: skip
DUCKDB_SETTINGS: Mapping[str, type] = {"memory_limit": str, "threads": int, "temp_directory": str}
POSTGRES_SETTINGS: Mapping[str, type] = {"url": str, "tables": str}
SPARK_SETTINGS: Mapping[str, type] = {"master": str, "options": dict, "tables": str}
POLICIES_SETTINGS: Mapping[str, type] = {"paths": list}
WORDS: Mapping[type, str] = {
    str: "a text in quotes",
    date: "a date without quotes, such as 2013-06-30",
    dict: "a table",
    list: "a list of paths",
    int: "a whole number",
    object: split.A_SHARE,
}


def workspace_file(start: Path) -> Path | None:
    """The nearest `lifeseg.toml` in a folder or above it."""
    start = start.absolute()
    return next((file for folder in (start, *start.parents) if (file := folder / FILE_NAME).is_file()), None)


def read_workspace(file: Path) -> tuple[Workspace, tuple[Diagnostic, ...]]:
    """The settings of a file and everything wrong with them."""
    text, found = read_text(file, shown_path(file))
    if text is None:
        return Workspace(file, ""), found
    try:
        settings, text = tomllib.loads(text), without_secrets(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return Workspace(file, without_secrets(text)), (bad_toml(str(error), text, shown_path(file)),)
    problems = list(wrong_settings(settings, text, shown_path(file)))
    data = settings.get("data", {}) if not problems else {}
    sources = {entity: source_of(value, file.parent) for entity, value in data.items()}
    right = {} if problems else settings
    workspace = Workspace(
        file,
        text,
        policy=file.parent / right["policy"] if "policy" in right else None,
        as_of=right.get("as_of"),
        since=right.get("since"),
        every=right.get("every"),
        engine=right.get("engine", ENGINES[0]),
        results=store_at(right["results"], right, file.parent) if "results" in right else None,
        data={entity: source for entity, source in sources.items() if isinstance(source, Source)},
        tables={entity: table for entity, table in sources.items() if isinstance(table, TableName)},
        policies=tuple(file.parent / path for path in right.get("policies", {}).get("paths", ())),
        limits=limits_of(right.get("duckdb", {}), file.parent),
        postgres=Postgres(**right.get("postgres", {})),
        spark=spark_of(right.get("spark", {})),
        challenger=split.challenger_of(right.get("challenger"), file.parent),
        sources=right.get("sources", {}),
        lint=lint_rules.chosen(right.get("lint")),
        book=right.get("book"),
    )
    return workspace, tuple(problems)


def store_at(text: str, settings: Mapping[str, Any], folder: Path) -> Place:
    """A file, or with `postgres:NAME` a schema of the database."""
    if text.startswith(IN_POSTGRES):
        return Schema(text.removeprefix(IN_POSTGRES), settings.get("postgres", {}).get("url"))
    return folder / text


def without_secrets(text: str) -> str:
    """The text as findings show it, should there be passwords in it."""
    return "\n".join(masked(line, line, {}) for line in text.split("\n"))


def source_of(value: str | Mapping[str, Any], folder: Path) -> Source | TableName:
    """A file, or a table of an engine's database; a location such as `s3a://bucket/customers` is one too."""
    table: Mapping[str, Any] = {"path": value} if isinstance(value, str) else value
    columns, constants = dict(table.get("columns", {})), {}
    for fact, constant in table.get("constants", {}).items():
        constants[fact] = constant if isinstance(constant, str) else as_text(constant)
    place = table.get("path")
    if place is None or "://" in place:
        return TableName(place or table["table"], columns, constants)
    named = (table.get("encoding"), table.get("sheet"), table.get("table"))
    return Source(folder / table["path"], *named, columns, constants)


def spark_of(table: Mapping[str, Any]) -> Spark:
    """Spark wants its settings as texts."""
    options = table.get("options", {})
    texts = {
        name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in options.items()
    }
    return Spark(table.get("master"), table.get("tables"), texts)


def as_text(value: object) -> str:
    """A constant as a cell would have it."""
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def limits_of(table: Mapping[str, Any], folder: Path) -> Limits:
    temporary = table.get("temp_directory")
    return Limits(
        table.get("memory_limit"), table.get("threads"), folder / temporary if temporary is not None else None
    )


def bad_toml(said: str, text: str, name: str) -> Diagnostic:
    """The TOML reader's complaint, at its place."""
    place = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", said)
    line, column = 1, 1
    if place is not None:
        said = said[: place.start()]
        last = text.split("\n")
        line, column = (int(place[1]), int(place[2])) if place[1] else (len(last), len(last[-1]) + 1)
    reason = said[:1].lower() + said[1:].replace("character '\\n'", "end of line")
    return problem("config-syntax", Span(name, line, column, line, column + 1), reason=reason)


def wrong_settings(settings: Mapping[str, Any], text: str, name: str) -> Iterator[Diagnostic]:
    """What is unknown or of the wrong kind, table by table."""
    yield from wrong_keys(settings, SETTINGS, (), text, name)
    engine = settings.get("engine")
    if isinstance(engine, str) and engine not in ENGINES:
        yield unknown_engine(engine, place_of(("engine",), text, name))
    yield from wrong_rhythm(settings, text, name)
    data = settings.get("data")
    for entity, value in data.items() if isinstance(data, dict) else ():
        if isinstance(value, dict):
            yield from wrong_keys(value, DATA_SETTINGS, ("data", entity), text, name)
            yield from wrong_mappings(value, ("data", entity), text, name)
            if "path" not in value and "table" not in value:
                yield problem("config-value.path", place_of(("data", entity), text, name), name=entity)
        elif not isinstance(value, str):
            yield wrong_kind("a path in quotes", ("data", entity), text, name)
    if isinstance(limits := settings.get("duckdb"), dict):
        yield from wrong_limits(limits, text, name)
    yield from wrong_engines(settings, text, name)
    sources = settings.get("sources")
    for source, day in sources.items() if isinstance(sources, dict) else ():
        if not isinstance(day, date) or isinstance(day, datetime):
            yield wrong_kind(WORDS[date], ("sources", source), text, name)
    if isinstance(challenger := settings.get("challenger"), dict):
        yield from wrong_keys(challenger, split.SETTINGS, ("challenger",), text, name)
        for key, wrong, told in split.mistakes(challenger):
            yield problem(wrong, place_of(("challenger", key), text, name), fix=None, **told)
    if isinstance(lint := settings.get("lint"), dict):
        for path, wrong, told in lint_rules.mistakes(lint):
            yield problem(wrong, place_of(("lint", *path), text, name), fix=None, **told)
    if isinstance(policies := settings.get("policies"), dict):
        yield from wrong_keys(policies, POLICIES_SETTINGS, ("policies",), text, name)
        paths = policies.get("paths", [])
        if isinstance(paths, list) and not all(isinstance(path, str) for path in paths):
            yield wrong_kind(WORDS[list], ("policies", "paths"), text, name)


def wrong_rhythm(settings: Mapping[str, Any], text: str, name: str) -> Iterator[Diagnostic]:
    """Runs that are due have a first day and a rhythm."""
    every = settings.get("every")
    if isinstance(every, str) and every not in UNITS:
        yield wrong_kind(f"one of {', '.join(UNITS)}, in quotes", ("every",), text, name)
    for one, other in (("since", "every"), ("every", "since")):
        if one in settings and other not in settings:
            example = '"month"' if other == "every" else "2013-01-31"
            place = place_of((one,), text, name)
            yield problem("config-value.rhythm", place, name=one, other=other, example=example)


def wrong_mappings(
    table: Mapping[str, Any], path: tuple[str, ...], text: str, name: str
) -> Iterator[Diagnostic]:
    """Columns are named in quotes; a constant is a text, a number, yes or no, or a date."""
    columns, constants = table.get("columns"), table.get("constants")
    for fact, column in columns.items() if isinstance(columns, dict) else ():
        if not isinstance(column, str):
            yield wrong_kind("the name of a column in quotes", (*path, "columns", fact), text, name)
    for fact, value in constants.items() if isinstance(constants, dict) else ():
        if isinstance(value, dict | list | datetime):
            yield wrong_kind("a text, a number, or a date", (*path, "constants", fact), text, name)


def wrong_limits(table: Mapping[str, Any], text: str, name: str) -> Iterator[Diagnostic]:
    yield from wrong_keys(table, DUCKDB_SETTINGS, ("duckdb",), text, name)
    limit, threads = table.get("memory_limit"), table.get("threads")
    if isinstance(limit, str) and not re.fullmatch(r"\d+(\.\d+)? ?[KMGT]i?B", limit):
        yield wrong_kind('a size in quotes, such as "4GB"', ("duckdb", "memory_limit"), text, name)
    if isinstance(threads, bool) or (isinstance(threads, int) and threads < 1):
        yield wrong_kind("a whole number from 1", ("duckdb", "threads"), text, name)


def wrong_engines(settings: Mapping[str, Any], text: str, name: str) -> Iterator[Diagnostic]:
    """Passwords do not stand in files, and are not shown where they do."""
    postgres, spark = settings.get("postgres"), settings.get("spark")
    if isinstance(postgres, dict):
        yield from wrong_keys(postgres, POSTGRES_SETTINGS, ("postgres",), text, name)
        if isinstance(url := postgres.get("url"), str) and secrets_in(url):
            yield problem("engine-address.password", None, variable=ADDRESS_VARIABLE)
    if isinstance(spark, dict):
        yield from wrong_keys(spark, SPARK_SETTINGS, ("spark",), text, name)
        options = spark.get("options")
        for option, value in options.items() if isinstance(options, dict) else ():
            if not isinstance(value, str | int | float):
                yield wrong_kind("a text in quotes", ("spark", "options", option), text, name)


def wrong_keys(
    table: Mapping[str, Any], known: Mapping[str, type], path: tuple[str, ...], text: str, name: str
) -> Iterator[Diagnostic]:
    for key, value in table.items():
        if key not in known:
            close = difflib.get_close_matches(key, known, 1)
            yield problem(
                "config-unknown-setting", place_of((*path, key), text, name), name=key,
                suggestion=close[0] if close else None, known=", ".join(known),
            )  # fmt: skip
        elif not isinstance(value, known[key]) or isinstance(value, datetime):
            yield wrong_kind(WORDS[known[key]], (*path, key), text, name)


def wrong_kind(wanted: str, path: tuple[str, ...], text: str, name: str) -> Diagnostic:
    return problem("config-value", place_of(path, text, name), name=path[-1], wanted=wanted)


def unknown_engine(engine: str, span: Span | None = None) -> Diagnostic:
    close = difflib.get_close_matches(engine, ENGINES, 1)
    return problem("unknown-engine", span, engine=engine, suggestion=close[0] if close else None)


def place_of(path: tuple[str, ...], text: str, name: str) -> Span:
    """Where a setting's name stands; the TOML reader does not tell, so its line is looked for."""
    found = (1, 1, 2)
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n"), 1):
        if heading := re.match(r"\s*\[([^\[\]]+)\]", line):
            table = tuple(part.strip().strip("\"'") for part in heading[1].split("."))
            if path[: len(table)] == table:
                found = (number, line.index("[") + 2, line.index("[") + 2 + len(heading[1]))
            continue
        rest = path[len(table) :] if path[: len(table)] == table else ()
        for depth, key in enumerate(rest):
            start = r"^\s*" if depth == 0 else r"(?<![\w-])"
            if match := re.search(rf"{start}[\"']?({re.escape(key)})[\"']?\s*[=.]", line):
                found = (number, match.start(1) + 1, match.end(1) + 1)
            else:
                break
        else:
            if rest:
                break
    line_number, start_column, end_column = found
    return Span(name, line_number, start_column, line_number, end_column)


# ---- Policy text -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PolicyText:
    """The parsed files of one policy, by the short names under which findings speak of them, and where they lie."""

    path: Path
    files: tuple[File, ...]
    places: Mapping[str, Path]
    found: tuple[Diagnostic, ...]


def is_same(one: Path | None, other: Path | None) -> bool:
    """Whether two paths lead to the same place."""
    return one is not None and other is not None and one.resolve() == other.resolve()


def read_policy(path: Path, prefix: str = "") -> PolicyText:
    """A policy is a file, or a folder whose `*.seg` files together are one text."""
    texts, places, found = policy_texts(path, prefix)
    return parsed(path, texts, places, found)


def policy_texts(
    path: Path, prefix: str = ""
) -> tuple[dict[str, str], dict[str, Path], tuple[Diagnostic, ...]]:
    """The texts of a policy by short name, in the order they are read; where they lie; what cannot be read."""
    paths, missing = policy_files(path)
    if missing is not None:
        return {}, {}, (missing,)
    texts: dict[str, str] = {}
    found: list[Diagnostic] = []
    for file in paths:
        text, problems = read_text(file, prefix + file.name)
        found += problems
        if text is not None:
            texts[prefix + file.name] = text
    return texts, {prefix + file.name: file for file in paths}, tuple(found)


def parsed(
    path: Path, texts: Mapping[str, str], places: Mapping[str, Path], found: tuple[Diagnostic, ...]
) -> PolicyText:
    """The same as trees, with what is wrong with their form."""
    if not texts:
        return PolicyText(path, (), places, found)
    from lifeseg.syntax.from_text import from_text

    trees = [from_text(text, name) for name, text in texts.items()]
    problems = [problem for _, problems in trees for problem in problems]
    return PolicyText(path, tuple(tree for tree, _ in trees), places, (*found, *problems))


def policy_files(path: Path) -> tuple[tuple[Path, ...], Diagnostic | None]:
    """The text files of a policy in the order they are read, or why there are none."""
    if path.is_file():
        return (path,), None
    if not path.is_dir():
        siblings = [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []
        close = difflib.get_close_matches(path.name, siblings, 1)
        suggestion = shown_path(path.parent / close[0]) if close else None
        return (), problem("policy-path", None, path=shown_path(path), suggestion=suggestion)
    paths = tuple(sorted(file for file in path.glob(f"*{SUFFIX}") if file.is_file()))
    if paths:
        return paths, None
    key = "policy-path.workspace" if (path / FILE_NAME).is_file() else "policy-path.empty"
    return (), problem(key, None, path=shown_path(path))


@dataclass(slots=True)
class Library:
    """Where `use NAME VERSION` looks: the policy's siblings, the workspace's paths, then the bundled packs.

    `places` and `found` learn where the files of the policies in use lie, and what is wrong with their form.
    """

    path: Path
    extra: Sequence[Path] = ()
    places: dict[str, Path] = field(default_factory=dict)
    found: list[Diagnostic] = field(default_factory=list)
    known: dict[tuple[str, str], PolicyText | None] = field(default_factory=dict)

    def find(self, name: str, version: str) -> Sequence[File] | None:
        """The policy of that name and version; of another version if there is no such, for the checker to
        say so.
        """
        if (name, version) not in self.known:
            self.known[name, version] = text = self.looked_up(name, version)
            if text is not None:
                self.places.update(text.places)
                self.found += text.found
        text = self.known[name, version]
        return text.files if text is not None else None

    def files(self) -> list[File]:
        """Those of all policies that were found."""
        return [file for text in self.known.values() if text is not None for file in text.files]

    def looked_up(self, name: str, version: str) -> PolicyText | None:
        other: PolicyText | None = None
        for folder in (self.path.resolve().parent, *self.extra, packs_folder()):
            for place in (folder / name, folder / f"{name}-{version}", folder / f"{name}{SUFFIX}"):
                if not place.exists() or is_same(place, self.path):
                    continue
                text = read_policy(place, f"{name}/")
                header = header_of(text.files)
                if header is not None and header.name == name:
                    if version_of(header) == version:
                        return text
                    other = other or text
        return other


def header_of(files: Sequence[File]) -> Header | None:
    from lifeseg.syntax.definitions import Header

    return next((node for file in files for node in file.definitions if isinstance(node, Header)), None)


def version_of(header: Header) -> str | None:
    for line in header.information:
        if line.word == "version":
            return getattr(line.value, "value", None)
    return None


# ---- Text and paths ----------------------------------------------------------------------------


def read_text(file: Path, name: str) -> tuple[str | None, tuple[Diagnostic, ...]]:
    """A file's text, which must be UTF-8."""
    try:
        content = file.read_bytes()
    except OSError as error:
        return None, (problem("cannot-read", None, path=shown_path(file), reason=reason(error)),)
    try:
        return content.decode("utf-8"), ()
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        span = Span(name, line, column, line, column + 1)
        return None, (problem("not-utf-8", span, byte=f"{content[error.start]:02X}", name=name),)


def reason(error: OSError) -> str:
    """The system's words for what went wrong, in lower case and without numbers."""
    said = error.strerror or type(error).__name__
    return said[:1].lower() + said[1:]


def shown_path(path: Path) -> str:
    """A path as the user would write it: relative to the current folder where that is short."""
    relative = os.path.relpath(path).replace(os.sep, "/")
    absolute = path.absolute()
    far = relative.count("../") > MOST_UP or os.path.commonpath([Path.cwd(), absolute]) == absolute.anchor
    return absolute.as_posix() if far and relative.startswith("../") else relative
