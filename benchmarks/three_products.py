"""Generated customers come in; those with three products go out as JSON, with what the interpreter decides of each.

`python three_products.py FOLDER RECORDS.json COUNT`; the decisions go beside it, to RECORDS.decisions.json.
"""

from __future__ import annotations

import json
import sys
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

import lifeseg

TOP = Path(__file__).resolve().parent.parent
folder, file, count = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])


def rows(query: str) -> list[dict[str, Any]]:
    found = duckdb.sql(query)
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def as_json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else value


usage, customer = (f"'{folder}/{entity}.parquet'" for entity in ("usage", "customer"))
three = f"SELECT customer_id FROM {usage} GROUP BY 1 HAVING count(*) = 3 ORDER BY 1 LIMIT {count}"
records = {
    row["customer_id"]: {**row, "usage": []}
    for row in rows(f"FROM {customer} WHERE customer_id IN ({three})")
}
for row in rows(f"FROM {usage} WHERE customer_id IN ({three})"):
    records[row.pop("customer_id")]["usage"].append(row)
policy = lifeseg.load(TOP / "rules/orgcust")
example = TOP / "examples/orgcust"
baseline = policy.run(
    {"customer": example / "customers.csv", "usage": example / "usage.csv"}, "2013-06-30"
).baseline
with tempfile.TemporaryDirectory() as chosen:
    for entity, query in (("customer", customer), ("usage", usage)):
        duckdb.sql(f"FROM {query} WHERE customer_id IN ({three})").write_parquet(f"{chosen}/{entity}.parquet")
    results = policy.run(chosen, "2013-06-30", baseline=baseline, only=["contract_type"])
known = dict(
    zip(
        (key for (key,) in results.keys("customer")), results.column("customer", "contract_type"), strict=True
    )
)
file.write_text(json.dumps([*records.values()], default=as_json), encoding="utf-8")
file.with_suffix(".decisions.json").write_text(json.dumps([known[key] for key in records]), encoding="utf-8")
