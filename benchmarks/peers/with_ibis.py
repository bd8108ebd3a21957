"""Seven decisions of orgcust with Ibis on DuckDB: `python with_ibis.py FOLDER OUT`. Numbers are binary fractions."""

import sys
from pathlib import Path

import ibis
from ibis import _

folder, out = map(Path, sys.argv[1:])
connection = ibis.duckdb.connect()
WINDOW_END = ibis.date(2013, 8, 30)


def table(entity: str) -> ibis.Table:
    """A file, its decimals as binary fractions."""
    found = connection.read_parquet(folder / f"{entity}.parquet")
    return found.mutate(
        **{name: found[name].cast("float64") for name, kind in found.schema().items() if kind.is_decimal()}
    )


def scaled(
    values: ibis.expr.types.NumericColumn, most: float, missing: float | None = None
) -> ibis.expr.types.NumericValue:
    """Mean quantization."""
    found = (values / values.mean().over()).round(6)
    return (found if missing is None else found.fill_null(missing)).clip(upper=most)


u, c = table("usage"), table("customer")
stability = (
    u.income_volatility * 0.2111
    + u.satisfaction / 5 * 0.1148
    + u.on_time_rate * 0.1018
    + (1 - (u.arrears / 12).round(6)) * 0.1024
    + u.development_level / 5 * 0.1147
    + u.dependence / 5 * 0.2405
    + u.difficulty / 5 * 0.1147
)
products = (
    u.select(
        "customer_id",
        stable_use=stability.round(10) >= 0.54,
        expiring=(u.contract_end <= WINDOW_END).fill_null(False),
    )
    .group_by("customer_id")
    .agg(
        products=_.count(),
        expiring=_.expiring.sum(),
        stable_use=_.stable_use.sum(),
        at_risk=(_.expiring & ~_.stable_use).sum(),
    )
)
measured = c.select(
    "customer_id",
    capacity=scaled(c.staff_size, 3) + scaled(c.annual_income, 3, 0.5),
    communication_scale=scaled(c.communication_share, 3, 1),
    influence=c.industry_influence / 5 + c.society_influence / 5,
    information=c.information_plan / 5,
    relationship_stability=(
        (c.products_used / 6).round(6) * 0.0926
        + c.wallet_share * 0.0376
        + c.income_volatility * 0.1043
        + c.cooperation * 0.0687
        + c.satisfaction / 5 * 0.0380
        + c.feedback / 5 * 0.0274
        + c.on_time_rate * 0.1217
        + (1 - (c.arrears / 12).round(6)) * 0.1333
        + (c.strategic_products / 6).round(6) * 0.1902
        + c.partnership.cast("float64") * 0.1862
    ).round(10),
    current=scaled(c.information_income, 10) * 0.18
    + scaled(c.unified_pay, 10) * 0.18
    + scaled(c.personal_pay, 10) * 0.09
    + (1 - c.service_cost / 5) * 0.06
    + (1 - c.marketing_cost / 5) * 0.045
    + (1 - c.retention_cost / 5) * 0.045,
)
scored = measured.left_join(products, "customer_id").mutate(
    potential=(_.capacity * 0.21 + _.influence * 0.14 + (_.information + _.communication_scale) * 0.15).round(
        8
    ),
    customer_value=(
        _.current + _.capacity * 0.04 + (_.influence + _.information) * 0.04 + _.relationship_stability * 0.2
    ).round(13),
    stable=_.relationship_stability >= 0.48,
    under_contract=_.products.fill_null(0) > 0,
    renewing=_.expiring.fill_null(0) > 0,
)
placed = scored.mutate(
    place=ibis.rank().over(ibis.window(order_by=scored.customer_value.desc())) + 1,
    count=scored.count().over(),
)
decided = placed.select(
    "customer_id",
    "potential",
    potential_band=ibis.cases(
        (_.potential >= 0.8, "key"),
        (_.potential >= 0.6, "important"),
        (_.potential >= 0.4, "general"),
        else_="abandoned",
    ),
    relationship_stability=_.relationship_stability,
    relationship_stability_band=ibis.cases((_.stable, "stable"), else_="unstable"),
    stage=ibis.cases((_.renewing, "conversion"), (_.under_contract, "contract"), else_="identification"),
    contract_type=ibis.cases(
        (_.renewing | ~_.under_contract, ibis.null("string")),
        (~_.stable, "relationship_building"),
        (_.stable_use == _.products, "maintenance"),
        else_="business_promotion",
    ),
    conversion_type=ibis.cases(
        (~_.renewing, ibis.null("string")),
        (_.at_risk == _.products, "warning"),
        (_.at_risk > 0, "detainment"),
        else_="stabilization",
    ),
    customer_value=_.customer_value,
    value_level=ibis.cases(
        (_.place <= (_["count"] * 0.1).round(), "A"), (_.place <= (_["count"] * 0.3).round(), "B"), else_="C"
    ),
)
decided.to_parquet(out / "customer.parquet")
u.select("customer_id", "product").to_parquet(out / "usage.parquet")
