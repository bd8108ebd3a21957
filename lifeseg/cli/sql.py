"""lifeseg sql: a policy comes in; the statements that evaluate it on an engine go out."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from lifeseg.cli.options import AsOf, Policy
from lifeseg.cli.output import show

On = Annotated[Literal["duckdb", "postgres", "spark"], typer.Option("--engine", help="For which engine.")]
Only = Annotated[
    str | None, typer.Option(metavar="NAMES", help="Only what these definitions need, with commas.")
]


def sql(policy: Policy = None, engine: On = "duckdb", only: Only = None, as_of: AsOf = None) -> None:
    """Print the SQL of a run, to be read or reviewed.

    Each subquery says which definitions it computes; numbers are whole numbers at their scale, and the
    statistics of the population stand as named placeholders.
    """
    from lifeseg.pipeline.running import known_names
    from lifeseg.pipeline.setting import settle
    from lifeseg.pipeline.shown_sql import statements
    from lifeseg.pipeline.stages import check

    setting = settle(policy, as_of=as_of)
    model = check(setting.policy, setting.policies).good()
    names = known_names(
        model, [name.strip() for name in only.split(",") if name.strip()] if only is not None else None
    )
    show(statements(model, setting.day(), engine, names))
