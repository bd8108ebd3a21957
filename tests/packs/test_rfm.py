"""The pack rfm: the seed publishes a procedure and no numbers, so the procedure is repeated here by other means."""

import csv
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from functools import cache
from statistics import mean
from typing import Any

import lifeseg
from tests.docs.recorded import ROOT

FOLDER = ROOT / "examples/rfm"
SCORES = ("recency_score", "frequency_score", "monetary_score")
RULES = ROOT / "rules/rfm/rfm.seg"


@cache
def results() -> lifeseg.Results:
    data = {"customer": str(FOLDER / "customers.csv"), "payment": str(FOLDER / "payments.csv")}
    return lifeseg.load(ROOT / "rules/rfm").run(data, as_of="2013-06-30")


def judged() -> list[list[Fraction]]:
    """The comparisons of ten judges, read from the policy's text."""
    text = RULES.read_text(encoding="utf-8").split("weights ten_judges ")[1].split("\n\n")[0]
    rows = [line.split("|")[2:5] for line in text.splitlines() if line.lstrip().startswith('| "')]
    return [[Fraction(cell.strip()) for cell in row] for row in rows]


def records() -> list[dict[str, Any]]:
    return [results().record("customer", index) for index in range(40)]


def explains(weights: list[float], name: str) -> bool:
    """Whether these weights of the three quintile scores give everybody's value."""
    exact = [Decimal(str(weight)) for weight in weights]
    return all(
        record[name] == sum(weight * record[score] for weight, score in zip(exact, SCORES, strict=True))
        for record in records()
    )


def test_the_ten_judges_are_three_managers_four_of_marketing_and_three_old_customers() -> None:
    assert len(judged()) == 10


def test_weights_by_the_procedure_of_the_seed() -> None:
    """The matrices averaged, each column made to sum to 1, the rows averaged."""
    rows = judged()
    rf, rm, fm = (sum(column) / 10 for column in zip(*rows, strict=True))
    matrix = [[1, rf, rm], [1 / rf, 1, fm], [1 / rm, 1 / fm, 1]]
    sums = [sum(column) for column in zip(*matrix, strict=True)]
    weights = [sum(cell / total for cell, total in zip(row, sums, strict=True)) / 3 for row in matrix]
    assert [round(float(weight), 6) for weight in weights] == [0.204963, 0.242511, 0.552526]
    assert explains([0.204963, 0.242511, 0.552526], "judged_value")


def test_geometric_weights_do_not_depend_on_which_index_is_named_first() -> None:
    """Of three indexes the principal eigenvector is the vector of the rows' geometric means."""
    rf, rm, fm = (1.0, 1.0, 1.0)
    for row in judged():
        rf, rm, fm = rf * float(row[0]) ** 0.1, rm * float(row[1]) ** 0.1, fm * float(row[2]) ** 0.1
    means = [(rf * rm) ** (1 / 3), (fm / rf) ** (1 / 3), (1 / rm / fm) ** (1 / 3)]
    weights = [round(mean / sum(means), 6) for mean in means]
    assert weights == [0.176756, 0.245658, 0.577586]
    assert explains(weights, "judged_value_geometric")


def test_fifths_are_cut_from_the_top_and_ties_join_the_better() -> None:
    """Of 37 who paid, the cut of the best fifth is the 7th largest value, the next the 15th, the 22nd, the 30th."""
    paying = [record for record in records() if record["sum_class"] is not None]
    assert len(paying) == 37
    for measure, score in (("frequency", "frequency_score"), ("monetary", "monetary_score")):
        ordered = sorted((record[measure] for record in paying), reverse=True)
        cuts = [ordered[place - 1] for place in (7, 15, 22, 30)]
        for record in paying:
            assert record[score] == 1 + sum(record[measure] >= cut for cut in cuts)


def test_all_eight_cells_are_filled_and_money_makes_a_customer_important() -> None:
    with (FOLDER / "payments.csv").open(encoding="utf-8") as file:
        paid = Counter[str]()
        for row in csv.DictReader(file):
            if row["paid_on"] > "2012-06-30":
                paid[row["customer_id"]] += int(row["amount"])
    mean = sum(paid.values()) / len(paid)
    classes = {record["customer_id"]: record["mean_class"] for record in records()}
    assert len(set(classes.values()) - {None}) == 8
    for customer, amount in paid.items():
        assert classes[customer].startswith("important") == (amount >= mean)


def test_each_centre_is_the_mean_of_its_class() -> None:
    """So another round of K-means would change nothing."""
    centres = {
        "strong": [3.92, 4.33, 4.50],
        "modest": [4.38, 3.62, 2.62],
        "slipping": [1.14, 3.14, 3.00],
        "small": [2.30, 1.60, 1.50],
    }
    for name, centre in centres.items():
        members = [record for record in records() if record["cluster"] == name]
        for score, middle in zip(SCORES, centre, strict=True):
            assert abs(float(mean(record[score] for record in members)) - middle) <= 0.005
