"""lifeseg generate: a policy, a number and a seed come in; synthetic records go to files, their spread to the
terminal.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lifeseg.cli.options import AsOf, Policy
from lifeseg.cli.output import say, show, width

if TYPE_CHECKING:
    from lifeseg.pipeline.generating import Generated

Customers = Annotated[
    int, typer.Option(metavar="N", help="How many records of each entity that has no parent.")
]
Seed = Annotated[int, typer.Option(metavar="S", help="The same seed gives the same records.")]
Out = Annotated[Path, typer.Option(metavar="DIR", help="Write one file per entity and generated.json here.")]
Format = Annotated[Literal["parquet", "csv"], typer.Option("--format", help="The format of the files.")]
WHY = {"seldom": "seldom or never", "needs history": "only with history"}


def generate(
    policy: Policy = None,
    *,
    customers: Customers,
    seed: Seed = 1,
    out: Out,
    format_: Format = "parquet",
    as_of: AsOf = None,
) -> None:
    """Make synthetic customers that obey the declared schema.

    They are spread over the policy's segments, and the same for a seed. The folder is written whole or not at
    all; it must be new, empty, or hold nothing but what was generated before.
    """
    from lifeseg.cli.progress import progress
    from lifeseg.pipeline.generating import Wish
    from lifeseg.pipeline.generating import generate as generate_all
    from lifeseg.pipeline.setting import settle

    start = time.perf_counter()
    setting = settle(policy, as_of=as_of)
    with progress() as report:
        made = generate_all(setting, Wish(customers, seed, out, format_), report)
    for remark in remarks(made):
        say(remark + "\n")
    lines = [head(made, time.perf_counter() - start), *spread(made), ending(made, out)]
    show("".join(f"{line}\n" for line in lines))


def head(made: Generated, seconds: float) -> str:
    from lifeseg.cli.words import counted

    rows = ", ".join(counted(count, entity) for entity, count in made.counts.items())
    told = made.description
    of = f"{made.model.name} {made.model.version} · as of {told['as_of']} · seed {told['seed']}"
    return f"{of} · {rows} · {seconds:.2f} s"


def spread(made: Generated) -> Iterator[str]:
    """The shares of the cases of each decision; flags and the states that need history are left out."""
    from lifeseg.cli.summary import packed
    from lifeseg.cli.words import breadth

    found = {
        name: cases
        for definitions in made.description["spread"].values()
        for name, cases in definitions.items()
        if set(cases) != {"yes"}
    }
    indent = max(map(breadth, found), default=0) + 3
    for name, cases in found.items():
        pieces = [f"{case} {share:.1%}" for case, share in cases.items()]
        for number, line in enumerate(packed(pieces, "   ", width() - indent)):
            label = "" if number else name
            yield label + " " * (indent - breadth(label)) + line


def ending(made: Generated, out: Path) -> str:
    from lifeseg.workspace import shown_path

    return f"shares of the first {made.description['sample']:,} · records in {shown_path(out)}"


def remarks(made: Generated) -> Iterator[str]:
    """Cases that hardly anybody has, and what the records break."""
    for one in made.description["rare"]:
        yield f"remark: {one['definition']} {one['case']} is found {WHY[one['why']]}"
    for one in made.description["findings"]:
        wrong = (
            "fails for" if one["kind"] in ("never", "assume") else f"has {one['kind'].replace('-', ' ')} for"
        )
        yield f"remark: {one['entity']}: {one['name']} {wrong} {one['records']:,} of the sample"
