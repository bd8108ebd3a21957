"""A random source comes in; small policies with costs, and customers whose every change can be tried, go out."""

from __future__ import annotations

import random

from lifeseg.model.expression import Value
from lifeseg.records.population import Population, Rows

FACTS = """policy tried
  version 1.0.0

entity customer "Customer"
  customer_id text key
  mood "Mood" rating 1..4
{mood}  debt "Debt" months 0..3
{debt}  loyal "Loyal" yes/no
{loyal}  plan "Plan" one of none, basic, full
{plan}  income "Income" money CNY 1..100 optional
{income}
entity usage "Product" of customer
  product one of voice, data key
  joy "Joy" rating 1..3
{joy}  worth "Worth" count 0..4
{worth}"""

RULES = """
indexes levels of customer
  mood_level = mood / {divisor}
  debt_level = 1 - debt / 3 months
  loyal_level
    1 when loyal
    0 otherwise
  income_level = income / mean(known income over all customer)
    range 0..2
    if missing 0.5
  total = {aggregate}
    if missing 0

indexes parts of usage
  joy_level = joy / 3
  product_value = joy * worth

score strength of customer
  {a} mood_level
  {b} debt_level
  {c} loyal_level
  bands
    strong from {high}
    weak from {low}
    gone below

flags look of usage
  good when joy_level >= 0.6{and_worth}
  heavy when product_value >= {product}

flags standing of customer
  happy when some usage: good
  safe when every usage: good
  odd when {odd}
  risky when exp(-1 * strength) > {risk}

segment class of customer first match
  gold when strength is strong
    and happy
  silver when {silver}
  rest otherwise

rank level of customer by income_level
  top_half top 50%
  low_half rest
{assume}"""

CASES = (
    "strong", "weak", "gone", "happy", "safe", "odd", "risky", "gold", "silver", "class.rest", "top_half", "not happy",
    "not gold", "not strong", "not risky",
)  # fmt: skip


def policy(source: random.Random) -> str:
    """A policy in which a customer with two products has some thousand neighbours."""

    def cost() -> str:
        return f"cost {source.choice(('1', '2', '3', '5', '0.5', '2.25', '7', '0'))} CNY"

    def line(*written: str) -> str:
        chosen = source.choice(("", *written, *written))
        return f"    {chosen}\n" if chosen else ""

    facts = FACTS.format(
        mood=line(f"changes up {cost()}", f"changes {cost()}", f"changes by 2 {cost()}"),
        debt=line(f"changes down {cost()}", f"changes down by 2 months {cost()}"),
        loyal=line(f"changes {cost()}", f"changes to yes {cost()}", "changes never"),
        plan=line(f"changes {cost()}", f"changes to full, none {cost()}"),
        income=line(f"changes up by 20 CNY {cost()}"),
        joy=f"    changes {cost()}\n",
        worth=line(f"changes up {cost()}", f"changes down by 2 {cost()}"),
    )
    rules = RULES.format(
        divisor=source.choice((3, 4, 7)),
        aggregate=source.choice(
            ("sum(worth over usage)", "mean(joy over usage)", "count(usage where joy >= 2)", "max(worth over usage)",
             "deviation(worth over usage)", "deviation(joy over usage where worth >= 1)")
        ),
        a=source.choice(("0.50", "0.40")), b="0.30", c="0.20", high=source.choice(("0.55", "0.7", "0.8")),
        low=source.choice(("0.2", "0.4")), and_worth=source.choice(("", " and worth >= 2", " and worth < 3")),
        product=source.choice((2, 5, 9)),
        odd=source.choice(("total >= 3", "plan is full and not loyal", "total = 2 and mood >= 3", "mood > 9")),
        risk=source.choice(("0.5", "0.61", "0.7")),
        silver=source.choice(("strength is weak", "plan is one of basic, full or safe", "debt = 0 months or odd")),
        assume=source.choice(("", '\nassume "Full is loyal" of customer when plan is not full or loyal\n')),
    )  # fmt: skip
    return facts + rules


def customers(source: random.Random) -> Population:
    """Three customers, of whom the first has two products, one or none."""
    top, below = Rows("customer"), Rows("usage")
    for place in range(3):
        top.values.append((
            f"C{place}", source.randint(1, 4), source.randint(0, 3), source.random() < 0.5,
            source.choice(("none", "basic", "full")), source.choice((None, 100, 2500, 10000)),
        ))  # fmt: skip
        for product in ("voice", "data")[: source.choice((2, 1, 2, 0))]:
            values: tuple[Value, ...] = (product, source.randint(1, 3), source.randint(0, 4))
            below.values.append(values)
            below.parents.append(place)
    for rows in (top, below):
        rows.lines += range(2, 2 + len(rows.values))
    return Population({"customer": top, "usage": below}, "")
