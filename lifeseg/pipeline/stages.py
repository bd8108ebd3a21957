"""A policy's path comes in; checked model, loaded data and results go out, with the findings of each
stage.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from lifeseg.diagnostics.diagnostic import Diagnostic, problem
from lifeseg.frozen import dataclass
from lifeseg.pipeline.errors import DataError, PolicyError
from lifeseg.records.source import Source
from lifeseg.workspace import Library, PolicyText, parsed, policy_texts

if TYPE_CHECKING:
    from lifeseg.interpreter.results import Baseline, Results
    from lifeseg.model.model import Model
    from lifeseg.records.loaded import Loaded
    from lifeseg.records.population import Population
    from lifeseg.syntax.definitions import File

OnBadRow = Literal["fail", "set-aside"]
Progress = Callable[[str, int, int], None]
"""Told now and then what is being done, how many units of it are done, and how many there are (0: unknown).
"""


@dataclass(slots=True)
class Timings:
    """Seconds by stage."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def of(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = round(time.perf_counter() - start, 4)


@dataclass(frozen=True, slots=True)
class Checked:
    """A policy with everything that was found about it; no model if there are errors.

    `sources` are its texts and those of the policies it uses, by the names in the findings; `places` where
    they lie.
    """

    path: Path
    model: Model | None
    findings: tuple[Diagnostic, ...]
    sources: Mapping[str, str]
    places: Mapping[str, Path]
    own_files: tuple[str, ...]

    def good(self) -> Model:
        """The model; a policy with errors is refused, and the errors are said."""
        if self.model is None:
            raise PolicyError(errors_among(self.findings), self.sources)
        return self.model


def errors_among(findings: Sequence[Diagnostic]) -> list[Diagnostic]:
    from lifeseg.diagnostics.catalogue import severity

    return [finding for finding in findings if severity(finding) == "error"]


class Used(Protocol):
    """Where the policies that one uses are found, and what was found of them."""

    places: dict[str, Path]
    found: list[Diagnostic]

    def find(self, name: str, version: str) -> Sequence[File] | None: ...

    def files(self) -> Sequence[File]: ...


def check(path: Path, policies: Sequence[Path] = ()) -> Checked:
    """Policy text through syntax and model, with all findings of both."""
    return checked(parsed(path, *policy_texts(path)), Library(path, policies))


def checked(text: PolicyText, library: Used) -> Checked:
    """The same of a policy that is read."""
    model: Model | None = None
    found = list(text.found)
    if text.files and not errors_among(found):  # a definition that does not parse would be missed by others
        from lifeseg.model.from_trees import from_trees

        model, problems = from_trees(text.files, library.find)
        found += library.found
        found += problems
    if errors_among(found):
        model = None
    return Checked(
        text.path,
        model,
        tuple(found),
        {file.name: file.text for file in (*library.files(), *text.files)},
        {**library.places, **text.places},
        tuple(file.name for file in text.files),
    )


def load(
    model: Model,
    sources: Mapping[str, Source],
    on_bad_row: OnBadRow = "fail",
    progress: Progress | None = None,
) -> tuple[Population, Loaded]:
    """Data files to typed records; data with errors is refused."""
    from lifeseg.records.from_files import load as load_files

    loaded = load_files(model.entities, sources, on_bad_row, named("reading {}", progress))
    if loaded.population is None:
        raise DataError(loaded.diagnostics)
    return loaded.population, loaded


def evaluate_one(
    model: Model,
    entity: str,
    population: Population,
    as_of: date,
    baseline: Baseline | None,
    only: Sequence[str] | None,
) -> Results:
    """The results of a population of one record, which must be there on the day."""
    results = evaluate(model, population, as_of, baseline, only)
    if not results.rows[entity]:
        raise DataError([problem("record-later", None, entity=entity, day=as_of.isoformat())])
    return results


def evaluate(
    model: Model,
    population: Population,
    as_of: date,
    baseline: Baseline | None = None,
    only: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Results:
    """Every definition of every record, or only those asked for and what they need."""
    from lifeseg.interpreter.evaluate import evaluate as evaluate_all

    return evaluate_all(
        model, population, as_of, baseline=baseline, only=only, progress=named("evaluating", progress)
    )


def named(what: str, progress: Progress | None) -> Progress | None:
    """Progress under a name people understand."""
    if progress is None:
        return None
    return lambda part, done, total: progress(what.format(part), done, total)
