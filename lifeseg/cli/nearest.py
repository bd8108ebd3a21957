"""lifeseg nearest: a customer's key, or a segment, and a case come in; the cheapest changes that lead there go out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lifeseg.cli.options import AsOf, Data, Entity, Language, Personal, PolicyOption
from lifeseg.cli.output import FINDINGS, coloured, say, say_findings, show, table_width, width

if TYPE_CHECKING:
    from lifeseg.cli.cheapest.told import Teller
    from lifeseg.pipeline.cheapest import Nearest, Wish, WorkList
    from lifeseg.pipeline.opened import Opened

Identifier = Annotated[
    str | None, typer.Argument(metavar="[ID]", help="A customer's key; a child's is PARENT/CHILD.")
]
To = Annotated[
    str,
    typer.Option(
        "--to", metavar="CASE", help="A case, flag, band, state or class, or `not CASE` to get out of it."
    ),
]
Segment = Annotated[
    list[str] | None,
    typer.Option(
        "--segment", metavar="CASE", help="Instead of ID: everybody in this case or flag, as a work list."
    ),
]
Value = Annotated[
    str | None,
    typer.Option(
        "--value", metavar="NAME", help="With --segment: what says what somebody is worth; largest first."
    ),
]
Top = Annotated[int | None, typer.Option(metavar="N", min=1, help="With --segment: only the first N.")]
Ways = Annotated[int, typer.Option("--ways", metavar="N", min=1, max=20, help="How many ways to look for.")]
Seconds = Annotated[float, typer.Option(metavar="N", min=0.001, help="Longest time for a customer.")]
Format = Annotated[
    Literal["console", "json", "csv", "markdown"], typer.Option("--format", help="How to write it.")
]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write it into this file instead.")]


def nearest(
    to: To, id_: Identifier = None, segment: Segment = None, value: Value = None, top: Top = None, ways: Ways = 3,
    seconds: Seconds = 10, entity: Entity = None, format_: Format = "console", out: Out = None, lang: Language = "en",
    policy: PolicyOption = None, data: Data = None, as_of: AsOf = None, show_personal: Personal = False,
) -> None:  # fmt: skip
    """Find the cheapest changes that bring a customer into a case.

    What may change, by which steps and at what cost is declared in the policy. The solver proves that nothing is cheaper,
    or that nothing leads there, and the interpreter evaluates every answer again. The population stays as it is. Exits 1
    if there is no way, or none was found in time.
    """
    from lifeseg.cli.cheapest.told import Teller
    from lifeseg.cli.progress import progress
    from lifeseg.explain.catalogue import catalogue
    from lifeseg.pipeline.cheapest import Wish, work_list
    from lifeseg.pipeline.cheapest import nearest as nearest_of
    from lifeseg.pipeline.errors import refusal
    from lifeseg.pipeline.lookup import Sought
    from lifeseg.pipeline.members import members
    from lifeseg.pipeline.opened import find_record, opened
    from lifeseg.pipeline.setting import settle
    from lifeseg.pipeline.stages import check

    if (id_ is None) == (not segment):
        raise refusal("bad-argument.nearest")
    wish = Wish(to, ways if id_ is not None else 1, seconds)
    with progress() as report:
        setting = settle(policy, data=data, as_of=as_of)
        checked = check(setting.policy, setting.policies)
        some = members(setting, checked, segment, value, top, report) if segment else None
        sought = Sought(id_, entity, places=False) if id_ is not None else None
        found, total = some if some is not None else (opened(setting, report, sought, checked), None)
        say_findings(found.remarks, found.checked.sources)
        tell = Teller(found.results, catalogue(lang), show_personal)
        if id_ is not None:
            one, many = nearest_of(found, *find_record(found.results, id_, entity), wish), None
            records: tuple[Nearest, ...] = (one,)
        else:
            many = work_list(found, segment or [], wish, value=value, top=top, progress=report, total=total)
            records = many.rows
    put(text_of(tell, records, wish, many, format_, found), out)
    if not all(one.good for one in records):
        raise typer.Exit(FINDINGS)


def text_of(
    tell: Teller, records: tuple[Nearest, ...], wish: Wish, many: WorkList | None, format_: str, found: Opened
) -> str:
    from lifeseg.cli.cheapest import writers

    if format_ == "json":
        return writers.to_json(tell, records, wish, many)
    if format_ == "csv":
        return writers.to_csv(tell, records, many)
    if many is None:
        (one,) = records
        if format_ == "markdown":
            return writers.to_markdown(tell, one, wish)
        return writers.to_console(tell, one, wish, width(), coloured())
    entity = records[0].entity if records else next(iter(found.model.entities))
    if format_ == "markdown":
        return writers.list_to_markdown(tell, many, entity)
    return writers.list_to_console(tell, many, entity, table_width(), coloured())


def put(text: str, out: Path | None) -> None:
    if out is None:
        show(text)
        return
    from lifeseg.pipeline.in_place import put_in_place
    from lifeseg.workspace import shown_path

    put_in_place({out: text.encode()})
    say(f"{shown_path(out)} written\n")
