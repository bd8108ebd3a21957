"""The 150 customers of ../orgcust come in; thirteen months of invented facts about them go out, as months/MONTH/*.csv.

Contracts run out and are renewed or not, customers become more or less content, payments drift. A few customers have a
story, told in STORIES: together they walk every path between the stages. `python invent.py` writes the same files again.
"""

from __future__ import annotations

import csv
import random
from calendar import monthrange
from datetime import date
from pathlib import Path

HERE = Path(__file__).parent
FIRST, MONTHS = date(2012, 6, 30), 13
Row = dict[str, str]

# What happens to whom in which month (0: June 2012): values of the customer, `sign PRODUCT`, `renew PRODUCT`, `drop PRODUCT`,
# or `arrive` and `leave`.
STORIES: dict[str, dict[int, tuple[str, ...]]] = {
    # Both contracts run out while their use declines: a warning. An account manager goes there, and it stays.
    "C19": {
        3: ("satisfaction=2",),
        6: ("programme=running",),
        8: ("renew data", "renew internet", "satisfaction=4", "feedback=5", "arrears=2", "on_time_rate=0.8"),
        9: ("programme=succeeded", "cooperation=0.2"),
        11: ("programme=none",),
    },
    # Nobody goes there, and both products end.
    "C20": {2: ("drop fixed_voice",), 3: ("drop mobile",), 4: ("satisfaction=2",)},
    "C120": {2: ("drop all",)},
    # A warning customer that is kept, and one that is not, in spite of a programme.
    "C125": {
        1: ("programme=running",),
        4: ("renew all",),
        5: ("programme=succeeded",),
        7: ("programme=none",),
    },
    "C41": {1: ("programme=running",), 3: ("drop all",), 4: ("programme=failed",), 6: ("programme=none",)},
    # Prospects: signed after a programme; a programme that fails; signed without any.
    "C28": {
        3: ("programme=running",),
        6: ("programme=succeeded", "sign internet", "sign data"),
        8: ("programme=none",),
    },
    "C140": {2: ("programme=running",), 5: ("programme=failed",), 8: ("programme=none",)},
    "C36": {4: ("sign mobile",)},
    "C73": {2: ("programme=none",)},
    # Contract customers: a programme for a weak relationship; one that closes down.
    "C8": {3: ("programme=running",), 7: ("programme=succeeded", "satisfaction=5"), 9: ("programme=none",)},
    "C15": {8: ("drop all",)},
    # Out of the data, and into it.
    "C110": {7: ("leave",)},
    "C147": {0: ("leave",), 5: ("arrive",), 6: ("sign fixed_voice",)},
}
POSTPONED = {"C19": 5}  # months by which contracts end later than those of the others
LASTS = 24  # months of a new contract


def main() -> None:
    chance = random.Random(2012)
    customers = {row["customer_id"]: row for row in read("customers")}
    usages: dict[str, list[Row]] = {key: [] for key in customers}
    for row in read("usage"):
        row["contract_end"] = later(row["contract_end"], POSTPONED.get(row["customer_id"], 0) - 12)
        usages[row["customer_id"]].append(row)
    away: set[str] = set()
    for number in range(MONTHS):
        day = end_of_month(number)
        for key, customer in customers.items():
            story = STORIES.get(key, {})
            if number:
                drift(chance, customer, told=bool(story))
                usages[key] = [row for row in usages[key] if goes_on(chance, row, day, told=bool(story))]
            for event in story.get(number, ()):
                happens(event, customer, usages[key], day, away)
            customer["products_used"] = str(len(usages[key]))
            customer["strategic_products"] = str(min(int(customer["strategic_products"]), len(usages[key])))
        here = [key for key in customers if key not in away]
        write(day, "customers", [customers[key] for key in here])
        write(day, "usage", [row for key in here for row in usages[key]])


def drift(chance: random.Random, customer: Row, *, told: bool) -> None:
    """Small changes of one month; a story tells itself how content somebody is."""
    if not told and chance.random() < 0.06:
        step = 1 if chance.random() < 0.5 else -1
        customer["satisfaction"] = str(min(5, max(1, int(customer["satisfaction"]) + step)))
    for name in ("information_income", "unified_pay", "personal_pay"):
        amount = int(customer[name]) * (0.98 + 0.045 * chance.random())
        customer[name] = str(round(amount / 100) * 100)
    if chance.random() < 0.05:
        customer["income_volatility"] = (
            f"{min(1, max(0, float(customer['income_volatility']) + 0.1 * chance.random() - 0.05)):.4f}"
        )


def goes_on(chance: random.Random, row: Row, day: date, *, told: bool) -> bool:
    """Whether a product is still used: from a month before its contract ends it may be renewed, later also given up."""
    end = row["contract_end"]
    if told or not end or end > later(day.isoformat(), 1):
        return True
    content = int(row["satisfaction"]) >= 3
    if chance.random() < (0.45 if content else 0.25):
        row["contract_end"] = later(end, LASTS)
        return True
    return end > day.isoformat() or chance.random() > (0.15 if content else 0.35)


def happens(event: str, customer: Row, usages: list[Row], day: date, away: set[str]) -> None:
    word, _, what = event.partition(" ")
    match word:
        case "leave":
            away.add(customer["customer_id"])
        case "arrive":
            away.discard(customer["customer_id"])
        case "sign":
            end = later(day.isoformat(), LASTS)
            usages.append({
                "customer_id": customer["customer_id"], "product": what, "income_volatility": "0.6", "satisfaction": "4",
                "on_time_rate": "1", "arrears": "0", "development_level": "4", "dependence": "3", "difficulty": "2",
                "contract_end": end,
            })  # fmt: skip
        case "renew":
            for row in chosen(usages, what):
                row |= {"contract_end": later(day.isoformat(), LASTS), "satisfaction": "4", "dependence": "4"}
        case "drop":
            usages[:] = [row for row in usages if row not in chosen(usages, what)]
        case _:
            name, _, value = event.partition("=")
            customer[name] = value


def chosen(usages: list[Row], what: str) -> list[Row]:
    return [row for row in usages if what in ("all", row["product"])]


# ---- Days and files ------------------------------------------------------------------------------


def later(day: str, months: int) -> str:
    """The day so many months later; a contract without an end has none."""
    if not day:
        return ""
    found = date.fromisoformat(day)
    year, month = divmod(found.year * 12 + found.month - 1 + months, 12)
    return date(year, month + 1, min(found.day, monthrange(year, month + 1)[1])).isoformat()


def end_of_month(number: int) -> date:
    year, month = divmod(FIRST.year * 12 + FIRST.month - 1 + number, 12)
    return date(year, month + 1, monthrange(year, month + 1)[1])


def read(name: str) -> list[Row]:
    with (HERE.parent / "orgcust" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(day: date, name: str, rows: list[Row]) -> None:
    folder = HERE / "months" / f"{day:%Y-%m}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


if __name__ == "__main__":
    main()
