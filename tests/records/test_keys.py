"""Keys and parents: duplicates, orphans, and rows that hang on rows that are bad."""

from pathlib import Path

from lifeseg.model.types import TEXT
from lifeseg.records.from_files import Source, load
from tests.records.customers import (
    CUSTOMER,
    entity,
    errors,
    fact,
    in_words,
    keys,
    load_texts,
    only,
    values,
    where,
    write,
)

CUSTOMERS = "customer_id,satisfaction\nC1,4\nC2,5\nC3,1\n"
USAGE = "customer_id,product,level\nC2,data,5\nC1,data,3\nC2,voice,1\n"
CALLS = "customer_id,product,minutes\nC2,data,7\nC2,data,7\nC1,data,1\n"


def test_children_know_their_parents(tmp_path: Path) -> None:
    loaded = load_texts(tmp_path, customer=CUSTOMERS, usage=USAGE, call=CALLS)
    assert loaded.population is not None
    rows = loaded.population.rows
    assert rows["customer"].parents == []
    assert rows["usage"].parents == [1, 0, 1]
    assert rows["usage"].values == [("data", 5), ("data", 3), ("voice", 1)]
    assert rows["call"].parents == [0, 0, 1]
    assert rows["call"].lines == [2, 3, 4]


def test_duplicate_key(tmp_path: Path) -> None:
    found = only(load_texts(tmp_path, customer=CUSTOMERS + "C2,5\n"))
    assert (found.key, where(found)) == ("data-duplicate-key", ("customer.csv", 5))
    assert "the key `C2` in `customer_id` stands in row 3 already" in in_words(found)


def test_duplicate_key_of_a_row_that_is_bad_for_another_reason(tmp_path: Path) -> None:
    loaded = load_texts(tmp_path, customer=CUSTOMERS + "C2,9\n")
    assert [found.key for found in errors(loaded)] == ["data-range", "data-duplicate-key"]


def test_keys_of_different_parents_may_be_the_same(tmp_path: Path) -> None:
    found = only(load_texts(tmp_path, customer=CUSTOMERS, usage=USAGE + "C1,data,5\n"))
    assert (found.key, where(found)) == ("data-duplicate-key", ("usage.csv", 5))
    assert found.arguments["key"] == "C1, data"
    assert found.arguments["first_row"] == "3"


def test_empty_key(tmp_path: Path) -> None:
    found = only(load_texts(tmp_path, customer=CUSTOMERS + ",5\n"))
    assert (found.key, found.arguments["column"]) == ("data-missing-value", "customer_id")


def test_orphan(tmp_path: Path) -> None:
    found = only(load_texts(tmp_path, customer=CUSTOMERS, usage=USAGE + "C9,data,5\n"))
    assert (found.key, where(found)) == ("data-orphan", ("usage.csv", 5))
    assert "there is no `customer` with the key `C9` in `customer_id`" in in_words(found)


def test_orphan_of_a_child(tmp_path: Path) -> None:
    found = only(load_texts(tmp_path, customer=CUSTOMERS, usage=USAGE, call=CALLS + "C3,data,1\n"))
    assert found.arguments["key"] == "C3, data"
    assert found.arguments["column"] == "product"


def test_children_of_bad_parents_are_not_reported_as_well(tmp_path: Path) -> None:
    found = only(load_texts(tmp_path, customer="customer_id,satisfaction\nC1,9\nC2,5\n", usage=USAGE))
    assert found.key == "data-range"


def test_children_of_uneven_rows_are_no_orphans(tmp_path: Path) -> None:
    loaded = load_texts(tmp_path, customer="customer_id,satisfaction\nC1\nC2,5\n", usage=USAGE)
    assert only(loaded).key == "data-row-length.short"


def test_children_are_checked_when_the_parents_cannot_be_read(tmp_path: Path) -> None:
    loaded = load_texts(tmp_path, customer="", usage=USAGE + "C1,ict,9\n")
    assert [found.key for found in errors(loaded)] == ["data-empty", "data-range"]


def test_nobody_has_children(tmp_path: Path) -> None:
    loaded = load_texts(tmp_path, customer=CUSTOMERS, usage="customer_id,product,level\n")
    assert "data-empty.children" in keys(loaded)
    assert values(loaded, "usage") == []


def test_a_parent_without_key_cannot_have_children(tmp_path: Path) -> None:
    call = entity("call", "customer", fact("text", "text", TEXT))
    remark = entity("remark", "call", fact("remark", "text", TEXT))
    folder = {
        "call": "customer_id,text\nC1,x\n",
        "remark": "customer_id,remark\nC1,y\n",
        "customer": CUSTOMERS,
    }
    sources = {name: Source(write(tmp_path / f"{name}.csv", text)) for name, text in folder.items()}
    loaded = load({"customer": CUSTOMER, "call": call, "remark": remark}, sources)
    assert [found.key for found in errors(loaded)] == ["data-orphan.no-key"]


def test_keys_of_many_batches(tmp_path: Path) -> None:
    count = 25_000
    customer = "customer_id,satisfaction\n" + "".join(f"C{number},4\n" for number in range(count))
    usage = "customer_id,product,level\n" + "".join(
        f"C{count - 1 - number},data,4\n" for number in range(count)
    )
    loaded = load_texts(tmp_path, customer=customer, usage=usage)
    assert loaded.population is not None
    assert loaded.population.rows["usage"].parents == list(range(count - 1, -1, -1))
    assert loaded.population.rows["customer"].lines == list(range(2, count + 2))
    found = only(load_texts(tmp_path, customer=customer + "C0,4\n"))
    assert (found.key, where(found)) == ("data-duplicate-key", ("customer.csv", count + 2))
