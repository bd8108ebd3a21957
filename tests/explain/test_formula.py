"""Formulas in a language whose trees speak in titles: names, cases, statistics, distances."""

from datetime import date

import pytest

from lifeseg.explain.catalogue import catalogue
from lifeseg.explain.formula import formula
from lifeseg.explain.from_trace import explain
from lifeseg.explain.scope import Scope, children, scope_of
from lifeseg.interpreter.trace import Trace
from lifeseg.interpreter.tracer import Tracer
from lifeseg.model.from_trees import from_trees
from lifeseg.pipeline.stages import evaluate
from lifeseg.records.population import Population, Rows
from lifeseg.syntax.from_text import from_text

POLICY = """
policy shop
  version 1.0.0

entity customer "Customer"
  customer_id text key
  bill "Bill" money CNY 0..1000
  kind "Kind" one of new, old

entity payment "Payment" of customer
  payment_id text key
  amount "Amount" money CNY 0..1000

params
  margin "Margin" = 10 CNY

indexes amounts "Amounts" of customer
  paid "Paid" = sum(amount over payment)
    if missing 0

clusters size "Size" of customer
  gives small "Small"
  gives large "Large"
  | paid_plain || size  |
  | 1          || small |
  | 9          || large |

indexes plain "Plain" of customer
  paid_plain "Paid, in yuan" = paid / 1 CNY

flags marks "Marks" of customer
  above "Above" when bill > mean(bill over all customer)

titles zh
  customer "客户"
  payment "交费"
  customer.bill "账单金额"
  payment.amount "交费金额"
  margin "余量"
  paid "交费合计"
  size "规模"
  size.small "小户"
  above "高于平均"
"""


@pytest.fixture(scope="module")
def trace() -> Trace:
    file, found = from_text(POLICY.lstrip(), "shop.seg")
    assert not found
    model, findings = from_trees([file])
    assert model is not None, findings
    customers = Rows("customer", [("C1", 10_000, "new"), ("C2", 30_000, "old")], [], [0, 1])
    payments = Rows("payment", [("P1", 500)], [0], [0])
    population = Population({"customer": customers, "payment": payments}, "")
    return Tracer(evaluate(model, population, date(2026, 1, 1))).trace("customer", 0)


@pytest.fixture(scope="module")
def scope(trace: Trace) -> Scope:
    return scope_of(trace)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("3 * bill <= paid - margin", "3 * 账单金额 <= 交费合计 - 余量"),
        ("sum(amount over payment where amount > 10 CNY)", "sum(交费金额 over 交费 where 交费金额 > 10 CNY)"),
        (
            "size is small or size is not one of large, small",
            "规模 is 小户 or 规模 is not one of large, 小户",
        ),
        ('kind is "bill" and bill > 0 CNY', 'kind is "bill" and 账单金额 > 0 CNY'),
        ("mean(bill over all customer)", "客户的账单金额平均值"),
        ("quantile(bill, 25% over all customer where above)", "“高于平均”的客户的账单金额的 25% 分位数"),
        (
            "quantile(bill, 0.25, interpolation lower over all customer)",
            "客户的账单金额的 0.25 分位数（取下方的值）",
        ),
        (
            "quantile_group(bill, 5, ties lower over all customer)",
            "客户的账单金额分为 5 组的界限（并列归入较低一组）",
        ),
        ("share(all customer where size is small)", "“规模 is 小户”的客户的占比"),
        ("bill / mean(bill over all customer)", "账单金额 / mean(账单金额 over all 客户)"),
        ("distance to large, small", "与 large 或小户的距离"),
    ],
)
def test_a_formula_in_titles(scope: Scope, text: str, said: str) -> None:
    """Words of the language, units, quoted texts, and what has no title stay as they are written."""
    assert formula(text, scope, catalogue("zh")) == said


def test_a_childs_formula_may_name_its_parents_facts(scope: Scope) -> None:
    child = next(children(scope))
    assert formula("amount > customer.bill", child, catalogue("zh")) == "交费金额 > 账单金额"


def test_where_trees_speak_in_the_policys_text_it_stays(scope: Scope) -> None:
    assert formula("mean(bill over all customer)", scope, catalogue("en")) == "mean(bill over all customer)"


def test_an_explanation_in_chinese_says_statistics_in_titles(trace: Trace) -> None:
    told = explain(trace, language="zh", detail=4)
    (statistics,) = (line.table for line in told.lines if line.label == "总体统计")
    assert statistics is not None
    assert statistics.rows == (("客户的账单金额平均值", "200.000000"),)
