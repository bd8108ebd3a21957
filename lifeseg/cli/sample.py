"""lifeseg sample: a policy and its data come in; the keys of a sample of the records go out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from lifeseg.cli.options import AsOf, Data, Policy
from lifeseg.cli.output import say, say_findings, show

Size = Annotated[str, typer.Option(metavar="N|SHARE", help="How many records: `200` or `10%`.")]
Method = Annotated[
    Literal["random", "systematic", "stratified"],
    typer.Option(help="By chance, every so-manieth of the list, or by chance within the cases of --by."),
]
By = Annotated[
    str | None, typer.Option(metavar="NAME", help="A segment, fact or flag: each of its cases in proportion.")
]
Seed = Annotated[int, typer.Option(metavar="S", help="The same seed draws the same records.")]
Of = Annotated[
    str | None, typer.Option("--of", metavar="ENTITY", help="Whose records; without it, the first entity's.")
]
Out = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write the keys here as CSV; without it, to the terminal.")
]
Records = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Write the facts of those drawn, and of all that is theirs, here."),
]


def sample(
    policy: Policy = None,
    *,
    size: Size,
    method: Method = "random",
    by: By = None,
    seed: Seed = 1,
    of: Of = None,
    out: Out = None,
    records: Records = None,
    data: Data = None,
    as_of: AsOf = None,
) -> None:
    """Draw a sample of the records: their keys, or whole families.

    The same seed draws the same records, whatever their order in the files; a larger random sample holds
    the smaller one.
    """
    from lifeseg.cli.progress import progress
    from lifeseg.cli.words import aligned, plural
    from lifeseg.pipeline.sampling import Wish
    from lifeseg.pipeline.sampling import sample as draw
    from lifeseg.pipeline.setting import settle
    from lifeseg.workspace import shown_path

    wish = Wish(size, method, by, seed, of, out, records)
    with progress() as report:
        found = draw(settle(policy, data=data, as_of=as_of), wish, report)
    say_findings(found.remarks, {})
    if out is None and records is None:
        show(found.text)
        return
    say(f"{found.drawn:,} of {found.total:,} {plural(found.entity)} · {method} · seed {seed}\n")
    rows = [[name, f"{number:,}", f"of {count:,}"] for name, count, number in found.strata]
    say("".join(f"{line}\n" for line in aligned(rows, [False, True, True])) if rows else "")
    for path in (*((out,) if out is not None else ()), *found.files):
        say(f"written to {shown_path(path)}\n")
