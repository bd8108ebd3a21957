"""Seven decisions of orgcust with Polars: `python with_polars.py FOLDER OUT`. Numbers are binary fractions."""

import sys
from datetime import date
from pathlib import Path

import polars as pl

folder, out = map(Path, sys.argv[1:])
column = pl.col
WINDOW_END = date(2013, 8, 30)


def scaled(name: str, most: float, missing: float | None = None) -> pl.Expr:
    """Mean quantization."""
    found = (column(name) / column(name).mean()).round(6)
    return (found if missing is None else found.fill_null(missing)).clip(upper_bound=most)


def rated(name: str) -> pl.Expr:
    return column(name) / 5


shares = ("income_volatility", "on_time_rate")
usage = pl.scan_parquet(folder / "usage.parquet").with_columns(column(shares).cast(pl.Float64))
stability = (
    column("income_volatility") * 0.2111
    + rated("satisfaction") * 0.1148
    + column("on_time_rate") * 0.1018
    + (1 - (column("arrears") / 12).round(6)) * 0.1024
    + rated("development_level") * 0.1147
    + rated("dependence") * 0.2405
    + rated("difficulty") * 0.1147
)
products = (
    usage.select(
        "customer_id",
        stable_use=stability.round(10) >= 0.54,
        expiring=(column("contract_end") <= WINDOW_END).fill_null(False),
    )
    .with_columns(at_risk=column("expiring") & ~column("stable_use"))
    .group_by("customer_id")
    .agg(pl.len().alias("products"), column("expiring", "stable_use", "at_risk").sum())
)
customers = pl.scan_parquet(folder / "customer.parquet").with_columns(pl.col(pl.Decimal).cast(pl.Float64))
measured = customers.select(
    "customer_id",
    staff_scale=scaled("staff_size", 3),
    income_scale=scaled("annual_income", 3, 0.5),
    communication_scale=scaled("communication_share", 3, 1),
    influence=rated("industry_influence") + rated("society_influence"),
    information=rated("information_plan"),
    relationship_stability=(
        (column("products_used") / 6).round(6) * 0.0926
        + column("wallet_share") * 0.0376
        + column("income_volatility") * 0.1043
        + column("cooperation") * 0.0687
        + rated("satisfaction") * 0.0380
        + rated("feedback") * 0.0274
        + column("on_time_rate") * 0.1217
        + (1 - (column("arrears") / 12).round(6)) * 0.1333
        + (column("strategic_products") / 6).round(6) * 0.1902
        + column("partnership").cast(pl.Float64) * 0.1862
    ).round(10),
    revenue=scaled("information_income", 10) * 0.18
    + scaled("unified_pay", 10) * 0.18
    + scaled("personal_pay", 10) * 0.09,
    saving=(1 - rated("service_cost")) * 0.06
    + (1 - rated("marketing_cost")) * 0.045
    + (1 - rated("retention_cost")) * 0.045,
)
capacity = column("staff_scale") + column("income_scale")
scored = measured.join(products, on="customer_id", how="left", maintain_order="left").with_columns(
    potential=(
        capacity * 0.21
        + column("influence") * 0.14
        + (column("information") + column("communication_scale")) * 0.15
    ).round(8),
    customer_value=(
        column("revenue")
        + column("saving")
        + capacity * 0.04
        + (column("influence") + column("information")) * 0.04
        + column("relationship_stability") * 0.2
    ).round(13),
    stable=column("relationship_stability") >= 0.48,
    under_contract=column("products").fill_null(0) > 0,
    renewing=column("expiring").fill_null(0) > 0,
)
place = column("customer_value").rank("min", descending=True)
decided = scored.select(
    "customer_id",
    "potential",
    potential_band=pl.when(column("potential") >= 0.8)
    .then(pl.lit("key"))
    .when(column("potential") >= 0.6)
    .then(pl.lit("important"))
    .when(column("potential") >= 0.4)
    .then(pl.lit("general"))
    .otherwise(pl.lit("abandoned")),
    relationship_stability=column("relationship_stability"),
    relationship_stability_band=pl.when("stable").then(pl.lit("stable")).otherwise(pl.lit("unstable")),
    stage=pl.when("renewing")
    .then(pl.lit("conversion"))
    .when("under_contract")
    .then(pl.lit("contract"))
    .otherwise(pl.lit("identification")),
    contract_type=pl.when(column("renewing") | ~column("under_contract"))
    .then(None)
    .when(~column("stable"))
    .then(pl.lit("relationship_building"))
    .when(column("stable_use") == column("products"))
    .then(pl.lit("maintenance"))
    .otherwise(pl.lit("business_promotion")),
    conversion_type=pl.when(~column("renewing"))
    .then(None)
    .when(column("at_risk") == column("products"))
    .then(pl.lit("warning"))
    .when(column("at_risk") > 0)
    .then(pl.lit("detainment"))
    .otherwise(pl.lit("stabilization")),
    customer_value=column("customer_value"),
    value_level=pl.when(place <= (pl.len() * 0.1).round())
    .then(pl.lit("A"))
    .when(place <= (pl.len() * 0.3).round())
    .then(pl.lit("B"))
    .otherwise(pl.lit("C")),
)
decided.sink_parquet(out / "customer.parquet")
pl.scan_parquet(folder / "usage.parquet").select("customer_id", "product").sink_parquet(out / "usage.parquet")
