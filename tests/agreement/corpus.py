"""The packs with their examples, and the examples of the language's pages, come in; pairs of them go out."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from lifeseg.model.from_trees import from_trees
from lifeseg.pipeline.setting import Setting, data_sources
from lifeseg.records.from_files import load
from lifeseg.syntax.from_text import from_text
from lifeseg.workspace import read_workspace
from tests.agreement.pairs import Pair
from tests.language.page import examples
from tests.language.page import pages as pages_in
from tests.language.run import as_of, check_example, records

ROOT = Path(__file__).resolve().parents[2]
PAGES = pages_in(ROOT / "tests/language/good", ROOT / "tests/language/bad", ROOT / "docs")
EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/lifeseg.toml"))


def of_page(page: Path, folder: Path) -> Iterator[Pair]:
    """The examples of a page that have records and a policy without errors."""
    for number, example in enumerate(examples(page.read_text(encoding="utf-8"))):
        checked = check_example(example, prelude=page.parent.name == "bad")
        if checked.model is not None and example.of("csv"):
            place = folder / str(number)
            place.mkdir()
            name = f"{page.name}, {example.heading} (line {example.line})"
            text = "\n".join(checked.sources.values())
            yield Pair(name, text, checked.model, as_of(example), records(example, checked.model, place))


def of_example(folder: Path) -> Pair:
    """A pack with the data of its example."""
    settings = tomllib.loads((folder / "lifeseg.toml").read_text(encoding="utf-8"))
    policy = (folder / settings["policy"]).resolve()
    files = [
        from_text(path.read_text(encoding="utf-8"), path.name)[0] for path in sorted(policy.glob("*.seg"))
    ]
    model, _ = from_trees(files)
    assert model is not None
    workspace, _ = read_workspace(folder / "lifeseg.toml")
    day = settings["as_of"]
    assert isinstance(day, date)
    setting = Setting(policy, workspace, None, None, day, "interpreter")
    loaded = load(model.entities, data_sources(setting, model))
    assert loaded.population is not None
    text = "\n".join(file.text for file in files)
    return Pair(folder.name, text, model, day, loaded.population)
