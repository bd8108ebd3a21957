"""What a command was given comes in; the policy, workspace, data, day and engine it means go out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from lifeseg.diagnostics.diagnostic import Diagnostic, problem
from lifeseg.frozen import dataclass
from lifeseg.pipeline.errors import ConfigurationError, refusal
from lifeseg.records.source import Source, TableName
from lifeseg.tracking.place import Place
from lifeseg.workspace import (
    ENGINES,
    FILE_NAME,
    Workspace,
    is_same,
    policy_files,
    read_workspace,
    shown_path,
    unknown_engine,
    workspace_file,
)

if TYPE_CHECKING:
    from lifeseg.model.model import Model

DATA_SUFFIXES = (".parquet", ".csv", ".xlsx")


@dataclass(frozen=True, slots=True)
class Setting:
    """`workspace` is the policy's own; `store` the result store of the enclosing one, if this run belongs
    in it.
    """

    policy: Path
    workspace: Workspace | None
    store: Place | None
    data: Path | None
    as_of: date | None
    engine: str
    own: bool = (
        False  # whether policy and data are the enclosing workspace's, so that its results belong there
    )

    @property
    def policies(self) -> tuple[Path, ...]:
        return self.workspace.policies if self.workspace is not None else ()

    def day(self) -> date:
        """The as-of date, which somebody must have said: it is never the clock's."""
        if self.as_of is None:
            raise refusal("as-of-missing")
        return self.as_of


def settle(
    policy: Path | None = None,
    *,
    data: Path | None = None,
    as_of: str | None = None,
    engine: str | None = None,
    store: bool = False,
    challenger: bool = False,
) -> Setting:
    """Arguments where there are any, otherwise what the workspace of the policy says, or of its challenger."""
    enclosing = found_workspace(Path.cwd())
    own = policy is None and data is None
    if challenger:
        workspace, policy = enclosing, challenger_in(enclosing, policy)
    elif policy is None:
        workspace = enclosing
        policy = policy_of(workspace)
    else:
        workspace = workspace_of(policy, enclosing)
    if (missing := policy_files(policy)[1]) is not None:
        raise ConfigurationError([missing])
    engine = engine or (workspace.engine if workspace is not None else ENGINES[0])
    if engine not in ENGINES:
        raise ConfigurationError([unknown_engine(engine)])
    if store and (enclosing is None or enclosing.results is None):
        raise refusal("no-store")
    day = as_day(as_of) if as_of is not None else workspace.as_of if workspace is not None else None
    kept = enclosing.results if enclosing is not None and (own or store) else None
    return Setting(policy, workspace, kept, data, day, engine, own)


def found_workspace(start: Path) -> Workspace | None:
    """The nearest workspace in a folder or above it; mistakes in it are errors."""
    file = workspace_file(start)
    if file is None:
        return None
    workspace, found = read_workspace(file)
    if found:
        raise ConfigurationError(found, {shown_path(file): workspace.text})
    return workspace


def policy_of(workspace: Workspace | None) -> Path:
    if workspace is None:
        raise refusal("no-workspace", file=FILE_NAME)
    if workspace.policy is None:
        raise refusal("config-no-policy", file=shown_path(workspace.file))
    return workspace.policy


def challenger_in(workspace: Workspace | None, policy: Path | None) -> Path:
    """The policy that the workspace's own is compared with."""
    found = (
        workspace.challenger.policy if workspace is not None and workspace.challenger is not None else None
    )
    if found is None or policy is not None:
        raise refusal("bad-argument.challenger")
    return found


def workspace_of(policy: Path, enclosing: Workspace | None) -> Workspace | None:
    """The workspace whose policy this is: the enclosing one, or the nearest above the policy."""
    if enclosing is not None and is_same(enclosing.policy, policy):
        return enclosing
    file = workspace_file(policy.parent)
    if file is None or (enclosing is not None and is_same(file, enclosing.file)):
        return None
    workspace, found = read_workspace(file)
    return workspace if not found and is_same(workspace.policy, policy) else None


def as_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise refusal("bad-argument.day", text=text) from None


# ---- Data --------------------------------------------------------------------------------------


def data_sources(setting: Setting, model: Model) -> dict[str, Source]:
    """Where the records of each entity are: in the folder that was given, or as the workspace says."""
    if setting.data is not None:
        return sources_in(Path(on_day(str(setting.data), setting)), model.entities, demanded=True)
    if setting.workspace is not None and setting.workspace.tables:
        raise refusal("no-data.table", entity=next(iter(setting.workspace.tables)))
    if setting.workspace is None or not setting.workspace.data:
        raise refusal("no-data", entity=next(iter(model.entities), "customer"))
    return files_of(setting, setting.workspace)


def files_of(setting: Setting, workspace: Workspace) -> dict[str, Source]:
    return {
        entity: shown_source(replace(source, path=Path(on_day(str(source.path), setting))))
        for entity, source in workspace.data.items()
    }


def on_day(text: str, setting: Setting) -> str:
    """A path or the name of a table as it is on the day of the run: `{year}`, `{month}` and `{day}` stand for parts of it."""
    for word, form in (("{year}", "%Y"), ("{month}", "%Y-%m"), ("{day}", "%Y-%m-%d")):
        if word in text:
            text = text.replace(word, setting.day().strftime(form))
    return text


def all_sources(setting: Setting, model: Model) -> dict[str, Source | TableName]:
    """The same for an engine that also reads tables of its own database."""
    tables = setting.workspace.tables if setting.workspace is not None and setting.data is None else {}
    if not tables:
        return dict(data_sources(setting, model))
    assert setting.workspace is not None
    named = {entity: replace(table, name=on_day(table.name, setting)) for entity, table in tables.items()}
    return {**files_of(setting, setting.workspace), **named}


def shown_source(source: Source) -> Source:
    """A source whose path reads in messages as the user would write it."""
    return replace(source, path=Path(shown_path(source.path)))


def test_sources(setting: Setting, model: Model) -> dict[str, Source] | None:
    """Where the customers named in tests are: in the workspace, otherwise in the folder `cases` beside the
    policy.
    """
    if setting.data is not None or (setting.workspace is not None and setting.workspace.data):
        return data_sources(setting, model)
    folder = setting.policy if setting.policy.is_dir() else setting.policy.parent
    return sources_in(folder / "cases", model.entities, demanded=False) or None


def sources_in(folder: Path, entities: Mapping[str, object], *, demanded: bool) -> dict[str, Source]:
    """`ENTITY.parquet` or `ENTITY.csv` for each entity."""
    if demanded and not folder.is_dir():
        raise refusal("no-data.folder", path=shown_path(folder))
    found: dict[str, Source] = {}
    missing: list[Diagnostic] = []
    for entity in entities:
        path = next((p for suffix in DATA_SUFFIXES if (p := folder / f"{entity}{suffix}").exists()), None)
        if path is not None:
            found[entity] = shown_source(Source(path))
        else:
            missing.append(problem("no-data.file", None, entity=entity, path=shown_path(folder)))
    if demanded and missing:
        raise ConfigurationError(missing)
    return found
