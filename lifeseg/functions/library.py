"""The function library: each function's signature, words, worked examples, and its body in the language itself.

A body is a formula over the parameters (`all` stands for the population the call names); a function without one is a
core operation that every evaluator knows by name. So adding a function is one entry here, and no evaluator changes.
"""

from __future__ import annotations

from lifeseg.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Function:
    """`examples` pair a call, its arguments written as literals, with its value as decimal text."""

    name: str
    parameters: tuple[str, ...]
    summary: str
    body: str | None = None
    population: bool = False
    examples: tuple[tuple[str, str], ...] = ()
    source: str = ""


SCALAR = (
    Function("least", ("first", "second"), "the smaller of two amounts", examples=(("least(2, 3.5)", "2"),)),
    Function(
        "greatest", ("first", "second"), "the larger of two amounts", examples=(("greatest(2, 3.5)", "3.5"),)
    ),
    Function(
        "round",
        ("amount", "decimals"),
        "the amount at that many decimals, half away from zero",
        examples=(("round(2.345, 2)", "2.35"), ("round(-2.5, 0)", "-3")),
    ),
    Function(
        "square_root",
        ("amount",),
        "the square root at twelve decimals; of a negative amount it is missing",
        examples=(("square_root(2)", "1.414213562373"),),
    ),
    Function(
        "power",
        ("amount", "exponent"),
        "the amount to a whole power 0..600, rounded to twelve decimals at each step",
        examples=(("power(1.1, 3)", "1.331"),),
    ),
    Function(
        "exp", ("amount",), "e to that power, for amounts up to 16", examples=(("exp(1)", "2.718281828459"),)
    ),
    Function(
        "ln",
        ("amount",),
        "the natural logarithm; of zero or less it is missing",
        examples=(("ln(2)", "0.693147180560"),),
    ),
    Function("logistic", ("amount",), "1 / (1 + e to minus the amount)", examples=(("logistic(0)", "0.5"),)),
    Function(
        "months_between",
        ("later", "earlier"),
        "whole calendar months from the earlier day to the later",
        examples=(
            ("months_between(2013-06-30, 2013-05-31)", "1"),
            ("months_between(2013-06-29, 2013-05-31)", "0"),
        ),
    ),
    Function(
        "absolute",
        ("amount",),
        "the amount without its sign",
        "greatest(amount, -amount)",
        examples=(("absolute(-3)", "3"),),
    ),
    Function(
        "between_0_and_1",
        ("amount",),
        "the amount, but at least 0 and at most 1",
        "least(greatest(amount, 0), 1)",
        examples=(("between_0_and_1(1.7)", "1"),),
    ),
    Function(
        "reversed",
        ("level",),
        "1 minus a level: for measures of which less is better",
        "1 - level",
        examples=(("reversed(0.25)", "0.75"),),
    ),
    Function(
        "rating",
        ("points", "most"),
        "points as a share of the most that can be given",
        "points / most",
        examples=(("rating(4, 5)", "0.8"),),
    ),
)

POPULATION = (
    Function(
        "mean_quantization",
        ("amount",),
        "the amount against the population's mean",
        "amount / mean(amount over all)",
        population=True,
        source="seed 000, data analysis",
    ),
    Function(
        "min_max",
        ("amount",),
        "where the amount lies between the population's least and greatest, 0..1",
        "(amount - min(amount over all)) / (max(amount over all) - min(amount over all))",
        population=True,
    ),
    Function(
        "z_score",
        ("amount",),
        "how many deviations the amount lies above the population's mean",
        "(amount - mean(amount over all)) / deviation(amount over all)",
        population=True,
    ),
    Function(
        "ratio_to_maximum",
        ("amount",),
        "the amount against the population's greatest",
        "amount / max(amount over all)",
        population=True,
    ),
)

FUNCTIONS = {function.name: function for function in (*SCALAR, *POPULATION)}

AGGREGATES = {
    "count": "how many rows there are",
    "share": "the share of rows for which a condition holds",
    "sum": "the amounts added up",
    "mean": "the arithmetic mean at twelve decimals",
    "min": "the least",
    "max": "the greatest",
    "deviation": "the standard deviation of the whole group (not of a sample) at twelve decimals",
    "latest": "the value of the row with the latest date",
}
RANKING = {
    "quantile": "the value below which that share of the population lies (linear between neighbours unless told)",
    "quantile_group": "which of that many equal groups the amount falls in: 1 is lowest, ties join the higher unless told",
    "percentile_rank": "the share of the population below, in whole hundredths",
}
