"""Seven decisions of orgcust with OpenFisca: `python with_openfisca.py FOLDER OUT`. It keeps numbers of 32 bits."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from openfisca_core.entities import build_entity
from openfisca_core.periods import ETERNITY
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable
from pyarrow import parquet

folder, out = map(Path, sys.argv[1:])
PERIOD, WINDOW_END = "2013-06", np.datetime64("2013-08-30")
Usage = build_entity("usage", "usages", "Product under contract", is_person=True)
Customer = build_entity(
    "customer", "customers", "Organizational customer", roles=[{"key": "product", "plural": "products"}]
)
system = TaxBenefitSystem([Usage, Customer])
system.cache_blacklist = set()


def variable(name: str, owner: Any, kind: type, formula: Callable[..., Any] | None = None) -> None:
    body: dict[str, Any] = {"value_type": kind, "entity": owner, "definition_period": ETERNITY, "label": name}
    if formula is not None:
        body["formula"] = formula
    system.add_variable(type(name, (Variable,), body))


def decided(owner: Any, kind: type) -> Callable[[Callable[..., Any]], None]:
    """A variable with a formula of its facts by name: `of("staff_size")`."""

    def made(function: Callable[..., Any]) -> None:
        def formula(population: Any, period: Any) -> Any:
            return function(lambda name: population(name, period), population, period)

        variable(function.__name__, owner, kind, formula)

    return made


def scaled(values: Any, most: float, missing: float = 0) -> Any:
    """Mean quantization; what is missing is NaN."""
    found = np.round(values / np.nanmean(values.astype(np.float64)), 6)
    return np.minimum(np.where(np.isnan(values), missing, found), most)


CUSTOMER_FACTS = [
    "staff_size",
    "annual_income",
    "industry_influence",
    "society_influence",
    "information_plan",
    "communication_share",
    "products_used",
    "wallet_share",
    "income_volatility",
    "cooperation",
    "satisfaction",
    "feedback",
    "on_time_rate",
    "arrears",
    "strategic_products",
    "partnership",
    "information_income",
    "unified_pay",
    "personal_pay",
    "service_cost",
    "marketing_cost",
    "retention_cost",
]
USAGE_FACTS = [
    "income_volatility",
    "satisfaction",
    "on_time_rate",
    "arrears",
    "development_level",
    "dependence",
    "difficulty",
]
for fact in CUSTOMER_FACTS:
    variable(fact, Customer, float)
for fact in USAGE_FACTS:
    variable(f"product_{fact}", Usage, float)
variable("expiring", Usage, bool)


@decided(Usage, bool)
def stable_use(of: Any, *_: Any) -> Any:
    return (
        of("product_income_volatility") * 0.2111
        + of("product_satisfaction") / 5 * 0.1148
        + of("product_on_time_rate") * 0.1018
        + (1 - np.round(of("product_arrears") / 12, 6)) * 0.1024
        + of("product_development_level") / 5 * 0.1147
        + of("product_dependence") / 5 * 0.2405
        + of("product_difficulty") / 5 * 0.1147
    ) >= 0.54


@decided(Customer, float)
def capacity(of: Any, *_: Any) -> Any:
    return scaled(of("staff_size"), 3) + scaled(of("annual_income"), 3, 0.5)


@decided(Customer, float)
def influence(of: Any, *_: Any) -> Any:
    return of("industry_influence") / 5 + of("society_influence") / 5


@decided(Customer, float)
def potential(of: Any, *_: Any) -> Any:
    demand = of("information_plan") / 5 + scaled(of("communication_share"), 3, 1)
    return of("capacity") * 0.21 + of("influence") * 0.14 + demand * 0.15


@decided(Customer, float)
def relationship_stability(of: Any, *_: Any) -> Any:
    return (
        np.round(of("products_used") / 6, 6) * 0.0926
        + of("wallet_share") * 0.0376
        + of("income_volatility") * 0.1043
        + of("cooperation") * 0.0687
        + of("satisfaction") / 5 * 0.0380
        + of("feedback") / 5 * 0.0274
        + of("on_time_rate") * 0.1217
        + (1 - np.round(of("arrears") / 12, 6)) * 0.1333
        + np.round(of("strategic_products") / 6, 6) * 0.1902
        + of("partnership") * 0.1862
    )


@decided(Customer, float)
def customer_value(of: Any, *_: Any) -> Any:
    return (
        scaled(of("information_income"), 10) * 0.18
        + scaled(of("unified_pay"), 10) * 0.18
        + scaled(of("personal_pay"), 10) * 0.09
        + (1 - of("service_cost") / 5) * 0.06
        + (1 - of("marketing_cost") / 5) * 0.045
        + (1 - of("retention_cost") / 5) * 0.045
        + of("capacity") * 0.04
        + (of("influence") + of("information_plan") / 5) * 0.04
        + of("relationship_stability") * 0.2
    )


@decided(Customer, str)
def stage(of: Any, customer: Any, period: Any) -> Any:
    renewing = customer.any(customer.members("expiring", period))
    return np.where(renewing, "conversion", np.where(customer.nb_persons() > 0, "contract", "identification"))


@decided(Customer, str)
def contract_type(of: Any, customer: Any, period: Any) -> Any:
    stable_products = customer.sum(customer.members("stable_use", period))
    kind = np.where(stable_products == customer.nb_persons(), "maintenance", "business_promotion")
    kind = np.where(of("relationship_stability") >= 0.48, kind, "relationship_building")
    return np.where(of("stage") == "contract", kind, "")


@decided(Customer, str)
def conversion_type(of: Any, customer: Any, period: Any) -> Any:
    members = customer.members
    at_risk = customer.sum(members("expiring", period) & ~members("stable_use", period))
    kind = np.where(
        at_risk == customer.nb_persons(), "warning", np.where(at_risk > 0, "detainment", "stabilization")
    )
    return np.where(of("stage") == "conversion", kind, "")


@decided(Customer, str)
def value_level(of: Any, customer: Any, *_: Any) -> Any:
    value = of("customer_value")
    descending = -np.sort(-value)
    cuts = [descending[max(0, round(customer.count * share) - 1)] for share in (0.1, 0.3)]
    return np.where(value >= cuts[0], "A", np.where(value >= cuts[1], "B", "C"))


def columns(entity: str, names: list[str]) -> dict[str, Any]:
    found = parquet.read_table(folder / f"{entity}.parquet", columns=names)
    return {name: found[name].cast(pa.float32()).to_numpy() for name in names}


keys = parquet.read_table(folder / "customer.parquet", columns=["customer_id"])["customer_id"]
products = parquet.read_table(folder / "usage.parquet", columns=["customer_id", "product", "contract_end"])
owners = pa.compute.index_in(products["customer_id"], keys.combine_chunks()).to_numpy()
builder = SimulationBuilder()
builder.create_entities(system)
builder.declare_person_entity("usage", np.arange(len(products)))
customers = builder.declare_entity("customer", np.arange(len(keys)))
customers.members_entity_id = owners
customers.members_role = np.repeat(Customer.flattened_roles[0], len(products))
simulation = builder.build(system)
for name, values in columns("customer", CUSTOMER_FACTS).items():
    simulation.set_input(name, ETERNITY, values)
for name, values in columns("usage", USAGE_FACTS).items():
    simulation.set_input(f"product_{name}", ETERNITY, values)
ends = products["contract_end"].to_numpy()
simulation.set_input("expiring", ETERNITY, ends <= WINDOW_END)


def result(name: str) -> Any:
    return simulation.calculate(name, PERIOD)


def chosen(name: str) -> pa.Array:
    found = result(name).astype(str)
    return pa.array(found, mask=found == "")


bands = np.select(
    [result("potential") >= cut for cut in (0.8, 0.6, 0.4)], ["key", "important", "general"], "abandoned"
)
decisions = {
    "customer_id": keys,
    "potential": result("potential"),
    "potential_band": bands,
    "relationship_stability": result("relationship_stability"),
    "relationship_stability_band": np.where(result("relationship_stability") >= 0.48, "stable", "unstable"),
    "stage": chosen("stage"),
    "contract_type": chosen("contract_type"),
    "conversion_type": chosen("conversion_type"),
    "customer_value": result("customer_value"),
    "value_level": chosen("value_level"),
}
parquet.write_table(pa.table(decisions), out / "customer.parquet")
parquet.write_table(products.select(["customer_id", "product"]), out / "usage.parquet")
