"""lifeseg learn: a policy and its data come in; policy text that was learnt from them goes out."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lifeseg.cli.options import AsOf, Data, Policy
from lifeseg.cli.output import guarded, say, say_findings, show

if TYPE_CHECKING:
    from lifeseg.learning.draft import Draft
    from lifeseg.learning.table import Table
    from lifeseg.pipeline.learning import Wish

Columns = Annotated[
    str, typer.Option(metavar="NAMES", help="Facts and definitions to learn from, with commas.")
]
Name = Annotated[str | None, typer.Option(metavar="NAME", help="What the learnt definition is called.")]
Of = Annotated[
    str | None, typer.Option("--of", metavar="ENTITY", help="Whose records; without it, the first entity's.")
]
Where = Annotated[
    str | None,
    typer.Option(metavar="CASE|FLAG", help="Learn from those in it only, such as `stage.contract`."),
]
HoldOut = Annotated[
    str, typer.Option(metavar="SHARE", help="Keep so many records, such as 30%, to check what was learnt.")
]
Seed = Annotated[int, typer.Option(metavar="S", help="The same seed learns the same text.")]
Out = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write the text here; without it, to the terminal.")
]
Classes = Annotated[int | None, typer.Option(metavar="K", min=2, max=50, help="How many classes.")]
Names = Annotated[
    str | None,
    typer.Option(metavar="NAMES", help="Their names, from the lowest in the first column up, with commas."),
]
Profile = Annotated[
    str | None, typer.Option(metavar="NAMES", help="Told of each class as well: means, or shares of values.")
]
Target = Annotated[
    str, typer.Option(metavar="CASE|FLAG|FACT", help="What to foretell, such as `churned` or `stage.lost`.")
]
Period = Annotated[
    str | None, typer.Option(metavar="NAME", help="Give the figures for each value of it too; days by month.")
]
Depth = Annotated[int, typer.Option(metavar="N", min=1, max=5, help="Conditions on one another at most.")]
Least = Annotated[int, typer.Option(metavar="N", min=1, help="The fewest records a rule is learnt from.")]
Method = Annotated[Literal["entropy", "critic"], typer.Option(help="What makes a column weigh more.")]
Less = Annotated[str | None, typer.Option(metavar="NAMES", help="Of these columns less is better.")]

learn = typer.Typer(
    help="Learn definitions from the records, as policy text.", no_args_is_help=True, rich_markup_mode=None
)


def clusters(
    policy: Policy = None,
    *,
    columns: Columns,
    classes: Classes = None,
    names: Names = None,
    name: Name = None,
    profile: Profile = None,
    of: Of = None,
    where: Where = None,
    hold_out: HoldOut = "0%",
    seed: Seed = 1,
    out: Out = None,
    data: Data = None,
    as_of: AsOf = None,
) -> None:
    """Learn classes of records that are alike: named centres.

    Numbers are brought to one scale, K-means finds the centres, and both are written as policy text.
    """
    from lifeseg.learning.clusters import Asked, learn_clusters

    called = named(names) if names else tuple(f"class_{n}" for n in range(1, (classes or 3) + 1))
    if len(called) < 2 or len(set(called)) < len(called) or (classes or len(called)) != len(called):
        from lifeseg.pipeline.errors import refusal

        wanted = f"{classes or 'at least 2'} different names with commas"
        raise refusal("bad-argument.value", name="--names", value=names or "", wanted=wanted)
    asked = Asked(name or "cluster", named(columns), called, named(profile or ""))
    wish = wish_of("clusters", (*asked.columns, *asked.profile), of, where, hold_out, seed, out)
    done((policy, data, as_of), wish, lambda table: learn_clusters(table, asked), (asked.name, *called))


def scorecard(
    policy: Policy = None,
    *,
    target: Target,
    columns: Columns,
    name: Name = None,
    period: Period = None,
    of: Of = None,
    where: Where = None,
    hold_out: HoldOut = "30%",
    seed: Seed = 1,
    out: Out = None,
    data: Data = None,
    as_of: AsOf = None,
) -> None:
    """Learn a logistic scorecard: points, bands, a probability.

    Each column is cut into bands with points; the points sum up to a score, and the score means a
    probability. AUC, KS, calibration and reasons stand in the remarks.
    """
    from lifeseg.learning.scorecard import Asked, learn_scorecard

    asked = Asked(name or f"{target.rpartition('.')[2]}_score", named(columns), period)
    wanted = (*asked.columns, *((period,) if period else ()))
    wish = wish_of("scorecard", wanted, of, where, hold_out, seed, out, target)
    done((policy, data, as_of), wish, lambda table: learn_scorecard(table, asked), (asked.name,))


def rules(
    policy: Policy = None,
    *,
    target: Target,
    columns: Columns,
    name: Name = None,
    depth: Depth = 3,
    least: Least = 20,
    of: Of = None,
    where: Where = None,
    hold_out: HoldOut = "30%",
    seed: Seed = 1,
    out: Out = None,
    data: Data = None,
    as_of: AsOf = None,
) -> None:
    """Learn a few readable rules for a flag, a case, or all cases of something.

    A small tree becomes a table of which the first row that holds decides; behind each row stand its
    coverage and its error.
    """
    from lifeseg.learning.rules import Asked, learn_rules

    asked = Asked(name or f"{target.rpartition('.')[2]}_rules", named(columns), depth, least)
    wish = wish_of("rules", asked.columns, of, where, hold_out, seed, out, target)
    done((policy, data, as_of), wish, lambda table: learn_rules(table, asked), (asked.name,))


def weights(
    policy: Policy = None,
    *,
    columns: Columns,
    method: Method = "entropy",
    name: Name = None,
    less_is_better: Less = None,
    of: Of = None,
    where: Where = None,
    seed: Seed = 1,
    out: Out = None,
    data: Data = None,
    as_of: AsOf = None,
) -> None:
    """Learn the weights of a score from how the columns vary.

    The columns are brought to 0..1; the weights are written as numbers, with the figures behind them.
    """
    from lifeseg.learning.weights import Asked, learn_weights

    less = named(less_is_better or "")
    asked = Asked(name or "weighted", named(columns), less, method)
    if strangers := [one for one in less if one not in asked.columns]:
        from lifeseg.pipeline.errors import refusal

        wanted = "some of the --columns"
        raise refusal("bad-argument.value", name="--less-is-better", value=strangers[0], wanted=wanted)
    wish = wish_of("weights", asked.columns, of, where, "0%", seed, out)
    done((policy, data, as_of), wish, lambda table: learn_weights(table, asked), (asked.name,))


def done(
    place: tuple[Path | None, Path | None, str | None],
    wish: Wish,
    draft_of: Callable[[Table], Draft],
    names: tuple[str, ...],
) -> None:
    """Learns, and shows the text, or says where it is."""
    from lifeseg.cli.progress import progress
    from lifeseg.pipeline.errors import refusal
    from lifeseg.pipeline.learning import learn as learn_from
    from lifeseg.pipeline.setting import settle
    from lifeseg.workspace import shown_path

    for one in names:
        if not one.isidentifier():
            raise refusal("bad-argument.value", name="a name", value=one, wanted="letters, digits and _")
    policy, data, as_of = place
    with progress() as report:
        learnt = learn_from(settle(policy, data=data, as_of=as_of), wish, draft_of, report)
    say_findings(learnt.remarks, {})
    if wish.out is None:
        show(learnt.text)
    else:
        say(f"{learnt.summary}\nwritten to {shown_path(wish.out)}\n")


def wish_of(
    kind: str,
    columns: tuple[str, ...],
    of: str | None,
    where: str | None,
    hold_out: str,
    seed: int,
    out: Path | None,
    target: str | None = None,
) -> Wish:
    from lifeseg.pipeline.learning import Wish

    share = as_share(hold_out, "--hold-out")
    return Wish(f"lifeseg learn {kind}", columns, seed, of, where, target, share, out)


def named(text: str) -> tuple[str, ...]:
    """Names with commas between them."""
    return tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def as_share(text: str, option: str) -> Fraction:
    """A share below one: `30%` or `0.3`."""
    from decimal import Decimal, InvalidOperation

    from lifeseg.pipeline.errors import refusal

    try:
        number = Decimal(text.removesuffix("%"))
        share = Fraction(number) / (100 if text.endswith("%") else 1) if number.is_finite() else Fraction(-1)
    except InvalidOperation:
        share = Fraction(-1)
    if not 0 <= share < 1:
        raise refusal("bad-argument.value", name=option, value=text, wanted="a share such as 30%")
    return share


for command in (clusters, scorecard, rules, weights):
    learn.command(command.__name__)(guarded(command))
