"""lifeseg sensitivity: a policy comes in; how much its answers depend on the numbers that people set in it goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lifeseg.cli.options import AsOf, Data, Engine, PolicyOption
from lifeseg.cli.output import show

if TYPE_CHECKING:
    from fractions import Fraction

    from lifeseg.pipeline.sensitivity import Reach, Sensitivity, Sweep

Name = Annotated[
    str | None,
    typer.Argument(
        metavar="[NUMBER]",
        help="A parameter, a weight (SCORE.INDEX) or the threshold of a band (SCORE.BAND).",
        show_default=False,
    ),
]
From = Annotated[
    str | None, typer.Option("--from", metavar="VALUE", help="Where NUMBER begins; else at 4/5 of it.")
]
To = Annotated[str | None, typer.Option("--to", metavar="VALUE", help="Where it ends; else at 6/5 of it.")]
Step = Annotated[
    str | None, typer.Option(metavar="VALUE", help="By how much it goes on; else in eight equal steps.")
]
Near = Annotated[
    str,
    typer.Option(metavar="AMOUNT", help="How near to a threshold counts: an amount, or a share of the score's range."),
]  # fmt: skip
By = Annotated[str, typer.Option(metavar="SHARE", help="How much smaller and larger each weight is tried.")]
Worth = Annotated[
    str | None, typer.Option("--value", metavar="NAME", help="Add up this index or score of those counted.")
]
Format = Annotated[
    Literal["console", "markdown", "csv", "json", "html"], typer.Option("--format", help="How to write it.")
]
CURVES = 2
"""Thresholds, and weights, that a page draws."""


def sensitivity(
    name: Name = None,
    low: From = None,
    high: To = None,
    step: Step = None,
    near: Near = "1%",
    by: By = "10%",
    value: Worth = None,
    data: Data = None,
    as_of: AsOf = None,
    engine: Engine = None,
    policy: PolicyOption = None,
    format_: Format = "console",
) -> None:
    """Tell how much the answers depend on thresholds, weights and parameters.

    Without NUMBER: how many are near each threshold, which weight moves most, and how many keep their case whichever weight
    is changed. With NUMBER: how large each case is as that number goes from one value to another. Every figure is that of a
    run of the policy with the other number; nothing is recorded, and the policy stays as it is.
    """
    from lifeseg.cli.progress import progress
    from lifeseg.pipeline.errors import refusal
    from lifeseg.pipeline.sensitivity import sensitivity as of_all
    from lifeseg.pipeline.sensitivity import sweep
    from lifeseg.pipeline.setting import settle

    if name is None and (low, high, step) != (None, None, None):
        raise refusal("bad-argument.sweep")
    setting = settle(policy, data=data, as_of=as_of, engine=engine)
    found: Sensitivity | Sweep
    if name is not None:
        with progress() as report:
            found = sweep(setting, name, (low, high, step), value, report)
    else:
        reach, share = reach_of(near), share_of(by)
        with progress() as report:
            found = of_all(setting, reach, share, value, report, CURVES if format_ == "html" else 0)
    show(written(found, format_))


def written(found: Sensitivity | Sweep, form: str) -> str:
    """The renderer of a form is a module of its own."""
    from importlib import import_module

    module = import_module(f"lifeseg.cli.sensitivities.to_{form}")
    return str(getattr(module, f"to_{form}")(found))


def reach_of(text: str) -> Reach:
    from lifeseg.pipeline.sensitivity import Reach

    return Reach(number_of(text, "bad-argument.near"), text.strip().endswith("%"))


def share_of(text: str) -> Fraction:
    """More than nothing and less than all; a percentage, or a number below 1."""
    from lifeseg.pipeline.errors import refusal

    found = number_of(text, "bad-argument.by")
    if not 0 < found < 1:
        raise refusal("bad-argument.by", text=text)
    return found


def number_of(text: str, key: str) -> Fraction:
    """A decimal that is not negative, a hundredth of it where a percent sign follows."""
    from fractions import Fraction
    from re import fullmatch

    from lifeseg.pipeline.errors import refusal

    found = fullmatch(r"\s*(\d{1,18}(?:\.\d{1,18})?)\s*(%?)\s*", text)
    if found is None:
        raise refusal(key, text=text)
    return Fraction(found[1]) / (100 if found[2] else 1)
