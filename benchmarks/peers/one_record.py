"""The contract type of one customer with three products, by libraries that decide about one record at a time.

`python one_record.py PEER RECORDS.json SECONDS` decides about records it has not seen before, as long as told, and prints
microseconds of work a customer and its decisions as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

TOP = Path(__file__).resolve().parents[2]
Record = dict[str, Any]
Decide = Callable[[Any], list[str | None]]  # takes records, or what is made of them beforehand

RELATIONSHIP = (
    "products_used / 6 * 0.0926 + wallet_share * 0.0376 + income_volatility * 0.1043 + cooperation * 0.0687"
    " + satisfaction / 5 * 0.0380 + feedback / 5 * 0.0274 + on_time_rate * 0.1217 + (1 - arrears / 12) * 0.1333"
    " + strategic_products / 6 * 0.1902 + (partnership ? 1 : 0) * 0.1862 >= 0.48"
)
PRODUCT = (
    "{0}income_volatility * 0.2111 + {0}satisfaction / 5 * 0.1148 + {0}on_time_rate * 0.1018 + (1 - {0}arrears / 12) * 0.1024"
    " + {0}development_level / 5 * 0.1147 + {0}dependence / 5 * 0.2405 + {0}difficulty / 5 * 0.1147 >= 0.54"
)


def each(decide: Callable[[Record], str | None]) -> Decide:
    return lambda records: [decide(record) for record in records]


def by_hand() -> Decide:
    def stable_use(u: Record) -> bool:
        return (
            u["income_volatility"] * 0.2111 + u["satisfaction"] / 5 * 0.1148 + u["on_time_rate"] * 0.1018
            + (1 - u["arrears"] / 12) * 0.1024 + u["development_level"] / 5 * 0.1147 + u["dependence"] / 5 * 0.2405
            + u["difficulty"] / 5 * 0.1147
        ) >= 0.54  # fmt: skip

    def decide(c: Record) -> str | None:
        usage = c["usage"]
        if not usage or any(
            u["contract_end"] is not None and u["contract_end"] <= "2013-08-30" for u in usage
        ):
            return None
        stability = (
            c["products_used"] / 6 * 0.0926 + c["wallet_share"] * 0.0376 + c["income_volatility"] * 0.1043
            + c["cooperation"] * 0.0687 + c["satisfaction"] / 5 * 0.0380 + c["feedback"] / 5 * 0.0274
            + c["on_time_rate"] * 0.1217 + (1 - c["arrears"] / 12) * 0.1333 + c["strategic_products"] / 6 * 0.1902
            + c["partnership"] * 0.1862
        )  # fmt: skip
        if stability < 0.48:
            return "relationship_building"
        return "maintenance" if all(map(stable_use, usage)) else "business_promotion"

    return each(decide)


def compiled() -> Any:
    sys.path.insert(0, str(TOP))
    import lifeseg

    policy = lifeseg.load(TOP / "rules/orgcust")
    folder = TOP / "examples/orgcust"
    data = {"customer": folder / "customers.csv", "usage": folder / "usage.csv"}
    baseline = policy.run(data, "2013-06-30").baseline
    return lambda only: policy.compile("2013-06-30", baseline=baseline, only=only)


def lifeseg_one() -> Decide:
    decide = compiled()(["contract_type"])
    return each(lambda record: decide(record)["contract_type"])


def lifeseg_batch() -> Decide:
    decide = compiled()(["contract_type"])
    return lambda records: [found["contract_type"] for found in decide.batch(records)]


def lifeseg_columns() -> Decide:
    decide = compiled()(["contract_type"])
    return lambda tables: decide.columns(tables)["customer"]["contract_type"]


def as_columns(records: list[Record]) -> Any:
    """The same as tables, as a program gets them that reads columns."""
    usage = [{"customer_id": one["customer_id"], **used} for one in records for used in one["usage"]]
    customers = [{name: value for name, value in one.items() if name != "usage"} for one in records]
    rows = {"customer": customers, "usage": usage}
    tables = {name: {fact: [row[fact] for row in some] for fact in some[0]} for name, some in rows.items()}
    return json.loads(json.dumps(tables))


def lifeseg_full() -> Decide:
    decide = compiled()(None)
    return each(lambda record: decide(record)["contract_type"])


def zen_expressions() -> str:
    kind = f"all(usage, {PRODUCT.format('#.')}) ? 'maintenance' : 'business_promotion'"
    ending = "some(usage, #.contract_end != null and d(#.contract_end) <= d('2013-08-30'))"
    return f"len(usage) == 0 or {ending} ? null : ({RELATIONSHIP} ? ({kind}) : 'relationship_building')"


def zen_expression() -> Decide:
    import zen

    expression = zen.compile_expression(zen_expressions())
    return each(expression.evaluate)


def zen_graph() -> Decide:
    import zen

    expressions = [{"id": "e", "key": "contract_type", "value": zen_expressions()}]
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in"},
        {
            "id": "by",
            "type": "expressionNode",
            "name": "by",
            "content": {"expressions": expressions, "passThrough": False},
        },
        {"id": "out", "type": "outputNode", "name": "out"},
    ]
    edges = [
        {"id": "1", "sourceId": "in", "targetId": "by", "type": "edge"},
        {"id": "2", "sourceId": "by", "targetId": "out", "type": "edge"},
    ]
    graph = {"nodes": [{**node, "position": {"x": 0, "y": 0}} for node in nodes], "edges": edges}
    decision = zen.ZenEngine().create_decision(json.dumps(graph))
    return each(lambda record: decision.evaluate(record)["result"].get("contract_type"))


def rule_engine_() -> Decide:
    import rule_engine

    product = PRODUCT.format("u.")
    ending = rule_engine.Rule(
        "$any([u.contract_end != null and u.contract_end <= '2013-08-30' for u in usage])"
    )
    stable, every = rule_engine.Rule(RELATIONSHIP), rule_engine.Rule(f"$all([{product} for u in usage])")

    def decide(record: Record) -> str | None:
        if not record["usage"] or ending.evaluate(record):
            return None
        if not stable.matches(record):
            return "relationship_building"
        return "maintenance" if every.matches(record) else "business_promotion"

    return each(decide)


def cel() -> Decide:
    import re

    import celpy

    def doubles(text: str) -> str:
        text = re.sub(r"(?<![\w.])((?:u\.)?[a-z_]+)(?= [/*])", r"double(\1)", text)
        text = re.sub(r"(?<![\w.])(\d+)(?![\w.])", r"\1.0", text)
        return text.replace("1.0 - u.arrears", "1.0 - double(u.arrears)").replace(
            "1.0 - arrears", "1.0 - double(arrears)"
        )

    stable, every = doubles(RELATIONSHIP), doubles(PRODUCT.format("u."))
    ending = "usage.exists(u, u.contract_end != null && u.contract_end <= '2013-08-30')"
    kind = f"usage.all(u, {every}) ? 'maintenance' : 'business_promotion'"
    text = f"(size(usage) == 0 || {ending}) ? 'none' : (({stable}) ? ({kind}) : 'relationship_building')"
    environment = celpy.Environment()
    program = environment.program(environment.compile(text))

    def decide(record: Record) -> str | None:
        found = str(program.evaluate(celpy.json_to_cel(record)))
        return None if found == "none" else found

    return each(decide)


def json_logic_() -> Decide:
    from json_logic import jsonLogic

    def var(name: str) -> dict[str, Any]:
        return {"var": name}

    def part(name: str, divisor: int, weight: float) -> dict[str, Any]:
        return {"*": [{"/": [var(name), divisor]}, weight]}

    def left(weight: float) -> dict[str, Any]:
        return {"*": [{"-": [1, {"/": [var("arrears"), 12]}]}, weight]}

    relationship = [
        part("products_used", 6, 0.0926), part("wallet_share", 1, 0.0376), part("income_volatility", 1, 0.1043),
        part("cooperation", 1, 0.0687), part("satisfaction", 5, 0.0380), part("feedback", 5, 0.0274),
        part("on_time_rate", 1, 0.1217), left(0.1333), part("strategic_products", 6, 0.1902),
        {"*": [{"if": [var("partnership"), 1, 0]}, 0.1862]},
    ]  # fmt: skip
    product = [
        part("income_volatility", 1, 0.2111), part("satisfaction", 5, 0.1148), part("on_time_rate", 1, 0.1018), left(0.1024),
        part("development_level", 5, 0.1147), part("dependence", 5, 0.2405), part("difficulty", 5, 0.1147),
    ]  # fmt: skip
    ends = {"and": [{"!=": [var("contract_end"), None]}, {"<=": [var("contract_end"), "2013-08-30"]}]}
    nobody = {"or": [{"!": [var("usage")]}, {"some": [var("usage"), ends]}]}
    every = {"all": [var("usage"), {">=": [{"+": product}, 0.54]}]}
    kind = {"if": [every, "maintenance", "business_promotion"]}
    rule = {
        "if": [nobody, None, {"if": [{">=": [{"+": relationship}, 0.48]}, kind, "relationship_building"]}]
    }
    return each(lambda record: jsonLogic(rule, record))


PEERS: Mapping[str, Callable[[], Decide]] = {
    "by-hand": by_hand, "lifeseg": lifeseg_one, "lifeseg-batch": lifeseg_batch, "lifeseg-full": lifeseg_full,
    "lifeseg-columns": lifeseg_columns, "lifeseg-columns-50": lifeseg_columns,
    "zen-expression": zen_expression, "zen-graph": zen_graph, "rule-engine": rule_engine_, "cel-python": cel,
    "json-logic": json_logic_,
}  # fmt: skip
TOGETHER = 50
MORE_TOGETHER = {"lifeseg-columns": 1_000}


def main() -> None:
    peer, file, seconds = sys.argv[1:]
    records = json.loads(Path(file).read_text(encoding="utf-8"))
    half, together = len(records) // 2, MORE_TOGETHER.get(peer, TOGETHER)
    prepare = as_columns if "columns" in peer else list
    decide, decisions = PEERS[peer](), []
    start = time.perf_counter()
    for first in range(0, half, step := together if "columns" in peer else 1):
        decide(prepare(records[first : min(half, first + step)]))
        if time.perf_counter() - start > float(seconds):
            break
    work, start, fresh = 0.0, time.perf_counter(), iter(records[half:])
    while time.perf_counter() - start < float(seconds) and (some := [*islice(fresh, together)]):
        given = prepare(some)
        before = time.process_time()
        decisions += decide(given)
        work += time.process_time() - before
    print(json.dumps({"each": work / len(decisions) * 1e6, "decisions": decisions}))


if __name__ == "__main__":
    main()
