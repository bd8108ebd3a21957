"""Headings against the facts of the policy: what is missing, unknown, misspelt or there twice."""

from pathlib import Path

from lifeseg.model.types import TEXT
from lifeseg.records.from_files import Source, load
from tests.records.customers import (
    CUSTOMER,
    customers,
    entity,
    errors,
    fact,
    first,
    in_words,
    keys,
    load_texts,
    only,
    said,
    values,
    where,
    write,
)


def test_order_of_columns_and_blanks_around_names_do_not_matter(tmp_path: Path) -> None:
    loaded = customers(tmp_path, " satisfaction ,customer_id\n4,C1\n")
    assert first(loaded)["satisfaction"] == 4
    assert first(loaded)["income"] is None


def test_missing(tmp_path: Path) -> None:
    found = only(customers(tmp_path, "customer_id,income\nC1,5\n"))
    assert (found.key, where(found)) == ("data-missing-column", ("customer.csv", 1))
    assert "there is no column `satisfaction`, a fact of `customer` (add the column" in in_words(found)


def test_misspelt(tmp_path: Path) -> None:
    """One finding tells both names; the unknown one is not reported again."""
    found = only(customers(tmp_path, "Customer-ID,satisfaction\nC1,4\n"))
    assert "no column `customer_id`" in in_words(found)
    assert "is it the column `Customer-ID`?" in in_words(found)


def test_misspelt_although_optional(tmp_path: Path) -> None:
    loaded = customers(tmp_path, "customer_id,satisfaction,incom\nC1,4,5\n")
    found = only(loaded)
    assert "the column `incom` is no fact of `customer` and is not read (did you mean `income`?)" in in_words(
        found
    )
    assert first(loaded)["income"] is None


def test_optional_facts_without_column_are_noted_once(tmp_path: Path) -> None:
    loaded = customers(tmp_path, "customer_id,satisfaction\nC1,4\n")
    assert said(loaded) == (
        "customer.csv:1: there is no column for `income`, `wallet_share`, `hours`, `partnership`, `since`, "
        "`arrears`, `programme`, `phone`: missing for every `customer`"
    )


def test_extra(tmp_path: Path) -> None:
    loaded = customers(tmp_path, "customer_id,satisfaction,zip,\nC1,4,5,6\n")
    assert [found.key for found in errors(loaded)] == ["data-unknown-column", "data-unknown-column.unnamed"]
    assert len(values(loaded)) == 1


def test_duplicated(tmp_path: Path) -> None:
    loaded = customers(tmp_path, "customer_id,satisfaction,satisfaction,zip,zip\nC1,4,5,6,7\n")
    assert keys(loaded)[0] == "data-duplicate-column"
    assert "the column `satisfaction` stands 2 times" in said(loaded)
    assert loaded.population is None


def test_no_heading_at_all(tmp_path: Path) -> None:
    found = only(customers(tmp_path, "C1,4\nC2,5\n"))
    assert found.key == "data-missing-column.heading"
    assert "`customer_id`, `satisfaction`" in in_words(found)


def test_many_strange_columns_are_counted(tmp_path: Path) -> None:
    strange = ",".join(f"{'x' * 100}{number}" for number in range(5000))
    loaded = customers(tmp_path, f"customer_id,satisfaction,{strange}\nC1,4{',' * 5000}\n")
    assert keys(loaded).count("data-unknown-column") == 5
    assert "and 4995 more like this" in said(loaded)
    assert all(len(found.arguments.get("column", "")) <= 40 for found in loaded.diagnostics)


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    loaded = customers(tmp_path, "customer_id,satisfacton,income\nC1,4,x\n,5,7\n")
    assert [found.key for found in errors(loaded)] == [
        "data-missing-column",
        "data-type",
        "data-missing-value",
    ]
    assert [where(found)[1] for found in errors(loaded)] == [1, 2, 3]


def test_child_begins_with_the_keys_above_it(tmp_path: Path) -> None:
    loaded = load_texts(
        tmp_path,
        customer="customer_id,satisfaction\nC1,4\n",
        usage="product,level\ndata,5\n",
    )
    found = only(loaded)
    assert found.key == "data-missing-column.parent"
    assert "no column `customer_id`, which tells each `usage` its `customer`" in in_words(found)


def test_a_key_named_like_a_fact_of_the_child_is_written_with_its_entity(tmp_path: Path) -> None:
    parent = entity("customer", None, fact("id", "text", TEXT, key=True))
    child = entity("contract", "customer", fact("id", "text", TEXT, key=True))
    grandchild = entity("payment", "contract", fact("payer", "text", TEXT))
    loaded = load(
        {"customer": parent, "contract": child, "payment": grandchild},
        {
            "customer": Source(write(tmp_path / "customer.csv", "id\nC1\nC2\n")),
            "contract": Source(write(tmp_path / "contract.csv", "customer.id,id\nC1,K1\nC2,K1\n")),
            "payment": Source(write(tmp_path / "payment.csv", "customer.id,contract.id,payer\nC2,K1,Li\n")),
        },
    )
    assert values(loaded, "payment") == [("Li",)]
    assert loaded.population is not None
    assert loaded.population.rows["payment"].parents == [1]


def test_entities_may_stand_in_any_order(tmp_path: Path) -> None:
    child = entity("contract", "customer", fact("since", "text", TEXT))
    loaded = load(
        {"contract": child, "customer": CUSTOMER},
        {
            "customer": Source(write(tmp_path / "customer.csv", "customer_id,satisfaction\nC1,4\n")),
            "contract": Source(write(tmp_path / "contract.csv", "customer_id,since\nC1,x\n")),
        },
    )
    assert values(loaded, "contract") == [("x",)]
