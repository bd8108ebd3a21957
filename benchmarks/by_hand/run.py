"""Runs a hand-written query in DuckDB: `python run.py QUERY.sql FOLDER OUT`."""

import sys
from pathlib import Path

import duckdb

query, folder, out = sys.argv[1:]
text = Path(query).read_text(encoding="utf-8")
text = text.format(customer=f"{folder}/customer.parquet", usage=f"{folder}/usage.parquet", out=out)
lines = [line for line in text.splitlines() if not line.startswith("--")]
with duckdb.connect() as connection:
    for statement in "\n".join(lines).split(";\n"):
        connection.execute(statement)
