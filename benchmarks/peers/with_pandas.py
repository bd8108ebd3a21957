"""Seven decisions of orgcust with pandas: `python with_pandas.py FOLDER OUT`. Numbers are binary fractions."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from pyarrow import parquet

folder, out = map(Path, sys.argv[1:])
WINDOW_END = pd.Timestamp(2013, 8, 30)


def table(entity: str, without: tuple[str, ...] = ()) -> pd.DataFrame:
    """A file, its decimals as binary fractions."""
    import pyarrow

    names = [name for name in parquet.read_schema(folder / f"{entity}.parquet").names if name not in without]
    found = parquet.read_table(folder / f"{entity}.parquet", columns=names)
    fields = [
        field.with_type(pyarrow.float64()) if pyarrow.types.is_decimal(field.type) else field
        for field in found.schema
    ]
    return found.cast(pyarrow.schema(fields)).to_pandas()


def scaled(values: pd.Series, most: float, missing: float | None = None) -> pd.Series:
    """Mean quantization."""
    found = (values / values.mean()).round(6)
    return (found if missing is None else found.fillna(missing)).clip(upper=most)


def chosen(tests: list[pd.Series], names: list[str | None], otherwise: str) -> np.ndarray:
    return np.select(
        tests, [np.array(name, dtype=object) for name in names], np.array(otherwise, dtype=object)
    )


u = table("usage")
stability = (
    u.income_volatility * 0.2111
    + u.satisfaction / 5 * 0.1148
    + u.on_time_rate * 0.1018
    + (1 - (u.arrears / 12).round(6)) * 0.1024
    + u.development_level / 5 * 0.1147
    + u.dependence / 5 * 0.2405
    + u.difficulty / 5 * 0.1147
)
stable_use = stability.round(10) >= 0.54
expiring = pd.to_datetime(u.contract_end) <= WINDOW_END
products = (
    pd.DataFrame(
        {
            "customer_id": u.customer_id,
            "products": 1,
            "expiring": expiring.astype("int64"),
            "stable_use": stable_use.astype("int64"),
            "at_risk": (expiring & ~stable_use).astype("int64"),
        }
    )
    .groupby("customer_id", sort=False)
    .sum()
)
u[["customer_id", "product"]].to_parquet(out / "usage.parquet", index=False)

c = table("customer", without=("name", "programme"))
staff_scale, income_scale = scaled(c.staff_size, 3), scaled(c.annual_income, 3, 0.5)
communication_scale = scaled(c.communication_share, 3, 1)
influence, information = c.industry_influence / 5 + c.society_influence / 5, c.information_plan / 5
relationship_stability = (
    (c.products_used / 6).round(6) * 0.0926
    + c.wallet_share * 0.0376
    + c.income_volatility * 0.1043
    + c.cooperation * 0.0687
    + c.satisfaction / 5 * 0.0380
    + c.feedback / 5 * 0.0274
    + c.on_time_rate * 0.1217
    + (1 - (c.arrears / 12).round(6)) * 0.1333
    + (c.strategic_products / 6).round(6) * 0.1902
    + c.partnership.astype("float64") * 0.1862
).round(10)
potential = (
    (staff_scale + income_scale) * 0.21 + influence * 0.14 + (information + communication_scale) * 0.15
).round(8)
customer_value = (
    scaled(c.information_income, 10) * 0.18
    + scaled(c.unified_pay, 10) * 0.18
    + scaled(c.personal_pay, 10) * 0.09
    + (1 - c.service_cost / 5) * 0.06
    + (1 - c.marketing_cost / 5) * 0.045
    + (1 - c.retention_cost / 5) * 0.045
    + (staff_scale + income_scale) * 0.04
    + (influence + information) * 0.04
    + relationship_stability * 0.2
).round(13)
g = products.reindex(c.customer_id).fillna(0).reset_index(drop=True)
under_contract, renewing, stable = g.products > 0, g.expiring > 0, relationship_stability >= 0.48
place = customer_value.rank(method="min", ascending=False)
contract = [renewing | ~under_contract, ~stable, g.stable_use == g.products]
conversion = [~renewing, g.at_risk == g.products, g.at_risk > 0]
pd.DataFrame(
    {
        "customer_id": c.customer_id,
        "potential": potential,
        "potential_band": chosen(
            [potential >= 0.8, potential >= 0.6, potential >= 0.4],
            ["key", "important", "general"],
            "abandoned",
        ),
        "relationship_stability": relationship_stability,
        "relationship_stability_band": chosen([stable], ["stable"], "unstable"),
        "stage": chosen([renewing, under_contract], ["conversion", "contract"], "identification"),
        "contract_type": chosen(
            contract, [None, "relationship_building", "maintenance"], "business_promotion"
        ),
        "conversion_type": chosen(conversion, [None, "warning", "detainment"], "stabilization"),
        "customer_value": customer_value,
        "value_level": chosen([place <= round(len(c) * 0.1), place <= round(len(c) * 0.3)], ["A", "B"], "C"),
    }
).to_parquet(out / "customer.parquet", index=False)
